"""Messages over a real RabbitMQ: confirmed, taken once each, and what stands in the way."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

import aio_pika
import pytest

from relance.contracts.messages import ActionsQueued, AttemptsRecorded, DecisionsTaken
from relance.contracts.wire import Envelope, encode
from relance.messaging import topology
from relance.messaging.carrier import BrokerAwayError, UnroutableError
from relance.messaging.links import Patience
from relance.messaging.rabbit import RabbitCarrier
from relance.store.types import new_id
from tests.real.rabbitmq import Broker

pytestmark = [pytest.mark.asyncio, pytest.mark.rabbitmq]

QUICK = Patience(connect=5.0, publish=5.0, reconnect=0.2, canary_every=0.3, retry=0.1, drain=2.0)


async def until(true: Callable[[], Any], within: float = 20.0) -> None:
    async with asyncio.timeout(within):
        while not true():  # noqa: ASYNC110 - what comes true tells nobody
            await asyncio.sleep(0.02)


@asynccontextmanager
async def a_carrier(
    url: str, service: str, taken: list[bytes] | None = None
) -> AsyncIterator[RabbitCarrier]:
    """Started; with `taken`, it consumes what the service takes."""
    carrier = RabbitCarrier(url, service, patience=QUICK)
    if taken is not None:

        async def take(body: bytes) -> None:
            taken.append(body)

        for kind in topology.CONSUMED[service]:
            carrier.subscribe(kind, take)
    carrier.start()
    try:
        yield carrier
    finally:
        await carrier.close()


def decided(count: int = 1) -> Envelope:
    return Envelope(id=new_id(), message=DecisionsTaken(ids=tuple(new_id() for _ in range(count))))


async def test_what_is_carried_is_taken_by_the_service_of_its_kind_and_by_one_replica(
    rabbitmq_url: str,
) -> None:
    await topology.declare(rabbitmq_url)
    one: list[bytes] = []
    other: list[bytes] = []
    sent = [decided() for _ in range(50)]
    async with (
        a_carrier(rabbitmq_url, "bot") as bot,
        a_carrier(rabbitmq_url, "scheduler", one),
        a_carrier(rabbitmq_url, "scheduler", other),
    ):
        await until(lambda: bot.is_ready)
        await asyncio.gather(*(bot.carry(envelope) for envelope in sent))
        await until(lambda: len(one) + len(other) == len(sent))
        await asyncio.sleep(0.2)
        assert sorted(one + other) == sorted(encode(envelope) for envelope in sent)
        assert one
        assert other


async def test_a_queue_keeps_what_nobody_takes_yet(rabbitmq_url: str) -> None:
    await topology.declare(rabbitmq_url)
    envelope, taken = decided(), list[bytes]()
    async with a_carrier(rabbitmq_url, "bot") as bot:
        await until(lambda: bot.is_ready)
        await bot.carry(envelope)
    async with a_carrier(rabbitmq_url, "scheduler", taken):
        await until(lambda: taken == [encode(envelope)])


async def test_without_a_queue_a_message_is_refused_and_the_health_says_what_to_run(
    rabbitmq_url: str,
) -> None:
    async with a_carrier(rabbitmq_url, "scheduler", []) as scheduler:
        await until(lambda: "bus declare" in scheduler.health.publishing)
        await until(lambda: "bus declare" in scheduler.health.consuming)
        with pytest.raises(BrokerAwayError):
            await scheduler.carry(decided())
        await topology.declare(rabbitmq_url)
        await until(lambda: not scheduler.health.publishing and not scheduler.health.consuming)


async def test_a_message_that_no_queue_takes_is_told_so(rabbitmq_url: str) -> None:
    await topology.declare(rabbitmq_url)
    connection = await aio_pika.connect(rabbitmq_url)
    async with connection, await connection.channel() as channel:
        queue = await channel.get_queue(topology.queue_of("scheduler"))
        await queue.unbind(topology.EXCHANGE, DecisionsTaken.kind)
    async with a_carrier(rabbitmq_url, "bot") as bot:
        await until(lambda: bot.is_ready)
        with pytest.raises(UnroutableError):
            await bot.carry(decided())
        await bot.carry(Envelope(id=new_id(), message=AttemptsRecorded(ids=(new_id(),))))


@pytest.mark.parametrize(
    "body",
    [
        b"\xff\xfe not even text",
        b"{}",
        encode(decided()).replace(b'"version":1', b'"version":99'),
        encode(decided()).replace(b"decisions.taken", b"customers.erased"),
        encode(Envelope(id=UUID(int=1), message=ActionsQueued(ids=(UUID(int=2),)))),
        b"x" * 1_000_000,
    ],
    ids=["bytes", "no fields", "next version", "no kind", "another's kind", "a megabyte"],
)
async def test_what_is_no_message_for_this_service_is_a_dead_letter_and_holds_up_nothing(
    rabbitmq_url: str, rabbit: Broker, body: bytes
) -> None:
    await topology.declare(rabbitmq_url)
    taken: list[bytes] = []
    good = decided()
    connection = await aio_pika.connect(rabbitmq_url)
    async with connection, a_carrier(rabbitmq_url, "scheduler", taken) as scheduler:
        channel = await connection.channel()
        await channel.default_exchange.publish(
            aio_pika.Message(body), topology.queue_of("scheduler")
        )
        await until(lambda: scheduler.is_ready)
        await scheduler.carry(good)
        await until(lambda: taken == [encode(good)])
        dead = await channel.get_queue(topology.DEAD_QUEUE)
        found = await dead.get(timeout=5)
        assert found is not None
        assert found.body == body
        await found.ack()


async def test_a_handler_whose_database_is_away_is_asked_again_until_it_is_back(
    rabbitmq_url: str,
) -> None:
    await topology.declare(rabbitmq_url)
    asked: list[bytes] = []

    async def take(body: bytes) -> None:
        asked.append(body)
        if len(asked) < 3:
            raise ConnectionError("the database is away")

    scheduler = RabbitCarrier(rabbitmq_url, "scheduler", patience=QUICK)
    scheduler.subscribe(DecisionsTaken, take)
    scheduler.start()
    await until(lambda: scheduler.is_ready)
    envelope = decided()
    await scheduler.carry(envelope)
    await until(lambda: len(asked) == 3)
    await scheduler.close()
    assert set(asked) == {encode(envelope)}


async def test_asked_to_stop_it_finishes_what_it_has_begun_and_leaves_the_rest(
    rabbitmq_url: str,
) -> None:
    await topology.declare(rabbitmq_url)
    begun, finished = asyncio.Event(), list[bytes]()

    async def take(body: bytes) -> None:
        begun.set()
        await asyncio.sleep(0.3)
        finished.append(body)

    scheduler = RabbitCarrier(rabbitmq_url, "scheduler", patience=QUICK)
    scheduler.subscribe(DecisionsTaken, take)
    scheduler.start()
    await until(lambda: scheduler.is_ready)
    first, later = decided(), decided()
    await scheduler.carry(first)
    await begun.wait()
    await scheduler.stop_consuming()
    assert finished == [encode(first)]
    await scheduler.carry(later)
    await scheduler.close()
    taken: list[bytes] = []
    async with a_carrier(rabbitmq_url, "scheduler", taken):
        await until(lambda: taken == [encode(later)])


async def test_a_wrong_password_is_told_without_showing_it(rabbitmq_url: str) -> None:
    async with a_carrier(rabbitmq_url.replace(":guest@", ":s3cret@"), "bot", []) as bot:
        await until(lambda: "password" in bot.health.publishing)
        assert "s3cret" not in bot.health.publishing


async def test_declaring_twice_changes_nothing_and_other_arguments_are_named(
    rabbitmq_url: str,
) -> None:
    assert await topology.declare(rabbitmq_url) == await topology.declare(rabbitmq_url)
    connection = await aio_pika.connect(rabbitmq_url)
    async with connection:
        channel = await connection.channel()
        await channel.queue_delete(topology.queue_of("bot"))
        await channel.declare_queue(topology.queue_of("bot"), durable=True)
    with pytest.raises(topology.WrongTopologyError, match=r"relance\.bot"):
        await topology.declare(rabbitmq_url)
