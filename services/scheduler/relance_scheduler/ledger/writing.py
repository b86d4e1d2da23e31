"""Writes what `work` found into the ledger, by the set: one statement for any number of rows."""

from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from relance.store.tables import allocations, contacts, customers, items
from relance_scheduler.ledger.staging import (
    analyse,
    known,
    look_again,
    run,
    said_contacts,
    said_customers,
    said_items,
    touched_customers,
    work,
)

_OF_A_CONTACT = ("name", "email", "phone", "position")
_LINKS = ("profile_id", "plan_id", "account_manager_id")


async def write_customers(
    tx: AsyncConnection, organisation: UUID, *, enabled_by_default: bool
) -> tuple[int, int]:
    """New customers and changed ones: how many of each."""
    said = said_customers
    mine = said.join(known, known.c.reference == said.c.reference)
    values = {
        "id": known.c.customer_id,
        "organisation_id": sa.literal(organisation, sa.Uuid),
        "reference": said.c.reference,
        "name": sa.func.coalesce(sa.func.nullif(said.c.name, ""), said.c.reference),
        "language": sa.func.nullif(said.c.language, ""),
        "zone": sa.func.nullif(said.c.zone, ""),
        "country": sa.func.coalesce(said.c.country, ""),
        "address": sa.func.coalesce(said.c.address, ""),
        **{name: said.c[name] for name in _LINKS},
        "enabled": sa.func.coalesce(said.c.enabled, sa.literal(enabled_by_default)),
        "archived": sa.func.coalesce(said.c.archived, sa.false()),
        "paused": sa.false(),
        "paused_reason": sa.literal(""),
    }
    fresh = sa.select(*values.values()).select_from(mine).where(known.c.is_new)
    new = await run(tx, customers.insert().from_select(list(values), fresh))
    await _touch(tx, sa.select(known.c.customer_id, sa.true()).where(known.c.is_new))
    changes = {
        "name": sa.func.coalesce(sa.func.nullif(said.c.name, ""), customers.c.name),
        "language": _cleared_when_empty(said.c.language, customers.c.language),
        "zone": _cleared_when_empty(said.c.zone, customers.c.zone),
        **{
            name: sa.func.coalesce(said.c[name], customers.c[name])
            for name in ("country", "address", "enabled", "archived", *_LINKS)
        },
    }
    same = (
        known.c.reference == said.c.reference,
        customers.c.id == known.c.customer_id,
        ~known.c.is_new,
    )
    differs = sa.or_(*(changes[name].is_distinct_from(customers.c[name]) for name in changes))
    changed = sa.select(customers.c.id, sa.true()).where(*same, differs)
    await _touch(tx, changed)
    updated = await run(tx, customers.update().values(changes).where(*same, differs))
    return new, updated


async def write_contacts(tx: AsyncConnection) -> tuple[int, int]:
    """New contacts and changed ones. A new address clears what was held against the old one."""
    said = said_contacts
    owner = known.c.reference == said.c.customer
    there = sa.and_(
        contacts.c.customer_id == known.c.customer_id, contacts.c.reference == said.c.reference
    )
    values: dict[str, sa.ColumnElement[Any]] = {
        "id": said.c.id,
        "customer_id": known.c.customer_id,
        "reference": said.c.reference,
        **{
            name: sa.func.coalesce(said.c[name], "")
            for name in ("name", "email", "phone", "position")
        },
        "main": sa.func.coalesce(said.c.main, sa.false()),
        "email_invalid": sa.literal(""),
        "opted_out": sa.literal([], sa.JSON),
    }
    fresh = sa.select(*values.values()).where(
        owner, ~sa.exists().where(there).correlate(said, known)
    )
    said_of = sa.select(known.c.customer_id, sa.true()).where(owner)
    await _touch(tx, said_of.where(~sa.exists().where(there).correlate(said, known)))
    new = await run(tx, contacts.insert().from_select(list(values), fresh))
    changes: dict[str, sa.ColumnElement[Any]] = {
        name: sa.func.coalesce(said.c[name], contacts.c[name]) for name in (*_OF_A_CONTACT, "main")
    }
    differs = sa.or_(*(changes[name] != contacts.c[name] for name in changes))
    await _touch(tx, sa.select(known.c.customer_id, sa.true()).where(owner, there, differs))
    other_address = changes["email"] != contacts.c.email
    changes["email_invalid"] = sa.case((other_address, ""), else_=contacts.c.email_invalid)
    updated = await run(tx, contacts.update().values(changes).where(owner, there, differs))
    return new, updated


async def write_items(tx: AsyncConnection, today: date) -> None:
    """Inserts the new items, updates those that differ, settles those that are absent."""
    await _insert_items(tx, today)
    await _update_items(tx, today)
    day = sa.literal(today, sa.Date)
    settled = {"open": 0, "settled_on": sa.func.coalesce(items.c.settled_on, day)}
    for flag, column in ((work.c.absent, "absent"), (work.c.withdrawn, "cancelled")):
        await tx.execute(
            items.update()
            .values({**settled, column: sa.true()})
            .where(items.c.id.in_(sa.select(work.c.item_id).where(flag)))
        )


