"""Allocations, and what they leave open of items and payments."""

from collections.abc import Collection
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from relance.store.tables import allocations, items
from relance.store.upsert import insert
from relance_scheduler.ledger.staging import (
    analyse,
    balance,
    known,
    pairs,
    run,
    said_allocations,
    said_items,
    work,
)
from relance_scheduler.ledger.writing import within


async def compare_allocations(tx: AsyncConnection, *, complete: bool) -> None:
    """Fills `pairs` and `balance`. `complete`: the files name all allocations of their items."""
    await tx.execute(pairs.delete())
    await tx.execute(balance.delete())
    said, source, target = said_allocations, items.alias("source"), items.alias("target")
    there = sa.and_(allocations.c.source_id == source.c.id, allocations.c.target_id == target.c.id)
    found = (
        sa.select(
            said.c.seq,
            sa.func.coalesce(allocations.c.id, said.c.id),
            source.c.id,
            target.c.id,
            said.c.amount,
            said.c.allocated_on,
        )
        .select_from(said)
        .join(known, known.c.reference == said.c.customer)
        .join(
            source,
            sa.and_(
                source.c.customer_id == known.c.customer_id,
                source.c.kind == said.c.source_kind,
                source.c.number == said.c.source,
                source.c.part == said.c.source_part,
            ),
        )
        .join(
            target,
            sa.and_(
                target.c.customer_id == known.c.customer_id,
                target.c.kind == "invoice",
                target.c.number == said.c.target,
                target.c.part == said.c.target_part,
            ),
        )
        .outerjoin(allocations, there)
        .where(
            ~source.c.cancelled,
            sa.or_(
                allocations.c.id.is_(None) & (said.c.amount > 0),
                allocations.c.amount != said.c.amount,
                allocations.c.allocated_on != said.c.allocated_on,
            ),
        )
    )
    names = [column.name for column in pairs.columns]
    await tx.execute(pairs.insert().from_select(names, found))
    await tx.execute(pairs.insert().from_select(names, _withdrawn()))
    if complete:
        await tx.execute(pairs.insert().from_select(names, _left_out()))
    await analyse(tx, pairs)
    await _fill_balance(tx)


def _gone(*where: sa.ColumnElement[bool]) -> sa.Select[Any]:
    return sa.select(
        sa.null(),
        allocations.c.id,
        allocations.c.source_id,
        allocations.c.target_id,
        sa.literal(0, sa.BigInteger),
        allocations.c.allocated_on,
    ).where(
        *where,
        ~sa.exists().where(
            pairs.c.source_id == allocations.c.source_id,
            pairs.c.target_id == allocations.c.target_id,
        ),
    )


def _withdrawn() -> sa.Select[Any]:
    """The allocations of payments that are cancelled."""
    return _gone(
        allocations.c.source_id == work.c.item_id,
        work.c.item_id == items.c.id,
        items.c.cancelled,
    )


def _left_out() -> sa.Select[Any]:
    """The allocations of items that the files name, with none of these allocations."""
    said, source, target = said_allocations, items.alias("source"), items.alias("target")
    repeated = sa.exists().where(
        said.c.customer == known.c.reference,
        known.c.customer_id == target.c.customer_id,
        said.c.source_kind == source.c.kind,
        said.c.source == source.c.number,
        said.c.source_part == source.c.part,
        said.c.target == target.c.number,
        said.c.target_part == target.c.part,
    )
    return _gone(
        allocations.c.target_id == work.c.item_id,
        work.c.seq.is_not(None),
        source.c.id == allocations.c.source_id,
        target.c.id == allocations.c.target_id,
        ~repeated.correlate(source, target),
    )


async def _fill_balance(tx: AsyncConnection) -> None:
    zero = sa.literal(0, sa.BigInteger)
    nothing = sa.cast(sa.null(), sa.Date)
    day = sa.case((pairs.c.amount > 0, pairs.c.allocated_on), else_=nothing)
    changing = sa.exists().where(
        pairs.c.source_id == allocations.c.source_id, pairs.c.target_id == allocations.c.target_id
    )
    kept = sa.case((changing, zero), else_=allocations.c.amount)
    kept_day = sa.case((changing, nothing), else_=allocations.c.allocated_on)
    parts = []
    for side in ("source_id", "target_id"):
        parts.append(
            sa.select(
                pairs.c[side].label("item_id"),
                pairs.c.amount.label("after"),
                zero.label("before"),
                day.label("last_on"),
            )
        )
        parts.append(
            sa.select(allocations.c[side], kept, allocations.c.amount, kept_day).where(
                allocations.c[side].in_(sa.select(pairs.c[side]))
            )
        )
    all_parts = sa.union_all(*parts).subquery()
    sums = sa.select(
        all_parts.c.item_id,
        sa.cast(sa.func.sum(all_parts.c.after), sa.BigInteger),
        sa.cast(sa.func.sum(all_parts.c.before), sa.BigInteger),
        sa.func.max(all_parts.c.last_on),
    ).group_by(all_parts.c.item_id)
    names = [column.name for column in balance.columns]
    await tx.execute(balance.insert().from_select(names, sums))
    await analyse(tx, balance)


