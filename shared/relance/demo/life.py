"""What happens at the sample company from day to day: customers pay, invoices are issued."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from random import Random
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from relance.domain.money import from_minor
from relance.store.tables import customers, items

_PAYS_UNASKED = 0.015
_PAYS_WHEN_REMINDED = 0.16
_REMINDED_WITHIN = timedelta(days=9)
_NEW_INVOICES = (0, 1, 1, 2)


@dataclass(slots=True)
class Tables:
    """The day's lines, by table, as `relance import` takes them."""

    items: list[dict[str, str]] = field(default_factory=list)
    payments: list[dict[str, str]] = field(default_factory=list)
    allocations: list[dict[str, str]] = field(default_factory=list)

    def by_name(self) -> dict[str, list[dict[str, str]]]:
        return {"items": self.items, "payments": self.payments, "allocations": self.allocations}


async def day_of_business(tx: AsyncConnection, day: date) -> dict[str, list[dict[str, str]]]:
    """The accounting entries of that day; the same day of the same ledger always has the same."""
    random = Random(day.toordinal())  # noqa: S311 - invented
    tables = Tables()
    if day.weekday() < 5:
        open_items = await _open_invoices(tx)
        for row in open_items:
            if random.random() < _chance(row, day):
                _pay(tables, row, day)
        debtors = sorted({(row["reference"], row["currency"]) for row in open_items})
        for number in range(random.choice(_NEW_INVOICES)):
            _issue(tables, random.choice(debtors), day, number, random)
    return tables.by_name()


async def _open_invoices(tx: AsyncConnection) -> Sequence[Mapping[Any, Any]]:
    rows = await tx.execute(
        sa.select(items, customers.c.reference, customers.c.last_contact_on)
        .join_from(items, customers)
        .where(items.c.kind == "invoice", items.c.open > 0, items.c.family == "ongoing")
        .order_by(customers.c.reference, items.c.number, items.c.part)
    )
    return rows.mappings().all()


def _chance(row: Mapping[Any, Any], day: date) -> float:
    last = row["last_contact_on"]
    reminded = last is not None and day - last <= _REMINDED_WITHIN and last < day
    return _PAYS_WHEN_REMINDED if reminded else _PAYS_UNASKED


def _pay(tables: Tables, row: Mapping[Any, Any], day: date) -> None:
    amount = str(from_minor(row["open"], row["currency"]))
    number = f"P{day:%y%m%d}-{row['number']}-{row['part']}"
    common = {"customer": row["reference"], "currency": row["currency"], "amount": amount}
    tables.payments.append({**common, "payment": number, "paid_on": day.isoformat()})
    tables.allocations.append(
        {
            **common,
            "source": number,
            "target": row["number"],
            "target_part": str(row["part"]),
            "allocated_on": day.isoformat(),
        }
    )


def _issue(tables: Tables, debtor: tuple[str, str], day: date, number: int, random: Random) -> None:
    reference, currency = debtor
    tables.items.append(
        {
            "customer": reference,
            "number": f"L{day:%y%m%d}-{number + 1}",
            "kind": "invoice",
            "issued_on": day.isoformat(),
            "due_on": (day + timedelta(days=random.choice((10, 14, 30)))).isoformat(),
            "currency": currency,
            "amount": str(Decimal(random.randrange(9_000, 320_000)) / 100),
        }
    )
