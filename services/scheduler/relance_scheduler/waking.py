"""Cases that are to be looked at again, whatever their day (design, seam 2)."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from relance.store.tables import cases, customers


async def wake_where(tx: AsyncConnection, which: sa.ColumnElement[bool], now: datetime) -> None:
    """Wakes these current cases; their customers are locked first, as everywhere, in order."""
    current = which & cases.c.ended_on.is_(None)
    await tx.execute(
        sa.select(customers.c.id)
        .where(customers.c.id.in_(sa.select(cases.c.customer_id).where(current)))
        .order_by(customers.c.id)
        .with_for_update(key_share=True)
    )
    await tx.execute(sa.update(cases).where(current).values(wake_at=now))
