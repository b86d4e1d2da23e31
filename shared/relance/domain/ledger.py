"""The customer's statement of account: items, their open amounts and statuses (rules §1, §2)."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from uuid import UUID


class ItemKind(StrEnum):
    """What stands in a statement of account; all but invoices are credits."""

    INVOICE = "invoice"
    CREDIT_NOTE = "credit_note"
    PAYMENT_ON_ACCOUNT = "payment_on_account"


class Family(StrEnum):
    """The five families of statuses (rules §8)."""

    ONGOING = "ongoing"
    PROMISE = "promise"
    DISPUTE = "dispute"
    DISPUTE_RESOLVED = "dispute_resolved"
    LITIGATION = "litigation"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pause:
    """Nothing leaves before the day `until`; without one, until somebody lifts it."""

    until: date | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One line of a statement of account; an invoice in instalments is one item per part.

    `amount` and `open` are never negative: the kind says debit or credit. `known_on` is the day
    we first saw it. `settled_on` is the day on which its open amount became zero.
    """

    id: UUID
    number: str
    kind: ItemKind = ItemKind.INVOICE
    part: int = 0
    issued_on: date
    due_on: date | None
    amount: Decimal
    open: Decimal
    currency: str
    known_on: date
    issued: bool = True
    sent: bool = True
    direct_debit: bool = False
    family: Family = Family.ONGOING
    promised_for: date | None = None
    pause: Pause | None = None
    in_specific_action: bool = False
    settled_on: date | None = None


def is_debit(item: Item) -> bool:
    """Whether the customer owes it."""
    return item.kind is ItemKind.INVOICE


def days_late(item: Item, today: date) -> int:
    """Days since the due date, negative before it; 0 without one."""
    return (today - item.due_on).days if item.due_on else 0
