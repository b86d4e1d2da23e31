"""What only the database can tell of a line: unknown customers, repeated items, too much allocated.

Each check finds rows of a temporary table, reports them and takes them out.
"""

from collections.abc import Sequence
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from relance.store.tables import customers, items
from relance_scheduler.ledger.findings import Findings
from relance_scheduler.ledger.parsing import differing, repeated_item
from relance_scheduler.ledger.records import Problem
from relance_scheduler.ledger.staging import (
    analyse,
    balance,
    known,
    pairs,
    said_allocations,
    said_contacts,
    said_customers,
    said_items,
)

_UNKNOWN = "no customer has this reference: import the customers first, or with this file"
_PLACE = ("seq", "file", "line", "id")
_INVOICE, _PAYMENT = "invoice", "payment_on_account"


async def find_customers(
    tx: AsyncConnection, organisation: UUID, files: Sequence[str], findings: Findings
) -> None:
    """Fills `known`; lines of customers that nobody knows are bad."""
    for said, what, key in (
        (said_customers, "customer", ("reference",)),
        (said_contacts, "contact", ("customer", "reference")),
    ):
        for file, line, first in await _keep_first(tx, said, key):
            findings.add(differing(files[file], line, what, first))
    named = sa.union(
        sa.select(said_customers.c.reference),
        *(sa.select(said.c.customer) for said in (said_contacts, said_items, said_allocations)),
    )
    there = (customers.c.organisation_id == organisation, customers.c.reference.in_(named))
    await tx.execute(
        known.insert().from_select(
            ["reference", "customer_id", "is_new"],
            sa.select(customers.c.reference, customers.c.id, sa.false()).where(*there),
        )
    )
    new = sa.select(said_customers.c.reference, said_customers.c.id, sa.true()).where(
        ~sa.exists().where(known.c.reference == said_customers.c.reference)
    )
    await tx.execute(known.insert().from_select(["reference", "customer_id", "is_new"], new))
    await analyse(tx, known)
    for said in (said_contacts, said_items, said_allocations):
        unknown = ~sa.exists().where(known.c.reference == said.c.customer)
        await take_out(tx, said, unknown, files, findings, ("customer", _UNKNOWN))


async def find_repeated(tx: AsyncConnection, files: Sequence[str], findings: Findings) -> None:
    """Items and allocations given twice: the first stays."""
    key = [said_items.c[name] for name in ("customer", "kind", "number", "part")]
    first = _first_of_repeated(key)
    again = said_items.join(first, sa.and_(*(column == first.c[column.name] for column in key)))
    before = said_items.alias()
    rows = await tx.execute(
        sa.select(said_items.c.file, said_items.c.line, before.c.line)
        .select_from(again.join(before, before.c.seq == first.c.seq))
        .where(said_items.c.seq > first.c.seq)
        .order_by(said_items.c.seq)
    )
    repeated = rows.all()
    for file, line, earlier in repeated:
        findings.add_line(repeated_item(files[file], line, earlier))
    if repeated:
        await tx.execute(said_items.delete().where(said_items.c.seq.in_(_repeats(said_items, key))))
    names = ("customer", "source_kind", "source", "source_part", "target", "target_part")
    pair = [said_allocations.c[name] for name in names]
    twice = said_allocations.c.seq.in_(_repeats(said_allocations, pair))
    reason = "the same payment and item as an earlier line: give one line with the sum"
    await take_out(tx, said_allocations, twice, files, findings, ("", reason))


