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
from relance_dispatcher.wiring import SERVICE as DISPATCHER
from relance_dispatcher.wiring import build as build_dispatcher
from relance_scheduler.wiring import SERVICE as SCHEDULER
from relance_scheduler.wiring import Scheduler


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
        self.bot: Bot = build_bot(
            settings,
            databases.bot,
            carrier,
            clock,
            ring=self._ring,
            pace_seconds=bot_pace,
        )
        self.dispatcher.wake_with(self._ring)
        dispatched = Relay(databases.dispatcher, carrier, clock)
        self._ticks = (
            _alone(self.scheduler.tick),
            _alone(self.dispatcher.tick),
            _alone(dispatched.tick),
            _alone(self.bot.tick),
        )
        # A loop each: a slow mail server keeps no card waiting.
        self._loops = tuple(Loop("embedded", (tick,)) for tick in self._ticks)

    async def start(self) -> None:
        """Connects to Slack."""
        await self.bot.start()

    async def run(self) -> None:
        """Works until `halt()`; a click is answered at once, the clock looked at every second."""
        async with asyncio.TaskGroup() as running:
            for loop in self._loops:
                running.create_task(loop.run())

    def halt(self) -> None:
        """Has `run()` end when what is on its way is done."""
        self.dispatcher.halt()
        for loop in self._loops:
            loop.stop()

    async def stop(self) -> None:
        """Takes nothing new, and waits for what is on its way."""
        self.halt()
        await self.bot.stop()
        await self.dispatcher.close()

    async def settle(self) -> int:
        """Works until nothing moves at this instant of the clock; says how much was done."""
        return await drain(*self._ticks)

    def _ring(self) -> None:
        for loop in self._loops:
            loop.ring()


def _alone(tick: Tick) -> Tick:
    """The tick, never beside itself."""
    turn = asyncio.Lock()

    async def ticked() -> int:
        async with turn:
            return await tick()

    return ticked
