"""A message takes effect once, however often it is carried, on both databases."""

from uuid import UUID

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection

from relance.contracts.messages import ActionsChanged
from relance.contracts.wire import Envelope, encode
from relance.messaging.inbox import Inbox
from relance.store.types import new_id
from tests.world import a_world


@pytest.mark.asyncio
async def test_a_message_carried_twice_is_handled_once(store_url: str) -> None:
    handled: list[UUID] = []

    async def handle(_tx: AsyncConnection, ids: tuple[UUID, ...]) -> None:
        handled.extend(ids)

    async with a_world(store_url) as world:
        inbox = Inbox(world.database, {ActionsChanged: handle}, world.clock)
        action = new_id()
        body = encode(Envelope(id=new_id(), message=ActionsChanged(ids=(action,))))
        await inbox.receive(body)
        await inbox.receive(body)
    assert handled == [action]
