"""What evaluation answers: what to write now, when to look again, or nothing for ever."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from relance.domain.plans import Mode


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """A run that begins today on an item (None: the recap), going on after a step.

    One that does not lead is numbered 0: its item is only noticed along with the reference, or is
    a payment to thank for. An item that was numbered 0 and starts to lead keeps its run, which
    gets the next number, this day and this `after`.
    """

    item: UUID | None
    after: str | None = None
    leads: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """A run that arrives at a step; (run, step, occurrence) makes at most one action.

    `item` is the run's item: the reference, the item noticed, or the payment thanked for.
    """

    item: UUID | None
    step: str
    occurrence: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewAction:
    """An action to make now, for one step and every run that reaches it today.

    `items` are the debits it asks for (none in a thank-you), `credits` what is netted and shown,
    `due_on` the day the step triggered, `mode` the step's unless `manual_because` says why a
    person must decide.
    """

    step: str
    mode: Mode
    due_on: date
    reaches: tuple[Reach, ...]
    items: tuple[UUID, ...]
    credits: tuple[UUID, ...] = ()
    manual_because: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PassedOver:
    """A step whose condition does not hold: recorded, never made (F72)."""

    reaches: tuple[Reach, ...]
    because: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """What to write now, starts first; afterwards the case is evaluated again."""

    start: tuple[Start, ...] = ()
    make: tuple[NewAction, ...] = ()
    expire: tuple[UUID, ...] = ()
    pass_over: tuple[PassedOver, ...] = ()
    finish: tuple[UUID | None, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Wait:
    """Nothing before this UTC instant, whatever the clock says, unless the rows change."""

    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Rest:
    """Nothing, for ever, unless the rows change; `reason` is a `wording` key."""

    reason: str
