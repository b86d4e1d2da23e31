"""Queued actions that nothing holds back, in an open slot, and that still have not left."""

from collections.abc import AsyncIterator, Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from relance.domain.calendar import Calendar, calendar_for, is_allowed, local_day, slot_on
from relance.domain.evaluation.eligibility import is_paused
from relance.domain.ledger import Pause
from relance.domain.plans import Plan
from relance.store.dispatch import claimable, last_imports
from relance.store.invariants.finding import Invariant, Sighting
from relance.store.invariants.lateness import PATIENCE
from relance.store.invariants.rule import newest
from relance.store.organisations import Organisation, pause_of
from relance.store.tables import actions, attempts, cases, customers

NOT_LEAVING = Invariant(
    key="not_leaving",
    title="May leave, its slot is open, and it has not left for over five minutes",
    mend="Is a dispatcher running, and does the mail server answer? relance doctor says.",
)


async def not_leaving(
    tx: AsyncConnection,
    houses: Mapping[UUID, Organisation],
    plans: Mapping[UUID, Plan],
    now: datetime,
) -> AsyncIterator[Sighting]:
    """What the dispatchers should have claimed."""
    imported = await last_imports(tx)
    async for row in await tx.stream(_queued(now)):
        house, plan = houses.get(row.organisation), plans.get(row.plan)
        if house is None or (row.plan and plan is None):
            continue
        since = _since(row, house, plan, now)
        held = _is_held(row, house, plan, imported.get(house.id), now)
        if held or since is None or now - since < PATIENCE:
            continue
        yield Sighting(
            organisation=house.id, customer=row.customer, subject=str(row.id), since=since
        )


def _queued(now: datetime) -> sa.Select[Any]:
    other = actions.alias()
    claimed = newest(
        attempts.c.claimed_at,
        attempts.c.action_id == other.c.id,
        other.c.customer_id == actions.c.customer_id,
        other.c.id != actions.c.id,
        other.c.closed_at.is_(None),
        attempts.c.live,
    )
    return (
        sa.select(
            actions.c.id,
            actions.c.leave_at,
            actions.c.released_by,
            customers.c.organisation_id.label("organisation"),
            customers.c.reference.label("customer"),
            customers.c.paused,
            customers.c.paused_until,
            customers.c.paused_reason,
            customers.c.last_contact_on,
            cases.c.plan_id.label("plan"),
            newest(attempts.c.retry_at, attempts.c.action_id == actions.c.id).label("retry_at"),
            claimed.label("contacted_at"),
        )
        .select_from(actions)
        .join(customers, customers.c.id == actions.c.customer_id)
        .join(cases, cases.c.id == actions.c.case_id, isouter=True)
        .where(claimable(now), actions.c.leave_at < now - PATIENCE)
    )


def _since(
    row: sa.Row[Any], house: Organisation, plan: Plan | None, now: datetime
) -> datetime | None:
    """From when on it might have left; None while it may not."""
    own: datetime = max(row.leave_at, row.retry_at or row.leave_at)
    if row.released_by is not None:
        return own
    calendar = _calendar(house, plan)
    today = local_day(calendar, now)
    slot = slot_on(calendar, today)
    if not is_allowed(calendar, today) or not slot.start <= now < slot.end:
        return None
    return max(own, slot.start)


def _is_held(
    row: sa.Row[Any],
    house: Organisation,
    plan: Plan | None,
    imported: datetime | None,
    now: datetime,
) -> bool:
    """Whether the last look would have it wait."""
    today = local_day(_calendar(house, plan), now)
    pauses: tuple[Pause | None, ...] = (
        house.pause,
        plan.pause if plan else None,
        pause_of(row._mapping),  # noqa: SLF001 - its public name for a row as a mapping
    )
    if house.kill_switch or any(pause and is_paused(pause, today) for pause in pauses):
        return True
    hours = house.fresh_within_hours
    if hours is not None and (imported is None or now - imported > timedelta(hours=hours)):
        return True
    if plan is None or row.released_by is not None:
        return False
    days = [row.last_contact_on] if row.last_contact_on else []
    if row.contacted_at:
        days.append(local_day(house.calendar, row.contacted_at))
    return any(today < day + timedelta(days=plan.contact_delay) for day in days)


def _calendar(house: Organisation, plan: Plan | None) -> Calendar:
    return calendar_for(plan, house.calendar) if plan else house.calendar
