"""The administrative acts in the history, the latest first (F56)."""

from collections.abc import Sequence
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from relance.domain.auditing import EVENTS, Act
from relance.store.tables import customers, history, members, organisations


async def load_acts(tx: AsyncConnection, organisation: UUID, most: int) -> Sequence[Act]:
    """The latest so many. What the command line did names nobody, and is shown where one lives."""
    mine = members.c.organisation_id == organisation
    alone = (await tx.scalar(sa.select(sa.func.count()).select_from(organisations))) == 1
    nobodys = history.c.member_id.is_(None) & history.c.customer_id.is_(None)
    rows = await tx.execute(
        sa.select(history, members.c.name.label("by"), customers.c.name.label("customer"))
        .join_from(history, members, members.c.id == history.c.member_id, isouter=True)
        .join(customers, customers.c.id == history.c.customer_id, isouter=True)
        .where(
            history.c.event.in_(EVENTS),
            history.c.action_id.is_(None),
            mine | nobodys if alone else mine,
        )
        .order_by(history.c.at.desc(), history.c.id.desc())
        .limit(most)
    )
    return [
        Act(
            event=row["event"],
            at=row["at"],
            by=row["by"] or "",
            customer=row["customer"] or "",
            from_version=row["from_version"],
            to_version=row["to_version"],
            detail=row["detail"],
        )
        for row in rows.mappings()
    ]
