"""A customer's statement of account and what has been done about it (F35)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from relance.domain.ledger import Item
from relance.domain.worklist import ContactLine, ShownAction
from relance.store.cases import item_of
from relance.store.tables import actions, contacts, items
from relance.store.worklist import load_shown

MOST_ACTIONS = 60  # the latest: a history of ten years is no sheet


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """What is open, whom to write to, and the latest actions, the newest first."""

    items: Sequence[Item]
    contacts: Sequence[ContactLine]
    actions: Sequence[ShownAction]


async def load_statement(tx: AsyncConnection, customer_id: UUID) -> Statement:
    """Open items by due date; contacts, the main one first."""
    latest = await tx.scalars(
        sa.select(actions.c.id)
        .where(actions.c.customer_id == customer_id)
        .order_by(actions.c.made_at.desc(), actions.c.id.desc())
        .limit(MOST_ACTIONS)
    )
    ids = list(latest)
    shown = await load_shown(tx, ids)
    return Statement(
        items=await _open_items(tx, customer_id),
        contacts=await _contacts(tx, customer_id),
        actions=[shown[action_id] for action_id in ids],
    )


async def _open_items(tx: AsyncConnection, customer_id: UUID) -> list[Item]:
    rows = await tx.execute(
        sa.select(items)
        .where(items.c.customer_id == customer_id, items.c.open > 0, ~items.c.cancelled)
        .order_by(items.c.due_on, items.c.number, items.c.part)
    )
    return [item_of(row) for row in rows.mappings()]


async def _contacts(tx: AsyncConnection, customer_id: UUID) -> list[ContactLine]:
    rows = await tx.execute(
        sa.select(contacts)
        .where(contacts.c.customer_id == customer_id)
        .order_by(contacts.c.main.desc(), contacts.c.name, contacts.c.id)
    )
    return [_contact(row) for row in rows.mappings()]


def _contact(row: Mapping[Any, Any]) -> ContactLine:
    return ContactLine(
        name=row["name"], email=row["email"], phone=row["phone"], position=row["position"]
    )
