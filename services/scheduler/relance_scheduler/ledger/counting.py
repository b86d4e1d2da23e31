"""What an import changed, counted from the rows themselves once they are written."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from relance.domain.ledger import ItemKind
from relance.domain.money import from_minor
from relance.store.tables import contacts, items
from relance_scheduler.ledger.findings import Findings
from relance_scheduler.ledger.records import Problem, Severity
from relance_scheduler.ledger.staging import known, said_customers, work

EXAMPLES = 3


class Event(StrEnum):
    """What became of an item."""

    NEW = "new"
    CHANGED = "changed"
    SETTLED = "settled"
    REOPENED = "reopened"


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemChanges:
    """Items of one kind and currency to which the same happened, with the first numbers.

    `open_before` and `open_after` are the sums of their open amounts.
    """

    event: Event
    kind: ItemKind
    currency: str
    count: int
    open_before: Decimal
    open_after: Decimal
    examples: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """Everything that an import changed."""

    items: tuple[ItemChanges, ...]
    customers_new: int
    customers_changed: int
    contacts_new: int
    contacts_changed: int
    allocations: int

    @property
    def none(self) -> bool:
        """Whether the files said nothing new."""
        return not any(self.counts().values())

    def counts(self) -> dict[str, int]:
        """For the row of `imports`; payments count as items."""
        events = {event.value: 0 for event in Event}
        for change in self.items:
            events[change.event] += change.count
        return {
            **events,
            "customers_new": self.customers_new,
            "customers_changed": self.customers_changed,
            "contacts_new": self.contacts_new,
            "contacts_changed": self.contacts_changed,
            "allocations": self.allocations,
        }


async def count_changes(
    tx: AsyncConnection, *, customers: tuple[int, int], contacts: tuple[int, int], allocations: int
) -> Changes:
    """The changes of this import; customers and contacts as new and changed."""
    event = sa.case(
        (work.c.is_new, Event.NEW.value),
        ((work.c.old_open > 0) & (items.c.open == 0), Event.SETTLED.value),
        ((work.c.old_open == 0) & (items.c.open > 0), Event.REOPENED.value),
        else_=Event.CHANGED.value,
    )
    rows = await tx.execute(
        sa.select(
            event.label("event"),
            items.c.kind,
            items.c.currency,
            sa.func.count().label("count"),
            sa.cast(sa.func.sum(work.c.old_open), sa.BigInteger).label("before"),
            sa.cast(sa.func.sum(items.c.open), sa.BigInteger).label("after"),
        )
        .join_from(work, items, items.c.id == work.c.item_id)
        .where(work.c.touched)
        .group_by("event", items.c.kind, items.c.currency)
        .order_by(items.c.kind, items.c.currency, "event")
    )
    found = [
        ItemChanges(
            event=Event(row.event),
            kind=ItemKind(row.kind),
            currency=row.currency,
            count=row[3],
            open_before=from_minor(row.before, row.currency),
            open_after=from_minor(row.after, row.currency),
            examples=await _examples(tx, event == row.event, row.kind, row.currency),
        )
        for row in rows.all()
    ]
    return Changes(
        items=tuple(found),
        customers_new=customers[0],
        customers_changed=customers[1],
        contacts_new=contacts[0],
        contacts_changed=contacts[1],
        allocations=allocations,
    )


async def _examples(
    tx: AsyncConnection, happened: sa.ColumnElement[bool], kind: str, currency: str
) -> tuple[str, ...]:
    rows = await tx.execute(
        sa.select(items.c.number)
        .join_from(work, items, items.c.id == work.c.item_id)
        .where(work.c.touched, happened, items.c.kind == kind, items.c.currency == currency)
        .limit(EXAMPLES)
    )
    return tuple(rows.scalars())


async def note_without_contact(
    tx: AsyncConnection, files: Sequence[str], findings: Findings
) -> None:
    """Says which customers in the files have nobody to write to."""
    somebody = sa.exists().where(contacts.c.customer_id == known.c.customer_id)
    rows = await tx.execute(
        sa.select(said_customers.c.file, said_customers.c.line)
        .join(known, known.c.reference == said_customers.c.reference)
        .where(~somebody)
        .order_by(said_customers.c.seq)
    )
    reason = "this customer has no contact: what would be sent becomes its owner's task"
    for file, line in rows:
        notice = Problem(severity=Severity.NOTICE, file=files[file], line=line, reason=reason)
        findings.add(notice)
