"""The tables and fields a file may fill: the names that mapping files and our own files use."""

from dataclasses import dataclass
from enum import StrEnum


class Form(StrEnum):
    """How a cell is read."""

    TEXT = "text"
    DATE = "date"
    AMOUNT = "amount"
    CURRENCY = "currency"
    FLAG = "yes or no"
    KIND = "kind of item"
    WHOLE = "whole number"
    EMAIL = "e-mail address"
    LANGUAGE = "language"
    ZONE = "time zone"


class Table(StrEnum):
    """What a file may hold, in the order in which it is written."""

    CUSTOMERS = "customers"
    CONTACTS = "contacts"
    ITEMS = "items"
    PAYMENTS = "payments"
    ALLOCATIONS = "allocations"


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One field. `needed`: a table without it makes no sense, though its cells may be empty."""

    form: Form = Form.TEXT
    needed: bool = False


_NEEDED = Field(needed=True)
_TEXT = Field()
_FLAG = Field(form=Form.FLAG)

FIELDS: dict[Table, dict[str, Field]] = {
    Table.CUSTOMERS: {
        "reference": _NEEDED,
        "name": _TEXT,
        "language": Field(form=Form.LANGUAGE),
        "zone": Field(form=Form.ZONE),
        "country": _TEXT,
        "address": _TEXT,
        "enabled": _FLAG,
        "archived": _FLAG,
        "profile": _TEXT,
        "plan": _TEXT,
        "account_manager": _TEXT,
    },
    Table.CONTACTS: {
        "customer": _NEEDED,
        "contact": _TEXT,
        "contact_name": _TEXT,
        "email": Field(form=Form.EMAIL),
        "phone": _TEXT,
        "position": _TEXT,
        "main": _FLAG,
    },
    Table.ITEMS: {
        "customer": _NEEDED,
        "number": _NEEDED,
        "kind": Field(form=Form.KIND),
        "part": Field(form=Form.WHOLE),
        "issued_on": Field(form=Form.DATE, needed=True),
        "due_on": Field(form=Form.DATE, needed=True),
        "currency": Field(form=Form.CURRENCY),
        "amount": Field(form=Form.AMOUNT, needed=True),
        "open": Field(form=Form.AMOUNT),
        "issued": _FLAG,
        "sent": _FLAG,
        "direct_debit": _FLAG,
        "cancelled": _FLAG,
        "disputed": _FLAG,
        "disputed_on": Field(form=Form.DATE),
        "dispute_reason": _TEXT,
        "settled_on": Field(form=Form.DATE),
    },
    Table.PAYMENTS: {
        "customer": _NEEDED,
        "payment": _NEEDED,
        "paid_on": Field(form=Form.DATE, needed=True),
        "currency": Field(form=Form.CURRENCY),
        "amount": Field(form=Form.AMOUNT, needed=True),
        "cancelled": _FLAG,
    },
    Table.ALLOCATIONS: {
        "customer": _NEEDED,
        "source": _NEEDED,
        "source_kind": Field(form=Form.KIND),
        "source_part": Field(form=Form.WHOLE),
        "target": _NEEDED,
        "target_part": Field(form=Form.WHOLE),
        "currency": Field(form=Form.CURRENCY),
        "amount": Field(form=Form.AMOUNT, needed=True),
        "allocated_on": Field(form=Form.DATE, needed=True),
        "cancelled": _FLAG,
    },
}

# The columns by which a file under our own names shows which tables it holds.
SIGNATURES: dict[Table, tuple[str, ...]] = {
    Table.CUSTOMERS: ("reference", "name"),
    Table.CONTACTS: ("customer", "email"),
    Table.ITEMS: ("customer", "number", "issued_on"),
    Table.PAYMENTS: ("customer", "payment", "paid_on"),
    Table.ALLOCATIONS: ("customer", "source", "target"),
}

# What a cell of that form may be translated to.
KINDS = ("invoice", "credit_note", "payment_on_account")
FLAGS: dict[str, bool] = {
    **dict.fromkeys("yes y true 1 x oui o vrai".split(), True),
    **dict.fromkeys("no n false 0 non faux".split(), False),
    "": False,
}


def needed(table: Table) -> tuple[str, ...]:
    """The fields without which the table makes no sense."""
    return tuple(name for name, field in FIELDS[table].items() if field.needed)
