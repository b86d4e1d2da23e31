"""One customer at a time: whoever plans, sends or changes what a customer owes locks its row first.

On SQLite the transaction itself is the lock (`Database.write` begins it IMMEDIATE).
"""

from collections.abc import Collection
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from relance.store.bulk import among
from relance.store.tables import customers


async def lock_customers(tx: AsyncConnection, customer_ids: Collection[UUID]) -> None:
    """Waits for the customers' rows, in the order of their identifiers so that nobody deadlocks."""
    await tx.execute(
        sa.select(customers.c.id)
        .where(among(tx, customers.c.id, customer_ids))
        .order_by(customers.c.id)
        .with_for_update(key_share=True)
    )