async def write_allocations(tx: AsyncConnection, today: date, settled: Collection[str]) -> int:
    """Applies `pairs`, then what they leave open; how many allocations came, changed or went.

    Items of the kinds in `settled` that the files do not name are not opened by it.
    """
    await _touch_balanced(tx, settled)
    gone = sa.exists().where(
        pairs.c.source_id == allocations.c.source_id,
        pairs.c.target_id == allocations.c.target_id,
        pairs.c.amount == 0,
    )
    deleted = await run(tx, allocations.delete().where(gone))
    names = [column.name for column in allocations.columns]
    chosen = sa.select(*(pairs.c[name] for name in names)).where(pairs.c.amount > 0)
    adding = insert(tx, allocations).from_select(names, chosen)
    written = await run(
        tx,
        adding.on_conflict_do_update(
            index_elements=["source_id", "target_id"],
            set_={name: adding.excluded[name] for name in ("amount", "allocated_on")},
        ),
    )
    await _write_open_amounts(tx, today)
    return deleted + written


async def _touch_balanced(tx: AsyncConnection, settled: Collection[str]) -> None:
    named = sa.exists().where(work.c.item_id == items.c.id)
    others = (
        sa.select(
            items.c.id,
            items.c.customer_id,
            sa.false(),
            sa.false(),
            items.c.kind.in_(settled),
            sa.false(),
            sa.true(),
            items.c.open,
            items.c.amount,
        )
        .join_from(balance, items, items.c.id == balance.c.item_id)
        .where(~named)
    )
    columns = ["item_id", "customer_id", "is_new", "returns", "absent", "withdrawn", "touched"]
    await tx.execute(
        work.update()
        .values(touched=sa.true())
        .where(~work.c.touched, work.c.item_id.in_(sa.select(balance.c.item_id)))
    )
    await tx.execute(work.insert().from_select([*columns, "old_open", "old_amount"], others))


async def _write_open_amounts(tx: AsyncConnection, today: date) -> None:
    """What is left of each item in `balance`, unless a file said it or the item is out.

    What an earlier file said to be settled without an allocation stays settled.
    """
    afresh = sa.or_(work.c.is_new, work.c.returns)
    unexplained = sa.case((afresh, 0), else_=work.c.old_amount - work.c.old_open - balance.c.before)
    left = sa.case(
        (work.c.absent, 0),
        (sa.or_(items.c.cancelled, items.c.absent), items.c.open),
        (said_items.c.open.is_not(None), items.c.open),
        else_=within(items.c.amount - unexplained - balance.c.after, items.c.amount),
    )
    becomes = (
        sa.select(
            items.c.id,
            left.label("left"),
            sa.or_(items.c.absent, work.c.absent).label("absent"),
            balance.c.last_on,
            said_items.c.settled_on,
        )
        .select_from(balance)
        .join(items, items.c.id == balance.c.item_id)
        .join(work, work.c.item_id == items.c.id)
        .outerjoin(said_items, said_items.c.seq == work.c.seq)
        .subquery()
    )
    settled_on = sa.case(
        (becomes.c.left > 0, sa.null()),
        (sa.or_(items.c.cancelled, becomes.c.absent), items.c.settled_on),
        else_=sa.func.coalesce(
            becomes.c.settled_on, becomes.c.last_on, items.c.settled_on, sa.literal(today, sa.Date)
        ),
    )
    differs = sa.or_(
        items.c.open != becomes.c.left,
        items.c.absent != becomes.c.absent,
        settled_on.is_distinct_from(items.c.settled_on),
    )
    await tx.execute(
        items.update()
        .values(open=becomes.c.left, absent=becomes.c.absent, settled_on=settled_on)
        .where(items.c.id == becomes.c.id, differs)
    )
