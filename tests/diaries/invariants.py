"""What holds at any moment, whatever happened before (reliability §1, rules §6)."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from relance.domain.calendar import is_allowed, local_day, slot_on
from relance.store.invariants import (
    FORGOTTEN,
    NOT_EVALUATED,
    PROMISES,
    STILL_ASKING,
    look,
    sightings,
)
from relance.store.organisations import load_organisations
from relance.store.tables import actions, attempts, dead_letters, inbox, outbox
from tests.diaries.company import Company

LEFT = ("delivered", "unknown")


async def breaches(company: Company) -> list[str]:
    """Every promise that is broken, in a sentence."""
    async with company.world.database.read() as tx:
        return [
            *await _broken(tx, company),
            *await _left_over(tx, company),
            *await _outside_the_slot(tx, company),
        ]


async def forgotten(company: Company) -> list[str]:
    """Cases that would wake too late, and open actions that no longer stand: a longer look."""
    found = await look(company.world.database, company.world.clock)
    wanted = (FORGOTTEN, NOT_EVALUATED, STILL_ASKING)
    return [
        f"{one.invariant.title}: {', '.join(seen.subject for seen in one.examples)}"
        for one in found
        if one.invariant in wanted
    ]


async def _broken(tx: AsyncConnection, company: Company) -> list[str]:
    """What is late is another matter: services may be down, and no bot posts cards here."""
    found = await sightings(tx, PROMISES, company.world.clock.now())
    return [f"{invariant.title}: {seen.subject}" for invariant, seen in found]


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
