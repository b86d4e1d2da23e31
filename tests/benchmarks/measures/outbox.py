"""The outbox to RabbitMQ with confirms: many identifiers in one bell, rows leased by the batch."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

import aio_pika
import sqlalchemy as sa
from faststream.rabbit import RabbitBroker

from relance.clock import WallClock
from relance.contracts.messages import ActionsQueued
from relance.contracts.wire import Envelope, encode
from relance.messaging import topology
from relance.messaging.outbox import Relay, post
from relance.messaging.rabbit import RabbitCarrier
from relance.store.database import Database
from relance.store.tables import outbox
from relance.store.types import new_id
from tests.benchmarks.comparing import Comparison, Contender, Cost, spending
from tests.benchmarks.place import Place
from tests.conftest import create_schema, text
from tests.real import postgres, rabbitmq

ACTIONS = 20_000
TOGETHER = 200  # identifiers in a bell, as a sweep of 200 customers writes them
QUEUE = topology.queue_of("dispatcher")
AT_LEAST = 10_000  # actions a second

Work = Callable[[], Coroutine[Any, Any, Cost]]


def comparisons(place: Place) -> Iterator[Comparison]:
    actions = place.size(ACTIONS)
    broker = rabbitmq.broker(place.run)
    with postgres.fresh_database(place.postgres) as database, rabbitmq.fresh_vhost(broker) as bus:
        asyncio.run(create_schema(text(database)))
        asyncio.run(topology.declare(bus))
        ids = [new_id() for _ in range(actions)]
        ours = "outbox, relay, confirms"
        yield Comparison(
            title=f"{actions:,} queued actions from the outbox to RabbitMQ",
            unit="actions",
            amount=actions,
            ours=Contender(name=ours, run=lambda: asyncio.run(_relay(text(database), bus, ids))),
            others=(
                Contender(
                    name="the same bells by aio-pika alone, no outbox",
                    run=lambda: asyncio.run(_bare(bus, _bells(ids))),
                ),
                Contender(
                    name="a message per action by aio-pika, 50 awaiting confirms together",
                    run=lambda: asyncio.run(_bare(bus, [_bell([one]) for one in ids])),
                ),
                Contender(
                    name="a message per action by FastStream, one after the other",
                    run=lambda: asyncio.run(_faststream(bus, ids)),
                ),
            ),
            target=f"at least {AT_LEAST:,} actions a second",
            holds=lambda medians: actions / medians[ours].wall >= AT_LEAST,
        )


def _bell(ids: list[UUID]) -> bytes:
    return encode(Envelope(id=new_id(), message=ActionsQueued(ids=tuple(ids))))


def _bells(ids: list[UUID]) -> list[bytes]:
    return [_bell(ids[start : start + TOGETHER]) for start in range(0, len(ids), TOGETHER)]


async def _relay(url: str, bus: str, ids: list[UUID]) -> Cost:
    database, carrier = Database(url, service="scheduler"), RabbitCarrier(bus, "scheduler")
    carrier.start()
    while not carrier.is_ready:  # noqa: ASYNC110 - once, before measuring
        await asyncio.sleep(0.01)
    async with database.write() as tx:
        for start in range(0, len(ids), TOGETHER):
            part = ids[start : start + TOGETHER]
            await post(tx, "scheduler", ActionsQueued, part, WallClock().now())
    relay = Relay(database, carrier, WallClock())
    with spending() as cost:
        while await relay.tick():
            pass
    async with database.read() as tx:
        assert not await tx.scalar(sa.select(sa.func.count()).select_from(outbox))
    await carrier.close()
    await database.close()
    await _empty(bus)
    return cost


async def _bare(bus: str, bodies: list[bytes]) -> Cost:
    async with _channel(bus) as channel:
        places = asyncio.Semaphore(50)

        async def publish(body: bytes) -> None:
            async with places:
                await channel.default_exchange.publish(
                    aio_pika.Message(body, delivery_mode=2), QUEUE, mandatory=True
                )

        with spending() as cost:
            await asyncio.gather(*map(publish, bodies))
    await _empty(bus)
    return cost


async def _faststream(bus: str, ids: list[UUID]) -> Cost:
    broker = RabbitBroker(bus, logger=None, apply_types=False)
    await broker.connect()
    bodies = [_bell([one]) for one in ids]
    with spending() as cost:
        for body in bodies:
            await broker.publish(body, queue=QUEUE, persist=True)
    await broker.stop()
    await _empty(bus)
    return cost


@asynccontextmanager
async def _channel(bus: str) -> AsyncIterator[Any]:
    async with await aio_pika.connect(bus) as connection:
        yield await connection.channel(publisher_confirms=True, on_return_raises=True)


async def _empty(bus: str) -> None:
    async with _channel(bus) as channel:
        await (await channel.get_queue(QUEUE)).purge()
