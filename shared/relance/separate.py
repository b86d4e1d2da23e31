"""Each service as a process of its own, on RabbitMQ: any number of each, on one database.

A service's code is imported where that service is built: what one needs is not installed with
another.
"""

from __future__ import annotations  # a service's types are not installed with another

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, TypeAlias

import structlog
from sqlalchemy.exc import DBAPIError

from relance.clock import Clock
from relance.messaging.outbox import Relay
from relance.messaging.rabbit import RabbitCarrier
from relance.observing.readiness import Readiness
from relance.service import AwayError, Loop, Tick
from relance.settings import Settings
from relance.store.database import Database
from relance.store.schema import Standing, standing

if TYPE_CHECKING:
    from relance_dispatcher.pace import Pace

PAUSE = 2.0  # seconds between looks at what is away
GREETS_WITHIN = 5.0  # seconds for the mail server's first answer
FAREWELL = 10.0  # seconds for carrying what was posted last

log = structlog.get_logger(__name__)


async def _nothing() -> None:
    """Where a service has nothing to start or to end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A service at work: `loops` until `halt`, then `finish` waits for what is on its way."""

    database: Database
    carrier: RabbitCarrier
    relay: Relay
    loops: tuple[Loop, ...]
    start: Callable[[], Awaitable[None]] = _nothing
    halt: Callable[[], None] = lambda: None
    finish: Callable[[], Awaitable[None]] = _nothing


Build: TypeAlias = Callable[[Settings, Database, Clock], Part]


@dataclass(slots=True)
class _Bell:
    """Wakes loops that are made after whoever rings them."""

    loops: list[Loop] = field(default_factory=list)

    def ring(self) -> None:
        for loop in self.loops:
            loop.ring()


class Process:
    """One service from `run()` to `halt()`; what it waits for meanwhile, it says."""

    def __init__(
        self, service: str, settings: Settings, clock: Clock, pace: Pace | None = None
    ) -> None:
        """`pace` is a dispatcher's, where it is not the usual one."""
        build: Mapping[str, Build] = {
            "scheduler": _scheduler,
            "dispatcher": partial(_dispatcher, pace=pace),
            "bot": _bot,
        }
        database = Database(settings.database_url, service=service)
        self._part = build[service](settings, database, clock)
        self._readiness = Readiness(
            self._part.database, self._part.carrier, self._part.loops, clock
        )
        self._halted = asyncio.Event()

    @property
    def readiness(self) -> Readiness:
        return self._readiness

    async def run(self) -> None:
        """Until `halt()`; raises what no waiting mends, such as a token that Slack refuses."""
        part = self._part
        try:
            await self._wait_for_database()
            await self._until_halted(part.start)
            if self._halted.is_set():
                await part.finish()
                return
            part.carrier.start()
            async with asyncio.TaskGroup() as running:
                for loop in part.loops:
                    running.create_task(loop.run())
                await self._halted.wait()
                await self._wind_down()
        finally:
            await part.carrier.close()
            await part.database.close()

    def halt(self) -> None:
        """Has `run()` end when what is on its way is done."""
        self._readiness.stopping = True
        self._halted.set()

    async def _wind_down(self) -> None:
        """Takes nothing new, finishes what has begun, carries what that has posted."""
        part = self._part
        await part.carrier.stop_consuming()
        part.halt()
        for loop in part.loops:
            loop.stop()
        await part.finish()
        try:
            async with asyncio.timeout(FAREWELL):
                while await part.relay.tick():
                    pass
        except (DBAPIError, OSError, TimeoutError) as error:  # another's relay carries the rest
            log.warning("last_messages_not_carried", error=type(error).__name__)

    async def _wait_for_database(self) -> None:
        """Until it is there with tables that this release can work on."""
        said = ""
        while not self._halted.is_set():
            wants = await _wants(self._part.database)
            if not wants:
                return
            if wants != said:
                log.warning("database_waited_for", wants=wants)
            said = wants
            await self._pause()

    async def _until_halted(self, start: Callable[[], Awaitable[None]]) -> None:
        while not self._halted.is_set():
            try:
                await start()
            except AwayError:
                log.warning("slack_waited_for")
                await self._pause()
            else:
                return

    async def _pause(self) -> None:
        try:
            async with asyncio.timeout(PAUSE):
                await self._halted.wait()
        except TimeoutError:
            return


