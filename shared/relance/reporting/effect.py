"""What another version of a plan would change: who moves, what leaves this week (F39, F56)."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from relance.domain.calendar import local_day
from relance.domain.documents.changes import automatic_since, changes_between
from relance.domain.effects import DAYS, Effect
from relance.domain.plans import AUTOMATIC_CHANNELS, CONNECTED, Plan, by_hand_where
from relance.domain.projection import project
from relance.store.cases import CaseFile, load_case_files
from relance.store.tables import cases

MOST_CUSTOMERS = 400
_BATCH = 50


async def effect(
    tx: AsyncConnection, current: Plan, wanted: Plan, now: datetime, *, most: int = MOST_CUSTOMERS
) -> Effect:
    """What `wanted` would do otherwise than `current`, whose next version it is.

    Of many customers it looks at some, taken evenly from the oldest to the newest.
    """
    following = await _following(tx, current.id)
    some = _evenly(following, most)
    before, after = Counter[str](), Counter[str]()
    for start in range(0, len(some), _BATCH):
        files = await load_case_files(tx, some[start : start + _BATCH])
        for file in files.values():
            before.update(_coming(file, current, now))
            after.update(_coming(file, _dated(current, wanted, file, now), now))
            await asyncio.sleep(0)  # clicks must not wait for this
    return Effect(
        changes=changes_between(current, wanted),
        customers=len(following),
        looked_at=len(some),
        before=before,
        after=after,
    )


async def _following(tx: AsyncConnection, plan_id: UUID) -> Sequence[UUID]:
    under = (cases.c.plan_id == plan_id) & cases.c.ended_on.is_(None)
    found = await tx.scalars(sa.select(cases.c.customer_id).where(under).order_by(cases.c.id))
    return found.all()


def _evenly(ids: Sequence[UUID], most: int) -> Sequence[UUID]:
    if len(ids) <= most:
        return ids
    return [ids[at * len(ids) // most] for at in range(most)]


def _dated(current: Plan, wanted: Plan, file: CaseFile, now: datetime) -> Plan:
    """The next version as it will be stored: what becomes automatic leaves after today (F12)."""
    today = local_day(file.organisation.calendar, now)
    since = automatic_since(current, wanted, today)
    steps = tuple(replace(step, automatic_since=since.get(step.key)) for step in wanted.steps)
    return replace(wanted, steps=steps)


def _coming(file: CaseFile, plan: Plan, now: datetime) -> Sequence[str]:
    until = now + timedelta(days=DAYS)
    carried = by_hand_where(plan, AUTOMATIC_CHANNELS - CONNECTED)
    coming = project(file.case, carried, file.organisation.calendar, now, until, owners_act=False)
    return [found.action.step for found in coming]
