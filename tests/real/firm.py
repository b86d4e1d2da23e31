"""A company as it really runs: set up by the commands, its services a process that can be killed.

The sandbox, in Slack's and the mail server's place, lives on in the test's own process.
"""

import asyncio
import os
import re
import signal
import sys
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa
import yaml

from relance.embedded import Databases, open_databases
from relance.store.tables import attempts, cards, cases, inbox, organisations, outbox
from relance_sandbox import Member, Sandbox, app_of_manifest
from relance_scheduler.founding import NewMember, add_members
from tests.real.run import finish

RELANCE = Path(sys.executable).with_name("relance")
MANIFEST = Path(__file__).parents[2] / "services/bot/manifest.yaml"
TEAM, ADA = "T1", "U0000"
OWNERS = 12  # so many, as one card a second is what a person gets
DATA = ("Client Number", "Nadia", "Quay Road", "@client", "@lumen", "xoxb-", "xapp-")
SLOWLY = 30.0  # seconds; a busy machine is no bug

BY_HAND = "each-by-hand"
CUSTOMERS = "reference,name,account_manager,address,plan\n"
CONTACTS = "customer,contact,contact_name,email,main\n"
ITEMS = "customer,number,kind,issued_on,due_on,currency,amount\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finished:
    """How a command ended, and all it said."""

    code: int
    said: str


@dataclass(kw_only=True)
class Firm:
    """In UTC, sending at any hour of any day, so that no test depends on when it runs."""

    url: str
    folder: Path
    sandbox: Sandbox
    databases: Databases
    rabbitmq_url: str = ""
    smtp_port: int = 0  # of a mail server in the sandbox's place
    by_hand_every: int = 0  # so many customers, and the last of them is reminded by hand
    running: list["Service"] = field(default_factory=list)

    @property
    def settings(self) -> dict[str, str]:
        return {
            "RELANCE_RABBITMQ_URL": self.rabbitmq_url,
            "RELANCE_DATABASE_URL": self.url,
            "RELANCE_SMTP_HOST": self.sandbox.smtp_host,
            "RELANCE_SMTP_PORT": str(self.smtp_port or self.sandbox.smtp_port),
            "RELANCE_SMTP_TLS": "none",
            "SLACK_BOT_TOKEN": self.sandbox.bot_token,
            "SLACK_APP_TOKEN": self.sandbox.app_token,
            "SLACK_API_URL": self.sandbox.slack_api_url,
        }

    async def relance(self, *words: str | Path, **settings: str) -> Finished:
        """A command, to its end."""
        return await relance(*words, folder=self.folder, **self.settings | settings)

    async def done(self, *words: str | Path) -> str:
        """What a command says that must go well."""
        finished = await self.relance(*words)
        assert finished.code == 0, finished.said
        return finished.said

    def file(self, name: str, text: str) -> Path:
        path = self.folder / name
        path.write_text(text, "utf-8")
        return path

    def ledger(self, count: int, *, first: int = 1) -> tuple[Path, ...]:
        """Files of so many customers, each with one invoice: its first reminder is due today."""
        late = datetime.now(UTC).date() - timedelta(days=3)
        numbers = range(first, first + count)
        return (
            self.file("customers.csv", CUSTOMERS + "".join(map(self._customer_line, numbers))),
            self.file("contacts.csv", CONTACTS + "".join(map(contact_line, numbers))),
            self.file("items.csv", ITEMS + "".join(item_line(n, late) for n in numbers)),
        )

    def is_by_hand(self, number: int) -> bool:
        return bool(self.by_hand_every) and number % self.by_hand_every == 0

    def _customer_line(self, number: int) -> str:
        return customer_line(number, BY_HAND if self.is_by_hand(number) else "")

    async def reminds_by_hand(self, *, every: int) -> None:
        """Of customers to come, one in so many gets nothing that its owner has not validated."""
        plan = await self.done("plan", "presets", "standard-7", "--language", "en")
        manual = plan.replace("mode: automatic", "mode: manual")
        manual = manual.replace("plan: standard-7", f"plan: {BY_HAND}")
        await self.done("plan", "apply", self.file("by-hand.yaml", manual))
        self.by_hand_every = every

    async def has(self, count: int) -> None:
        """So many customers, enabled a month ago: their first reminder is due now."""
        await self.done("import", *self.ledger(count))
        await self.done("customer", "enable", "--all")
        await self.enrolled_long_ago()

    async def enables_new_customers(self) -> None:
        async with self.databases.scheduler.write() as tx:
            await tx.execute(sa.update(organisations).values(enable_new_customers=True))

    async def enrolled_long_ago(self) -> None:
        ago = datetime.now(UTC).date() - timedelta(days=30)
        async with self.databases.scheduler.write() as tx:
            now = {"enrolled_on": ago, "wake_at": datetime.now(UTC)}
            await tx.execute(sa.update(cases).values(now))

    async def start(self, **settings: str) -> "Service":
        """`relance run`, connected."""
        service = await self.begin(**settings)
        await service.connected()
        return service

    async def begin(self, *words: str | Path, **settings: str) -> "Service":
        """A command, `run` unless another is said, that is not waited for."""
        log = self.folder / f"run-{len(self.running)}.log"
        with log.open("wb") as stderr:
            process = await asyncio.create_subprocess_exec(
                RELANCE,
                *(words or ("run",)),
                cwd=self.folder,
                env=os.environ | self.settings | settings,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.PIPE,
                stderr=stderr,
            )
        self.running.append(Service(process=process, log=log))
        return self.running[-1]

    async def rows(self, table: sa.Table, *where: sa.ColumnElement[bool]) -> list[Any]:
        async with self.databases.scheduler.read() as tx:
            return list((await tx.execute(sa.select(table).where(*where))).all())

    async def half_a_minute_passes(self) -> None:
        """For those who were killed: what they had leased is free again."""
        past = datetime.now(UTC) - timedelta(seconds=1)
        for database, table, lease in (
            (self.databases.dispatcher, attempts, attempts.c.lease_until),
            (self.databases.bot, cards, cards.c.leased_until),
            (self.databases.scheduler, outbox, outbox.c.leased_until),
            (self.databases.scheduler, inbox, inbox.c.retry_at),
        ):
            async with database.write() as tx:
                await tx.execute(sa.update(table).where(lease > past).values({lease: past}))

    def logs(self) -> str:
        """All that was ever said on standard error."""
        return "".join(service.log.read_text("utf-8") for service in self.running)


