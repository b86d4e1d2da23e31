"""The replay: the clock moves from one day with something to do to the next, the rest is real."""

from collections import defaultdict, deque
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from relance.backtest.hands import Owners, OwnersRule, Post
from relance.backtest.inline import run_inline
from relance.backtest.stage import Setting, set_up
from relance.backtest.timeline import Day, Timeline, state_at
from relance.clock import MovableClock
from relance.contracts.messages import ActionsChanged, ActionsQueued, DecisionsAnswered
from relance.contracts.wire import decode
from relance.domain.calendar import Calendar, calendar_for, local_day, slot_on
from relance.domain.plans import Plan
from relance.messaging.carrier import InProcessCarrier
from relance.messaging.outbox import Relay
from relance.reporting.stored import Told, load_told
from relance.service import drain
from relance.store.database import Database
from relance.store.plans import load_plans
from relance.store.tables import actions, cases, dead_letters, inbox, items
from relance_scheduler.reconsider import reconsider
from relance_scheduler.wiring import Scheduler

_DAY = timedelta(days=1)

Tell = Callable[[date], None]


class BrokenReplay(Exception):
    """The scheduler met a fault of its own: what came out would not be the truth."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """The days that are replayed, both included."""

    first: date
    last: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Replayed:
    """Every action that a plan would have made, in order, with the ledger as it stood then."""

    plan: Plan
    calendar: Calendar
    told: tuple[Told, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Script:
    """What is replayed: a ledger's days under the document of a plan, and what owners do."""

    setting: Setting
    found: Timeline
    document: Mapping[str, Any]
    span: Span
    owners: OwnersRule = OwnersRule.VALIDATE


async def replay(script: Script, url: str, tell: Tell = lambda _day: None) -> Replayed:
    """Plays the script on an empty database; `tell` hears each day that had something to do."""
    async with _doors(url) as doors:
        await doors.scheduler.create_schema()
        stage = _Stage(doors, script)
        await stage.open()
        while (day := await stage.next_day()) is not None:
            tell(day)
        await stage.check_faults()
        return Replayed(plan=stage.plan, calendar=stage.calendar, told=tuple(stage.told))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Doors:
    """Each service's own door to the one database."""

    scheduler: Database
    dispatcher: Database
    bot: Database


@asynccontextmanager
async def _doors(url: str) -> AsyncIterator[_Doors]:
    opened = {name: Database(url, service=name) for name in ("scheduler", "dispatcher", "bot")}
    try:
        for database in opened.values():
            if database.is_sqlite:
                run_inline(database.engine)
        yield _Doors(**opened)
    finally:
        for database in opened.values():
            await database.close()


class _Bells:
    """Hears which actions the scheduler has made; its other listeners are not here."""

    def __init__(self, carrier: InProcessCarrier) -> None:
        self.heard: set[UUID] = set()
        carrier.subscribe(ActionsQueued, self.receive)
        carrier.subscribe(ActionsChanged, self.receive)
        carrier.subscribe(DecisionsAnswered, self.ignore)

    async def receive(self, body: bytes) -> None:
        self.heard.update(decode(body).message.ids)

    async def ignore(self, _body: bytes) -> None:
        """Answers to decisions are for the bot."""


class _Stage:
    """One replay as it goes: the services, the clock, and what was heard so far."""

    def __init__(self, doors: _Doors, script: Script) -> None:
        self._doors = doors
        self._script = script
        zone = ZoneInfo(script.setting.zone)
        eve = datetime.combine(script.span.first - _DAY, time(12), tzinfo=zone)
        self._clock = MovableClock(eve)
        carrier = InProcessCarrier()
        self._bells = _Bells(carrier)
        self._ticks = (
            Scheduler(doors.scheduler, carrier, self._clock).tick,
            Post(doors.dispatcher, self._clock).tick,
            Relay(doors.dispatcher, carrier, self._clock).tick,
            Owners(doors.bot, self._clock, script.owners).tick,
            Relay(doors.bot, carrier, self._clock).tick,
        )
        first, last = script.span.first, script.span.last
        self._days = deque(
            (day, of) for day, of in script.found.days.items() if first <= day <= last
        )
        self._known: set[UUID] = set()
        self.told: list[Told] = []
        self.plan: Plan
        self.calendar: Calendar

    async def open(self) -> None:
        """Noon of the day before: the company, its customers, and what they owed already."""
        script, now = self._script, self._clock.now()
        before = [(day, of) for day, of in script.found.days.items() if day < script.span.first]
        async with self._doors.scheduler.write() as tx:
            company = await set_up(tx, script.setting, script.document, script.found, now)
            await _bring(tx, state_at(before), now)
            self.plan = (await load_plans(tx, [company.plan]))[company.plan]
        self.calendar = calendar_for(self.plan, company.organisation.calendar)
        await self._settle()

    async def next_day(self) -> date | None:
        """Plays the next instant at which anything happens; None when the span has ended."""
        event_at = slot_on(self.calendar, self._days[0][0]).start if self._days else None
        instant = min(filter(None, (event_at, await self._next_wake())), default=None)
        if instant is None or local_day(self.calendar, instant) > self._script.span.last:
            return None
        self._clock.move_to(max(instant, self._clock.now()))
        if instant == event_at:
            _, brought = self._days.popleft()
            async with self._doors.scheduler.write() as tx:
                await _bring(tx, brought, instant)
        await self._settle()
        return local_day(self.calendar, instant)

    async def check_faults(self) -> None:
        """BrokenReplay where the scheduler put anything aside."""
        async with self._doors.scheduler.read() as tx:
            dead = await tx.scalar(sa.select(sa.func.count()).select_from(dead_letters))
            kept = await tx.scalar(
                sa.select(sa.func.count()).select_from(inbox).where(~inbox.c.done)
            )
            faults = await tx.scalar(
                sa.select(sa.func.count()).select_from(cases).where(cases.c.resting == "fault")
            )
        if dead or kept or faults:
            raise BrokenReplay(
                f"{faults} cases could not be evaluated and {(dead or 0) + (kept or 0)} messages"
                " were not handled: the log says why"
            )

    async def _settle(self) -> None:
        """Lets everybody act until nothing moves, and notes what was made."""
        await drain(*self._ticks)
        made = self._bells.heard - self._known
        self._bells.heard.clear()
        if made:
            self._known |= made
            async with self._doors.scheduler.read() as tx:
                self.told += await load_told(tx, self.calendar, actions.c.id.in_(made))

    async def _next_wake(self) -> datetime | None:
        woken = sa.func.min(cases.c.wake_at, type_=cases.c.wake_at.type)
        current = cases.c.ended_on.is_(None)
        async with self._doors.scheduler.read() as tx:
            found: datetime | None = await tx.scalar(sa.select(woken).where(current))
        return found


async def _bring(tx: AsyncConnection, day: Day, now: datetime) -> None:
    """Writes what a day brings, as an import does: open actions follow, customers wake."""
    if day.appear:
        await tx.execute(sa.insert(items), day.appear)
    by_columns: dict[tuple[str, ...], list[dict[str, Any]]] = defaultdict(list)
    for item, columns in day.change.items():
        by_columns[tuple(sorted(columns))].append({"item": item, **columns})
    for names, rows in by_columns.items():
        await tx.execute(
            sa.update(items)
            .where(items.c.id == sa.bindparam("item"))
            .values({name: sa.bindparam(name) for name in names}),
            rows,
        )
    await reconsider(tx, day.touched, now)
