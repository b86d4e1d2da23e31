"""`relance scheduler|dispatcher|bot`: one service alone; `relance up`: all, as processes."""

from __future__ import annotations  # the types below are slow to load

import asyncio
import os
import signal
import sys
from collections.abc import Coroutine
from time import monotonic
from typing import TYPE_CHECKING, Annotated, Any

import typer

from relance.cli.starting import NO_MAIL_SERVER, broker_of, read_settings
from relance.cli.stores import DatabaseOption, open_database, refuse, refuse_wrong_address

if TYPE_CHECKING:
    from relance.clock import Clock
    from relance.settings import Settings
    from relance_dispatcher.pace import Pace

Count = Annotated[int, typer.Option(min=0, max=64, help="How many of them.")]

RESTART_AFTER, LONGEST_REST = 2.0, 60.0  # seconds; ever longer for what ends again and again
STEADY_AFTER = 60.0  # seconds of work, and its next end is as good as its first


def scheduler(database: DatabaseOption = None) -> None:
    """Works out what is due and applies what people decide, until it is stopped."""
    _serve("scheduler", read_settings(database))


def dispatcher(database: DatabaseOption = None) -> None:
    """Sends what is due by itself and what people have released, until it is stopped."""
    settings = read_settings(database)
    if not settings.smtp_host:
        refuse(NO_MAIL_SERVER)
    _serve("dispatcher", settings)


def bot(database: DatabaseOption = None) -> None:
    """Posts cards in Slack and takes decisions, until it is stopped."""
    _serve("bot", read_settings(database))


def up(
    database: DatabaseOption = None,
    schedulers: Count = 1,
    dispatchers: Count = 1,
    bots: Count = 1,
) -> None:
    """Makes database and broker ready, then runs the services as processes of this machine."""
    settings = read_settings(database)
    broker_of(settings)
    if dispatchers and not settings.smtp_host:
        refuse(NO_MAIL_SERVER)
    wanted = ["scheduler"] * schedulers + ["dispatcher"] * dispatchers + ["bot"] * bots
    if not wanted:
        refuse("Nothing is to run: one of --schedulers, --dispatchers and --bots must be above 0.")
    sys.exit(_runner().run(_supervise(settings, wanted)))


def _serve(service: str, settings: Settings) -> None:
    from relance.observing.traces import NoExporterError, export_traces
    from relance.service import RefusedError

    broker_of(settings)
    refuse_wrong_address(settings.database_url)
    try:
        farewell = export_traces(service, settings.otlp_url) if settings.otlp_url else None
    except NoExporterError as error:
        refuse(str(error))
    try:
        _runner().run(serve(service, settings))
    except* RefusedError as refused:
        refuse(str(refused.exceptions[0]))
    except* ModuleNotFoundError as missing:
        refuse(f"The {service} is not installed here ({missing.exceptions[0]}).")
    finally:
        if farewell:
            farewell()


def _runner() -> asyncio.Runner:
    """On uvloop, where it runs."""
    try:
        from uvloop import new_event_loop
    except ImportError:
        return asyncio.Runner()
    return asyncio.Runner(loop_factory=new_event_loop)


async def serve(
    service: str, settings: Settings, *, clock: Clock | None = None, pace: Pace | None = None
) -> None:
    """One service until a signal comes; `clock` and `pace` where they are not the usual ones."""
    from prometheus_client import REGISTRY

    from relance.clock import WallClock
    from relance.observing.endpoints import Endpoints
    from relance.separate import Process
    from relance.service import collect_seldom

    process = Process(service, settings, clock or WallClock(), pace)
    collect_seldom()
    readiness = process.readiness
    REGISTRY.register(readiness.gauges)
    endpoints = Endpoints(
        service,
        settings.http_host,
        settings.http_port,
        readiness.ailments,
        readiness.refresh,
    )
    for stop in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(stop, process.halt)
    try:
        await endpoints.open()
    except OSError as error:
        refuse(
            f"RELANCE_HTTP_PORT: {settings.http_host}:{settings.http_port} cannot be used"
            f" ({error.strerror}): choose another port."
        )
    try:
        await process.run()
    finally:
        await endpoints.close()


async def _supervise(settings: Settings, wanted: list[str]) -> int:
    """Children until a signal comes; one that ends by itself is started again after a while."""
    await _make_ready(settings)
    stopping = asyncio.Event()
    for stop in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(stop, stopping.set)
    children = [
        _keep(service, _environment(settings, number), stopping)
        for number, service in enumerate(wanted)
    ]
    typer.echo(f"Running {', '.join(wanted)}. Ctrl-C stops when what is on its way is done.")
    return max(await asyncio.gather(*children))


async def _make_ready(settings: Settings) -> None:
    """The database at this release's schema, the queues declared; refuses where that cannot be."""
    from relance.messaging.topology import BrokerRefusedError, WrongTopologyError, declare
    from relance.store import schema

    async with open_database(settings.database_url, service="scheduler", new=True) as database:
        await schema.upgrade(database)
    try:
        await declare(broker_of(settings))
    except (WrongTopologyError, BrokerRefusedError) as error:
        refuse(str(error))


def _environment(settings: Settings, number: int) -> dict[str, str]:
    port = settings.http_port + number if settings.http_port else 0
    return os.environ | {
        "RELANCE_DATABASE_URL": settings.database_url,
        "RELANCE_HTTP_PORT": str(port),
    }


async def _keep(service: str, environment: dict[str, str], stopping: asyncio.Event) -> int:
    rest = RESTART_AFTER
    while True:
        began = monotonic()
        child = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "relance.cli.main",
            service,
            env=environment,
            start_new_session=True,
        )
        ended = asyncio.create_task(child.wait())
        if await _first(stopping.wait(), ended):
            if child.returncode is None:
                child.terminate()
            code = await ended
            return 0 if code == -signal.SIGTERM else code  # it had not begun to listen yet
        typer.echo(f"The {service} ended with code {await ended}; it is started again.", err=True)
        rest = RESTART_AFTER if monotonic() - began > STEADY_AFTER else rest
        if await _first(stopping.wait(), asyncio.create_task(asyncio.sleep(rest))):
            return 0
        rest = min(rest * 2, LONGEST_REST)


async def _first(asked: Coroutine[Any, Any, Any], other: asyncio.Task[Any]) -> bool:
    """Whether what is asked for comes before the other ends."""
    task = asyncio.create_task(asked)
    await asyncio.wait((task, other), return_when=asyncio.FIRST_COMPLETED)
    return not task.cancel()
