"""Broker, database, memory, disk and clock fail: the services say so, and go on by themselves."""

import asyncio
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, closing
from pathlib import Path
from typing import Any
from uuid import UUID

import aio_pika
import pytest
import sqlalchemy as sa
from aio_pika.abc import AbstractQueue

from relance.contracts.messages import (
    ActionsChanged,
    ActionsQueued,
    AttemptsRecorded,
    DecisionsAnswered,
    DecisionsTaken,
    Message,
)
from relance.contracts.wire import Envelope, decode, encode
from relance.messaging import topology
from relance.store.tables import actions, attempts, cases, decisions, inbox, outbox
from relance.store.types import new_id
from tests.contract.test_hostile_messages import HOSTILE
from tests.real.firm import OWNERS, Firm, a_firm, mailbox, says_no_data, until, user
from tests.real.nursery import Nursery, a_nursery
from tests.real.ports import free_port
from tests.real.postgres import PrivateServer
from tests.real.rabbitmq import PrivateNode, text
from tests.real.run import Run
from tests.real.storm import asked_of, remind_some

pytestmark = [pytest.mark.asyncio, pytest.mark.postgresql, pytest.mark.rabbitmq]

SERVICES = ("scheduler", "dispatcher", "bot")
FIRST, HALF, ALL = 3, 6, 9
A_MINUTE_OR_TWO = 120.0  # seconds: the polls of dispatcher and scheduler, on a busy machine


@asynccontextmanager
async def a_firm_at_work(url: str, rabbitmq_url: str, folder: Path) -> AsyncIterator[Nursery]:
    """A service of each; three customers have had their mail, six are still to be due.

    Every third is reminded by hand.
    """
    async with a_firm(url, folder, rabbitmq_url) as firm:
        await firm.reminds_by_hand(every=3)
        await firm.done("bus", "declare")
        await firm.done("import", *firm.ledger(ALL))
        async with a_nursery(firm) as nursery:
            for service in SERVICES:
                await nursery.start(service)
            await remind_some(firm, FIRST)
            await until(firm, this_many_are_sent(FIRST))
            yield nursery
            assert [await child.stop() for child in nursery.alive] == [0, 0, 0]
        mails = Counter(to for mail in firm.sandbox.mailbox.mails for to in mail.envelope_to)
        assert mails == Counter(mailbox(n) for n in range(1, ALL + 1))
        says_no_data(nursery.log.read_text("utf-8"))


def this_many_are_sent(count: int) -> Callable[[Firm], Any]:
    """Clicks for whoever is asked; nothing else is on its way, so much is carried out."""

    async def so_many_are_sent(firm: Firm) -> bool:
        for owner in range(OWNERS):
            for card in asked_of(firm, owner):
                await firm.sandbox.as_member(user(owner)).press(card.channel, card.ts, card.verb)
        made = await firm.rows(actions)
        return len(made) == count and {row.state for row in made} == {"executed"}

    return so_many_are_sent


async def nothing_waits_to_be_carried(firm: Firm) -> bool:
    return not await firm.rows(outbox)


async def test_without_the_broker_sends_and_clicks_go_on_and_it_needs_nobody_when_it_is_back(
    run: Run, postgres_url: str, tmp_path: Path
) -> None:
    with closing(PrivateNode(run)) as node:
        await asyncio.to_thread(node.start)
        async with a_firm_at_work(postgres_url, text(node.broker.url), tmp_path) as nursery:
            await asyncio.to_thread(node.kill)
            await nursery.says("broker_away")
            await remind_some(nursery.firm, ALL)
            await until(nursery.firm, this_many_are_sent(ALL), within=A_MINUTE_OR_TWO)
            assert await nursery.firm.rows(outbox)
            await asyncio.to_thread(node.start)
            await until(nursery.firm, nothing_waits_to_be_carried)
        log = nursery.log.read_text("utf-8")
        assert log.count("broker_away") <= 2 * len(SERVICES), "it is said again and again"


