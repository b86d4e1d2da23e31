"""Finds what the files change: fills `work` without touching the ledger."""

from collections.abc import Sequence
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from relance.store.tables import allocations, customers, items
from relance_scheduler.ledger.staging import (
    analyse,
    known,
    run,
    said_allocations,
    said_contacts,
    said_customers,
    said_items,
    work,
)

_WORK = [
    "item_id",
    "customer_id",
    "seq",
    "is_new",
    "returns",
    "absent",
    "withdrawn",
    "touched",
    "old_open",
    "old_amount",
]
_KEPT_WHEN_UNSAID = ("issued", "sent", "direct_debit", "cancelled", "disputed")


async def compare_items(tx: AsyncConnection) -> None:
    """One row of `work` for each item that the files name; new ones get their identifiers."""
    said = said_items
    new = items.c.id.is_(None)
    returns = sa.or_(items.c.absent, items.c.cancelled & (said.c.cancelled == sa.false()))
    named = (
        sa.select(
            sa.func.coalesce(items.c.id, said.c.id),
            known.c.customer_id,
            said.c.seq,
            new,
            sa.func.coalesce(returns, sa.false()),
            sa.false(),
            sa.false(),
            sa.or_(new, sa.func.coalesce(_differs(), sa.false())),
            sa.func.coalesce(items.c.open, 0),
            sa.func.coalesce(items.c.amount, 0),
        )
        .select_from(said)
        .join(known, known.c.reference == said.c.customer)
        .outerjoin(
            items,
            sa.and_(
                items.c.customer_id == known.c.customer_id,
                items.c.kind == said.c.kind,
                items.c.number == said.c.number,
                items.c.part == said.c.part,
            ),
        )
        # A payment taken back that never came: nothing to take back.
        .where(~(new & (said.c.kind == "payment_on_account") & said.c.cancelled.is_(sa.true())))
    )
    await tx.execute(work.insert().from_select(_WORK, named))
    await _compare_settlements(tx)
    await analyse(tx, work)


def _differs() -> sa.ColumnElement[bool]:
    said = said_items
    cancelled = sa.func.coalesce(said.c.cancelled, items.c.cancelled)
    plain = [said.c[name] != items.c[name] for name in ("issued_on", "currency", "amount")]
    said_or_kept = [
        sa.func.coalesce(said.c[name], items.c[name]) != items.c[name] for name in _KEPT_WHEN_UNSAID
    ]
    return sa.or_(
        *plain,
        *said_or_kept,
        said.c.due_on.is_distinct_from(items.c.due_on),
        items.c.absent,
        sa.and_(said.c.open != items.c.open, ~cancelled),
        sa.and_(said.c.settled_on != items.c.settled_on, items.c.open == 0),
    )


async def _compare_settlements(tx: AsyncConnection) -> None:
    """The payments that stood for settlement dates which the files no longer give."""
    said, payment = said_items, items.alias()
    gone = (
        sa.select(
            payment.c.id,
            payment.c.customer_id,
            sa.null(),
            sa.false(),
            sa.false(),
            sa.false(),
            sa.true(),
            sa.true(),
            payment.c.open,
            payment.c.amount,
        )
        .select_from(said)
        .join(work, work.c.seq == said.c.seq)
        .join(allocations, allocations.c.target_id == work.c.item_id)
        .join(payment, payment.c.id == allocations.c.source_id)
        .where(
            said.c.settled == sa.false(),
            ~work.c.is_new,
            payment.c.kind == "payment_on_account",
            payment.c.number == said.c.number,
            payment.c.part == said.c.part,
            ~payment.c.cancelled,
            ~sa.exists().where(sa.alias(work, "other").c.item_id == payment.c.id),
        )
    )
    await tx.execute(work.insert().from_select(_WORK, gone))


async def compare_absences(
    tx: AsyncConnection, organisation: UUID, kinds: Sequence[str]
) -> tuple[int, int]:
    """Adds to `work` the open items of these kinds that the files do not name.

    Returns how many they are, and of how many open ones.
    """
    whose = (customers.c.organisation_id == organisation, items.c.kind.in_(kinds))
    open_ones = await tx.scalar(
        sa.select(sa.func.count())
        .select_from(items.join(customers, customers.c.id == items.c.customer_id))
        .where(*whose, items.c.open > 0)
    )
    named = sa.alias(work, "named")
    absent = (
        sa.select(
            items.c.id,
            items.c.customer_id,
            sa.null(),
            sa.false(),
            sa.false(),
            sa.true(),
            sa.false(),
            sa.true(),
            items.c.open,
            items.c.amount,
        )
        .join(customers, customers.c.id == items.c.customer_id)
        .where(*whose, items.c.open > 0, ~sa.exists().where(named.c.item_id == items.c.id))
    )
    added = await run(tx, work.insert().from_select(_WORK, absent))
    return added, open_ones or 0


async def lock_touched(tx: AsyncConnection) -> None:
    """Locks the customers whose ledger may change, in the order that everybody keeps.

    See `relance.store.locks`; the identifiers stay in the database, as they may be very many.
    """
    if tx.dialect.name == "sqlite":
        return  # the transaction itself is the lock
    spoken_of = [
        sa.select(known.c.customer_id).where(sa.exists().where(said.c[name] == known.c.reference))
        for said, name in (
            (said_customers, "reference"),
            (said_contacts, "customer"),
            (said_allocations, "customer"),
        )
    ]
    wanted = sa.union_all(sa.select(work.c.customer_id).where(work.c.touched), *spoken_of)
    locked = (
        sa.select(customers.c.id)
        .where(customers.c.id.in_(wanted))
        .order_by(customers.c.id)
        .with_for_update(key_share=True)
        .subquery()
    )
    await tx.execute(sa.select(sa.func.count()).select_from(locked))
