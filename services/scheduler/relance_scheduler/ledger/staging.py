"""Temporary tables that hold what the files say, filled by COPY or in bulk.

They belong to one connection and vanish with it. Values are stored as both databases keep them:
identifiers as hexadecimal, dates as ISO text, money in minor units.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast
from uuid import UUID

import psycopg
import sqlalchemy as sa
from psycopg import sql
from sqlalchemy import UpdateBase
from sqlalchemy.ext.asyncio import AsyncConnection

from relance.domain.ledger import ItemKind
from relance.domain.money import to_minor
from relance.store.types import new_id
from relance_scheduler.ledger.records import (
    AllocationRecord,
    ContactRecord,
    CustomerRecord,
    ItemRecord,
    PaymentRecord,
    Record,
)

CHUNK = 5_000  # rows
_SCHEDULER = {"writer": "scheduler"}
temporary = sa.MetaData(naming_convention={"ix": "ix_%(table_name)s_%(column_0_N_name)s"})


def _table(name: str, *columns: sa.Column[Any]) -> sa.Table:
    return sa.Table(name, temporary, *columns, prefixes=["TEMPORARY"], info=_SCHEDULER)


def _texts(*names: str) -> list[sa.Column[Any]]:
    return [sa.Column(name, sa.Text) for name in names]


def _flags(*names: str) -> list[sa.Column[Any]]:
    return [sa.Column(name, sa.Boolean) for name in names]


def _ids(*names: str) -> list[sa.Column[Any]]:
    return [sa.Column(name, sa.Uuid) for name in names]


def _dates(*names: str) -> list[sa.Column[Any]]:
    return [sa.Column(name, sa.Date) for name in names]


def _sums(*names: str) -> list[sa.Column[Any]]:
    return [sa.Column(name, sa.BigInteger) for name in names]


def _place() -> list[sa.Column[Any]]:
    """The order of reading over all files, the file's place in the command, and the line."""
    return [
        sa.Column("seq", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("file", sa.Integer),
        sa.Column("line", sa.Integer),
    ]


said_customers = _table(
    "import_customers",
    *_place(),
    *_ids("id"),
    *_texts("reference", "name", "language", "zone", "country", "address"),
    *_flags("enabled", "archived"),
    *_ids("profile_id", "plan_id", "account_manager_id"),
)
said_contacts = _table(
    "import_contacts",
    *_place(),
    *_ids("id"),
    *_texts("customer", "reference", "name", "email", "phone", "position"),
    *_flags("main"),
)
# `settled`: whether the file says it is; None where it does not tell settlements.
said_items = _table(
    "import_items",
    *_place(),
    *_ids("id"),
    *_texts("customer", "kind", "number"),
    sa.Column("part", sa.Integer),
    *_dates("issued_on", "due_on"),
    *_texts("currency"),
    *_sums("amount", "open"),
    *_flags("issued", "sent", "direct_debit", "cancelled", "disputed"),
    *_texts("dispute_reason"),
    *_flags("settled"),
    *_dates("settled_on"),
)
said_allocations = _table(
    "import_allocations",
    *_place(),
    *_ids("id"),
    *_texts("customer", "source_kind", "source"),
    sa.Column("source_part", sa.Integer),
    *_texts("target"),
    sa.Column("target_part", sa.Integer),
    *_texts("currency"),
    *_sums("amount"),
    *_dates("allocated_on"),
)
# The customers that the files speak of, known before or new.
known = _table("import_known", *_texts("reference"), *_ids("customer_id"), *_flags("is_new"))
# One row for each item that the files, an allocation or an absence may change, as it was before.
# `returns`: it was absent or cancelled. `withdrawn`: a payment whose settlement date is gone.
# `touched`: it does change.
work = _table(
    "import_work",
    *_ids("item_id", "customer_id"),
    sa.Column("seq", sa.Integer),
    *_flags("is_new", "returns", "absent", "withdrawn", "touched"),
    *_sums("old_open", "old_amount"),
)
# The allocations that come, change or go (amount 0).
pairs = _table(
    "import_pairs",
    sa.Column("seq", sa.Integer),
    *_ids("id", "source_id", "target_id"),
    *_sums("amount"),
    *_dates("allocated_on"),
)
# What that does to each item: how much is allocated after and before, and the last day.
balance = _table("import_balance", *_ids("item_id"), *_sums("after", "before"), *_dates("last_on"))
# Customers to look at again, and whether their plan may be another now.
touched_customers = _table("import_touched", *_ids("customer_id"), *_flags("enrol"))

for _columns in (
    (known.c.reference,),
    (work.c.item_id,),
    (work.c.seq,),
    (pairs.c.source_id, pairs.c.target_id),
    (balance.c.item_id,),
):
    sa.Index(None, *_columns)


async def create_stage(tx: AsyncConnection) -> None:
    """Makes the temporary tables."""
    await tx.run_sync(temporary.create_all, checkfirst=False)


async def run(tx: AsyncConnection, statement: UpdateBase) -> int:
    """Executes it and says how many rows it wrote."""
    counted = statement.execution_options(preserve_rowcount=True)
    return (await tx.execute(counted)).rowcount


async def analyse(tx: AsyncConnection, *tables: sa.Table) -> None:
    """PostgreSQL knows nothing yet of rows that just came, and plans badly without."""
    if tx.dialect.name == "postgresql":
        for table in tables:
            await tx.execute(sa.text(f"ANALYZE {table.name}"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Lookups:
    """What customers' lines name: profiles by name, plans by key, members by e-mail address."""

    profiles: dict[str, UUID]
    plans: dict[str, UUID]
    members: dict[str, UUID]


class Stage:
    """Collects records and writes them to the temporary tables in chunks."""

    def __init__(self, connection: AsyncConnection, lookups: Lookups) -> None:
        self._connection = connection
        self._lookups = lookups
        self._rows: dict[sa.Table, list[tuple[Any, ...]]] = {}
        self._seq = 0
        self.kinds: set[ItemKind] = set()

    async def add(self, record: Record, file: int) -> None:
        """Takes a record of the file with that place in the command."""
        match record:
            case ItemRecord():
                self.kinds.add(record.kind)
                await self._add(said_items, *_item(record, file))
                if record.settled_on and record.kind is ItemKind.INVOICE and record.amount:
                    await self._settlement(record, file)
            case PaymentRecord():
                self.kinds.add(ItemKind.PAYMENT_ON_ACCOUNT)
                await self._add(said_items, *_payment(record, file))
            case AllocationRecord():
                await self._add(said_allocations, *_allocation(record, file))
            case CustomerRecord():
                await self._add(said_customers, *self._customer(record, file))
            case ContactRecord():
                await self._add(said_contacts, *_contact(record, file))

    @property
    def is_empty(self) -> bool:
        """Whether nothing was taken."""
        return not self._seq

    async def flush(self) -> None:
        """Writes what is still collected."""
        for table, rows in self._rows.items():
            await _write(self._connection, table, rows)
            rows.clear()

    async def _add(self, table: sa.Table, *values: object) -> None:
        self._seq += 1
        rows = self._rows.setdefault(table, [])
        rows.append((self._seq, *values))
        if len(rows) >= CHUNK:
            await _write(self._connection, table, rows)
            rows.clear()

    async def _settlement(self, record: ItemRecord, file: int) -> None:
        """The settlement date of an invoice is a payment of its number, allocated in full."""
        assert record.settled_on  # noqa: S101 - the caller looked
        payment = PaymentRecord(
            line=record.line,
            customer=record.customer,
            number=record.number,
            part=record.part,
            paid_on=record.settled_on,
            currency=record.currency,
            amount=record.amount,
            cancelled=False,
        )
        await self._add(said_items, *_payment(payment, file))
        allocation = AllocationRecord(
            line=record.line,
            customer=record.customer,
            source=record.number,
            source_part=record.part,
            target=record.number,
            target_part=record.part,
            currency=record.currency,
            amount=record.amount,
            allocated_on=record.settled_on,
        )
        await self._add(said_allocations, *_allocation(allocation, file))

    def _customer(self, record: CustomerRecord, file: int) -> tuple[object, ...]:
        found = self._lookups
        return (
            file,
            record.line,
            new_id().hex,
            record.reference,
            record.name,
            record.language,
            record.zone,
            record.country,
            record.address,
            _bit(record.enabled),
            _bit(record.archived),
            _hex(found.profiles.get(record.profile or "")),
            _hex(found.plans.get(record.plan or "")),
            _hex(found.members.get((record.account_manager or "").casefold())),
        )


def _item(record: ItemRecord, file: int) -> tuple[object, ...]:
    settled = record.settled_on is not None
    left = record.open
    if record.tells_settlement and record.kind is not ItemKind.INVOICE and left is None:
        # What a credit note settled is not told: it is used up, or it is not.
        left = record.amount * (not settled)
    return (
        file,
        record.line,
        new_id().hex,
        record.customer,
        record.kind.value,
        record.number,
        record.part,
        record.issued_on.isoformat(),
        record.due_on.isoformat() if record.due_on else None,
        record.currency,
        to_minor(record.amount, record.currency),
        None if left is None else to_minor(left, record.currency),
        _bit(record.issued),
        _bit(record.sent),
        _bit(record.direct_debit),
        _bit(record.cancelled),
        _bit(record.disputed),
        record.dispute_reason,
        _bit(settled if record.tells_settlement else None),
        record.settled_on.isoformat() if record.settled_on else None,
    )


def _payment(record: PaymentRecord, file: int) -> tuple[object, ...]:
    return (
        file,
        record.line,
        new_id().hex,
        record.customer,
        ItemKind.PAYMENT_ON_ACCOUNT.value,
        record.number,
        record.part,
        record.paid_on.isoformat(),
        None,
        record.currency,
        to_minor(record.amount, record.currency),
        *(None,) * 4,
        _bit(record.cancelled),
        *(None,) * 4,
    )


def _allocation(record: AllocationRecord, file: int) -> tuple[object, ...]:
    return (
        file,
        record.line,
        new_id().hex,
        record.customer,
        record.source_kind.value,
        record.source,
        record.source_part,
        record.target,
        record.target_part,
        record.currency,
        to_minor(record.amount, record.currency),
        record.allocated_on.isoformat(),
    )


def _contact(record: ContactRecord, file: int) -> tuple[object, ...]:
    return (
        file,
        record.line,
        new_id().hex,
        record.customer,
        record.reference,
        record.name,
        record.email,
        record.phone,
        record.position,
        _bit(record.main),
    )


def _bit(flag: bool | None) -> int | None:  # noqa: FBT001 - the value itself
    return None if flag is None else int(flag)


def _hex(key: UUID | None) -> str | None:
    return key.hex if key else None


async def _write(
    connection: AsyncConnection, table: sa.Table, rows: Sequence[tuple[Any, ...]]
) -> None:
    if not rows:
        return
    if connection.dialect.name == "sqlite":
        marks = ", ".join("?" * len(rows[0]))
        await connection.exec_driver_sql(
            f"INSERT INTO {table.name} VALUES ({marks})",  # noqa: S608 - a name of our own
            list(rows),
        )
        return
    raw = await connection.get_raw_connection()
    driver = cast("psycopg.AsyncConnection[Any]", raw.driver_connection)
    async with driver.cursor() as cursor:
        copying = sql.SQL("COPY {} FROM STDIN").format(sql.Identifier(table.name))
        async with cursor.copy(copying) as copy:
            await copy.write("".join(_copy_line(row) for row in rows))


def _copy_line(row: tuple[Any, ...]) -> str:
    """A row in COPY's text format."""
    return "\t".join(map(_copy_cell, row)) + "\n"


def _copy_cell(value: str | int | None) -> str:
    if value is None:
        return "\\N"
    if isinstance(value, int):
        return str(value)
    if not value.isprintable():  # `cells.read_text` lets no tab and no end of line through
        raise ValueError("a text with control characters cannot be staged")
    return value.replace("\\", "\\\\")
