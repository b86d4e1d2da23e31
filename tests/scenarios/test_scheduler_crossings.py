"""Many customers at once, events that meet a hand-over, and texts that amounts overtake."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from sqlalchemy import event

from relance.domain.outcomes import Outcome, Rejected
from relance.messaging.carrier import InProcessCarrier
from relance.service import drain
from relance.store.locks import lock_customers
from relance.store.tables import actions, cases, customers
from relance.store.types import new_id
from relance_scheduler.activation import switch
from relance_scheduler.enrolment import enrol
from relance_scheduler.reconsider import reconsider
from relance_scheduler.wiring import Scheduler
from tests.dispatching import a_desk, a_dispatcher
from tests.world import DOCUMENT, TUESDAY, World, a_world

pytestmark = pytest.mark.asyncio


async def test_no_statement_grows_with_the_number_of_customers_that_are_switched(
    store_url: str,
) -> None:
    """PostgreSQL takes 65,535 values in a statement, SQLite 32,766."""
    sizes: list[int] = []

    def note(_connection: object, _cursor: object, sql: str, values: Any, *_rest: object) -> None:
        if not sql.startswith("INSERT"):
            sizes.append(len(values))

    async with a_world(store_url) as world:
        rows = [
            {
                "id": new_id(),
                "organisation_id": world.organisation,
                "reference": f"C{n}",
                "name": "Customer",
                "enabled": True,
            }
            for n in range(2_500)
        ]
        async with world.database.write() as tx:
            await tx.execute(sa.insert(customers), rows)
            event.listen(tx.sync_connection, "before_cursor_execute", note)
            done = await switch(tx, world.organisation, (), False, world.clock.now())
        assert (done.changed, done.unchanged) == (2_500, 0)
        assert {row.enabled for row in await world.rows(customers)} == {False}
    assert 1_000 <= max(sizes) <= 1_100


class Refusing:
    """A provider that refuses for good, after something has happened during the call."""

    def __init__(self) -> None:
        self.meanwhile: list[Awaitable[None]] = []

    async def send(
        self, envelope_from: str, recipients: tuple[str, ...], raw: bytes, *, deadline: float
    ) -> Outcome:
        await self.meanwhile.pop()
        return Rejected(code=550, reason="no")


@asynccontextmanager
async def refused(url: str) -> AsyncIterator[tuple[World, Refusing, Callable[[], Awaitable[int]]]]:
    provider = Refusing()
    async with (
        a_world(url, TUESDAY) as world,
        a_dispatcher(url, world, provider) as (dispatcher, _, relay),
    ):
        await world.template()
        yield world, provider, lambda: drain(dispatcher.tick, relay.tick)
        await dispatcher.close()


async def reminded(world: World) -> tuple[UUID, UUID, UUID]:
    """A customer, its invoice, and an automatic reminder that may leave."""
    customer = await world.customer("Acme")
    await world.contact(customer, "acme@client.test")
    invoice = await world.invoice(customer, "100")
    case = await world.case(customer, await world.plan())
    action = await world.action(customer, [invoice], case=case, state="queued", mode="automatic")
    return customer, invoice, action


async def test_what_is_refused_after_it_was_paid_waits_for_nobody(store_url: str) -> None:
    async with refused(store_url) as (world, provider, settle):
        customer, invoice, action = await reminded(world)

        async def paid() -> None:
            await world.pay(invoice)
            async with world.database.write() as tx:
                await reconsider(tx, [customer], world.clock.now())

        provider.meanwhile.append(paid())
        await settle()
        row = await world.row(actions, action)
        assert (row.state, row.reason) == ("cancelled", "settled")


async def test_what_is_refused_after_its_plan_was_left_waits_for_nobody(store_url: str) -> None:
    async with refused(store_url) as (world, provider, settle):
        customer, _, action = await reminded(world)

        async def moved() -> None:
            other = await world.plan(dict(DOCUMENT) | {"plan": "other"})
            await world.set(customers, customer, plan_id=other)
            async with world.database.write() as tx:
                await enrol(tx, [customer], world.clock.now())

        provider.meanwhile.append(moved())
        await settle()
        row = await world.row(actions, action)
        assert (row.state, row.reason) == ("cancelled", "plan_changed")


async def test_a_text_that_an_amount_overtook_leaves_once_its_owner_validates_it_as_it_is(
    store_url: str,
) -> None:
    async with a_desk(store_url) as desk:
        world = desk.world
        action, [invoice, other] = await desk.reminded(
            "Acme",
            "100",
            "50",
            mode="manual",
            released_by=world.alice,
            edited_body="Merci de régler ce que vous nous devez.",
            edited_amounts={},
        )
        amounts = {str(invoice): 10000, str(other): 5000}
        await world.set(actions, action, edited_amounts=amounts)
        await world.pay(other)
        await desk.settle()
        assert await desk.state(action) == ("waiting", "amounts_changed")
        validated = {"state": "queued", "problem": "", "version": 5}
        await world.set(actions, action, **validated, leave_at=world.clock.now())
        await desk.settle()
        assert await desk.state(action) == ("executed", "")


@pytest.mark.postgresql
async def test_a_fault_puts_off_its_own_case_not_the_one_another_sweep_holds(
    postgres_store_url: str,
) -> None:
    async with a_world(postgres_store_url) as world:
        now = world.clock.now()
        held = await world.customer("Held")
        await world.case(held, await world.plan(), wake_at=now - timedelta(hours=1))
        wrong = await world.plan(dict(DOCUMENT) | {"plan": "wrong", "steps": 7})
        await world.case(await world.customer("Wrong"), wrong, wake_at=now)
        sweep = Scheduler(world.database, InProcessCarrier(), world.clock).sweep
        async with world.database.write() as other:
            await lock_customers(other, [held])
            assert await sweep.tick() == 1
        first, second = await world.rows(cases)
        assert (first.wake_at, first.resting) == (now - timedelta(hours=1), "")
        assert (second.wake_at, second.resting) == (now + timedelta(hours=1), "fault")


async def test_a_bad_plan_s_many_customers_cost_the_others_no_slot(store_url: str) -> None:
    async with a_world(store_url) as world:
        now = world.clock.now()
        good = await world.plan()
        wrong = await world.plan(dict(DOCUMENT) | {"plan": "wrong", "steps": 7})
        async with world.at_once():
            for n in range(40):
                plan = good if n % 2 else wrong
                await world.case(await world.customer(f"C{n}"), plan, wake_at=now)
        sweep = Scheduler(world.database, InProcessCarrier(), world.clock, batch=40).sweep
        await sweep.tick()
        rows = await world.rows(cases)
        assert {row.resting for row in rows if row.plan_id == good} == {"nothing_eligible"}
        assert {row.resting for row in rows if row.plan_id == wrong} == {"fault"}
