"""A changed template changes what waiting cards say: nobody validates a text they have not seen."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from relance.contracts.messages import ActionsChanged
from relance.domain.actions import ActionState
from relance.messaging.outbox import post
from relance.store.locks import lock_customers
from relance.store.tables import actions, customers
from relance_scheduler.history import Event, record


async def show_new_texts(
    tx: AsyncConnection,
    organisation: UUID,
    written: Collection[tuple[str, str]],
    now: datetime,
) -> int:
    """Raises the version of the cards that wait with these templates (key, language).

    So a click on the old text is stale and the card is drawn again. What an owner wrote stays.
    """
    keys = {key for key, _ in written}
    waiting = sa.and_(
        customers.c.organisation_id == organisation,
        actions.c.state == ActionState.WAITING,
        actions.c.template.in_(keys),
        actions.c.edited_body.is_(None),
    )
    found = await tx.execute(
        sa.select(actions.c.id, actions.c.customer_id).join_from(actions, customers).where(waiting)
    )
    rows = found.all()
    await lock_customers(tx, {row.customer_id for row in rows})
    changed = await tx.execute(
        sa.update(actions)
        .where(
            actions.c.id.in_([row.id for row in rows]),
            actions.c.state == ActionState.WAITING,
            actions.c.edited_body.is_(None),
        )
        .values(version=actions.c.version + 1)
        .returning(actions.c.id, actions.c.customer_id, actions.c.version)
    )
    cards = changed.all()
    await record(
        tx,
        [
            Event(
                event="text_changed",
                at=now,
                customer=card.customer_id,
                action=card.id,
                from_version=card.version - 1,
                to_version=card.version,
            )
            for card in cards
        ],
    )
    await post(tx, "scheduler", ActionsChanged, [card.id for card in cards], now)
    return len(cards)
