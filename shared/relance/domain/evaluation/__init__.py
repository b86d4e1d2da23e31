"""evaluate(case, plan, calendar, now): what is due now, or when to look again (rules §2-§4)."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from uuid import UUID

from relance.domain.calendar import Calendar, Moment, calendar_for, moment, wake_up
from relance.domain.cases import Case
from relance.domain.evaluation.acts import (
    Act,
    NewAction,
    PassedOver,
    Reach,
    Rest,
    Start,
    Wait,
)
from relance.domain.evaluation.eligibility import Account, Halt, accounts, halts, lasts
from relance.domain.evaluation.making import (
    Offer,
    begun_by,
    chosen,
    new_action,
    offers,
    passed_over,
)
from relance.domain.evaluation.prospects import (
    Begin,
    Blocked,
    Ended,
    Prospect,
    Quiet,
    Situation,
    Upcoming,
    situation,
)
from relance.domain.evaluation.recaps import recaps
from relance.domain.evaluation.runs import escalations
from relance.domain.evaluation.thanks import thanks
from relance.domain.plans import Plan, PlanKind, Scope

__all__ = [
    "Act",
    "NewAction",
    "PassedOver",
    "Reach",
    "Rest",
    "Start",
    "Wait",
    "evaluate",
    "evaluate_at",
]

# The most telling reason first, where several hold.
_TELLING = "blocked finished covered under_floor balance nothing_eligible no_step".split()


def evaluate(case: Case, plan: Plan, calendar: Calendar, now: datetime) -> Act | Wait | Rest:
    """What to write at this instant, or the next instant at which the clock changes anything.

    Evaluated at any time before the end of a Wait, the same rows never give an Act; a Rest holds
    for ever; writing an Act and evaluating again comes to an end.
    """
    own = calendar_for(plan, calendar)
    at = moment(own, now)
    return evaluate_at(case, plan, own, at, accounts(case, at.day))


def evaluate_at(
    case: Case, plan: Plan, own: Calendar, at: Moment, owed: Mapping[str, Account]
) -> Act | Wait | Rest:
    """The same for whoever asks several times: `own` is the plan's calendar, `owed` the accounts
    of that day, which do not change while acts are written."""
    if found := halts(case, plan, at.day):
        return _halted(found, own, at)
    if plan.by_hand_only:
        return Rest(reason="by_hand_only")
    here = situation(case, plan, at, owed)
    ahead = prospects(here)
    found_offers = offers(here, _ready(ahead, at.day))
    return (
        _changes(ahead, at.day)
        or (_makes(here, found_offers) if at.is_open else None)
        or _outlook(here, ahead, found_offers, own)
    )


def prospects(now: Situation) -> list[Prospect]:
    """What lies ahead of every run of the case."""
    main = recaps(now) if now.plan.kind is PlanKind.RECAP else escalations(now)
    return [*main, *thanks(now)]


def _halted(found: Sequence[Halt], calendar: Calendar, at: Moment) -> Wait | Rest:
    for halt in found:
        if lasts(halt.until):
            return Rest(reason=halt.reason)
    return Wait(until=wake_up(calendar, max(halt.until for halt in found if halt.until), at))


def _ready(ahead: Iterable[Prospect], day: date) -> list[Upcoming]:
    return [p for p in ahead if isinstance(p, Upcoming) and p.earliest <= day]


def _changes(ahead: Iterable[Prospect], day: date) -> Act | None:
    """What may be written at any hour: runs that begin or end, actions that expire."""
    start, finish = [], []
    expire: dict[UUID, None] = {}  # several runs may share an action
    for prospect in ahead:
        match prospect:
            case Begin(item=item, after=after):
                start.append(Start(item=item.id, after=after))
            case Ended(item=ended, finished=False):
                finish.append(ended)
            case Blocked(action=action, expires_on=date() as expires_on) if expires_on <= day:
                expire[action] = None
            case _:
                pass
    if not (start or finish or expire):
        return None
    return Act(start=tuple(start), expire=tuple(expire), finish=tuple(finish))


def _makes(now: Situation, found: Sequence[Offer]) -> Act | None:
    """Inside a slot: the actions to make, unless conditions let steps be passed over first."""
    picked = chosen(now, found)
    passing = [passed for offer in picked if (passed := passed_over(now, offer))]
    if not picked:
        return None
    return Act(
        start=tuple(start for offer in picked for start in begun_by(now, offer)),
        make=() if passing else tuple(new_action(now, offer) for offer in picked),
        pass_over=tuple(passing),
    )


def _outlook(
    now: Situation, ahead: Sequence[Prospect], found: Sequence[Offer], calendar: Calendar
) -> Wait | Rest:
    covered = {id(member) for offer in found for member in offer.covered}
    days, reasons = [], {"covered"} if covered else set()
    for prospect in ahead:
        match prospect:
            case Upcoming() if id(prospect) in covered:
                days += [prospect.turn, _next_due(now, prospect)]
            case Upcoming(earliest=earliest, turn=turn):
                days += [earliest, turn]
            case Blocked(expires_on=expires_on):
                days.append(expires_on)
                reasons.add("blocked")
            case Ended():
                reasons.add("finished")
            case Quiet(reason=reason, until=until):
                days.append(until)
                reasons.add(reason)
            case Begin():
                pass
    wake = min((day for day in days if day is not None), default=None)
    if wake is not None and not lasts(wake):
        return Wait(until=wake_up(calendar, wake, now.at))
    return Rest(reason=next((r for r in _TELLING if r in reasons), "nothing_eligible"))


def _next_due(now: Situation, covered: Upcoming) -> date | None:
    """The day on which more comes due in an account whose credits cover what is due."""
    if covered.item is None or now.plan.scope is Scope.ITEM:
        return None
    eligible = now.accounts[covered.item.currency].eligible
    return min((i.due_on for i in eligible if i.due_on and i.due_on > now.at.day), default=None)
