"""What the forecast says is held against what the real scheduler then does."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta

import pytest
import pytest_asyncio
import sqlalchemy as sa

from relance.backtest.hands import Owners, OwnersRule, Post
from relance.contracts.messages import ActionsChanged, ActionsQueued, DecisionsAnswered
from relance.domain.plans import Channel
from relance.messaging.carrier import InProcessCarrier
from relance.messaging.outbox import Relay
from relance.reporting.forecast import Outlook, forecast, forecast_rows
from relance.reporting.rows import ActionRow
from relance.reporting.stored import load_told
from relance.service import drain
from relance.store.database import Database
from relance.store.organisations import load_organisations
from relance.store.tables import actions, cases
from relance_scheduler.wiring import Scheduler
from tests.scenarios.forecast_worlds import populate
from tests.world import World, a_world

AFTERNOON = datetime(2026, 11, 23, 14, 0, tzinfo=UTC)
DAYS = 30


@pytest_asyncio.fixture
async def world(store_url: str) -> AsyncIterator[World]:
    async with a_world(store_url, AFTERNOON) as world:
        yield world


class Company:
    """The real scheduler with a post that delivers at once and owners who act by a rule."""

    def __init__(self, world: World, rule: OwnersRule, stack: AsyncExitStack) -> None:
        self.world = world
        url = world.database.engine.url.render_as_string(hide_password=False)
        outside, bot = Database(url, service="dispatcher"), Database(url, service="bot")
        for database in (outside, bot):
            stack.push_async_callback(database.close)
        carrier = InProcessCarrier()
        for kind in (ActionsQueued, ActionsChanged, DecisionsAnswered):
            carrier.subscribe(kind, _drop)
        self._ticks = (
            Scheduler(world.database, carrier, world.clock).tick,
            Post(outside, world.clock).tick,
            Owners(bot, world.clock, rule).tick,
            Relay(outside, carrier, world.clock).tick,
            Relay(bot, carrier, world.clock).tick,
        )

    async def until(self, end: datetime) -> None:
        """Everything that the clock brings about before that instant."""
        await drain(*self._ticks)
        while (wake := await self._next_wake()) is not None and wake < end:
            self.world.clock.move_to(wake)
            await drain(*self._ticks)
        self.world.clock.move_to(end)

    async def _next_wake(self) -> datetime | None:
        woken = sa.func.min(cases.c.wake_at, type_=cases.c.wake_at.type)
        async with self.world.database.read() as tx:
            found: datetime | None = await tx.scalar(sa.select(woken))
        return found


async def _drop(_body: bytes) -> None:
    return


async def told_since(world: World, instant: datetime) -> list[ActionRow]:
    async with world.database.read() as tx:
        calendar = (await load_organisations(tx))[world.organisation].calendar
        told = await load_told(tx, calendar, actions.c.made_at >= instant)
    return sorted(row for one in told for row in one.rows)


@pytest.mark.asyncio
@pytest.mark.parametrize("rule", [OwnersRule.WAIT, OwnersRule.VALIDATE])
@pytest.mark.parametrize("seed", range(8))
async def test_what_was_forecast_is_what_leaves(world: World, rule: OwnersRule, seed: int) -> None:
    await populate(world, seed)
    async with AsyncExitStack() as stack:
        company = Company(world, rule, stack)
        begin = AFTERNOON + timedelta(days=seed)
        await company.until(begin)
        async with world.database.read() as tx:
            said = await forecast(tx, world.organisation, DAYS, begin, rule is OwnersRule.VALIDATE)
        await company.until(begin + timedelta(days=DAYS))
    assert said == await told_since(world, begin)
    assert said


@pytest.mark.asyncio
async def test_a_forecast_changes_nothing(world: World) -> None:
    await populate(world, 1)
    async with world.database.read() as tx:
        first = await forecast(tx, world.organisation, DAYS, AFTERNOON)
        assert first == await forecast(tx, world.organisation, DAYS, AFTERNOON)
    assert await world.rows(actions) == []


@pytest.mark.asyncio
async def test_what_is_queued_leaves_at_the_next_slot_and_what_waits_only_by_its_owner(
    world: World,
) -> None:
    customer = await world.customer("ACME", reference="ACME")
    invoice = await world.invoice(customer, "100.00", number="F-1")
    case = await world.case(customer, await world.plan())
    await world.action(customer, [invoice], case=case, state="queued", mode="automatic")
    other = await world.customer("Beta", reference="BETA")
    await world.action(other, [await world.invoice(other, "70.00", number="F-2")])
    async with world.database.read() as tx:
        [row] = await forecast(tx, world.organisation, 2, AFTERNOON)
        assert (row.customer, str(row.date), row.items) == ("ACME", "2026-11-24", ("F-1",))
        rows = await forecast(tx, world.organisation, 2, AFTERNOON, True)
    assert [(r.customer, str(r.date)) for r in rows] == [
        ("BETA", "2026-11-23"),
        ("ACME", "2026-11-24"),
    ]


@pytest.mark.asyncio
async def test_an_action_that_may_have_left_holds_its_run_until_a_person_says(
    world: World,
) -> None:
    customer = await world.customer("ACME")
    invoice = await world.invoice(customer, "100.00", late=10)
    case = await world.case(customer, await world.plan())
    await world.action(customer, [invoice], case=case, state="uncertain", mode="automatic")
    async with world.database.read() as tx:
        assert await forecast(tx, world.organisation, DAYS, AFTERNOON) == []
        rows = await forecast(tx, world.organisation, DAYS, AFTERNOON, True)
    assert [row.step for row in rows] == ["first", "second"]


@pytest.mark.asyncio
async def test_a_channel_that_nothing_carries_is_by_hand(world: World) -> None:
    customer = await world.customer("ACME")
    await world.invoice(customer, "100.00", late=10)
    await world.case(customer, await world.plan())
    async with world.database.read() as tx:
        outlook = Outlook(now=AFTERNOON, days=5, connected=frozenset[Channel]())
        rows = await forecast_rows(tx, world.organisation, outlook)
    assert [row.mode for row in rows] == ["manual"]
