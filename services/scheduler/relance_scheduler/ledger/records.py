"""What a line of a file says, checked by itself; None where the file says nothing about it.

An empty cell of a column that is there is said: "" for a text, False for a yes or no.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import TypeAlias

from relance.domain.ledger import ItemKind


class Severity(StrEnum):
    """How much of the file a problem takes away."""

    FILE = "file"  # it cannot be read at all
    BAD_LINE = "bad_line"  # this record cannot be kept
    NOTICE = "notice"  # kept, and worth knowing


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """Where something is wrong and how to mend it. `line` is 1 for the first, 0 for the file."""

    severity: Severity = Severity.BAD_LINE
    file: str
    line: int = 0
    column: str = ""
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerRecord:
    """A debtor company. `profile` is a name, `plan` a key, `account_manager` a member's e-mail."""

    line: int
    reference: str
    name: str | None = None
    language: str | None = None
    zone: str | None = None
    country: str | None = None
    address: str | None = None
    enabled: bool | None = None
    archived: bool | None = None
    profile: str | None = None
    plan: str | None = None
    account_manager: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactRecord:
    """A person or a mailbox at a customer; `reference` tells it from the customer's others."""

    line: int
    customer: str
    reference: str
    name: str | None = None
    email: str | None = None
    phone: str | None = None
    position: str | None = None
    main: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemRecord:
    """An invoice or a credit note, or one instalment of it.

    `amount` and `open` are never negative. `open` is None where payments tell it. A file that
    `tells_settlement` says by `settled_on` on which day the item was paid in full, or None: not.
    """

    line: int
    customer: str
    number: str
    kind: ItemKind = ItemKind.INVOICE
    part: int = 0
    issued_on: date
    due_on: date | None
    currency: str
    amount: Decimal
    open: Decimal | None = None
    issued: bool | None = None
    sent: bool | None = None
    direct_debit: bool | None = None
    cancelled: bool | None = None
    disputed: bool | None = None
    disputed_on: date | None = None
    dispute_reason: str | None = None
    settled_on: date | None = None
    tells_settlement: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentRecord:
    """Money received. One that is cancelled takes its allocations with it."""

    line: int
    customer: str
    number: str
    part: int = 0
    paid_on: date
    currency: str
    amount: Decimal
    cancelled: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AllocationRecord:
    """How much of a payment or a credit note settles an item; 0 takes the allocation back."""

    line: int
    customer: str
    source_kind: ItemKind = ItemKind.PAYMENT_ON_ACCOUNT
    source: str
    source_part: int = 0
    target: str
    target_part: int = 0
    currency: str
    amount: Decimal
    allocated_on: date


Record: TypeAlias = CustomerRecord | ContactRecord | ItemRecord | PaymentRecord | AllocationRecord
