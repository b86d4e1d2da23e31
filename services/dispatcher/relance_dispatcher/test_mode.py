"""Test mode: whatever would leave goes to one address of our own, and to no customer (F57)."""

from collections.abc import Collection
from dataclasses import replace
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from relance.drafting import Draft, Recipient
from relance.store.tables import organisations

MOST_NAMED = 3


def redirected(message: Draft, address: str) -> Draft:
    """The message for `address` alone; its subject says for whom it was meant."""
    intended = [recipient.address for recipient in (*message.to, *message.cc)]
    more = f" +{len(intended) - MOST_NAMED}" if len(intended) > MOST_NAMED else ""
    named = ", ".join(intended[:MOST_NAMED])
    return replace(
        message,
        to=(Recipient(address=address),),
        cc=(),
        subject=f"[Test: {named}{more}] {message.subject}",
    )


async def held_now(tx: AsyncConnection, ids: Collection[UUID]) -> dict[UUID, str | None]:
    """The test address of each organisation as it stands; None where its kill switch is on."""
    rows = await tx.execute(
        sa.select(
            organisations.c.id, organisations.c.test_address, organisations.c.kill_switch
        ).where(organisations.c.id.in_(ids))
    )
    return {row.id: None if row.kill_switch else row.test_address for row in rows}