@dataclass(kw_only=True)
class Service:
    process: asyncio.subprocess.Process
    log: Path

    async def connected(self) -> None:
        assert self.process.stdout is not None
        async with asyncio.timeout(SLOWLY):
            said = await self.process.stdout.readline()
        assert b"Connected to Slack" in said, self.log.read_text("utf-8")

    async def kill(self) -> None:
        """kill -9."""
        if self.process.returncode is None:
            self.process.kill()
        await self.process.wait()

    async def stop(self) -> int:
        """Politely; its exit code."""
        self.process.send_signal(signal.SIGTERM)
        async with asyncio.timeout(SLOWLY):
            return await self.process.wait()


async def relance(*words: str | Path, folder: Path, **settings: str) -> Finished:
    """A command of the product, to its end."""
    ended = await asyncio.to_thread(finish, RELANCE, *words, folder=folder, **settings)
    return Finished(code=ended.returncode, said=ended.stdout + ended.stderr)


def init(name: str = "Atelier Lumen") -> Sequence[str]:
    """The words that found a company, but for its database."""
    return (
        *("init", "--name", name, "--sender", "accounts@lumen.test", "--zone", "UTC"),
        *("--admin-name", "Ada", "--admin-email", "ada@lumen.test", "--language", "en"),
    )


@asynccontextmanager
async def a_firm(url: str, folder: Path, rabbitmq_url: str = "") -> AsyncIterator[Firm]:
    """Founded, with an admin and OWNERS collectors, and nobody to remind yet."""
    app = app_of_manifest(yaml.safe_load(MANIFEST.read_text("utf-8")))
    people = [Member(id=ADA, name="ada", real_name="Ada", email="ada@lumen.test")]
    people += [
        Member(id=user(n), name=f"owner{n}", real_name=f"Owner {n}", email=address(n))
        for n in range(OWNERS)
    ]
    databases = open_databases(url)
    async with Sandbox(now=lambda: datetime.now(UTC), members=people, app=app, team_id=TEAM) as s:
        firm = Firm(
            url=url, folder=folder, sandbox=s, databases=databases, rabbitmq_url=rabbitmq_url
        )
        try:
            await firm.done(*init())
            await _open_at_any_hour(firm)
            yield firm
        finally:
            for service in firm.running:
                await service.kill()
            await databases.close()


async def _open_at_any_hour(firm: Firm) -> None:
    always = {"send_at": time.min, "send_until": time.max, "weekdays": [*range(7)]}
    collectors = [NewMember(name=f"Owner {n}", email=address(n)) for n in range(OWNERS)]
    async with firm.databases.scheduler.write() as tx:
        await tx.execute(sa.update(organisations).values(always | {"holidays": False}))
        organisation = (await tx.execute(sa.select(organisations.c.id))).scalar_one()
        await add_members(tx, organisation, collectors)


def user(owner: int) -> str:
    return f"U{owner + 1:04}"


def address(owner: int) -> str:
    return f"owner{owner}@lumen.test"


def mailbox(number: int) -> str:
    return f"pay{number}@client{number}.test"


def customer_line(number: int, plan: str = "") -> str:
    owner = address(number % OWNERS)
    return f"C{number:05},Client Number{number} SARL,{owner},{number} Quay Road,{plan}\n"


def contact_line(number: int) -> str:
    return f"C{number:05},main,Nadia Payer{number},{mailbox(number)},yes\n"


def item_line(number: int, late: date) -> str:
    issued = late - timedelta(days=30)
    return f"C{number:05},F-{number:05},invoice,{issued},{late},EUR,{1000 + number}.37\n"


async def until(firm: Firm, true: Callable[[Firm], Any], within: float = SLOWLY) -> None:
    for _ in range(int(within / 0.2)):
        if await true(firm):
            return
        await asyncio.sleep(0.2)
    name = getattr(true, "__name__", true)
    raise AssertionError(f"{name} does not come true: {firm.logs()}")


def says_no_data(log: str) -> None:
    assert not [datum for datum in DATA if datum in log], log
    assert not re.search(r"1,?0\d\d\.37", log), log
