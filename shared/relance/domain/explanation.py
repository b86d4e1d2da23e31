"""explain(case, plan, calendar, now): every cause why something is or is not due (F43)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from relance.domain.calendar import (
    Calendar,
    Moment,
    calendar_for,
    is_allowed,
    later,
    moment,
    slot_on,
    wake_up,
)
from relance.domain.cases import Case
from relance.domain.evaluation import prospects
from relance.domain.evaluation.eligibility import halts, obstructions, seniority
from relance.domain.evaluation.making import Offer, chosen, offers
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
from relance.domain.ledger import Item, is_debit
from relance.domain.plans import CONTACT_CHANNELS, Mode, Plan


class CauseKind(StrEnum):
    """What a cause says; `wording` has a sentence for each."""

    ARCHIVED = "archived"
    DISABLED = "disabled"
    PLAN_INACTIVE = "plan_inactive"
    PAUSED = "paused"
    BY_HAND_ONLY = "by_hand_only"
    NO_STEP = "no_step"
    BALANCE = "balance"
    UNDER_FLOOR = "under_floor"
    COVERED = "covered"
    NOTHING_ELIGIBLE = "nothing_eligible"
    BEGINS = "begins"
    BLOCKED = "blocked"
    ON_ITS_WAY = "on_its_way"
    EXPIRES = "expires"
    FINISHED = "finished"
    DUE_NOW = "due_now"
    LEAVES = "leaves"
    IS_POSTED = "is_posted"
    CONTACT_DELAY = "contact_delay"
    ANOTHER_FIRST = "another_first"
    FIRST_RUN = "first_run"
    NOT_A_DAY = "not_a_day"
    HOLIDAY = "holiday"
    OVERTAKEN = "overtaken"
    ITEM_SETTLED = "item_settled"
    ITEM_DRAFT = "item_draft"
    ITEM_NOT_SENT = "item_not_sent"
    ITEM_NO_DUE_DATE = "item_no_due_date"
    ITEM_DISPUTED = "item_disputed"
    ITEM_LITIGATION = "item_litigation"
    ITEM_SPECIFIC_ACTION = "item_specific_action"
    ITEM_DIRECT_DEBIT = "item_direct_debit"
    ITEM_PROMISED = "item_promised"
    ITEM_PAUSED = "item_paused"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """One reason. `number` is the item's, `step` the step's name, `limit` a floor.

    `on` is a date of the organisation, `at` its wall-clock time (aware, in its zone).
    """

    kind: CauseKind
    item: UUID | None = None
    number: str = ""
    step: str = ""
    action: UUID | None = None
    currency: str = ""
    amount: Decimal | None = None
    limit: Decimal | None = None
    on: date | None = None
    at: datetime | None = None


def explain(case: Case, plan: Plan, calendar: Calendar, now: datetime) -> tuple[Cause, ...]:
    """The causes, the customer's first, then what lies ahead, then the items left out."""
    own = calendar_for(plan, calendar)
    at = moment(own, now)
    found = [
        Cause(kind=CauseKind(halt.reason), on=halt.until) for halt in halts(case, plan, at.day)
    ]
    if plan.by_hand_only:
        found.append(Cause(kind=CauseKind.BY_HAND_ONLY))
    if not found:
        found.extend(_ahead(situation(case, plan, at), own))
    for item in sorted(case.items, key=seniority):
        found.extend(_obstacles(item, at.day))
    return tuple(found)


def _obstacles(item: Item, day: date) -> Iterator[Cause]:
    if is_debit(item):
        for found in obstructions(item, day):
            kind = CauseKind(f"item_{found.obstacle}")
            yield Cause(kind=kind, item=item.id, number=item.number, on=found.until)


def _ahead(now: Situation, calendar: Calendar) -> Iterator[Cause]:
    ahead = prospects(now)
    ready = [p for p in ahead if isinstance(p, Upcoming) and p.earliest <= now.at.day]
    found = offers(now, ready)
    if not ahead:
        yield Cause(kind=CauseKind.NOTHING_ELIGIBLE)
    for prospect in ahead:
        match prospect:
            case Upcoming():
                yield from _step(now, prospect, found, calendar)
            case _:
                yield from _state(now, prospect)


