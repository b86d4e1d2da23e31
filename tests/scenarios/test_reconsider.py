"""What happens to open actions when payments, disputes and plans change under them."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from uuid import UUID

import pytest
import pytest_asyncio

from relance.store.tables import action_items, actions, cases, customers, items, run_steps
from relance_scheduler.enrolment import enrol
from relance_scheduler.reconsider import reconsider
from tests.world import DOCUMENT, World, a_world

SLOT = datetime(2026, 11, 24, 7, 30, tzinfo=UTC)


@pytest_asyncio.fixture
async def world(store_url: str) -> AsyncIterator[World]:
    async with a_world(store_url, SLOT) as world:
        yield world


async def a_waiting_reminder(world: World, *late: int) -> tuple[UUID, UUID, list[UUID]]:
    """A customer with invoices so many days late, the first the reference of an open action."""
    plan = await world.plan()
    customer = await world.customer("ACME")
    invoices = [await world.invoice(customer, "100.00", late=days) for days in late]
    case = await world.case(customer, plan)
    action = await world.action(customer, invoices, case=case)
    return customer, action, invoices


async def after_the_event(world: World, customer: UUID) -> None:
    async with world.database.write() as tx:
        await reconsider(tx, [customer], world.clock.now())


@pytest.mark.asyncio
async def test_a_paid_reference_withdraws_its_action_and_the_step_may_come_again(
    world: World,
) -> None:
    customer, action, [invoice, _] = await a_waiting_reminder(world, 20, 10)
    await world.pay(invoice)
    await after_the_event(world, customer)
    row = await world.row(actions, action)
    assert (row.state, row.reason, row.closed_at) == ("cancelled", "settled", SLOT)
    assert [step.live for step in await world.rows(run_steps)] == [False]
    assert [case.wake_at for case in await world.rows(cases)] == [SLOT]


@pytest.mark.asyncio
async def test_another_item_paid_shrinks_the_action(world: World) -> None:
    customer, action, [reference, other] = await a_waiting_reminder(world, 20, 10)
    await world.pay(other)
    await after_the_event(world, customer)
    row = await world.row(actions, action)
    assert (row.state, row.version) == ("waiting", 2)
    shown = {i.item_id: i.included for i in await world.rows(action_items)}
    assert shown == {reference: True, other: False}


@pytest.mark.asyncio
async def test_a_part_payment_leaves_the_action_as_it_is(world: World) -> None:
    customer, action, [invoice] = await a_waiting_reminder(world, 20)
    await world.pay(invoice, "40.00")
    await after_the_event(world, customer)
    row = await world.row(actions, action)
    assert (row.state, row.version) == ("waiting", 1)


@pytest.mark.asyncio
async def test_a_dispute_on_the_only_item_withdraws_the_action(world: World) -> None:
    customer, action, [invoice] = await a_waiting_reminder(world, 20)
    await world.set(items, invoice, family="dispute")
    await after_the_event(world, customer)
    assert (await world.row(actions, action)).reason == "disputed"


@pytest.mark.asyncio
async def test_a_pause_withdraws_what_has_not_left(world: World) -> None:
    customer, action, _ = await a_waiting_reminder(world, 20)
    await world.set(customers, customer, paused=True)
    await after_the_event(world, customer)
    assert (await world.row(actions, action)).reason == "paused"


@pytest.mark.asyncio
async def test_another_plan_withdraws_pending_actions_and_opens_a_new_case(world: World) -> None:
    customer, action, _ = await a_waiting_reminder(world, 20)
    other = await world.plan({**DOCUMENT, "plan": "other"})
    await world.set(customers, customer, plan_id=other)
    async with world.database.write() as tx:
        await enrol(tx, [customer], world.clock.now())
    assert (await world.row(actions, action)).reason == "plan_changed"
    old, new = await world.rows(cases)
    assert (old.ended_on, old.wake_at) == (SLOT.date(), None)
    assert (new.plan_id, new.ended_on, new.wake_at) == (other, None, SLOT)


@pytest.mark.asyncio
async def test_a_customer_never_enabled_gets_no_case(world: World) -> None:
    await world.set_organisation(default_plan_id=await world.plan())
    customer = await world.customer("ACME", enabled=False)
    async with world.database.write() as tx:
        await enrol(tx, [customer], world.clock.now())
    assert await world.rows(cases) == []


@pytest.mark.asyncio
async def test_enrolling_twice_changes_nothing(world: World) -> None:
    await world.set_organisation(default_plan_id=await world.plan())
    customer = await world.customer("ACME")
    for _ in range(2):
        async with world.database.write() as tx:
            await enrol(tx, [customer], world.clock.now())
    [case] = await world.rows(cases)
    assert case.enrolled_on == SLOT.date()
