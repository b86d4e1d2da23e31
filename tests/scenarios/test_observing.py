"""What a process shows of itself: readiness in sentences, and metrics."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import aiohttp
import pytest
from prometheus_client import CollectorRegistry, generate_latest

from relance.contracts.messages import ActionsQueued
from relance.domain.requests import PauseEverything
from relance.messaging import topology
from relance.messaging.links import Patience
from relance.messaging.outbox import post
from relance.messaging.rabbit import RabbitCarrier
from relance.observing.endpoints import Endpoints
from relance.observing.gauges import Gauges
from relance.observing.readiness import Readiness
from relance.service import Loop
from relance.store.database import Database
from relance.store.requests import Asked, take_request
from relance.store.types import new_id
from tests.real.ports import free_port
from tests.world import World, a_world

pytestmark = pytest.mark.asyncio

QUICK = Patience(publish=5.0, reconnect=0.2, canary_every=0.2)


async def until(true: Callable[[], Any]) -> None:
    async with asyncio.timeout(20):
        while not true():  # noqa: ASYNC110 - what comes true tells nobody
            await asyncio.sleep(0.02)


@asynccontextmanager
async def a_process(
    world: World, bus: str, *loops: Loop
) -> AsyncIterator[tuple[Readiness, RabbitCarrier]]:
    """A scheduler's readiness, with a carrier that consumes."""
    carrier = RabbitCarrier(bus, "scheduler", patience=QUICK)
    for kind in topology.CONSUMED["scheduler"]:
        carrier.subscribe(kind, lambda _body: asyncio.sleep(0))
    carrier.start()
    try:
        yield Readiness(world.database, carrier, loops, world.clock), carrier
    finally:
        await carrier.close()


async def fails() -> int:
    raise ConnectionError


@pytest.mark.rabbitmq
async def test_a_process_is_ready_when_its_canary_comes_back(
    sqlite_store_url: str, rabbitmq_url: str
) -> None:
    async with a_world(sqlite_store_url) as world, a_process(world, rabbitmq_url) as (ready, bus):
        await until(lambda: "bus declare" in bus.health.publishing)
        assert any("bus declare" in sentence for sentence in await ready.ailments())
        await topology.declare(rabbitmq_url)
        await until(lambda: not bus.health.publishing and not bus.health.consuming)
        assert await ready.ailments() == []


@pytest.mark.rabbitmq
async def test_what_waits_too_long_and_what_fails_is_told_in_sentences(
    sqlite_store_url: str, rabbitmq_url: str
) -> None:
    loop = Loop("sweep", (fails,), pause=0.01)
    async with (
        a_world(sqlite_store_url) as world,
        a_process(world, rabbitmq_url, loop) as (ready, _),
    ):
        async with world.database.write() as tx:
            ago = world.clock.now() - timedelta(minutes=3)
            await post(tx, "scheduler", ActionsQueued, [new_id()], ago)
        running = asyncio.create_task(loop.run())
        await until(lambda: loop.fault)
        loop.stop()
        await running
        ready.stopping = True
        told = " ".join(await ready.ailments())
    assert "It is stopping." in told
    assert "The part “sweep” fails: ConnectionError." in told
    assert "1 messages wait to be carried, since 07:32:00 UTC." in told


@pytest.mark.rabbitmq
async def test_a_database_that_is_gone_makes_a_process_unready_and_ends_nothing(
    sqlite_store_url: str, rabbitmq_url: str
) -> None:
    async with a_world(sqlite_store_url) as world, a_process(world, rabbitmq_url) as (ready, _):
        gone = Readiness(
            Database("postgresql+psycopg://nobody@127.0.0.1:1/gone", service="scheduler"),
            ready._carrier,
            (),
            world.clock,
        )
        await gone.refresh()
        assert any("database does not answer" in sentence for sentence in await gone.ailments())
        assert shown(gone.gauges) == ["relance_ready 0.0"]


@pytest.mark.rabbitmq
async def test_the_figures_count_what_waits(store_url: str, rabbitmq_url: str) -> None:
    async with a_world(store_url) as world, a_process(world, rabbitmq_url) as (ready, _):
        plan, customer = await world.plan(), await world.customer("ACME")
        invoice = await world.invoice(customer, "100")
        hour = timedelta(hours=1)
        await world.case(customer, plan, wake_at=world.clock.now() - hour)
        await world.action(customer, [invoice], state="queued")
        await world.action(customer, [invoice], state="uncertain")
        await world.action(customer, [invoice])
        await world.imported(world.clock.now() - hour)
        asked = Asked(
            id=new_id(),
            organisation=world.organisation,
            member=await world.member("Ada"),
            request=PauseEverything(),
            origin="a click",
            reply_to={},
        )
        bot = Database(store_url, service="bot")
        async with bot.write() as tx:
            await take_request(tx, asked, world.clock.now() - hour)
        await bot.close()
        await ready.refresh()
        lines = shown(ready.gauges)
    for line in (
        "relance_due 1.0",
        "relance_due_oldest_seconds 3600.0",
        "relance_queued 1.0",
        "relance_waiting 1.0",
        "relance_uncertain 1.0",
        "relance_unanswered 1.0",
        "relance_unanswered_oldest_seconds 3600.0",
        "relance_dead_letters 0.0",
        f'relance_data_age_seconds{{organisation="{world.organisation}"}} 3600.0',
    ):
        assert line in lines


def shown(gauges: Gauges) -> list[str]:
    registry = CollectorRegistry()
    registry.register(gauges)
    lines = generate_latest(registry).decode().splitlines()
    return [line for line in lines if not line.startswith("#")]


async def test_the_endpoints_answer_machines_in_codes_and_people_in_sentences() -> None:
    ailing: list[str] = []
    looked: list[bool] = []

    async def ailments() -> list[str]:
        return ailing

    async def refresh() -> None:
        looked.append(True)

    port = free_port()
    endpoints = Endpoints("scheduler", "127.0.0.1", port, ailments, refresh)
    await endpoints.open()
    async with aiohttp.ClientSession(f"http://127.0.0.1:{port}") as client:
        assert (await client.get("/livez")).status == 200
        well = await client.get("/readyz")
        assert (well.status, (await well.json())["ready"]) == (200, True)
        ailing.append("The part “sweep” fails: OperationalError.")
        ill = await client.get("/readyz")
        assert (ill.status, (await ill.json())["ailments"]) == (503, ailing)
        assert ailing[0] in await ill.text()
        metrics = await (await client.get("/metrics")).text()
        assert "relance_tick_seconds" in metrics
        assert looked == [True]
    await endpoints.close()
