"""Wrong passwords, wrong queues, another release: said in a sentence, no secret shown, no trace."""

import asyncio
import os
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, closing
from pathlib import Path

import aio_pika
import pytest
import sqlalchemy as sa
from aiosmtpd.smtp import SMTP, AuthResult
from sqlalchemy import URL

from relance.contracts.messages import AttemptsRecorded
from relance.contracts.wire import Envelope, encode
from relance.messaging import topology
from relance.store.types import new_id
from tests.real.firm import RELANCE, SLOWLY, Firm, Service, a_firm, relance, until
from tests.real.nursery import a_nursery
from tests.real.postgres import PASSWORD, PrivateServer, fresh_database
from tests.real.rabbitmq import text
from tests.real.run import Run

pytestmark = [pytest.mark.asyncio, pytest.mark.postgresql, pytest.mark.rabbitmq]

HUSH = "hush-hush"
SERVICES = ("scheduler", "dispatcher", "bot")


@pytest.fixture(scope="module")
def guarded_server(run: Run) -> Iterator[URL]:
    """A PostgreSQL that asks for a password."""
    with closing(PrivateServer(run)) as server:
        server.start()
        yield server.url


@pytest.fixture
def guarded_url(guarded_server: URL) -> Iterator[str]:
    with fresh_database(guarded_server) as url:
        yield text(url)


def with_wrong_password(url: str) -> str:
    return url.replace(f":{PASSWORD}@", f":{HUSH}@").replace(":guest@", f":{HUSH}@")


async def test_up_and_bus_declare_say_which_password_or_queue_is_wrong(
    guarded_url: str, rabbitmq_url: str, tmp_path: Path
) -> None:
    async with a_firm(guarded_url, tmp_path, rabbitmq_url) as firm:
        no_database = {"RELANCE_DATABASE_URL": with_wrong_password(guarded_url)}
        no_broker = {"RELANCE_RABBITMQ_URL": with_wrong_password(rabbitmq_url)}
        nowhere = {"RELANCE_RABBITMQ_URL": f"{rabbitmq_url}-elsewhere"}
        refused = "RabbitMQ refuses the user or the password of RELANCE_RABBITMQ_URL."
        await is_refused(firm, "password authentication failed", "up", **no_database)
        for words in (("up",), ("bus", "declare")):
            await is_refused(firm, refused, *words, **no_broker)
            await is_refused(firm, "the virtual host of RELANCE_RABBITMQ_URL", *words, **nowhere)
        await declare_otherwise(rabbitmq_url, topology.queue_of("bot"))
        for words in (("up",), ("bus", "declare")):
            await is_refused(firm, "has “relance.bot” already, declared with other", *words)


async def is_refused(firm: Firm, said: str, *words: str, **settings: str) -> None:
    ended = await firm.relance(*words, **settings)
    assert ended.code == 1, ended.said
    assert said in ended.said
    assert HUSH not in ended.said
    assert "Traceback" not in ended.said
    assert len(ended.said.strip().splitlines()) == 1, ended.said


async def declare_otherwise(url: str, queue: str) -> None:
    async with await aio_pika.connect(url) as connection:
        channel = await connection.channel()
        await channel.queue_delete(queue)
        await channel.declare_queue(queue, durable=True)


@pytest.mark.parametrize("service", SERVICES)
async def test_a_service_says_once_which_password_is_wrong_waits_and_ends_when_asked(
    guarded_url: str, rabbitmq_url: str, tmp_path: Path, service: str
) -> None:
    async with a_firm(guarded_url, tmp_path, rabbitmq_url) as firm, a_gruff_mail_server() as port:
        await firm.done("bus", "declare")
        database, broker = with_wrong_password(guarded_url), with_wrong_password(rabbitmq_url)
        mail = {"RELANCE_SMTP_USER": "relance", "RELANCE_SMTP_PASSWORD": HUSH}
        mail["RELANCE_SMTP_PORT"] = str(port)
        waits = [
            await firm.begin(service, RELANCE_DATABASE_URL=database),
            await firm.begin(service, RELANCE_RABBITMQ_URL=broker, **mail),
        ]
        await says(firm, waits[0], "the user or the password of RELANCE_DATABASE_URL")
        await says(firm, waits[1], "the user or the password of RELANCE_RABBITMQ_URL")
        if service == "dispatcher":
            await says(firm, waits[1], "refuses RELANCE_SMTP_USER or RELANCE_SMTP_PASSWORD (535)")
        assert [await waiting.stop() for waiting in waits] == [0, 0]
        logs = [waiting.log.read_text("utf-8") for waiting in waits]
        assert logs[0].count("RELANCE_DATABASE_URL") == 1
        assert "Traceback" not in "".join(logs)
        assert HUSH not in "".join(logs)


