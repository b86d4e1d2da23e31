"""The whole product on one database, driven by a clock: scheduler, dispatcher, carrier, post."""

from collections.abc import AsyncIterator, Awaitable, Callable, Collection
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from relance.contracts.messages import ActionsChanged, DecisionsAnswered
from relance.domain.calendar import Calendar, local_day, next_slot
from relance.messaging.carrier import InProcessCarrier
from relance.messaging.outbox import Relay
from relance.service import Tick, drain
from relance.store.database import Database
from relance.store.organisations import load_organisations
from relance.store.tables import actions, attempts, cases, inbox, outbox
from relance_dispatcher.dispatcher import Dispatcher
from relance_dispatcher.wiring import build
from relance_scheduler.wiring import Scheduler
from tests.diaries.post import Post
from tests.world import World, a_world

SERVICES = frozenset({"scheduler", "dispatcher", "bot"})


@dataclass(kw_only=True)
class Company:
    """Services that are `down` do nothing; what is meant for them waits."""

    url: str
    world: World
    post: Post
    bot: Database
    carrier: InProcessCarrier
    scheduler: Scheduler
    dispatcher: Dispatcher
    ticks: dict[str, tuple[Tick, ...]]
    down: set[str] = field(default_factory=set)
    look: Callable[[], Awaitable[None]] | None = None  # called when all has settled

    async def settle(self) -> int:
        """Until nothing moves any more; says how much was done."""
        running = [
            tick for name in self.ticks if name not in self.down for tick in self.ticks[name]
        ]
        done = await drain(*running)
        if self.look:
            await self.look()
        return done

    @asynccontextmanager
    async def without(self, *services: str) -> AsyncIterator[None]:
        """These services are down in the block, and may work again after it."""
        self.down.update(services)
        yield
        self.down.difference_update(services)

    async def until(self, end: datetime) -> None:
        """Lets the time pass, with a stop at each instant that the product waits for."""
        while (stop := await self._next_stop()) is not None and stop < end:
            self.world.clock.move_to(stop)
            await self.settle()
        self.world.clock.move_to(end)
        await self.settle()

    async def _next_stop(self) -> datetime | None:
        now = self.world.clock.now()
        async with self.world.database.read() as tx:
            firsts = (_first(*wanted, now).scalar_subquery() for wanted in _WAITED_FOR)
            *stops, queued = (await tx.execute(sa.select(*firsts, _QUEUED))).one()
            if queued:
                organisation = (await load_organisations(tx))[self.world.organisation]
                stops.append(_next_start(organisation.calendar, now))
        return min((stop for stop in stops if stop is not None), default=None)


_QUEUED = sa.select(actions.c.id).where(actions.c.state == "queued").exists()
_WAITED_FOR: tuple[tuple[sa.Column[Any], sa.ColumnElement[bool]], ...] = (
    (cases.c.wake_at, cases.c.ended_on.is_(None)),
    (attempts.c.retry_at, attempts.c.outcome == "try_later"),
    (attempts.c.lease_until, attempts.c.outcome.is_(None)),
    (inbox.c.retry_at, ~inbox.c.done),
    (outbox.c.leased_until, sa.true()),
)


def _first(column: sa.Column[Any], where: sa.ColumnElement[bool], now: datetime) -> sa.Select[Any]:
    return sa.select(sa.func.min(column, type_=column.type)).where(where, column > now)


def _next_start(calendar: Calendar, now: datetime) -> datetime:
    """What is queued and did not leave is looked at again when the next slot begins."""
    slot = next_slot(calendar, local_day(calendar, now), now)
    if slot.start <= now:
        slot = next_slot(calendar, slot.day + timedelta(days=1), now)
    return slot.start


class Listener:
    """Stands where the bot is: hears which cards to draw again and which clicks were answered."""

    def __init__(self, carrier: InProcessCarrier, kinds: Collection[Any]) -> None:
        self.heard = 0
        for kind in kinds:
            carrier.subscribe(kind, self.receive)

    async def receive(self, body: bytes) -> None:
        self.heard += 1


@asynccontextmanager
async def a_company(
    url: str, start: datetime, carrier: InProcessCarrier | None = None
) -> AsyncIterator[Company]:
    """Founded at `start`, with Alice for a collector; no customers, no plans."""
    async with AsyncExitStack() as stack:
        world = await stack.enter_async_context(a_world(url, start))
        carrier = carrier or InProcessCarrier()
        outside, bot = Database(url, service="dispatcher"), Database(url, service="bot")
        for database in (outside, bot):
            stack.push_async_callback(database.close)
        Listener(carrier, (ActionsChanged, DecisionsAnswered))
        post = Post(clock=world.clock)
        scheduler = Scheduler(world.database, carrier, world.clock)
        dispatcher = build(outside, carrier, world.clock, post)
        stack.push_async_callback(dispatcher.close)
        yield Company(
            url=url,
            world=world,
            post=post,
            bot=bot,
            carrier=carrier,
            scheduler=scheduler,
            dispatcher=dispatcher,
            ticks={
                "scheduler": (scheduler.tick,),
                "dispatcher": (dispatcher.tick, Relay(outside, carrier, world.clock).tick),
                "bot": (Relay(bot, carrier, world.clock).tick,),
            },
        )