async def test_without_the_database_services_say_so_once_and_go_on_when_it_is_back(
    run: Run, rabbitmq_url: str, tmp_path: Path
) -> None:
    with closing(PrivateServer(run)) as server:
        server.start()
        async with a_firm_at_work(text(server.url), rabbitmq_url, tmp_path) as nursery:
            server.crash()
            await nursery.says("tick_failed")
            late = await nursery.start("dispatcher")
            await nursery.says("database_waited_for")
            await asyncio.sleep(5)
            said = nursery.log.read_text("utf-8")
            assert said.count("tick_failed") <= 7, said
            assert said.count("database_waited_for") == 1
            assert await late.stop() == 0
            server.start()
            await remind_some(nursery.firm, ALL)
            await until(nursery.firm, this_many_are_sent(ALL))
            await nursery.says("tick_works_again")


async def test_asked_to_end_without_the_database_services_do(
    run: Run, rabbitmq_url: str, tmp_path: Path
) -> None:
    with closing(PrivateServer(run)) as server:
        server.start()
        async with a_firm(text(server.url), tmp_path, rabbitmq_url) as firm:
            await firm.done("bus", "declare")
            async with a_nursery(firm) as nursery:
                children = [await nursery.start(service) for service in SERVICES]
                await nursery.says("broker_confirms")
                server.crash()
                await nursery.says("tick_failed")
                assert [await child.stop() for child in children] == [0, 0, 0]
                assert "Traceback" not in nursery.log.read_text("utf-8")


async def test_while_the_broker_has_no_memory_sends_go_on_and_readiness_tells(
    run: Run, postgres_url: str, tmp_path: Path
) -> None:
    with closing(PrivateNode(run)) as node:
        await asyncio.to_thread(node.start)
        async with a_firm_at_work(postgres_url, text(node.broker.url), tmp_path) as nursery:
            port = free_port()
            extra = await nursery.start("scheduler", port=port)
            await until(nursery.firm, readiness(port, ""))
            await asyncio.to_thread(node.control, "set_vm_memory_high_watermark", "0.00001")
            await remind_some(nursery.firm, ALL)
            await until(nursery.firm, this_many_are_sent(ALL), within=A_MINUTE_OR_TWO)
            await until(nursery.firm, readiness(port, "RabbitMQ takes nothing: no answer in time."))
            await asyncio.to_thread(node.control, "set_vm_memory_high_watermark", "0.6")
            await until(nursery.firm, nothing_waits_to_be_carried)
            await until(nursery.firm, readiness(port, ""))
            assert await extra.stop() == 0


def readiness(port: int, ails: str) -> Callable[[Firm], Any]:
    async def it_is_ready_or_says_why(_firm: Firm) -> bool:
        status, said = await asyncio.to_thread(read, f"http://127.0.0.1:{port}/readyz")
        return status == (503 if ails else 200) and ails in said

    return it_is_ready_or_says_why


def read(address: str) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(address, timeout=10) as answer:  # noqa: S310 - our own address
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as refused:
        return refused.code, refused.read().decode()
    except OSError as error:
        return 0, str(error)


async def test_with_the_disk_full_nothing_is_half_done_and_all_goes_on_when_there_is_room(
    postgres_url: str, rabbitmq_url: str, tmp_path: Path
) -> None:
    async with a_firm_at_work(postgres_url, rabbitmq_url, tmp_path) as nursery:
        firm = nursery.firm
        await fill_the_disk(firm, "actions")
        await remind_some(firm, ALL)
        await nursery.says('"service": "sweep", "error": "DiskFull"')
        assert len(await firm.rows(actions)) == FIRST
        await fill_the_disk(firm, "attempts")
        await make_room(firm, "actions")
        await nursery.says('"service": "dispatch", "error": "DiskFull"')
        assert len(await firm.rows(attempts)) == FIRST
        assert len(firm.sandbox.mailbox.mails) == FIRST
        assert not await firm.rows(cases, cases.c.resting == "fault")
        await make_room(firm, "attempts")
        await until(firm, this_many_are_sent(ALL))