async def _wants(database: Database) -> str:
    """What must be done about the database first; empty when nothing."""
    try:
        found = await standing(database)
    except (DBAPIError, OSError) as error:
        return _why_away(error)
    if found is Standing.NEWER:
        log.info("schema_of_the_next_release")
    return "" if found in (Standing.CURRENT, Standing.NEWER) else "relance db upgrade"


def _why_away(error: Exception) -> str:
    """In plain words where the server's are known; they may be in any language."""
    said = str(getattr(error, "orig", ""))
    if "password" in said:
        return "it refuses the user or the password of RELANCE_DATABASE_URL"
    if "does not exist" in said:
        return "there is no database or no user of that name: check RELANCE_DATABASE_URL"
    return f"it does not answer ({type(error).__name__}): relance doctor says why"


def _scheduler(settings: Settings, database: Database, clock: Clock) -> Part:
    from relance_scheduler.wiring import Scheduler

    bell = _Bell()
    carrier = _carrier(settings, database, bell)
    scheduler = Scheduler(database, carrier, clock)
    relay = Loop("relay", (scheduler.relay.tick,))
    bell.loops.append(relay)
    sweep = Loop("sweep", (_then(scheduler.sweep.tick, relay.ring),))
    late = (scheduler.inbox.tick, scheduler.overdue.tick)
    intake = Loop("intake", tuple(_then(tick, relay.ring) for tick in late))
    return Part(
        database=database,
        carrier=carrier,
        relay=scheduler.relay,
        loops=(sweep, intake, relay),
    )


def _dispatcher(settings: Settings, database: Database, clock: Clock, pace: Pace | None) -> Part:
    from relance_dispatcher.checkup import MailServerRefused, try_mail_server
    from relance_dispatcher.pace import Pace
    from relance_dispatcher.wiring import build, smtp_transport

    pace = pace or Pace()
    carrier = _carrier(settings, database, _Bell())
    transport = smtp_transport(settings, pace)
    dispatcher = build(database, carrier, clock, transport, pace=pace)
    relay = Relay(database, carrier, clock)
    relaying = Loop("relay", (relay.tick,))
    sending = Loop("dispatch", (_then(dispatcher.tick, relaying.ring),))
    dispatcher.wake_with(sending.ring)

    async def start() -> None:
        """What waits is tried again and again: whoever reads the log should know why."""
        try:
            await try_mail_server(settings, GREETS_WITHIN)
        except MailServerRefused as error:
            log.warning("mail_server_does_not_take_us", why=str(error))

    async def finish() -> None:
        await dispatcher.close()
        await transport.close()

    return Part(
        database=database,
        carrier=carrier,
        relay=relay,
        loops=(sending, relaying),
        start=start,
        halt=dispatcher.halt,
        finish=finish,
    )


def _bot(settings: Settings, database: Database, clock: Clock) -> Part:
    from relance_bot.wiring import build

    bell = _Bell()
    carrier = _carrier(settings, database, bell)
    bot = build(settings, database, carrier, clock, ring=bell.ring)
    relay = Relay(database, carrier, clock)
    loops = (Loop("slack", (bot.tick,)), Loop("relay", (relay.tick,)))  # a click waits for no card
    bell.loops.extend(loops)
    return Part(
        database=database,
        carrier=carrier,
        relay=relay,
        loops=loops,
        start=bot.start,
        finish=bot.stop,
    )


def _carrier(settings: Settings, database: Database, bell: _Bell) -> RabbitCarrier:
    url = settings.rabbitmq_url.get_secret_value()
    return RabbitCarrier(url, database.service, handled=bell.ring)


def _then(tick: Tick, ring: Callable[[], None]) -> Tick:
    """The tick, and a ring for whoever carries what it has posted."""

    async def ticked() -> int:
        done = await tick()
        if done:
            ring()
        return done

    return ticked
