"""Actions that may still change, as revision sees them."""

from collections import defaultdict
from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from relance.domain.evaluation.acts import Reach
from relance.domain.ledger import ItemKind
from relance.domain.plans import Phase
from relance.domain.revision import OpenAction
from relance.store.tables import action_items, actions, items, run_steps, runs


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """An open action with its row's identity; `case` is None outside plans."""

    id: UUID
    customer: UUID
    case: UUID | None
    version: int
    action: OpenAction


async def load_open_actions(
    tx: AsyncConnection, which: sa.ColumnElement[bool]
) -> dict[UUID, Standing]:
    """The actions that `which` selects among rows of `actions`, oldest first."""
    rows = (
        await tx.execute(sa.select(actions).where(which).order_by(actions.c.made_at, actions.c.id))
    ).all()
    ids = [row.id for row in rows]
    if not ids:
        return {}
    reaches = await _reaches(tx, ids)
    debits, reliefs, left_out = await _items(tx, ids)
    return {
        row.id: Standing(
            id=row.id,
            customer=row.customer_id,
            case=row.case_id,
            version=row.version,
            action=OpenAction(
                phase=Phase(row.phase),
                reaches=tuple(reaches[row.id]),
                items=tuple(debits[row.id]),
                credits=tuple(reliefs[row.id]),
                left_out=frozenset(left_out[row.id]),
            ),
        )
        for row in rows
    }


async def _reaches(tx: AsyncConnection, ids: list[UUID]) -> dict[UUID, list[Reach]]:
    found: dict[UUID, list[Reach]] = defaultdict(list)
    rows = await tx.execute(
        sa.select(run_steps, runs.c.item_id)
        .join_from(run_steps, runs)
        .where(run_steps.c.action_id.in_(ids), run_steps.c.live)
        .order_by(run_steps.c.id)
    )
    for row in rows:
        reach = Reach(item=row.item_id, step=row.step, occurrence=row.occurrence)
        found[row.action_id].append(reach)
    return found


async def _items(
    tx: AsyncConnection, ids: list[UUID]
) -> tuple[dict[UUID, list[UUID]], dict[UUID, list[UUID]], dict[UUID, list[UUID]]]:
    """Debits, credits and what was left out, by action."""
    debits: dict[UUID, list[UUID]] = defaultdict(list)
    reliefs: dict[UUID, list[UUID]] = defaultdict(list)
    left_out: dict[UUID, list[UUID]] = defaultdict(list)
    rows = await tx.execute(
        sa.select(action_items, items.c.kind)
        .join_from(action_items, items)
        .where(action_items.c.action_id.in_(ids))
        .order_by(action_items.c.item_id)
    )
    for row in rows:
        if not row.included:
            left_out[row.action_id].append(row.item_id)
        elif row.kind == ItemKind.INVOICE:
            debits[row.action_id].append(row.item_id)
        else:
            reliefs[row.action_id].append(row.item_id)
    return debits, reliefs, left_out
