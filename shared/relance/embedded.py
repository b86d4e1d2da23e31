"""The three services in one process, their messages carried within it: the default, no broker."""

import asyncio
from dataclasses import dataclass

from relance.clock import Clock
from relance.messaging.carrier import InProcessCarrier
from relance.messaging.outbox import Relay
from relance.service import Loop, Tick, drain
from relance.settings import Settings
from relance.store.database import Database
from relance_bot.wiring import SERVICE as BOT
from relance_bot.wiring import Bot
from relance_bot.wiring import build as build_bot
from relance_dispatcher.dispatcher import Dispatcher
from relance_dispatcher.sending import Transport
from relance_dispatcher.wiring import build as build_dispatcher
from relance_scheduler.wiring import SERVICE as SCHEDULER
from relance_scheduler.wiring import Scheduler

DISPATCHER = "dispatcher"


@dataclass(frozen=True, slots=True, kw_only=True)
class Databases:
    """Each service's own door to the same database."""

    scheduler: Database
    dispatcher: Database
    bot: Database

    async def close(self) -> None:
        for database in (self.scheduler, self.dispatcher, self.bot):
            await database.close()


def open_databases(url: str) -> Databases:
    """The doors to the database at that address."""
    return Databases(
        scheduler=Database(url, service=SCHEDULER),
        dispatcher=Database(url, service=DISPATCHER),
        bot=Database(url, service=BOT),
    )


class Embedded:
    """Runs what separate processes would: `settle()` until nothing moves, or `run()` for ever."""

    def __init__(
        self,
        settings: Settings,
        databases: Databases,
        clock: Clock,
        transport: Transport,
        *,
        bot_pace: float,
    ) -> None:
        carrier = InProcessCarrier()
        self.scheduler = Scheduler(databases.scheduler, carrier, clock)
        self.dispatcher: Dispatcher = build_dispatcher(
            databases.dispatcher, carrier, clock, transport
        )
        self._dispatched = Relay(databases.dispatcher, carrier, clock)
        self.bot: Bot = build_bot(
            settings, databases.bot, carrier, clock, ring=self._ring, pace_seconds=bot_pace
        )
        self.dispatcher.wake_with(self._ring)
        self._loop = Loop("embedded", (self._tick,))
        self._turn = asyncio.Lock()

    async def start(self) -> None:
        """Connects to Slack."""
        await self.bot.start()

    async def run(self) -> None:
        """Works until `stop()`; a click is answered at once, the clock looked at every second."""
        await self._loop.run()

    def halt(self) -> None:
        """Has `run()` end after the round in hand."""
        self._loop.stop()

    async def stop(self) -> None:
        """Takes nothing new, and waits for what is on its way."""
        self.halt()
        await self.bot.stop()
        async with self._turn:
            await self.dispatcher.close()

    async def settle(self) -> int:
        """Works until nothing moves at this instant of the clock; says how much was done."""
        async with self._turn:
            return await drain(*self._ticks)

    @property
    def _ticks(self) -> tuple[Tick, ...]:
        return (
            self.scheduler.tick,
            self.dispatcher.tick,
            self._dispatched.tick,
            self.bot.tick,
        )

    async def _tick(self) -> int:
        async with self._turn:
            return sum([await tick() for tick in self._ticks])

    def _ring(self) -> None:
        self._loop.ring()
