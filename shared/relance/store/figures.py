"""Numbers on what waits, for metrics and readiness: counts and ages, a handful of statements."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from relance.domain.actions import OPEN_STATES, ActionState
from relance.store.dispatch import last_imports
from relance.store.tables import actions, cases, dead_letters, decisions, inbox, outbox, requests


@dataclass(frozen=True, slots=True, kw_only=True)
class Heap:
    """So many rows, the oldest since then; None where there is none."""

    count: int
    since: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """`outbox` by service; `imported` is each organisation's last successful import."""

    due: Heap
    queued: Heap
    waiting: Heap
    uncertain: Heap
    unanswered: Heap
    outbox: Mapping[str, Heap]
    retries: Heap
    dead_letters: Heap
    imported: Mapping[UUID, datetime]


async def load_figures(tx: AsyncConnection, now: datetime) -> Figures:
    """What the whole database says."""
    by_state = await _by_state(tx)
    none = Heap(count=0, since=None)
    awake = cases.c.wake_at.is_not(None) & (cases.c.wake_at <= now) & cases.c.ended_on.is_(None)
    return Figures(
        due=await _heap(tx, cases.c.wake_at, awake),
        queued=by_state.get(ActionState.QUEUED, none),
        waiting=by_state.get(ActionState.WAITING, none),
        uncertain=by_state.get(ActionState.UNCERTAIN, none),
        unanswered=_both(
            await _heap(tx, decisions.c.taken_at, decisions.c.told_at.is_(None)),
            await _heap(tx, requests.c.taken_at, requests.c.told_at.is_(None)),
        ),
        outbox=await outboxes(tx),
        retries=await _heap(tx, inbox.c.received_at, inbox.c.retry_at.is_not(None)),
        dead_letters=await _heap(tx, dead_letters.c.died_at, sa.true()),
        imported=await last_imports(tx),
    )


async def outboxes(tx: AsyncConnection) -> dict[str, Heap]:
    """What each service has posted and nobody has carried yet."""
    rows = await tx.execute(
        sa.select(outbox.c.service, sa.func.count(), _oldest(outbox.c.created_at)).group_by(
            outbox.c.service
        )
    )
    return {service: Heap(count=count, since=since) for service, count, since in rows}


async def _by_state(tx: AsyncConnection) -> dict[ActionState, Heap]:
    since = sa.func.coalesce(actions.c.leave_at, actions.c.made_at, type_=actions.c.made_at.type)
    rows = await tx.execute(
        sa.select(actions.c.state, sa.func.count(), sa.func.min(since, type_=since.type))
        .where(actions.c.closed_at.is_(None), actions.c.state.in_([*OPEN_STATES]))
        .group_by(actions.c.state)
    )
    return {ActionState(state): Heap(count=count, since=since) for state, count, since in rows}


async def _heap(
    tx: AsyncConnection, instant: sa.Column[Any], which: sa.ColumnElement[bool]
) -> Heap:
    found = await tx.execute(
        sa.select(sa.func.count(), _oldest(instant)).select_from(instant.table).where(which)
    )
    count, since = found.one()
    return Heap(count=count, since=since)


def _both(one: Heap, other: Heap) -> Heap:
    found = [heap.since for heap in (one, other) if heap.since]
    return Heap(count=one.count + other.count, since=min(found, default=None))


def _oldest(instant: sa.Column[Any]) -> sa.ColumnElement[Any]:
    return sa.func.min(instant, type_=instant.type)
