"""A case: one customer's passage under one plan, and all that evaluation may look at."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from uuid import UUID

from relance.domain.ledger import Item, Pause


class StepState(StrEnum):
    """What became of a step of a run: still open, or decided in one of four ways."""

    OPEN = "open"
    EXECUTED = "executed"
    SKIPPED = "skipped"
    EXPIRED = "expired"
    PASSED = "passed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """A step of a run that was made real as an action.

    `on` is the organisation's date of the execution or decision, or, while open, of the making.
    `waiting` says that a person must decide it and that it surely has not left. `contact` is what
    its channel is, whatever the state. `opened`, `replied` are what the recipient did. An action
    that was withdrawn is not listed: its step is due again.
    """

    step: str
    action: UUID
    state: StepState
    on: date
    occurrence: str = ""
    waiting: bool = False
    contact: bool = True
    opened: bool = False
    replied: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One passage of a reference item through the plan; a recap's has no item.

    `number` orders the runs of a case; it is 0 where the item never led: it was noticed before
    its due date along with the reference, or is a payment. `currency` is the item's.
    `after` is the step that it inherited and goes on from.
    """

    item: UUID | None
    number: int
    started_on: date
    after: str | None = None
    taken: tuple[Taken, ...] = ()
    finished: bool = False
    currency: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A customer under a plan since `enrolled_on`: its ledger, its runs and what holds it back.

    `last_contact_on` counts every executed e-mail, SMS, letter and logged call, ad hoc ones too.
    `after` is the step the case goes on from when it was moved between the plans of a pair
    (F27). `next_on` replaces the next date of a recap and stays until another does. `items` holds
    the open items and the payments dated since the enrolment, allocated in full or not.
    """

    id: UUID
    customer: UUID
    enrolled_on: date
    enabled: bool = True
    archived: bool = False
    pauses: tuple[Pause, ...] = ()
    last_contact_on: date | None = None
    after: str | None = None
    next_on: date | None = None
    items: tuple[Item, ...] = ()
    runs: tuple[Run, ...] = ()
