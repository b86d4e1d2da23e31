"""Queued reminders to a mail server: rendered, looked at last, claimed, sent, recorded.

Each contender is one process (and what it starts), and begins with some messages that do not
count. The CPU is that of its processes, and PostgreSQL's or RabbitMQ's.
"""

import asyncio
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
import sqlalchemy as sa
from sqlalchemy import URL

from relance.store.database import Database
from relance.store.tables import attempts
from relance_dispatcher.pace import Pace
from tests.benchmarks.comparing import Comparison, Contender, Cost
from tests.benchmarks.mailing.queue import queue_reminders
from tests.benchmarks.mailing.workers import Sink, a_sink, line_of, module, spent_by
from tests.benchmarks.place import Place
from tests.conftest import create_schema, text
from tests.real import postgres, rabbitmq
from tests.real.rabbitmq import Broker

AMOUNT, WARM = 3_000, 300
_THREADS = str(Pace().senders)
OURS = "render, last look, claim, send, record"
BARE = "the stored bytes by aiosmtplib, nothing else"
LEAN = "the stored bytes by our transport, nothing else"
DRAMATIQ = "Dramatiq: render and send"
CELERY = "Celery: render and send"
_MAILING = "tests.benchmarks.mailing"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """What every run finds: a database to copy, the bytes that it makes, servers."""

    place: Place
    template: URL
    stored: Path
    broker: Broker
    amount: int
    warm: int

    @property
    def all(self) -> int:
        return self.warm + self.amount


def comparisons(place: Place) -> Iterator[Comparison]:
    with postgres.fresh_database(place.postgres) as template:
        ground = _ground(place, template)
        _store(ground)
        runs = {OURS: _ours, BARE: _bare, LEAN: _lean, DRAMATIQ: _dramatiq, CELERY: _celery}
        ours, *others = (Contender(name=name, run=_run(run, ground)) for name, run in runs.items())
        yield Comparison(
            title=f"{ground.amount:,} e-mails, of five items each, by one process",
            unit="e-mails",
            amount=ground.amount,
            ours=ours,
            others=tuple(others),
            target="at least 2 times Dramatiq, 5 times Celery, within 1.5 times the stored bytes",
            holds=_holds,
            rounds=1 if place.quick else 5,
        )


def _holds(medians: dict[str, Cost]) -> bool:
    ours = medians[OURS].wall
    return (
        medians[DRAMATIQ].wall >= 2 * ours
        and medians[CELERY].wall >= 5 * ours
        and ours <= 1.5 * medians[BARE].wall
    )


def _ground(place: Place, template: URL) -> Ground:
    ground = Ground(
        place=place,
        template=template,
        stored=place.folder / "stored",
        broker=rabbitmq.broker(place.run),
        amount=place.size(AMOUNT),
        warm=place.size(WARM),
    )

    async def fill() -> None:
        await create_schema(text(template))
        await queue_reminders(text(template), ground.all)

    asyncio.run(fill())
    return ground


def _run(run: Callable[[Ground, Sink], Cost], ground: Ground) -> Callable[[], Cost]:
    def once() -> Cost:
        with a_sink(ground.warm, ground.amount) as sink:
            cost = run(ground, sink)
            sink.close()
        return cost

    return once


def _store(ground: Ground) -> None:
    """The bytes of each message, as our own dispatcher stores them."""

    async def read(url: URL) -> list[str]:
        database = Database(text(url), service="tests")
        async with database.read() as tx:
            rows = await tx.execute(sa.select(attempts.c.recipients, attempts.c.body))
            lines = [
                json.dumps(["alice@atelier.test", row.recipients[0], row.body.decode("latin-1")])
                for row in rows
            ]
        await database.close()
        return lines

    with a_sink(ground.warm, ground.amount) as sink, _copy(ground) as url:
        _dispatched(ground, sink, url)
        ground.stored.write_text("\n".join(asyncio.run(read(url))))


@contextmanager
def _copy(ground: Ground) -> Iterator[URL]:
    name = str(ground.template.database)
    with postgres.fresh_database(ground.place.postgres, template=name) as url:
        yield url


def _ours(ground: Ground, sink: Sink) -> Cost:
    with _copy(ground) as url:
        return _dispatched(ground, sink, url)


def _dispatched(ground: Ground, sink: Sink, url: URL) -> Cost:
    server = _postmaster(ground.place.postgres)
    with module(f"{_MAILING}.ours", text(url), str(sink.port)) as process:
        sink.wait()
        with spent_by(process.pid, server) as cost:
            line_of(process)
    return cost


def _bare(ground: Ground, sink: Sink) -> Cost:
    return _handed_over("aiosmtplib", ground, sink)


def _lean(ground: Ground, sink: Sink) -> Cost:
    return _handed_over("ours", ground, sink)


def _handed_over(by: str, ground: Ground, sink: Sink) -> Cost:
    with module(f"{_MAILING}.bare", by, str(sink.port), str(ground.stored)) as process:
        return _watched(sink, process.pid)


def _watched(sink: Sink, *pids: int) -> Cost:
    sink.wait()
    with spent_by(*pids) as cost:
        sink.wait()
    return cost


def _dramatiq(ground: Ground, sink: Sink) -> Cost:
    options = ("--processes", "1", "--threads", _THREADS)
    return _queued("by_dramatiq", ("dramatiq", f"{_MAILING}.by_dramatiq", *options), ground, sink)


def _celery(ground: Ground, sink: Sink) -> Cost:
    pool = ("--pool", "threads", "--concurrency", _THREADS)
    quiet = ("--loglevel", "ERROR", "--without-gossip", "--without-mingle", "--without-heartbeat")
    command = ("celery", "-A", f"{_MAILING}.by_celery", "worker", *pool, *quiet)
    return _queued("by_celery", command, ground, sink)


def _queued(by: str, command: tuple[str, ...], ground: Ground, sink: Sink) -> Cost:
    """All reminders are in the queue before the worker starts."""
    [node] = ground.broker.call("GET", "nodes")
    with rabbitmq.fresh_vhost(ground.broker) as bus:
        variables = {"BENCH_BUS": bus, "BENCH_SMTP_PORT": sink.port, "PYTHONPATH": Path.cwd()}
        with module(f"{_MAILING}.enqueue", by, str(ground.all), **variables) as process:
            line_of(process)
        with module(*command, **variables) as worker:
            return _watched(sink, worker.pid, int(node["os_pid"]))


def _postmaster(server: URL) -> int:
    """The process that all of the server's are children of."""
    address = text(server.set(drivername="postgresql"))
    with psycopg.connect(address) as connection:
        [[pid]] = connection.execute("SELECT pg_backend_pid()").fetchall()
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
