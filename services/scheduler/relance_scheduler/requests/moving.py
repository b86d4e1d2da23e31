"""Moving customers to the plan that is theirs now, many in one transaction."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from relance_scheduler.enrolment import enrol
from relance_scheduler.reconsider import reconsider

_AT_ONCE = 1_000  # a statement takes only so many values


async def move(tx: AsyncConnection, customer_ids: Collection[UUID], now: datetime) -> None:
    """Enrols them and looks again at what they owe; in the order in which locks are taken."""
    ids = sorted(customer_ids)
    for start in range(0, len(ids), _AT_ONCE):
        await enrol(tx, ids[start : start + _AT_ONCE], now)
        await reconsider(tx, ids[start : start + _AT_ONCE], now)
