"""`relance doctor` as it is typed, on real databases, brokers, mail servers and a Slack."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from typing import Any

import aio_pika
import pytest
import sqlalchemy as sa
from aiosmtpd.smtp import SMTP as Server
from aiosmtpd.smtp import AuthResult, LoginPassword
from typer.testing import CliRunner, Result

from relance.cli.checkups.machine import reads_headers_from_words
from relance.cli.checkups.store import unusable
from relance.cli.main import app
from relance.messaging import topology
from relance.store import schema
from relance.store.database import Database
from relance.store.tables import organisations
from tests.post_office import PostOffice, a_post_office, hang_up
from tests.real.ports import free_port
from tests.real.rabbitmq import Broker, PrivateNode, text
from tests.real.run import Run
from tests.scenarios.office import an_office
from tests.world import a_world

NOTHING = {
    "RELANCE_RABBITMQ_URL": "",
    "RELANCE_SMTP_HOST": "",
    "SLACK_BOT_TOKEN": "",
    "SLACK_APP_TOKEN": "",
}
Remarks = dict[str, list[tuple[str, str]]]


def doctor(url: str, *arguments: str, **settings: str) -> Result:
    command = ["doctor", *arguments, "--database", url]
    return CliRunner().invoke(app, command, env=NOTHING | settings)


def remarks(url: str, **settings: str) -> Remarks:
    """What is said, with its state, by part."""
    said = doctor(url, "--json", **settings)
    found: Remarks = {}
    for one in json.loads(said.stdout)["remarks"]:
        sentence = f"{one['says']} {one['mend'] or ''}".strip()
        found.setdefault(one["part"], []).append((one["state"], sentence))
    wrong = any(state == "wrong" for of in found.values() for state, _ in of)
    assert said.exit_code == (1 if wrong else 0)
    return found


def wrong(found: Remarks, part: str) -> str:
    """Everything that is wrong with it."""
    return "\n".join(sentence for state, sentence in found.get(part, ()) if state == "wrong")


def said(found: Remarks, part: str) -> str:
    return "\n".join(f"{state}: {sentence}" for state, sentence in found.get(part, ()))


def migrated(url: str, revision: str = "head") -> str:
    async def upgrade() -> None:
        database = Database(url, service="scheduler")
        await schema.upgrade(database, revision)
        await database.close()

    asyncio.run(upgrade())
    return url


def executed(url: str, statement: sa.Executable) -> None:
    async def execute() -> None:
        database = Database(url, service="scheduler")
        async with database.write() as tx:
            await tx.execute(statement)
        await database.close()

    asyncio.run(execute())


# The database ------------------------------------------------------------------------------------


def test_where_nothing_is_wrong_it_ends_with_0(sqlite_url: str) -> None:
    well = doctor(migrated(sqlite_url))
    assert well.exit_code == 0, well.output
    assert "Its schema is this release's." in well.stdout
    assert "It writes ahead (WAL)" in well.stdout
    assert "RELANCE_RABBITMQ_URL is not set" in well.stdout


@pytest.mark.postgresql
def test_a_server_that_may_lose_commits_is_wrong(postgres_url: str) -> None:
    found = remarks(migrated(postgres_url))
    assert "synchronous_commit and fsync off" in wrong(found, "database")
    assert "ok: PostgreSQL 1" in said(found, "database")
    assert "connections are left" in said(found, "database")
    assert "ok: The database server's agrees." in said(found, "clock")


@pytest.mark.postgresql
def test_another_isolation_is_wrong(postgres_url: str) -> None:
    migrated(postgres_url)
    name = sa.make_url(postgres_url).database
    level = "SET default_transaction_isolation = 'serializable'"
    executed(postgres_url, sa.text(f"ALTER DATABASE {name} {level}"))
    assert "serializable by default" in wrong(remarks(postgres_url), "database")


def test_what_is_not_there_or_is_empty_is_told_with_what_to_do(database_url: str) -> None:
    found = wrong(remarks(database_url), "database")
    assert "relance init" in found
    migrated(database_url)
    assert "relance init" not in wrong(remarks(database_url), "database")


def test_an_earlier_schema_is_wrong_and_a_later_one_is_not(database_url: str) -> None:
    migrated(database_url, "0001")
    assert "relance db upgrade" in wrong(remarks(database_url), "database")
    migrated(database_url)
    executed(database_url, sa.text("UPDATE alembic_version SET version_num = '9999'"))
    found = remarks(database_url)
    assert "schema" not in wrong(found, "database")
    assert "note: Its schema is of the next release" in said(found, "database")


def test_an_organisation_whose_settings_cannot_be_is_named(sqlite_url: str) -> None:
    async def found() -> None:
        async with a_world(sqlite_url):
            pass

    migrated(sqlite_url)
    asyncio.run(found())
    executed(sqlite_url, sa.update(organisations).values(zone="Europe/Nowhere"))
    assert "Europe/Nowhere" in wrong(remarks(sqlite_url), "database")


@pytest.mark.postgresql
def test_a_database_that_may_only_be_read_is_wrong(postgres_url: str) -> None:
    name = sa.make_url(migrated(postgres_url)).database
    read_only = "SET default_transaction_read_only = on"
    executed(postgres_url, sa.text(f"ALTER DATABASE {name} {read_only}"))
    assert "It cannot be written" in wrong(remarks(postgres_url), "database")


def test_a_server_that_is_away_is_told_without_the_password(sqlite_url: str) -> None:
    away = f"postgresql+psycopg://relance:s3cret@127.0.0.1:{free_port()}/relance"
    shown = doctor(away)
    assert shown.exit_code == 1
    assert "It cannot be used: connection failed" in shown.stdout
    assert "s3cret" not in shown.output


def test_an_address_that_is_none_is_told() -> None:
    assert "is no address" in wrong(remarks("oracle://x"), "database")
    assert "is no address" in wrong(remarks("sqlite+aiosqlite://"), "database")


def test_a_refused_password_is_one_plain_sentence() -> None:
    said = 'connection failed: FATAL:  password authentication failed for user "relance"\nmore'
    assert unusable(said).says == "It refuses the user or the password of RELANCE_DATABASE_URL."


# The broker --------------------------------------------------------------------------------------


@pytest.mark.rabbitmq
def test_a_broker_without_queues_is_told_what_to_run(
    sqlite_store_url: str, rabbitmq_url: str
) -> None:
    found = remarks(sqlite_store_url, RELANCE_RABBITMQ_URL=rabbitmq_url)
    for name in ("relance.scheduler", "relance.dispatcher", "relance.bot", "relance.dead"):
        assert f"There is no queue {name}. relance bus declare" in wrong(found, "broker")
    assert "ok: RabbitMQ" in said(found, "broker")


@pytest.mark.rabbitmq
def test_declared_queues_are_well_and_nobody_who_takes_is_a_note(
    sqlite_store_url: str, rabbitmq_url: str
) -> None:
    asyncio.run(topology.declare(rabbitmq_url))
    found = remarks(sqlite_store_url, RELANCE_RABBITMQ_URL=rabbitmq_url)
    assert wrong(found, "broker") == ""
    assert "ok: It confirms messages." in said(found, "broker")
    assert "note: relance.bot: nobody takes from it, 0 messages wait." in said(found, "broker")


@pytest.mark.rabbitmq
def test_a_queue_declared_otherwise_is_named(sqlite_store_url: str, rabbitmq_url: str) -> None:
    async def declare() -> None:
        await topology.declare(rabbitmq_url)
        async with await aio_pika.connect(rabbitmq_url) as connection:
            channel = await connection.channel()
            await channel.queue_delete("relance.bot")
            await channel.declare_queue("relance.bot", durable=True)

    asyncio.run(declare())
    found = wrong(remarks(sqlite_store_url, RELANCE_RABBITMQ_URL=rabbitmq_url), "broker")
    assert "The queue relance.bot was declared with other arguments" in found
    assert "relance.scheduler" not in found


@pytest.mark.rabbitmq
def test_a_user_who_may_declare_nothing_can_look(
    sqlite_store_url: str, rabbitmq_url: str, rabbit: Broker
) -> None:
    asyncio.run(topology.declare(rabbitmq_url))
    vhost = rabbitmq_url.rpartition("/")[2]
    rabbit.call("PUT", f"users/{vhost}", {"password": "s3cret", "tags": ""})
    rights = {"configure": "", "write": "relance.*|amq.default", "read": "relance.*"}
    rabbit.call("PUT", f"permissions/{vhost}/{vhost}", rights)
    try:
        url = rabbitmq_url.replace("guest:guest", f"{vhost}:s3cret")
        found = remarks(sqlite_store_url, RELANCE_RABBITMQ_URL=url)
    finally:
        rabbit.call("DELETE", f"users/{vhost}")
    assert wrong(found, "broker") == ""


@pytest.mark.rabbitmq
@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        (":guest@", ":s3cret@", "refuses the user or the password"),
        ("/relance-", "/nowhere-", "virtual host"),
        ("amqp://", "http://", "is no address of a broker"),
    ],
)
def test_a_wrong_broker_is_told_without_its_password(
    sqlite_store_url: str, rabbitmq_url: str, old: str, new: str, sentence: str
) -> None:
    shown = doctor(sqlite_store_url, RELANCE_RABBITMQ_URL=rabbitmq_url.replace(old, new))
    assert shown.exit_code == 1
    assert sentence in " ".join(shown.stdout.split())
    assert "s3cret" not in shown.output


@pytest.mark.rabbitmq
def test_a_memory_alarm_is_told(sqlite_store_url: str, run: Run) -> None:
    with closing(PrivateNode(run)) as node:
        node.start()
        url = text(node.broker.url)
        asyncio.run(topology.declare(url))
        node.raise_alarm()
        found = remarks(sqlite_store_url, RELANCE_RABBITMQ_URL=url)
    assert "It takes no message: a memory or a disk alarm." in wrong(found, "broker")


# The mail server and Slack -----------------------------------------------------------------------


async def looked_at(url: str, **settings: str) -> Remarks:
    """From a thread: the servers of the test answer meanwhile."""
    return await asyncio.to_thread(lambda: remarks(url, **settings))


def mail(port: int, **settings: str) -> dict[str, str]:
    return {"RELANCE_SMTP_HOST": "127.0.0.1", "RELANCE_SMTP_PORT": str(port)} | settings


@asynccontextmanager
async def a_guarded_post_office() -> AsyncIterator[int]:
    """One that takes a password; its port."""
    connections: list[Server] = []

    def check(*given: Any) -> AuthResult:
        data = given[-1]
        right = isinstance(data, LoginPassword) and data.password == b"right"
        return AuthResult(success=right, handled=False)

    def connected() -> Server:
        office = PostOffice()
        connections.append(
            Server(office, hostname="post.test", authenticator=check, auth_require_tls=False)
        )
        return connections[-1]

    listener = await asyncio.get_running_loop().create_server(connected, "127.0.0.1", 0)
    try:
        yield listener.sockets[0].getsockname()[1]
    finally:
        listener.close()
        for server in connections:
            hang_up(server)
        await asyncio.sleep(0)


@pytest.mark.asyncio
async def test_a_mail_server_is_greeted_and_gets_no_mail(sqlite_store_url: str) -> None:
    async with a_post_office() as office:
        found = await looked_at(sqlite_store_url, **mail(office.port, RELANCE_SMTP_TLS="none"))
        assert f"ok: 127.0.0.1:{office.port} answers (none), without" in said(found, "mail server")
        found = await looked_at(sqlite_store_url, **mail(office.port))
        assert "It offers no STARTTLS" in wrong(found, "mail server")
        found = await looked_at(sqlite_store_url, **mail(office.port, RELANCE_SMTP_TLS="tls"))
        assert "TLS" in wrong(found, "mail server")
        assert office.mails == []


@pytest.mark.asyncio
async def test_a_wrong_mail_password_is_told(sqlite_store_url: str) -> None:
    async with a_guarded_post_office() as port:
        login = mail(port, RELANCE_SMTP_TLS="none", RELANCE_SMTP_USER="relance")
        right = await looked_at(sqlite_store_url, **login, RELANCE_SMTP_PASSWORD="right")
        assert "and the login works" in said(right, "mail server")
        assert "unencrypted" in said(right, "settings")
        found = await looked_at(sqlite_store_url, **login, RELANCE_SMTP_PASSWORD="s3cret")
        assert "refuses RELANCE_SMTP_USER or RELANCE_SMTP_PASSWORD" in wrong(found, "mail server")
        assert "s3cret" not in str(found)


@pytest.mark.asyncio
async def test_both_tokens_are_tried_at_slack(sqlite_store_url: str) -> None:
    async with an_office(sqlite_store_url) as office:
        tokens = {
            "SLACK_BOT_TOKEN": office.sandbox.bot_token,
            "SLACK_APP_TOKEN": office.sandbox.app_token,
            "SLACK_API_URL": office.sandbox.slack_api_url,
        }
        found = await looked_at(sqlite_store_url, **tokens)
        assert "ok: It takes both tokens" in said(found, "slack")
        for name in ("SLACK_BOT_TOKEN", "SLACK_APP_TOKEN"):
            bad = tokens | {name: tokens[name][:5] + "unknown"}
            found = await looked_at(sqlite_store_url, **bad)
            assert f"{name}: invalid_auth." in wrong(found, "slack")
            assert "unknown" not in str(found)
        away = tokens | {"SLACK_API_URL": "http://127.0.0.1:9/api/"}
        assert "Slack cannot be reached" in wrong(
            await looked_at(sqlite_store_url, **away), "slack"
        )


# Settings and machine ----------------------------------------------------------------------------


def test_each_wrong_setting_is_named_as_the_environment_has_it(sqlite_store_url: str) -> None:
    found = remarks(
        sqlite_store_url, RELANCE_SMTP_PORT="many", RELANCE_LOG_LEVEL="loud", RELANCE_SMPT_HOST="x"
    )
    assert "RELANCE_SMTP_PORT: " in wrong(found, "settings")
    assert "RELANCE_LOG_LEVEL: " in wrong(found, "settings")
    assert "Did you mean RELANCE_SMTP_HOST?" in said(found, "settings")
    assert "many" not in str(found)
    assert {"clock", "python"} <= {*found}  # what needs no settings is looked at


def test_the_standard_librarys_flaw_is_a_note(sqlite_store_url: str) -> None:
    state = "note" if reads_headers_from_words() else "ok"
    assert said(remarks(sqlite_store_url), "python").startswith(f"{state}: ")
