"""How fast the main job goes, each beside what the hardware gives or what one would use instead.

`make bench` measures; in `make test` each runs once, as a plain test. Compare within a group: the
machine's own speed is in both.
"""

import asyncio
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path
from typing import Any

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from relance.domain.evaluation import evaluate
from relance.domain.evaluation.acts import Act
from relance.messaging.carrier import InProcessCarrier
from relance.service import drain
from relance.store.cases import load_case_files
from relance.store.database import Database
from relance.store.plans import load_plans
from relance_dispatcher.email import build
from relance_scheduler.wiring import Scheduler
from tests.unit.test_email_message import email
from tests.world import World, a_world

CUSTOMERS = 300
SLOT = datetime(2026, 11, 24, 7, 30, tzinfo=UTC)
# What planning writes, in an order in which every reference is there already.
WRITTEN = ("runs", "actions", "action_owners", "action_items", "run_steps", "history")


@pytest.fixture
def due(sqlite_store_url: str) -> Path:
    """A database in which so many customers, of five late invoices each, are due now."""

    async def fill() -> None:
        async with a_world(sqlite_store_url, SLOT) as world:
            await _due_customers(world)

    asyncio.run(fill())
    file = Path(sqlite_store_url.removeprefix("sqlite+aiosqlite:///"))
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return file


async def _due_customers(world: World) -> None:
    plan = await world.plan()
    async with world.at_once():
        for number in range(CUSTOMERS):
            customer = await world.customer(f"Customer {number}")
            for late in range(10, 15):
                await world.invoice(customer, "100.00", late=late)
            await world.case(customer, plan, wake_at=SLOT)


def _plan_all(file: Path) -> None:
    """As the scheduler does it: claim, load, evaluate, write, one transaction a batch."""

    async def run() -> None:
        database = Database(f"sqlite+aiosqlite:///{file}", service="scheduler")
        scheduler = Scheduler(database, InProcessCarrier(), _at(SLOT))
        assert await drain(scheduler.sweep.tick) == CUSTOMERS
        await database.close()

    asyncio.run(run())


def _at(now: datetime) -> Any:
    class Standing:
        def now(self) -> datetime:
            return now

    return Standing()


def _copied(file: Path, folder: Path) -> Path:
    copy = folder / "copy.db"
    for left in folder.glob("copy.db*"):
        left.unlink()
    shutil.copy(file, copy)
    return copy


def _measured(
    benchmark: BenchmarkFixture, run: Callable[[Path], None], file: Path, folder: Path
) -> None:
    benchmark.pedantic(  # type: ignore[no-untyped-call]  # pytest-benchmark left it untyped
        run, setup=lambda: ((_copied(file, folder),), {}), rounds=5
    )


@pytest.mark.benchmark(group=f"planning {CUSTOMERS} due customers, SQLite")
def test_planning(benchmark: BenchmarkFixture, due: Path, tmp_path: Path) -> None:
    _measured(benchmark, _plan_all, due, tmp_path)


@pytest.mark.benchmark(group=f"planning {CUSTOMERS} due customers, SQLite")
def test_the_same_rows_read_and_written_by_bare_sql(
    benchmark: BenchmarkFixture, due: Path, tmp_path: Path
) -> None:
    planned = tmp_path / "planned.db"
    shutil.copy(due, planned)
    _plan_all(planned)
    with closing(sqlite3.connect(planned)) as connection:
        rows = {t: connection.execute(f"SELECT * FROM {t}").fetchall() for t in WRITTEN}  # noqa: S608 - own names
    assert len(rows["actions"]) == CUSTOMERS

    def bare(file: Path) -> None:
        with closing(sqlite3.connect(file)) as connection, connection:
            connection.execute("PRAGMA synchronous=FULL")
            connection.execute("SELECT * FROM cases JOIN customers ON 1 = 1 LIMIT 1").fetchall()
            connection.execute("SELECT * FROM items").fetchall()
            for table, lines in rows.items():
                marks = ", ".join("?" * len(lines[0]))
                connection.executemany(f"INSERT INTO {table} VALUES ({marks})", lines)  # noqa: S608 - own names
            connection.execute("UPDATE cases SET wake_at = NULL")

    _measured(benchmark, bare, due, tmp_path)


@pytest.mark.benchmark(group="evaluating one due customer of five invoices")
def test_evaluating(benchmark: BenchmarkFixture, sqlite_store_url: str) -> None:
    async def one_case() -> Any:
        async with a_world(sqlite_store_url, SLOT) as world:
            plan = await world.plan()
            customer = await world.customer("ACME")
            for late in range(10, 15):
                await world.invoice(customer, "100.00", late=late)
            await world.case(customer, plan)
            async with world.database.read() as tx:
                file = (await load_case_files(tx, [customer]))[customer]
                return file, (await load_plans(tx, [plan]))[plan]

    file, plan = asyncio.run(one_case())
    answer = benchmark(evaluate, file.case, plan, file.organisation.calendar, SLOT)
    assert isinstance(answer, Act)


@pytest.mark.benchmark(group="the bytes of one e-mail")
def test_building_an_email(benchmark: BenchmarkFixture) -> None:
    assert b"Message-ID" in benchmark(
        build, email(text="Bonjour,\n" * 40, html="<p>Bonjour</p>" * 200)
    )


@pytest.mark.benchmark(group="the bytes of one e-mail")
def test_the_same_by_the_standard_library(benchmark: BenchmarkFixture) -> None:
    def standard() -> bytes:
        message = EmailMessage(policy=SMTP)
        message["Message-ID"] = "<attempt-1@relance.example>"
        message["From"] = "Élise Martin <compta@relance.example>"
        message["To"] = '"O\'Brien, Bob" <ap@acme.test>'
        message["Subject"] = "Facture F-2025-014 échue"
        message.set_content("Bonjour,\n" * 40)
        message.add_alternative("<p>Bonjour</p>" * 200, subtype="html")
        return message.as_bytes()

    assert b"Message-ID" in benchmark(standard)