async def find_loose_allocations(
    tx: AsyncConnection, files: Sequence[str], findings: Findings
) -> None:
    """Allocations whose payment or item is not there, or is in another currency."""
    said, owner = said_allocations, known
    source, target = items.alias(), items.alias()
    base = sa.and_(owner.c.reference == said.c.customer)
    has_source = sa.exists().where(
        base,
        source.c.customer_id == owner.c.customer_id,
        source.c.kind == said.c.source_kind,
        source.c.number == said.c.source,
        source.c.part == said.c.source_part,
    )
    has_target = sa.exists().where(
        base,
        target.c.customer_id == owner.c.customer_id,
        target.c.kind == _INVOICE,
        target.c.number == said.c.target,
        target.c.part == said.c.target_part,
    )
    taken_back = said.c.amount == 0
    for found, column, what in (
        (has_source, "source", "payment or credit note"),
        (has_target, "target", "invoice"),
    ):
        reason = f"this customer has no such {what}"
        await take_out(tx, said, ~found & ~taken_back, files, findings, (column, reason))
    for found, alias, what in (
        (has_source, source, "the payment or credit note"),
        (has_target, target, "the invoice"),
    ):
        other = found.where(alias.c.currency != said.c.currency)
        reason = f"{what} is in another currency: map the allocation's currency"
        await take_out(tx, said, other & ~taken_back, files, findings, ("currency", reason))


async def find_too_much(tx: AsyncConnection, files: Sequence[str], findings: Findings) -> bool:
    """Allocations beyond the amount of their item or payment; whether there were any."""
    over = (
        sa.select(balance.c.item_id)
        .join(items, items.c.id == balance.c.item_id)
        .where(balance.c.after > items.c.amount, balance.c.after > balance.c.before)
    )
    # One after the other: PostgreSQL joins neither side of an “or”.
    of_either = [
        sa.select(pairs.c.seq).where(pairs.c.amount > 0, pairs.c[side].in_(over))
        for side in ("source_id", "target_id")
    ]
    too_much = said_allocations.c.seq.in_(sa.union(*of_either))
    reason = "with the others, more is allocated than the item or the payment has"
    return await take_out(tx, said_allocations, too_much, files, findings, ("amount", reason))


async def take_out(
    tx: AsyncConnection,
    said: sa.Table,
    bad: sa.ColumnElement[bool],
    files: Sequence[str],
    findings: Findings,
    why: tuple[str, str],
) -> bool:
    """Reports the rows (`why`: column, reason) and deletes them; whether there were any."""
    rows = await tx.execute(sa.select(said.c.file, said.c.line).where(bad).order_by(said.c.seq))
    found = rows.all()
    for file, line in found:
        findings.add_line(Problem(file=files[file], line=line, column=why[0], reason=why[1]))
    if found:
        await tx.execute(said.delete().where(bad))
    return bool(found)


def _first_of_repeated(key: Sequence[sa.Column[object]]) -> sa.Subquery:
    table = key[0].table
    return (
        sa.select(*key, sa.func.min(table.c.seq).label("seq"))
        .group_by(*key)
        .having(sa.func.count() > 1)
        .subquery()
    )


def _repeats(table: sa.Table, key: Sequence[sa.Column[object]]) -> sa.Select[tuple[int]]:
    """The rows that come after another of the same key."""
    first, other = _first_of_repeated(key), table.alias()
    return (
        sa.select(other.c.seq)
        .join(first, sa.and_(*(other.c[column.name] == first.c[column.name] for column in key)))
        .where(other.c.seq > first.c.seq)
    )


async def _keep_first(
    tx: AsyncConnection, said: sa.Table, names: Sequence[str]
) -> Sequence[tuple[int, int, int]]:
    """Takes out what comes again; where it differs within its file: file, line and first line."""
    key, kept = [said.c[name] for name in names], said.alias()
    first = _first_of_repeated(key)
    of_key = sa.and_(*(column == first.c[column.name] for column in key))
    told = [column for column in said.columns if column.name not in _PLACE]
    differs = sa.or_(*(column.is_distinct_from(kept.c[column.name]) for column in told))
    rows = await tx.execute(
        sa.select(said.c.file, said.c.line, kept.c.line, differs & (said.c.file == kept.c.file))
        .select_from(said.join(first, of_key).join(kept, kept.c.seq == first.c.seq))
        .where(said.c.seq > first.c.seq)
        .order_by(said.c.seq)
    )
    if repeated := rows.all():
        await tx.execute(said.delete().where(said.c.seq.in_(_repeats(said, key))))
    return [(file, line, before) for file, line, before, other in repeated if other]
