"""`relance dead-letters` as it is typed: what died is listed, replayed, dropped."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from datetime import timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID, uuid4

import aio_pika
import pytest
import sqlalchemy as sa
from aio_pika.abc import AbstractChannel
from sqlalchemy.ext.asyncio import AsyncConnection
from typer.testing import CliRunner, Result

from relance.cli.main import app
from relance.clock import MovableClock
from relance.contracts.messages import AttemptsRecorded
from relance.contracts.wire import Envelope, encode
from relance.messaging import topology
from relance.messaging.carrier import InProcessCarrier
from relance.messaging.dead import BATCH, bury, bury_unread
from relance.messaging.inbox import MOST_TRIES, Inbox
from relance.messaging.outbox import Relay
from relance.store.database import Database
from relance.store.tables import dead_letters, inbox, outbox
from relance.store.types import new_id
from tests.real.ports import free_port
from tests.world import TUESDAY

SECRET = b"Boulangerie Martin, FR76 3000 6000 0112 3456 7890 189"
HEARD = uuid4()


def run(url: str, *arguments: str, typed: str = "", broker: str = "") -> Result:
    command = ["dead-letters", *arguments, "--database", url]
    return CliRunner().invoke(app, command, input=typed, env={"RELANCE_RABBITMQ_URL": broker})


def within(url: str, work: Callable[[Database], Awaitable[Any]]) -> Any:
    async def opened() -> Any:
        database = Database(url, service="scheduler")
        try:
            return await work(database)
        finally:
            await database.close()

    return asyncio.run(opened())


def count(url: str, table: sa.Table) -> int:
    async def look(database: Database) -> int:
        async with database.read() as tx:
            return await tx.scalar(sa.select(sa.func.count()).select_from(table)) or 0

    found: int = within(url, look)
    return found


async def fail(_tx: AsyncConnection, _ids: tuple[UUID, ...]) -> None:
    raise LookupError(SECRET.decode())


async def die(database: Database) -> None:
    """A message whose handler fails until it is given up."""
    clock = MovableClock(TUESDAY)
    consumer = Inbox(database, {AttemptsRecorded: fail}, clock)
    message = AttemptsRecorded(ids=(HEARD,))
    await consumer.receive(encode(Envelope(id=uuid4(), message=message)))
    for _ in range(MOST_TRIES):
        clock.move_to(clock.now() + timedelta(hours=1))
        await consumer.tick()


async def receive_rubbish(database: Database) -> None:
    async with database.write() as tx:
        await bury_unread(tx, "scheduler", SECRET, "not a message: body", TUESDAY)


async def listen(database: Database) -> list[UUID]:
    """What a mended handler is handed from the outbox."""
    heard: list[UUID] = []

    async def hear(_tx: AsyncConnection, ids: tuple[UUID, ...]) -> None:
        heard.extend(ids)

    clock, carrier = MovableClock(TUESDAY + timedelta(days=300)), InProcessCarrier()
    Inbox(database, {AttemptsRecorded: hear}, clock).subscribe(carrier)
    relay = Relay(database, carrier, clock)
    while await relay.tick():
        pass
    return heard


def listed(url: str) -> list[dict[str, Any]]:
    letters: list[dict[str, Any]] = json.loads(run(url, "list", "--json").stdout)["letters"]
    return letters


def test_the_list_shows_what_died_and_no_data(store_url: str) -> None:
    assert run(store_url, "list").stdout == "There are no dead letters.\n"
    assert run(store_url, "list").exit_code == 0
    within(store_url, die)
    within(store_url, receive_rubbish)
    shown = run(store_url, "list")
    assert shown.exit_code == 1
    assert "attempts.recorded v1, 1 id" in shown.stdout
    assert "LookupError" in shown.stdout
    assert "no message" in shown.stdout
    as_json = run(store_url, "list", "--json")
    assert json.loads(as_json.stdout)["total"] == 2
    assert "Martin" not in shown.output + as_json.output


def test_a_replayed_message_is_taken_by_the_consumer_that_gave_it_up(store_url: str) -> None:
    within(store_url, die)
    [letter] = listed(store_url)
    replayed = run(store_url, "replay", letter["id"])
    assert replayed.exit_code == 0, replayed.output
    assert replayed.stdout == "1 message will be carried again.\n"
    assert count(store_url, dead_letters) == 0
    assert within(store_url, listen) == [HEARD]
    assert count(store_url, outbox) == 0


def test_a_message_that_fails_again_after_a_replay_is_kept_again(store_url: str) -> None:
    async def fail_again(database: Database) -> None:
        clock, carrier = MovableClock(TUESDAY + timedelta(days=300)), InProcessCarrier()
        consumer = Inbox(database, {AttemptsRecorded: fail}, clock)
        consumer.subscribe(carrier)
        await Relay(database, carrier, clock).tick()
        for _ in range(MOST_TRIES):
            clock.move_to(clock.now() + timedelta(hours=1))
            await consumer.tick()

    within(store_url, die)
    run(store_url, "replay", "--all")
    within(store_url, fail_again)
    assert count(store_url, dead_letters) == 1


def test_what_is_no_message_can_only_be_dropped(store_url: str) -> None:
    within(store_url, die)
    within(store_url, receive_rubbish)
    replayed = run(store_url, "replay", "--all")
    assert replayed.exit_code == 1
    assert "1 message will be carried again." in replayed.stdout
    [rubbish] = listed(store_url)
    assert f"{rubbish['id']} is no message of this release" in replayed.stderr
    assert count(store_url, outbox) == 1
    assert run(store_url, "drop", rubbish["id"], "--yes").exit_code == 0
    assert count(store_url, dead_letters) == 0


def test_dropping_asks_first(store_url: str) -> None:
    within(store_url, die)
    refused = run(store_url, "drop", "--all", typed="n\n")
    assert refused.exit_code == 1
    assert "Nothing was dropped." in refused.stdout
    assert count(store_url, dead_letters) == 1
    assert run(store_url, "drop", "--all", typed="y\n").exit_code == 0
    assert count(store_url, dead_letters) == 0
    assert count(store_url, inbox) == 1  # still known as done with


def test_a_letter_that_another_has_taken_is_named(store_url: str) -> None:
    within(store_url, die)
    [letter] = listed(store_url)
    assert run(store_url, "replay", letter["id"], letter["id"]).exit_code == 0
    for command in (["replay"], ["drop", "--yes"]):
        gone = run(store_url, *command, letter["id"])
        assert gone.exit_code == 1
        assert f"{letter['id']} is no dead letter, or is none any more." in gone.stderr


def test_more_than_a_batch_is_replayed(store_url: str) -> None:
    async def bury_many(database: Database) -> None:
        async with database.write() as tx:
            for _ in range(BATCH + 1):
                envelope = Envelope(id=new_id(), message=AttemptsRecorded(ids=(HEARD,)))
                body = encode(envelope)
                await bury(tx, "scheduler", envelope.id, body, "LookupError", TUESDAY)

    within(store_url, bury_many)
    assert "… 501 in all" in run(store_url, "list", "--most", "2").stdout
    replayed = run(store_url, "replay", "--all")
    assert replayed.stdout == f"{BATCH + 1} messages will be carried again.\n"
    assert count(store_url, outbox) == BATCH + 1


@pytest.mark.parametrize(
    "arguments", [["replay"], ["drop", "--all", str(HEARD)], ["replay", "first"], ["list", "x"]]
)
def test_wrong_usage_ends_with_2(sqlite_store_url: str, arguments: list[str]) -> None:
    assert run(sqlite_store_url, *arguments).exit_code == 2


def test_a_database_that_is_not_there_ends_with_2(sqlite_url: str) -> None:
    assert run(sqlite_url, "list").exit_code == 2


# What the broker keeps -----------------------------------------------------------------------


async def reject(broker: str, *bodies: bytes, queue: str = "scheduler") -> None:
    """Messages that a service refused to take."""
    await topology.declare(broker)
    async with await aio_pika.connect(broker) as connection:
        channel = await connection.channel()
        for body in bodies:
            name = topology.queue_of(queue)
            await channel.default_exchange.publish(aio_pika.Message(body), name)
            refused = await (await channel.get_queue(name)).get()
            assert refused is not None
            await refused.reject(requeue=False)
        async with asyncio.timeout(20):  # the broker moves them in its own time
            while await count_dead(channel) != len(bodies):  # noqa: ASYNC110 - it tells nobody
                await asyncio.sleep(0.05)


async def count_dead(channel: AbstractChannel) -> int:
    queue = await channel.declare_queue(topology.DEAD_QUEUE, passive=True)
    return queue.declaration_result.message_count or 0


async def most_returns(broker: str) -> int:
    async with await aio_pika.connect(broker) as connection:
        dead = await (await connection.channel()).get_queue(topology.DEAD_QUEUE)
        found = [await dead.get() for _ in range(2)]
        return max(int(str(one.headers["x-delivery-count"])) for one in found)


def on_the_broker(url: str, broker: str) -> list[dict[str, Any]]:
    shown = run(url, "list", "--json", broker=broker)
    assert SECRET.decode() not in shown.output
    letters: list[dict[str, Any]] = json.loads(shown.stdout)["letters"]
    return letters


@pytest.mark.rabbitmq
def test_what_a_service_rejected_is_listed_without_its_body(
    sqlite_store_url: str, rabbitmq_url: str
) -> None:
    message = encode(Envelope(id=uuid4(), message=AttemptsRecorded(ids=(HEARD,))))
    asyncio.run(reject(rabbitmq_url, SECRET, message))
    shown = run(sqlite_store_url, "list", broker=rabbitmq_url)
    assert shown.exit_code == 1
    assert f"{len(SECRET)} bytes, SHA-256 {sha256(SECRET).hexdigest()}" in shown.stdout
    assert "attempts.recorded v1, 1 id" in shown.stdout
    assert "Martin" not in shown.output
    assert [one["consumer"] for one in on_the_broker(sqlite_store_url, rabbitmq_url)] == [
        "scheduler",
        "scheduler",
    ]


@pytest.mark.rabbitmq
def test_looking_often_loses_nothing(sqlite_store_url: str, rabbitmq_url: str) -> None:
    asyncio.run(reject(rabbitmq_url, SECRET, b"other"))
    looked = [on_the_broker(sqlite_store_url, rabbitmq_url) for _ in range(25)]
    assert {len(letters) for letters in looked} == {2}
    assert {one["id"] for one in looked[0]} == {one["id"] for one in looked[-1]}
    # At its twentieth return RabbitMQ 4 drops a message.
    assert 0 < asyncio.run(most_returns(rabbitmq_url)) < 20


@pytest.mark.rabbitmq
def test_what_a_service_rejected_is_replayed_to_whoever_takes_it(
    sqlite_store_url: str, rabbitmq_url: str
) -> None:
    message = encode(Envelope(id=uuid4(), message=AttemptsRecorded(ids=(HEARD,))))
    asyncio.run(reject(rabbitmq_url, message, SECRET, queue="bot"))
    replayed = run(sqlite_store_url, "replay", "--all", broker=rabbitmq_url)
    assert replayed.exit_code == 1
    assert "1 message will be carried again." in replayed.stdout
    assert within(sqlite_store_url, listen) == [HEARD]
    [left] = on_the_broker(sqlite_store_url, rabbitmq_url)
    assert f"{left['id']} is no message of this release" in replayed.stderr
    dropped = run(sqlite_store_url, "drop", left["id"], "--yes", broker=rabbitmq_url)
    assert dropped.exit_code == 0, dropped.output
    assert on_the_broker(sqlite_store_url, rabbitmq_url) == []


@pytest.mark.rabbitmq
def test_dropping_one_leaves_the_others(sqlite_store_url: str, rabbitmq_url: str) -> None:
    asyncio.run(reject(rabbitmq_url, b"one", b"two", b"three"))
    name = sha256(b"two").hexdigest()[:16]
    assert run(sqlite_store_url, "drop", name, "--yes", broker=rabbitmq_url).exit_code == 0
    assert len(on_the_broker(sqlite_store_url, rabbitmq_url)) == 2
    again = run(sqlite_store_url, "drop", name, "--yes", broker=rabbitmq_url)
    assert again.exit_code == 1
    assert f"{name} is no dead letter, or is none any more." in again.stderr


def test_a_broker_that_is_away_is_said_and_the_database_is_listed(sqlite_store_url: str) -> None:
    within(sqlite_store_url, die)
    away = f"amqp://guest:s3cret@127.0.0.1:{free_port()}/"
    shown = run(sqlite_store_url, "list", broker=away)
    assert shown.exit_code == 2
    assert "attempts.recorded v1" in shown.stdout
    assert "not reachable" in shown.stderr
    assert "s3cret" not in shown.output


@pytest.mark.rabbitmq
def test_a_broker_without_the_queue_has_no_dead_letters(
    sqlite_store_url: str, rabbitmq_url: str
) -> None:
    assert run(sqlite_store_url, "list", broker=rabbitmq_url).exit_code == 0