def _state(now: Situation, prospect: Prospect) -> Iterator[Cause]:
    match prospect:
        case Begin(item=item):
            yield Cause(kind=CauseKind.BEGINS, item=item.id, number=item.number)
        case Ended(item=item_id):
            number = _number(now, item_id)
            yield Cause(kind=CauseKind.FINISHED, item=item_id, number=number)
        case Blocked():
            yield from _held(now, prospect)
        case Quiet(reason=reason, currency=currency, until=None):
            account = now.accounts.get(currency)
            yield Cause(
                kind=CauseKind(reason),
                currency=currency,
                amount=account.net if account else None,
                limit=now.plan.floors.get(currency),
            )
        case _:  # what the clock makes eligible again is told item by item
            pass


def _held(now: Situation, held: Blocked) -> Iterator[Cause]:
    step = next((s.name for s in now.plan.steps if s.key == held.step), held.step)
    kind = CauseKind.BLOCKED if held.waiting else CauseKind.ON_ITS_WAY
    yield Cause(kind=kind, item=held.item, step=step, action=held.action, on=held.since)
    if held.expires_on:
        yield Cause(kind=CauseKind.EXPIRES, step=step, action=held.action, on=held.expires_on)


def _step(
    now: Situation, ahead: Upcoming, found: Sequence[Offer], calendar: Calendar
) -> Iterator[Cause]:
    """The next step: when it triggered, what holds it back, and the slot it leaves in."""
    item, name = ahead.item, ahead.step.name
    if any(ahead in offer.covered for offer in found) and item:
        amount = now.accounts[item.currency].net
        yield Cause(kind=CauseKind.COVERED, step=name, currency=item.currency, amount=amount)
        return
    if ahead.turn and ahead.earliest >= ahead.turn > ahead.triggers_on:
        yield Cause(kind=CauseKind.OVERTAKEN, step=name, on=ahead.turn)
    earliest = ahead.earliest
    if _waits_behind(now, ahead, found):
        earliest = later(now.at.day, now.plan.contact_delay)
        yield Cause(kind=CauseKind.ANOTHER_FIRST, step=name, on=earliest)
    yield from _holds(now, ahead)
    yield from _leaves(now.at, ahead, earliest, calendar)


def _waits_behind(now: Situation, ahead: Upcoming, found: Sequence[Offer]) -> bool:
    ready = any(ahead in offer.members for offer in found)
    return ready and not any(ahead in offer.members for offer in chosen(now, found))


def _holds(now: Situation, ahead: Upcoming) -> Iterator[Cause]:
    step, day = ahead.step, max(ahead.triggers_on, now.at.day)
    if step.channel in CONTACT_CHANNELS and now.contact_from > day:
        yield Cause(kind=CauseKind.CONTACT_DELAY, step=step.name, on=now.contact_from)
    since = max(now.case.enrolled_on, step.automatic_since or date.min)
    if step.mode is Mode.AUTOMATIC and since >= max(day, now.contact_from):
        yield Cause(kind=CauseKind.FIRST_RUN, step=step.name, on=later(since, 1))


def _leaves(at: Moment, ahead: Upcoming, earliest: date, calendar: Calendar) -> Iterator[Cause]:
    open_now = at.is_open and earliest <= at.day
    if not open_now and earliest > at.day and not is_allowed(calendar, earliest):
        kind = CauseKind.HOLIDAY if earliest in calendar.holidays else CauseKind.NOT_A_DAY
        yield Cause(kind=kind, on=earliest)
    start = slot_on(calendar, at.day).start if open_now else wake_up(calendar, earliest, at)
    kind = CauseKind.LEAVES if ahead.step.mode is Mode.AUTOMATIC else CauseKind.IS_POSTED
    yield Cause(
        kind=CauseKind.DUE_NOW if open_now else kind,
        item=ahead.item.id if ahead.item else None,
        number=ahead.item.number if ahead.item else "",
        step=ahead.step.name,
        on=ahead.triggers_on,
        at=start.astimezone(calendar.zone),
    )


def _number(now: Situation, item: UUID) -> str:
    return next((i.number for i in now.case.items if i.id == item), "")
