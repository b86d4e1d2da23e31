"""Taking back actions that have not left: what was in flight stays with the dispatcher."""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from relance.contracts.messages import ActionsChanged
from relance.domain.actions import ActionState
from relance.messaging.outbox import post
from relance.store.tables import actions, attempts, run_steps
from relance_scheduler.history import Event, record

WITHDRAWABLE = (ActionState.WAITING, ActionState.QUEUED)


def not_handed_over() -> sa.ColumnElement[bool]:
    """Waiting or queued, and claimed by no attempt that may still leave."""
    claimed = (
        sa.select(attempts.c.id)
        .where(attempts.c.action_id == actions.c.id, attempts.c.live)
        .exists()
    )
    return sa.and_(actions.c.state.in_(WITHDRAWABLE), ~claimed)


async def withdraw_open(
    tx: AsyncConnection, which: sa.ColumnElement[bool], reason: str, now: datetime
) -> None:
    """Cancels the open actions that `which` selects; their steps may come again."""
    await close(tx, which, ActionState.CANCELLED, reason, now)


async def close(
    tx: AsyncConnection,
    which: sa.ColumnElement[bool],
    state: ActionState,
    reason: str,
    now: datetime,
) -> Sequence[UUID]:
    """Closes what has not been handed over with the clock as its author; says which it closed."""
    closed = await tx.execute(
        sa.update(actions)
        .where(which, not_handed_over())
        .values(state=state, reason=reason, closed_at=now, version=actions.c.version + 1)
        .returning(actions.c.id, actions.c.customer_id, actions.c.version)
    )
    rows = closed.all()
    ids = [row.id for row in rows]
    if state is ActionState.CANCELLED:
        await forget_steps(tx, ids)
    await record(
        tx,
        [
            Event(
                event=state.value,
                at=now,
                customer=row.customer_id,
                action=row.id,
                from_version=row.version - 1,
                to_version=row.version,
                detail={"reason": reason},
            )
            for row in rows
        ],
    )
    await post(tx, "scheduler", ActionsChanged, ids, now)
    return ids


async def forget_steps(tx: AsyncConnection, action_ids: Collection[UUID]) -> None:
    """Lets the steps of these actions come again."""
    if action_ids:
        await tx.execute(
            sa.update(run_steps).where(run_steps.c.action_id.in_(action_ids)).values(live=False)
        )
