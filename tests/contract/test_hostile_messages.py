"""Whatever comes from the queue: nothing crashes, nothing is in the way, no data is kept."""

import json
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.ext.asyncio import AsyncConnection

from relance.contracts.messages import (
    MESSAGES,
    MOST_IDS,
    ActionsChanged,
    ActionsQueued,
    AttemptsRecorded,
    DecisionsTaken,
)
from relance.contracts.wire import MOST_BYTES, Envelope, MalformedMessageError, decode, encode
from relance.messaging.carrier import InProcessCarrier
from relance.messaging.inbox import Bells, Inbox
from relance.messaging.outbox import Relay, post
from relance.store.tables import dead_letters, inbox, outbox
from relance_scheduler.wiring import Scheduler
from tests.dispatching import a_desk
from tests.world import World, a_world

DATA = "nadia@client.test owes 1007.37"


def message(**changes: Any) -> bytes:
    """A good message, and what is wrong with it."""
    good = {"id": str(uuid4()), "kind": "actions.changed", "version": 1, "ids": [str(uuid4())]}
    return json.dumps(good | changes).encode()


HOSTILE = {
    "no JSON": b"\xff\xfe\x00{",
    "empty": b"",
    "a list": b"[1, 2]",
    "nested without end": b"[" * 60_000,
    "1 MB": message(ids=[DATA * 35_000]),
    "unknown kind": message(kind=DATA),
    "unknown version": message(version=99),
    "version of another type": message(version=DATA),
    "an identifier that is none": message(id=DATA),
    "no identifiers": message(ids=[]),
    "too many identifiers": message(ids=[str(uuid4()) for _ in range(MOST_IDS + 1)]),
    "a field too many": message(**{DATA: DATA}),
}


async def take(_tx: AsyncConnection, _ids: tuple[UUID, ...]) -> None:
    """Nothing to do."""


@pytest.mark.asyncio
async def test_what_is_no_message_becomes_a_dead_letter_without_data(store_url: str) -> None:
    async with a_world(store_url) as world:
        consumer = Inbox(world.database, {ActionsChanged: take}, world.clock)
        for body in HOSTILE.values():
            await consumer.receive(body)
        rows = await world.rows(dead_letters)
        assert len(rows) == len(HOSTILE)
        assert not [row for row in rows if b"nadia" in row.body or "nadia" in row.error]
        assert max(len(row.body) for row in rows) < 200
        assert not await world.rows(inbox)


@pytest.mark.asyncio
async def test_in_the_outbox_it_is_in_nobodys_way(store_url: str) -> None:
    changed = uuid4()
    heard = list[UUID]()

    async def hear(ids: tuple[UUID, ...]) -> None:
        heard.extend(ids)

    async with a_world(store_url) as world:
        carrier = InProcessCarrier()
        Bells({ActionsChanged: hear}).subscribe(carrier)
        await put_into_outbox(world, HOSTILE.values())
        async with world.database.write() as tx:
            later = world.clock.now() + timedelta(seconds=1)
            await post(tx, "scheduler", ActionsChanged, [changed], later)
        assert await Relay(world.database, carrier, world.clock).tick() == 1
        assert heard == [changed]
        assert not await world.rows(outbox)
        assert len(await world.rows(dead_letters)) == len(HOSTILE)


async def put_into_outbox(world: World, bodies: Any) -> None:
    row = {"service": "scheduler", "kind": "?", "created_at": world.clock.now()}
    rows = [{"id": uuid4(), "body": body, **row} for body in bodies]
    async with world.database.write() as tx:
        await tx.execute(sa.insert(outbox), rows)


@pytest.mark.asyncio
async def test_a_message_kept_by_another_release_stops_no_retry(store_url: str) -> None:
    async with a_world(store_url) as world:
        consumer = Inbox(world.database, {ActionsChanged: take}, world.clock)
        now = world.clock.now()
        row = {"consumer": "scheduler", "received_at": now, "done": False, "retry_at": now}
        bodies = (message(kind="actions.painted"), message())
        rows = [{"message_id": UUID(json.loads(body)["id"]), "body": body} for body in bodies]
        async with world.database.write() as tx:
            await tx.execute(sa.insert(inbox), [row | one for one in rows])
        assert await consumer.tick() == 2
        assert [row.done for row in await world.rows(inbox)] == [True, True]
        assert len(await world.rows(dead_letters)) == 1
        assert await consumer.tick() == 0


@pytest.mark.asyncio
async def test_identifiers_of_nothing_change_nothing(store_url: str) -> None:
    async with a_desk(store_url) as desk:
        scheduler = Scheduler(desk.world.database, desk.carrier, desk.world.clock)
        for kind in (ActionsQueued, AttemptsRecorded, DecisionsTaken):
            await desk.carrier.carry(Envelope(id=uuid4(), message=kind(ids=(uuid4(), uuid4()))))
        assert await scheduler.tick() == 0
        assert await desk.settle() == 0
        assert not await desk.world.rows(dead_letters)
        assert all(row.done for row in await desk.world.rows(inbox))


@given(st.binary(max_size=400) | st.recursive(st.none() | st.text(), st.lists).map(json.dumps))
def test_any_bytes_are_a_message_or_malformed(body: bytes | str) -> None:
    with pytest.raises(MalformedMessageError):
        decode(body if isinstance(body, bytes) else body.encode())


@given(st.sampled_from(MESSAGES), st.lists(st.uuids(), min_size=1, max_size=MOST_IDS))
def test_every_message_fits_and_comes_back(kind: Any, ids: list[UUID]) -> None:
    envelope = Envelope(id=uuid4(), message=kind(ids=tuple(ids)))
    assert len(encode(envelope)) <= MOST_BYTES
    assert decode(encode(envelope)) == envelope
