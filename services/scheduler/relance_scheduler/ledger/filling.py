"""Brings records into the temporary tables, by COPY or in bulk.

Values are stored as both databases keep them: dates as ISO text, money in minor units.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from relance.domain.ledger import ItemKind
from relance.domain.money import to_minor
from relance.store.bulk import copy_lines
from relance.store.types import new_hex_ids
from relance_scheduler.ledger.records import (
    AllocationRecord,
    ContactRecord,
    CustomerRecord,
    ItemRecord,
    PaymentRecord,
    Record,
)
from relance_scheduler.ledger.staging import (
    said_allocations,
    said_contacts,
    said_customers,
    said_items,
)

CHUNK = 5_000  # rows
Row: TypeAlias = tuple[Any, ...]
Chunk: TypeAlias = dict[sa.Table, list[Row]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Lookups:
    """What customers' lines name: profiles by name, plans by key, members by e-mail address."""

    profiles: dict[str, UUID]
    plans: dict[str, UUID]
    members: dict[str, UUID]


class Stage:
    """Collects records as rows of the temporary tables."""

    def __init__(self, lookups: Lookups) -> None:
        self._lookups = lookups
        self._rows: Chunk = {}
        self._seq = self._taken = 0
        self.kinds: set[ItemKind] = set()

    def add(self, record: Record, file: int) -> None:
        """Collects a record of the file with that place in the command."""
        match record:
            case ItemRecord():
                self.kinds.add(record.kind)
                self._add(said_items, _item(record, file))
                if record.settled_on and record.kind is ItemKind.INVOICE and record.amount:
                    self._settlement(record, file)
            case PaymentRecord():
                self.kinds.add(ItemKind.PAYMENT_ON_ACCOUNT)
                self._add(said_items, _payment(record, file))
            case AllocationRecord():
                self._add(said_allocations, _allocation(record, file))
            case CustomerRecord():
                self._add(said_customers, self._customer(record, file))
            case ContactRecord():
                self._add(said_contacts, _contact(record, file))

    @property
    def is_empty(self) -> bool:
        """Whether there was never a record."""
        return not self._seq

    @property
    def is_full(self) -> bool:
        """Whether it is time to `take`."""
        return self._seq - self._taken >= CHUNK

    def take(self) -> Chunk:
        """What was collected since the last time."""
        rows, self._rows, self._taken = self._rows, {}, self._seq
        return rows

    def _add(self, table: sa.Table, values: Row) -> None:
        self._seq += 1
        self._rows.setdefault(table, []).append((self._seq, *values))

    def _settlement(self, record: ItemRecord, file: int) -> None:
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
        self._add(said_items, _payment(payment, file))
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
        self._add(said_allocations, _allocation(allocation, file))

    def _customer(self, record: CustomerRecord, file: int) -> tuple[object, ...]:
        found = self._lookups
        return (
            file,
            record.line,
            record.reference,
            record.name,
            record.language,
            record.zone,
            record.country,
            record.address,
            record.enabled,
            record.archived,
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
        record.customer,
        record.kind.value,
        record.number,
        record.part,
        record.issued_on.isoformat(),
        record.due_on.isoformat() if record.due_on else None,
        record.currency,
        to_minor(record.amount, record.currency),
        None if left is None else to_minor(left, record.currency),
        record.issued,
        record.sent,
        record.direct_debit,
        record.cancelled,
        record.disputed,
        record.dispute_reason,
        settled if record.tells_settlement else None,
        record.settled_on.isoformat() if record.settled_on else None,
    )


def _payment(record: PaymentRecord, file: int) -> tuple[object, ...]:
    return (
        file,
        record.line,
        record.customer,
        ItemKind.PAYMENT_ON_ACCOUNT.value,
        record.number,
        record.part,
        record.paid_on.isoformat(),
        None,
        record.currency,
        to_minor(record.amount, record.currency),
        *(None,) * 4,
        record.cancelled,
        *(None,) * 4,
    )


def _allocation(record: AllocationRecord, file: int) -> tuple[object, ...]:
    return (
        file,
        record.line,
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
        record.customer,
        record.reference,
        record.name,
        record.email,
        record.phone,
        record.position,
        record.main,
    )


def _hex(key: UUID | None) -> str | None:
    return key.hex if key else None


async def store(connection: AsyncConnection, chunk: Chunk) -> None:
    """Writes the rows to the temporary tables."""
    for table, rows in chunk.items():
        await _write(connection, table, rows)


async def _write(connection: AsyncConnection, table: sa.Table, rows: Sequence[Row]) -> None:
    """With an identifier for each row, in their order."""
    names = [column.name for column in table.columns if column is not table.c.id]
    ids = new_hex_ids(len(rows))
    if connection.dialect.name == "sqlite":
        await connection.exec_driver_sql(
            f"INSERT INTO {table.name} ({', '.join([*names, 'id'])}) "  # noqa: S608 - our own names
            f"VALUES ({', '.join('?' * (len(names) + 1))})",
            [(*row, key) for row, key in zip(rows, ids, strict=True)],
        )
        return
    columns = dict(zip(names, zip(*rows, strict=True), strict=True))
    said = {"id": ids} | {
        name: _copied(values, text=isinstance(table.c[name].type, sa.Text))
        for name, values in columns.items()
        if values.count(None) < len(values)
    }
    await copy_lines(
        connection, table, list(said), map("\t".join, zip(*said.values(), strict=True))
    )


def _copied(values: Sequence[Any], *, text: bool) -> Sequence[str]:
    """A column in COPY's text format."""
    if not text:
        return ["\\N" if value is None else str(value) for value in values]
    whole = "".join(filter(None, values))
    if not whole.isprintable():  # `cells.read_text` lets no tab and no end of line through
        raise ValueError("a text with control characters cannot be staged")
    if "\\" not in whole and None not in values:
        return values
    return ["\\N" if value is None else value.replace("\\", "\\\\") for value in values]
