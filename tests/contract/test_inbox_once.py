"""A message takes effect once, however often it is carried, on both databases."""

from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection

from relance.contracts.messages import ActionsChanged
from relance.contracts.wire import Envelope, encode
from relance.messaging.inbox import Inbox
from relance.store.tables import inbox
from relance.store.types import new_id
from tests.world import a_world


@pytest.mark.asyncio
async def test_a_message_carried_twice_is_handled_once(store_url: str) -> None:
    handled: list[UUID] = []

    async def handle(_tx: AsyncConnection, ids: tuple[UUID, ...]) -> None:
        handled.extend(ids)

    async with a_world(store_url) as world:
        taken = Inbox(world.database, {ActionsChanged: handle}, world.clock)
        action = new_id()
        body = encode(Envelope(id=new_id(), message=ActionsChanged(ids=(action,))))
        await taken.receive(body)
        await taken.receive(body)
    assert handled == [action]


@pytest.mark.asyncio
async def test_what_was_taken_is_remembered_for_ninety_days(store_url: str) -> None:
    async def handle(_tx: AsyncConnection, _ids: tuple[UUID, ...]) -> None:
        return

    async with a_world(store_url) as world:
        taken = Inbox(world.database, {ActionsChanged: handle}, world.clock)
        start = world.clock.now()
        sent = UUID(int=int(start.timestamp() * 1000) << 80 | 1)
        await taken.receive(encode(Envelope(id=sent, message=ActionsChanged(ids=(new_id(),)))))
        for days, left in ((89, 1), (91, 0)):
            world.clock.move_to(start + timedelta(days=days))
            await taken.tick()
            assert len(await world.rows(inbox)) == left
