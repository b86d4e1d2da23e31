"""Customers by the beginning of what a person types, quickly: for lists that complete a name."""

from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from relance.store.tables import customers


async def customers_like(
    tx: AsyncConnection, organisation: UUID, typed: str, most: int = 50
) -> list[tuple[str, str]]:
    """(reference, name) of those whose name or reference holds it; by name."""
    held = sa.func.lower(customers.c.name).contains(typed.lower(), autoescape=True)
    named = customers.c.reference.startswith(typed, autoescape=True)
    rows = await tx.execute(
        sa.select(customers.c.reference, customers.c.name)
        .where(
            customers.c.organisation_id == organisation,
            customers.c.archived.is_(False),
            held | named,
        )
        .order_by(customers.c.name, customers.c.reference)
        .limit(most)
    )
    return [(row.reference, row.name) for row in rows]
