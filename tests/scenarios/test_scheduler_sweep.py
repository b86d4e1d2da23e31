"""The sweep and what follows it, on real databases: made once, decided once, never lost."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import pytest_asyncio
import sqlalchemy as sa
from prometheus_client import REGISTRY

from relance.contracts.messages import (
    ActionsChanged,
    ActionsQueued,
    AttemptsRecorded,
    DecisionsAnswered,
    DecisionsTaken,
)
from relance.messaging.carrier import InProcessCarrier
from relance.messaging.outbox import post
from relance.service import drain
from relance.store.database import Database
from relance.store.tables import (
    actions,
    attempts,
    cases,
    decision_answers,
    decisions,
    history,
    run_steps,
)
from relance.store.types import new_id
from relance_scheduler.wiring import Scheduler
from tests.world import World, a_world

SLOT = datetime(2026, 11, 24, 7, 30, tzinfo=UTC)


class Listener:
    """Takes what the scheduler sends to the other services."""

    def __init__(self, carrier: InProcessCarrier) -> None:
        self.bodies: list[bytes] = []
        for kind in (ActionsQueued, ActionsChanged, DecisionsAnswered):
            carrier.subscribe(kind, self.receive)

    async def receive(self, body: bytes) -> None:
        self.bodies.append(body)


@pytest_asyncio.fixture
async def world(store_url: str) -> AsyncIterator[World]:
    async with a_world(store_url, SLOT) as world:
        yield world


@pytest.fixture
def carrier() -> InProcessCarrier:
    carrier = InProcessCarrier()
    Listener(carrier)
    return carrier


@pytest.fixture
def scheduler(world: World, carrier: InProcessCarrier) -> Scheduler:
    return Scheduler(world.database, carrier, world.clock, batch=4)


@asynccontextmanager
async def another(world: World, service: str) -> AsyncIterator[Database]:
    """A further service on the same rows."""
    url = world.database.engine.url.render_as_string(hide_password=False)
    database = Database(url, service=service)
    try:
        yield database
    finally:
        await database.close()


async def one_late_customer(world: World, late: int = 10) -> Any:
    plan = await world.plan()
    customer = await world.customer("ACME")
    await world.invoice(customer, "100.00", late=late)
    await world.case(customer, plan, wake_at=world.clock.now())
    return customer


async def decide(world: World, action: Any, verb: str, *, by: Any = None, **typed: Any) -> Any:
    """As the bot writes it: the row and its message."""
    decision = new_id()
    row = {
        "id": decision,
        "action_id": action.id,
        "member_id": by or world.alice,
        "verb": verb,
        "version": action.version,
        "input": typed,
        "taken_at": world.clock.now(),
    }
    async with another(world, "bot") as bot, bot.write() as tx:
        await tx.execute(sa.insert(decisions).values(row))
    async with world.database.write() as tx:
        await post(tx, "scheduler", DecisionsTaken, [decision], world.clock.now())
    return decision


@pytest.mark.asyncio
async def test_an_automatic_step_is_queued_at_its_slot_once(
    world: World, scheduler: Scheduler
) -> None:
    await one_late_customer(world)
    before = REGISTRY.get_sample_value("relance_cases_swept_total") or 0
    await drain(scheduler.tick)
    await drain(scheduler.tick)
    [action] = await world.rows(actions)
    assert (action.state, action.step, action.leave_at) == ("queued", "first", SLOT)
    assert REGISTRY.get_sample_value("relance_cases_swept_total") == before + 1
    assert [event.event for event in await world.rows(history)] == ["made"]


@pytest.mark.asyncio
async def test_two_sweeps_at_once_make_each_action_once(
    world: World, scheduler: Scheduler, carrier: InProcessCarrier
) -> None:
    plan = await world.plan()
    for number in range(30):
        customer = await world.customer(f"Customer {number}")
        await world.invoice(customer, "100.00", late=10)
        await world.case(customer, plan, wake_at=world.clock.now())
    async with another(world, "scheduler") as database:
        second = Scheduler(database, carrier, world.clock, batch=4)
        await asyncio.gather(drain(scheduler.tick), drain(second.tick))
    assert len(await world.rows(actions)) == 30
    assert len(await world.rows(run_steps)) == 30


@pytest.mark.asyncio
async def test_an_executed_step_leads_to_the_next_after_its_delay(
    world: World, scheduler: Scheduler
) -> None:
    await one_late_customer(world)
    await drain(scheduler.tick)
    [first] = await world.rows(actions)
    await delivered(world, first)
    await drain(scheduler.tick)
    assert (await world.row(actions, first.id)).state == "executed"
    [case] = await world.rows(cases)
    assert case.wake_at == datetime(2026, 11, 30, 7, 30, tzinfo=UTC)  # five days on is a Sunday
    world.clock.move_to(case.wake_at)
    await drain(scheduler.tick)
    second = (await world.rows(actions))[1]
    assert (second.step, second.mode, second.state) == ("second", "confirm", "waiting")


async def delivered(world: World, action: Any) -> None:
    """As the dispatcher records it."""
    now, attempt = world.clock.now(), new_id()
    async with another(world, "dispatcher") as dispatcher, dispatcher.write() as tx:
        await tx.execute(
            sa.insert(attempts).values(
                id=attempt,
                action_id=action.id,
                action_version=action.version,
                number=1,
                channel="email",
                token=new_id(),
                claimed_at=now,
                lease_until=now + timedelta(seconds=30),
                message_id="<1@x>",
                outcome="delivered",
                recorded_at=now,
            )
        )
        await post(tx, "scheduler", AttemptsRecorded, [attempt], now)


@pytest.mark.asyncio
async def test_ten_clicks_have_one_effect_and_every_one_is_answered(
    world: World, scheduler: Scheduler
) -> None:
    customer = await world.customer("ACME")
    invoice = await world.invoice(customer, "100.00")
    action = await world.row(actions, await world.action(customer, [invoice]))
    for _ in range(10):
        await decide(world, action, "validate")
    await drain(scheduler.tick)
    after = await world.row(actions, action.id)
    assert (after.state, after.version) == ("queued", 2)
    answers = await world.rows(decision_answers)
    assert sorted(answer.accepted for answer in answers) == [False] * 9 + [True]
    assert [event.event for event in await world.rows(history)] == ["validated"]


@pytest.mark.asyncio
async def test_an_admin_who_is_no_owner_changes_nothing(world: World, scheduler: Scheduler) -> None:
    admin = await world.member("Root", roles=["admin"])
    customer = await world.customer("ACME")
    action = await world.row(actions, await world.action(customer))
    await decide(world, action, "validate", by=admin)
    await drain(scheduler.tick)
    assert (await world.row(actions, action.id)).version == 1
    [answer] = await world.rows(decision_answers)
    assert (answer.accepted, answer.why) == (False, "not_yours")
    assert [event.event for event in await world.rows(history)] == ["refused"]


@pytest.mark.asyncio
async def test_a_reassigned_action_is_the_new_owners_alone(
    world: World, scheduler: Scheduler
) -> None:
    lead = await world.member("Lead", roles=["lead"])
    bob = await world.member("Bob")
    customer = await world.customer("ACME")
    action = await world.row(actions, await world.action(customer))
    await decide(world, action, "reassign", by=lead, new_owner=str(bob))
    await drain(scheduler.tick)
    moved = await world.row(actions, action.id)
    await decide(world, moved, "skip")
    await decide(world, moved, "skip", by=bob, reason="already paid")
    await drain(scheduler.tick)
    after = await world.row(actions, action.id)
    assert (after.state, after.reason, after.decided_by) == ("skipped", "already paid", bob)


@pytest.mark.asyncio
async def test_a_kept_letter_is_done_by_hand_where_no_provider_carries_it(
    world: World, scheduler: Scheduler
) -> None:
    customer = await world.customer("ACME")
    made = await world.action(customer, channel="letter", problem="channel_not_connected")
    action = await world.row(actions, made)
    await decide(world, action, "validate")
    await drain(scheduler.tick)
    assert (await world.row(actions, action.id)).state == "executed"