async def fill_the_disk(firm: Firm, table: str) -> None:
    """As PostgreSQL says it: the table takes no further row."""
    full = (
        "create or replace function full_disk() returns trigger language plpgsql as $$ begin raise"
        " 'could not extend file: No space left on device' using errcode = 'disk_full'; end $$"
    )
    async with firm.databases.scheduler.write() as tx:
        await tx.execute(sa.text(full))
        await tx.execute(
            sa.text(
                f"create trigger full_disk before insert on {table}"
                " for each row execute function full_disk()"
            )
        )


async def make_room(firm: Firm, table: str) -> None:
    async with firm.databases.scheduler.write() as tx:
        await tx.execute(sa.text(f"drop trigger full_disk on {table}"))


@pytest.mark.parametrize("hours", [1, 30])
async def test_a_clock_that_jumps_back_sends_nothing_twice_and_keeps_nobody_waiting(
    postgres_url: str, rabbitmq_url: str, tmp_path: Path, hours: int
) -> None:
    async with a_firm_at_work(postgres_url, rabbitmq_url, tmp_path) as nursery:
        nursery.set_clock_wrong(hours * 3_600)
        await remind_some(nursery.firm, HALF - FIRST)
        await until(nursery.firm, this_many_are_sent(HALF))
        nursery.set_clock_wrong(0)
        await remind_some(nursery.firm, ALL)
        await until(nursery.firm, this_many_are_sent(ALL))


async def test_forged_and_replayed_messages_change_nothing(
    postgres_url: str, rabbitmq_url: str, tmp_path: Path
) -> None:
    """Each kind with the identifiers of every kind of row, and last week's once more."""
    async with a_firm_at_work(postgres_url, rabbitmq_url, tmp_path) as nursery:
        firm = nursery.firm
        await remind_some(firm, ALL)
        await until(firm, this_many_are_sent(ALL))
        await until(firm, nothing_waits_to_be_carried)
        before = await everything(firm)
        async with await aio_pika.connect(rabbitmq_url) as connection:
            channel = await connection.channel()
            exchange = await channel.get_exchange(topology.EXCHANGE)
            for body in [*await forged(firm), *await replayed(firm)]:
                kind = decode(body).message.kind
                await exchange.publish(aio_pika.Message(body), kind)
            for service in SERVICES:
                for body in HOSTILE.values():
                    queue = topology.queue_of(service)
                    await channel.default_exchange.publish(aio_pika.Message(body), queue)
            dead = await channel.get_queue(topology.DEAD_QUEUE)
            for _ in range(len(SERVICES) * len(HOSTILE)):
                await until(firm, one_leaves(dead))
        await until(firm, nothing_waits_to_be_carried)
        assert await everything(firm) == before


def one_leaves(queue: AbstractQueue) -> Callable[[Firm], Any]:
    async def it_has_one(_firm: Firm) -> bool:
        return await queue.get(no_ack=True, fail=False) is not None

    return it_has_one


async def forged(firm: Firm) -> list[bytes]:
    ids = [
        row.id for table in (actions, attempts, decisions, cases) for row in await firm.rows(table)
    ]
    kinds: tuple[type[Message], ...] = (
        ActionsQueued,
        ActionsChanged,
        AttemptsRecorded,
        DecisionsTaken,
        DecisionsAnswered,
    )
    return [encode(Envelope(id=new_id(), message=kind(ids=tuple(ids)))) for kind in kinds]


async def replayed(firm: Firm) -> list[bytes]:
    """Messages that the scheduler has taken, with the identifiers that they had."""
    [attempt, *_] = await firm.rows(attempts)
    taken: list[UUID] = [row.message_id for row in await firm.rows(inbox)]
    return [encode(Envelope(id=key, message=AttemptsRecorded(ids=(attempt.id,)))) for key in taken]


async def everything(firm: Firm) -> list[Any]:
    return [
        sorted((row.id, row.state, row.version) for row in await firm.rows(actions)),
        sorted((row.id, row.outcome) for row in await firm.rows(attempts)),
        sorted(row.id for row in await firm.rows(decisions)),
        len(firm.sandbox.mailbox.mails),
        [len(firm.sandbox.as_member(user(n)).messages()) for n in range(OWNERS)],
    ]