async def says(firm: Firm, service: Service, sentence: str) -> None:
    async def it_is_said(_firm: Firm) -> bool:
        return sentence in service.log.read_text("utf-8")

    await until(firm, it_is_said)


@asynccontextmanager
async def a_gruff_mail_server() -> AsyncIterator[int]:
    """Its port; nobody may log in."""

    def line() -> SMTP:
        nobody = AuthResult(success=False, handled=False)
        return SMTP(
            object(),
            hostname="post.test",
            authenticator=lambda *_: nobody,
            auth_require_tls=False,
        )

    listener = await asyncio.get_running_loop().create_server(line, "127.0.0.1", 0)
    async with listener:
        yield listener.sockets[0].getsockname()[1]


async def test_a_token_that_slack_refuses_ends_the_bot_with_a_sentence(
    postgres_url: str, rabbitmq_url: str, tmp_path: Path
) -> None:
    async with a_firm(postgres_url, tmp_path, rabbitmq_url) as firm:
        await is_refused(firm, "SLACK_BOT_TOKEN: invalid_auth", "bot", SLACK_BOT_TOKEN="xoxb-x")


@pytest.mark.parametrize("words", [("up",), *((service,) for service in SERVICES)])
async def test_what_is_no_address_is_refused_before_anything_starts(
    tmp_path: Path, words: tuple[str]
) -> None:
    sound = {"RELANCE_RABBITMQ_URL": "amqp://guest:guest@127.0.0.1:1/", "RELANCE_SMTP_HOST": "x"}
    for setting, address, said in (
        ("RELANCE_DATABASE_URL", f"nonsense:{HUSH}", "not one that Relance takes"),
        ("RELANCE_RABBITMQ_URL", f"http://me:{HUSH}@x", "must begin with amqp://"),
        ("RELANCE_RABBITMQ_URL", "", "RELANCE_RABBITMQ_URL is not set"),
    ):
        ended = await relance(*words, folder=tmp_path, **sound | {setting: address})
        assert ended.code == 1
        assert said in ended.said
        assert HUSH not in ended.said
        assert "Traceback" not in ended.said


async def test_two_that_make_ready_at_once_both_run(
    postgres_url: str, rabbitmq_url: str, tmp_path: Path
) -> None:
    """On a database that is empty and a broker without queues."""
    settings = {
        "RELANCE_DATABASE_URL": postgres_url,
        "RELANCE_RABBITMQ_URL": rabbitmq_url,
        "RELANCE_SMTP_HOST": "127.0.0.1",
    }
    ups = [
        await asyncio.create_subprocess_exec(
            *(RELANCE, "up", "--dispatchers", "0", "--bots", "0"),
            cwd=tmp_path,
            env=os.environ | settings,
            stdout=asyncio.subprocess.PIPE,
        )
        for _ in range(2)
    ]
    for up in ups:
        assert up.stdout is not None
        async with asyncio.timeout(SLOWLY):
            assert b"Running scheduler" in await up.stdout.readline()
        up.terminate()
    assert [await up.wait() for up in ups] == [0, 0]


async def test_beside_the_next_release_this_one_goes_on_and_its_messages_go_to_the_dead_letters(
    postgres_url: str, rabbitmq_url: str, tmp_path: Path
) -> None:
    async with a_firm(postgres_url, tmp_path, rabbitmq_url) as firm, a_nursery(firm) as nursery:
        await firm.has(5)
        await firm.done("bus", "declare")
        async with firm.databases.scheduler.write() as tx:
            await tx.execute(sa.text("update alembic_version set version_num = 'next'"))
        assert "the next release's" in await firm.done("db", "upgrade")
        mine = Envelope(id=new_id(), message=AttemptsRecorded(ids=(new_id(),)))
        body = encode(mine).replace(b'"version":1', b'"version":2')
        async with await aio_pika.connect(rabbitmq_url) as connection:
            channel = await connection.channel()
            exchange = await channel.get_exchange(topology.EXCHANGE)
            await exchange.publish(aio_pika.Message(body), AttemptsRecorded.kind)
            children = [await nursery.start(service) for service in SERVICES]
            await firm.sandbox.mailbox.received(5, within=SLOWLY)
            dead = await channel.get_queue(topology.DEAD_QUEUE)
            async with asyncio.timeout(SLOWLY):
                while (found := await dead.get(fail=False)) is None:  # noqa: ASYNC110 - a queue's first message tells nobody who only looks
                    await asyncio.sleep(0.1)
            assert found.body == body
            await found.ack()
        assert [await child.stop() for child in children] == [0, 0, 0]
        log = nursery.log.read_text("utf-8")
        assert log.count("schema_of_the_next_release") == 3
        assert "no known kind and version" in log
