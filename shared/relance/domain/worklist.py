"""An action as people see it: what a card, a modal or a worklist may show of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from relance.domain.actions import ActionState, CallOutcome, Verb
from relance.domain.ledger import ItemKind
from relance.domain.money import Totals, totals
from relance.domain.plans import Channel, Mode, Phase


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """A member, by name."""

    id: UUID
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactLine:
    """A contact of the customer, as somebody to write to.

    `refused` is an address to which nobody writes any more; `email` is empty then.
    """

    name: str = ""
    email: str = ""
    phone: str = ""
    position: str = ""
    refused: str = ""
    why: str = ""  # in the provider's words, or a wording key


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemLine:
    """A line of the statement; credits count against what is owed. `included`: not left out."""

    id: UUID
    number: str
    kind: ItemKind
    due_on: date | None
    open: Decimal
    currency: str
    included: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftLine:
    """The message as it would leave now; `problem` is a wording key when it cannot."""

    to: tuple[str, ...] = ()
    cc: tuple[str, ...] = ()
    sender: str = ""
    subject: str = ""
    text: str = ""
    problem: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Deed:
    """A line of history; `by` is empty where it was the clock."""

    id: UUID
    event: str
    at: datetime
    by: str = ""
    detail: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pending:
    """A decision that has been taken and not yet applied; `origin` is the click it came from."""

    verb: Verb
    by: Person
    at: datetime
    origin: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownAction:
    """An action with everything its owner sees; `zone` is the organisation's.

    With a `test_address` its message goes there, and to no customer.

    `deeds` is its history, oldest first. `sent_at`, `sent_to` are of the message that left.
    `refused` are the addresses that the last attempt was refused for, with the provider's reasons.
    """

    id: UUID
    version: int
    organisation: UUID
    zone: str
    customer: str
    step_name: str
    phase: Phase
    channel: Channel
    mode: Mode
    state: ActionState
    due_on: date
    made_at: datetime
    owners: tuple[Person, ...] = ()
    items: tuple[ItemLine, ...] = ()
    contacts: tuple[ContactLine, ...] = ()
    problem: str = ""
    reason: str = ""
    note: str = ""
    call_outcome: CallOutcome | None = None
    snoozed_until: date | None = None
    decided_by: str = ""
    released_by: str = ""
    closed_at: datetime | None = None
    edited: bool = False
    sent_at: datetime | None = None
    sent_to: tuple[str, ...] = ()
    test_address: str = ""
    refused: Mapping[str, str] = field(default_factory=dict)
    deeds: tuple[Deed, ...] = ()
    pending: Pending | None = None


def owed(items: Sequence[ItemLine]) -> Totals:
    """What the included items come to, per currency, credits taken off; nothing added across."""
    signed = (
        (i.currency, i.open if i.kind is ItemKind.INVOICE else -i.open) for i in items if i.included
    )
    return totals(signed)


def oldest_due(items: Sequence[ItemLine]) -> date | None:
    """The earliest due date among what is owed."""
    return min(
        (i.due_on for i in items if i.included and i.due_on and i.kind is ItemKind.INVOICE),
        default=None,
    )


def lateness(items: Sequence[ItemLine], today: date) -> int:
    """Days since the oldest due date, negative before it; 0 without one."""
    oldest = oldest_due(items)
    return (today - oldest).days if oldest else 0


def most_urgent_first(actions: Sequence[ShownAction], today: date) -> list[ShownAction]:
    """By amount × days late (F60), compared within a currency only, currencies taking turns.

    What comes first in its currency comes before what comes second in another.
    """
    turns: dict[UUID, int] = {}
    for currency in sorted({c for a in actions for c in owed(a.items)}):
        held = [a for a in actions if currency in owed(a.items)]
        held.sort(key=lambda a: -_weight(a, currency, today))
        for turn, action in enumerate(held):
            turns[action.id] = min(turn, turns.get(action.id, turn))
    last = len(actions)
    return sorted(
        actions, key=lambda a: (turns.get(a.id, last), -lateness(a.items, today), a.made_at, a.id)
    )


def _weight(action: ShownAction, currency: str, today: date) -> Decimal:
    return owed(action.items)[currency] * max(lateness(action.items, today), 0)