async def _insert_items(tx: AsyncConnection, today: date) -> None:
    said = said_items
    cancelled = sa.func.coalesce(said.c.cancelled, sa.false())
    left = sa.case((cancelled, 0), else_=sa.func.coalesce(said.c.open, said.c.amount))
    disputed = sa.func.coalesce(said.c.disputed, sa.false())
    values: dict[str, sa.ColumnElement[Any]] = {
        "id": work.c.item_id,
        "customer_id": work.c.customer_id,
        **{
            name: said.c[name]
            for name in ("number", "part", "kind", "issued_on", "due_on", "currency", "amount")
        },
        "open": left,
        "known_on": sa.literal(today, sa.Date),
        "settled_on": sa.case(
            (left > 0, sa.null()),
            else_=sa.func.coalesce(said.c.settled_on, sa.literal(today, sa.Date)),
        ),
        "issued": sa.func.coalesce(said.c.issued, sa.true()),
        "sent": sa.func.coalesce(said.c.sent, sa.true()),
        "direct_debit": sa.func.coalesce(said.c.direct_debit, sa.false()),
        "absent": sa.false(),
        "cancelled": cancelled,
        "disputed": disputed,
        "paused": sa.false(),
        "paused_reason": sa.literal(""),
        "family": sa.case((disputed, "dispute"), else_="ongoing"),
        "status_reason": sa.case((disputed, sa.func.coalesce(said.c.dispute_reason, "")), else_=""),
    }
    fresh = (
        sa.select(*values.values())
        .join_from(work, said, work.c.seq == said.c.seq)
        .where(work.c.is_new)
        .order_by(said.c.seq)
    )
    await tx.execute(items.insert().from_select(list(values), fresh))


async def _update_items(tx: AsyncConnection, today: date) -> None:
    said = said_items
    cancelled = sa.func.coalesce(said.c.cancelled, items.c.cancelled)
    left = sa.case(
        (cancelled, 0),
        (said.c.open.is_not(None), said.c.open),
        (work.c.returns, within(said.c.amount - _allocated(), said.c.amount)),
        else_=within(items.c.open + said.c.amount - items.c.amount, said.c.amount),
    )
    newly = said.c.disputed.is_not(None) & (said.c.disputed != items.c.disputed)
    family = sa.case(
        (newly & said.c.disputed & (items.c.family != "litigation"), "dispute"),
        (newly & ~said.c.disputed & (items.c.family == "dispute"), "dispute_resolved"),
        else_=items.c.family,
    )
    values: dict[str, sa.ColumnElement[Any]] = {
        **{name: said.c[name] for name in ("issued_on", "due_on", "currency", "amount")},
        **{
            name: sa.func.coalesce(said.c[name], items.c[name])
            for name in ("issued", "sent", "direct_debit", "disputed")
        },
        "cancelled": cancelled,
        "absent": sa.false(),
        "open": left,
        "settled_on": sa.case(
            (left > 0, sa.null()),
            else_=sa.func.coalesce(
                said.c.settled_on, items.c.settled_on, sa.literal(today, sa.Date)
            ),
        ),
        "family": family,
        "status_reason": sa.case(
            (
                said.c.disputed.is_(sa.true()),
                sa.func.coalesce(said.c.dispute_reason, items.c.status_reason),
            ),
            else_=items.c.status_reason,
        ),
    }
    await tx.execute(
        items.update()
        .values(values)
        .where(
            items.c.id == work.c.item_id,
            work.c.seq == said.c.seq,
            work.c.touched,
            ~work.c.is_new,
        )
    )


def _allocated() -> sa.ScalarSelect[int]:
    """What the allocations before this import say of an item."""
    mine = sa.or_(allocations.c.target_id == items.c.id, allocations.c.source_id == items.c.id)
    total = sa.func.coalesce(sa.func.sum(allocations.c.amount), 0)
    return sa.select(sa.cast(total, sa.BigInteger)).where(mine).correlate(items).scalar_subquery()


def within(value: sa.ColumnElement[int], most: sa.ColumnElement[int]) -> sa.ColumnElement[int]:
    """The value, at least 0 and at most that."""
    return sa.case((value < 0, 0), (value > most, most), else_=value)


def _cleared_when_empty(
    said: sa.ColumnElement[str], before: sa.ColumnElement[Any]
) -> sa.ColumnElement[Any]:
    """What is said, None when that is the empty text, what was before when nothing is said."""
    return sa.case((said.is_(None), before), (said == "", sa.null()), else_=said)


async def touch_owners_of_items(tx: AsyncConnection) -> None:
    """The customers of every item that changed are to be looked at again."""
    await _touch(tx, sa.select(work.c.customer_id, sa.false()).distinct().where(work.c.touched))


async def list_touched(tx: AsyncConnection) -> None:
    """Fills `look_again`."""
    customer, enrol = touched_customers.c.customer_id, touched_customers.c.enrol
    ever = sa.func.max(sa.cast(enrol, sa.Integer)) > 0
    each = sa.select(customer, ever).group_by(customer).order_by(customer)
    await tx.execute(look_again.insert().from_select(["customer_id", "enrol"], each))
    await analyse(tx, look_again)


async def _touch(tx: AsyncConnection, rows: sa.Select[Any]) -> None:
    await tx.execute(touched_customers.insert().from_select(["customer_id", "enrol"], rows))
