"""What lies ahead of each run of a case: the values that evaluation and explanation share."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import TypeAlias
from uuid import UUID

from relance.domain.calendar import Moment, later
from relance.domain.cases import Case, Run, StepState, Taken
from relance.domain.evaluation.eligibility import Account, accounts
from relance.domain.ledger import Item
from relance.domain.plans import CONTACT_CHANNELS, Anchor, Mode, Phase, Plan, Step


@dataclass(frozen=True, slots=True, kw_only=True)
class Ladder:
    """The steps of a plan that one run climbs, in order, with the place of each key."""

    steps: tuple[Step, ...]
    places: Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """A case on one day, with what every rule asks of it.

    `runs` is by item; `contact_from` the first day on which the contact delay lets a contact go.
    """

    case: Case
    plan: Plan
    at: Moment
    accounts: Mapping[str, Account]
    ladder: Ladder
    thanks: Ladder
    runs: Mapping[UUID | None, Run]
    contact_from: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Begin:
    """A reference item that has no run of its own yet."""

    item: Item
    after: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Upcoming:
    """The step that a run comes to next; a thank-you's item is the payment, a recap has none.

    `triggers_on` is the day of the trigger, `earliest` the first on which it may be made, `turn`
    the day on which the clock puts another step (or none) in its place.
    """

    item: Item | None
    run: Run | None
    step: Step
    triggers_on: date
    earliest: date
    turn: date | None = None
    occurrence: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Blocked:
    """A run that waits for an open action, which the clock may expire."""

    item: UUID | None
    step: str
    action: UUID
    since: date
    waiting: bool
    expires_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """A run that has no step left; `finished` once that was said."""

    item: UUID
    finished: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Quiet:
    """Nothing ahead, for a reason that the clock lifts on the day `until`, or never."""

    reason: str
    currency: str = ""
    until: date | None = None


Prospect: TypeAlias = Begin | Upcoming | Blocked | Ended | Quiet


def blocked(run: Run, taken: Taken, expires_on: date | None = None) -> Blocked:
    """The run as its open action holds it."""
    return Blocked(
        item=run.item,
        step=taken.step,
        action=taken.action,
        since=taken.on,
        waiting=taken.waiting,
        expires_on=expires_on,
    )


def open_steps(run: Run, ladder: Ladder) -> tuple[Taken, ...]:
    """What is open in the run, the steps of the other ladder left out."""
    return tuple(
        taken
        for taken in run.taken
        if taken.state is StepState.OPEN and taken.step not in ladder.places
    )


def situation(
    case: Case, plan: Plan, at: Moment, owed: Mapping[str, Account] | None = None
) -> Situation:
    """The case as it stands on the day that the moment has reached; `owed`: its accounts then."""
    thanks = tuple(s for s in plan.steps if s.phase is Phase.THANK_YOU)
    steps = tuple(s for s in plan.steps if s.phase is not Phase.THANK_YOU)
    return Situation(
        case=case,
        plan=plan,
        at=at,
        accounts=accounts(case, at.day) if owed is None else owed,
        ladder=_ladder(steps),
        thanks=_ladder(thanks),
        runs={run.item: run for run in case.runs},
        contact_from=contact_from(case, plan.contact_delay),
    )


def _ladder(steps: tuple[Step, ...]) -> Ladder:
    return Ladder(steps=steps, places={step.key: place for place, step in enumerate(steps)})


def contact_from(case: Case, delay: int) -> date:
    """The first day on which the customer may be contacted again (F8).

    What is on its way counts as a contact. What waits for a person is none, but keeps the day on
    which it was posted to itself: once it is executed, the others wait out the delay.
    """
    contacted = case.last_contact_on or date.min
    posted = date.min
    for run in case.runs:
        for taken in run.taken:
            if not taken.contact:
                continue
            if taken.state is StepState.OPEN and taken.waiting:
                posted = max(posted, taken.on)
            elif taken.state in (StepState.OPEN, StepState.EXECUTED):
                contacted = max(contacted, taken.on)
    return max(later(contacted, delay), later(posted, 1)) if delay else contacted


def earliest_day(now: Situation, step: Step, triggers_on: date, run: Run | None) -> date:
    """The first day on which the step may be made: trigger, contact delay, first run (rules §4)."""
    day = triggers_on
    if step.channel in CONTACT_CHANNELS:
        day = max(day, now.contact_from)
        if run is not None and not _follows_at_once(step):
            day = max(day, _day_after_contact(run))
    if step.mode is Mode.AUTOMATIC:
        since = max(now.case.enrolled_on, step.automatic_since or date.min)
        day = max(day, later(since, 1))
    return day


def _follows_at_once(step: Step) -> bool:
    return step.trigger.anchor is Anchor.PREVIOUS_STEP and step.trigger.days == 0


def _day_after_contact(run: Run) -> date:
    """Two contacts of one run never share a day, however small the delay."""
    days = (t.on for t in run.taken if t.contact and t.state is StepState.EXECUTED)
    last = max(days, default=None)
    return later(last, 1) if last else date.min


def place_of(run: Run, ladder: Ladder) -> int:
    """The highest place that the run has decided or inherited; -1 at the foot."""
    decided = [ladder.places.get(t.step, -1) for t in run.taken if t.state is not StepState.OPEN]
    inherited = ladder.places.get(run.after, -1) if run.after is not None else -1
    return max([inherited, *decided])
