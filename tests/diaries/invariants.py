"""What holds at any moment, whatever happened before (reliability §1, rules §6)."""

from collections import Counter
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from relance.domain.actions import OPEN_STATES
from relance.domain.calendar import is_allowed, local_day, slot_on
from relance.store.organisations import load_organisations
from relance.store.tables import (
    action_items,
    action_owners,
    actions,
    attempts,
    dead_letters,
    inbox,
    outbox,
    run_steps,
    runs,
)
from tests.diaries.company import Company

LEFT = ("delivered", "unknown")


async def breaches(company: Company) -> list[str]:
    """Every promise that is broken, in a sentence."""
    async with company.world.database.read() as tx:
        return [
            *await _twice(tx),
            *await _lost(tx),
            *await _left_over(tx, company),
            *await _outside_the_slot(tx, company),
        ]


async def _twice(tx: AsyncConnection) -> list[str]:
    """One message for each step of a run; what had dropped out of it does not count."""
    shown = sa.select(action_items.c.item_id).where(
        action_items.c.action_id == run_steps.c.action_id,
        action_items.c.item_id == runs.c.item_id,
        action_items.c.included,
    )
    rows = await tx.execute(
        sa.select(run_steps.c.run_id, run_steps.c.step, run_steps.c.occurrence, attempts.c.id)
        .join(attempts, attempts.c.action_id == run_steps.c.action_id)
        .join(runs, runs.c.id == run_steps.c.run_id)
        .where(attempts.c.outcome == "delivered", run_steps.c.live | shown.exists())
    )
    sent = Counter((row.run_id, row.step, row.occurrence) for row in rows)
    return [f"left {times} times: {which}" for which, times in sent.items() if times > 1]


async def _lost(tx: AsyncConnection) -> list[str]:
    """Each action is open and somebody's, or it has ended and says how."""
    owned = sa.select(action_owners.c.action_id).where(action_owners.c.action_id == actions.c.id)
    rows = await tx.execute(sa.select(actions, owned.exists().label("owned")))
    found = []
    for row in rows:
        is_open = row.state in OPEN_STATES
        if is_open != (row.closed_at is None):
            found.append(f"{row.state} but closed at {row.closed_at}: {row.id}")
        if is_open and not row.owned:
            found.append(f"{row.state} and nobody's: {row.id}")
        if row.state in ("cancelled", "expired", "passed") and not row.reason:
            found.append(f"{row.state} without a reason: {row.id}")
    return found


async def _left_over(tx: AsyncConnection, company: Company) -> list[str]:
    """Messages drain, and none dies, while all services run."""
    found = [f"dead letter: {row.error}" for row in await tx.execute(sa.select(dead_letters))]
    if not company.down:
        waiting = await tx.execute(sa.select(outbox.c.kind, outbox.c.service))
        found += [f"not carried: {row.kind} of {row.service}" for row in waiting]
        kept = await tx.execute(sa.select(inbox.c.consumer, inbox.c.error).where(~inbox.c.done))
        found += [f"not handled by {row.consumer}: {row.error}" for row in kept]
    return found


async def _outside_the_slot(tx: AsyncConnection, company: Company) -> list[str]:
    """What no person has released leaves on an allowed day, in the organisation's hours."""
    calendar = (await load_organisations(tx))[company.world.organisation].calendar
    rows = await tx.execute(
        sa.select(attempts.c.claimed_at, actions.c.step)
        .join(actions, actions.c.id == attempts.c.action_id)
        .where(attempts.c.outcome.in_(LEFT), actions.c.released_by.is_(None))
    )

    def outside(instant: datetime) -> bool:
        today = local_day(calendar, instant)
        slot = slot_on(calendar, today)
        return not (is_allowed(calendar, today) and slot.start <= instant < slot.end)

    return [f"{r.step} left at {r.claimed_at}" for r in rows if outside(r.claimed_at)]
