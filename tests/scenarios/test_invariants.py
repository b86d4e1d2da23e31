"""Each invariant finds what breaks it, and nothing in a company where all is well."""

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
import pytest_asyncio
import sqlalchemy as sa

from relance.contracts.messages import ActionsQueued
from relance.domain.plans import CONNECTED
from relance.messaging.dead import bury_unread
from relance.messaging.outbox import post
from relance.store.database import Database
from relance.store.invariants import INVARIANTS, Finding, Invariant, Sighting, look
from relance.store.invariants.finding import EXAMPLES, Tally
from relance.store.tables import (
    actions,
    attempts,
    cards,
    cases,
    customers,
    decision_answers,
    decisions,
    inbox,
    items,
    members,
    outbox,
    plan_versions,
    requests,
    run_steps,
)
from relance.store.types import new_id
from relance_scheduler.sweep import Sweep
from tests.world import DOCUMENT, TUESDAY, World, a_world

PAST = TUESDAY - timedelta(days=1)


@pytest_asyncio.fixture
async def world(store_url: str) -> AsyncIterator[World]:
    async with a_world(store_url) as world:
        yield world


async def found(world: World, **asked: Any) -> dict[str, Finding]:
    """What is found, by its key."""
    return {one.invariant.key: one for one in await look(world.database, world.clock, **asked)}


async def insert(world: World, table: sa.Table, **row: Any) -> UUID:
    """A row, as the service that owns the table writes it."""
    url = world.database.engine.url.render_as_string(hide_password=False)
    writer = Database(url, service=table.info["writer"])
    key: UUID = row.setdefault("id", new_id()) if "id" in table.c else new_id()
    try:
        async with writer.write() as tx:
            await tx.execute(sa.insert(table), row)
    finally:
        await writer.close()
    return key


async def execute(world: World, statement: sa.Executable) -> None:
    async with world.database.write() as tx:
        await tx.execute(statement)


async def a_reminder(world: World, **changes: Any) -> UUID:
    """An action of the plan about one invoice of a customer of its own."""
    plan = await world.plan({**DOCUMENT, "plan": f"plan-{uuid4()}"})
    customer = await world.customer("ACME")
    invoice = await world.invoice(customer, "100.00")
    case = await world.case(customer, plan, resting="blocked")
    return await world.action(customer, [invoice], case=case, **changes)


async def tried(world: World, action: UUID, number: int = 1, **changes: Any) -> UUID:
    """A delivered attempt at it."""
    row = {
        "action_id": action,
        "number": number,
        "channel": "email",
        "action_version": number,
        "token": new_id(),
        "claimed_at": PAST,
        "lease_until": PAST,
        "message_id": str(new_id()),
        "outcome": "delivered",
        "recorded_at": PAST,
        "live": False,
    }
    return await insert(world, attempts, **row | changes)


async def decided(world: World, action: UUID, verb: str, version: int) -> UUID:
    row = {"action_id": action, "member_id": world.alice, "verb": verb, "version": version}
    return await insert(world, decisions, **row, taken_at=PAST)


# How each is broken ------------------------------------------------------------------------------


async def hand_over_again(world: World) -> None:
    action = await a_reminder(world, state="executed", closed_at=PAST)
    await tried(world, action, 1, outcome="unknown")
    await tried(world, action, 2)


async def send_a_step_twice(world: World) -> None:
    first = await a_reminder(world, state="executed", closed_at=PAST)
    [step] = await world.rows(run_steps)
    row = await world.row(actions, first)
    second = await world.action(row.customer_id, state="executed", closed_at=PAST)
    await execute(world, sa.text("DROP INDEX uq_run_steps_once"))
    again = {"run_id": step.run_id, "step": step.step, "action_id": second}
    await insert(world, run_steps, **again)
    for action in (first, second):
        await tried(world, action)


async def claim_twice(world: World) -> None:
    action = await a_reminder(world, state="queued")
    await execute(world, sa.text("DROP INDEX uq_attempts_live"))
    for number in (1, 2):
        await tried(world, action, number, outcome=None, live=True)


async def execute_without_a_send(world: World) -> None:
    await tried(
        world, await a_reminder(world, state="executed", closed_at=PAST), outcome="rejected"
    )


async def forget_a_send(world: World) -> None:
    await tried(world, await a_reminder(world), live=True)


async def close_by_half(world: World) -> None:
    await a_reminder(world, closed_at=PAST)


async def end_without_a_reason(world: World) -> None:
    await a_reminder(world, state="cancelled", closed_at=PAST)


async def leave_it_to_nobody(world: World) -> None:
    await a_reminder(world)
    await world.set(members, world.alice, active=False)


async def doubt(world: World) -> None:
    await tried(world, await a_reminder(world, state="uncertain", version=2), outcome="unknown")


async def show_it_before_the_doubt(world: World) -> None:
    await doubt(world)
    [action] = await world.rows(actions)
    shown = {"member_id": world.alice, "channel": "D1", "ts": "1.0", "version": 1}
    await insert(world, cards, action_id=action.id, **shown)


async def wait_unseen(world: World) -> None:
    await a_reminder(world, made_at=PAST)


async def carry_nothing(world: World) -> None:
    async with world.database.write() as tx:
        await post(tx, "scheduler", ActionsQueued, [new_id()], PAST)


async def take_nothing(world: World) -> None:
    row = {"consumer": "scheduler", "message_id": new_id(), "received_at": PAST, "done": False}
    async with world.database.write() as tx:
        await tx.execute(sa.insert(inbox), row | {"tries": 1, "retry_at": PAST})


async def fail_to_take(world: World) -> None:
    row = {"consumer": "scheduler", "message_id": new_id(), "received_at": PAST, "done": False}
    ahead = world.clock.now() + timedelta(minutes=1)
    async with world.database.write() as tx:
        await tx.execute(sa.insert(inbox), row | {"tries": 1, "retry_at": ahead})


async def give_up(world: World) -> None:
    async with world.database.write() as tx:
        await bury_unread(tx, "scheduler", b"?", "not a message: body", PAST)


async def die_with_a_claim(world: World) -> None:
    action = await a_reminder(world, state="queued")
    await tried(world, action, outcome=None, recorded_at=None, live=True)


async def leave_an_outcome(world: World) -> None:
    await tried(world, await a_reminder(world, state="queued"), live=True)


async def leave_a_decision(world: World) -> None:
    await decided(world, await a_reminder(world), "skip", 1)


async def leave_a_request(world: World) -> None:
    whose = {"organisation_id": world.organisation, "member_id": world.alice}
    await insert(world, requests, **whose, kind="resume_everything", taken_at=PAST)


async def oversleep(world: World) -> None:
    await a_reminder(world)
    await execute(world, sa.update(cases).values(wake_at=PAST))


async def put_off(world: World) -> None:
    await a_reminder(world)
    await execute(world, sa.update(cases).values(wake_at=TUESDAY, resting="fault"))


async def never_wake(world: World) -> None:
    await a_reminder(world)
    await execute(world, sa.update(cases).values(wake_at=None, resting=""))


async def be_paid_unnoticed(world: World) -> None:
    await a_reminder(world)
    [invoice] = await world.rows(items)
    await world.pay(invoice.id)


async def stay_in_the_queue(world: World) -> None:
    await a_reminder(world, state="queued", mode="automatic")
    world.clock.move_to(world.clock.now() + timedelta(minutes=6))


async def forget(world: World) -> None:
    """A reminder is due on this very morning."""
    plan = await world.plan()
    customer = await world.customer("ACME")
    await world.invoice(customer, "100.00")
    far = TUESDAY + timedelta(days=30)
    await world.case(customer, plan, wake_at=far, resting="")


async def live_nowhere(world: World) -> None:
    await world.set_organisation(zone="Europe/Nowhere")


async def plan_nonsense(world: World) -> None:
    await forget(world)
    await execute(world, sa.update(plan_versions).values(document={"plan": 1}))


BREAKS: dict[str, Callable[[World], Awaitable[None]]] = {
    "handed_over_again": hand_over_again,
    "step_sent_twice": send_a_step_twice,
    "two_live_actions": send_a_step_twice,
    "two_live_attempts": claim_twice,
    "executed_without_attempt": execute_without_a_send,
    "delivered_but_not_executed": forget_a_send,
    "half_closed": close_by_half,
    "ended_without_reason": end_without_a_reason,
    "no_active_owner": leave_it_to_nobody,
    "uncertain": doubt,
    "uncertain_unseen": show_it_before_the_doubt,
    "waiting_unseen": wait_unseen,
    "outbox": carry_nothing,
    "inbox_overdue": take_nothing,
    "inbox_retrying": fail_to_take,
    "dead_letters": give_up,
    "expired_leases": die_with_a_claim,
    "outcome_not_applied": leave_an_outcome,
    "decisions_unanswered": leave_a_decision,
    "requests_unanswered": leave_a_request,
    "cases_awake": oversleep,
    "cases_put_off": put_off,
    "cases_without_wake_up": never_wake,
    "still_asking": be_paid_unnoticed,
    "not_leaving": stay_in_the_queue,
    "wrong_settings": live_nowhere,
    "wrong_plan": plan_nonsense,
    "forgotten": forget,
    "not_evaluated": plan_nonsense,
}


def test_each_invariant_is_broken_by_some_test() -> None:
    assert [*BREAKS] == [invariant.key for invariant in INVARIANTS]


@pytest.mark.asyncio
@pytest.mark.parametrize("key", BREAKS)
async def test_what_breaks_it_is_found(world: World, key: str) -> None:
    await BREAKS[key](world)
    broken = (await found(world))[key]
    assert broken.count == 1
    assert len(broken.examples) == 1


# Where all is well -------------------------------------------------------------------------------


async def a_morning(world: World) -> None:
    """Three customers, swept once: one is reminded, one is to be confirmed, one owes nothing."""
    plan = await world.plan()
    for name, late in (("ACME", 3), ("Dupont", -30), ("Martin", 0)):
        customer = await world.customer(name)
        await world.contact(customer, f"{name}@client.test")
        if late:
            await world.invoice(customer, "100.00", late=late)
        await world.case(customer, plan, wake_at=TUESDAY)
    sweep = Sweep(world.database, world.clock, CONNECTED)
    assert await sweep.tick() == 3


@pytest.mark.asyncio
async def test_after_a_sweep_all_is_well(world: World) -> None:
    await a_morning(world)
    assert [row.state for row in await world.rows(actions)] == ["queued"]
    assert await found(world) == {}


@pytest.mark.asyncio
async def test_where_no_service_runs_it_is_late_but_nothing_is_forgotten(world: World) -> None:
    await a_morning(world)
    world.clock.move_to(TUESDAY + timedelta(minutes=10))
    late = await found(world)
    assert {*late} == {"outbox", "not_leaving"}
    assert late["not_leaving"].oldest == TUESDAY
    world.clock.move_to(TUESDAY + timedelta(hours=3))  # its slot is over
    assert {*await found(world)} == {"outbox"}


@pytest.mark.asyncio
@pytest.mark.parametrize(
    "held",
    [
        {"kill_switch": True},
        {"paused": True},
        {"fresh_within_hours": 24},
    ],
)
async def test_what_is_held_back_on_purpose_is_not_late(world: World, held: Any) -> None:
    await stay_in_the_queue(world)
    await world.set_organisation(**held)
    assert "not_leaving" not in await found(world)


@pytest.mark.asyncio
async def test_the_contact_delay_and_a_retry_to_come_are_no_lateness(world: World) -> None:
    await stay_in_the_queue(world)
    await execute(world, sa.update(customers).values(last_contact_on=PAST.date()))
    assert "not_leaving" not in await found(world)
    await execute(world, sa.update(customers).values(last_contact_on=None))
    assert "not_leaving" in await found(world)
    [action] = await world.rows(actions)
    ahead = world.clock.now() + timedelta(minutes=5)
    await tried(world, action.id, outcome="try_later", retry_at=ahead)
    assert "not_leaving" not in await found(world)


@pytest.mark.asyncio
async def test_a_persons_decision_between_two_hand_overs_is_well(world: World) -> None:
    action = await a_reminder(world, state="executed", closed_at=PAST, version=4)
    await tried(world, action, 1, outcome="unknown")
    await tried(world, action, 2, action_version=3)
    assert "handed_over_again" in await found(world)
    decision = await decided(world, action, "send_again", 2)
    answered = {"decision_id": decision, "accepted": True, "answered_at": PAST}
    await insert(world, decision_answers, **answered)
    assert "handed_over_again" not in await found(world)


@pytest.mark.asyncio
async def test_a_refused_hand_over_may_be_followed_by_another(world: World) -> None:
    action = await a_reminder(world, state="executed", closed_at=PAST)
    await tried(world, action, 1, outcome="try_later")
    await tried(world, action, 2, action_version=1)
    assert "handed_over_again" not in await found(world)


@pytest.mark.asyncio
async def test_what_came_back_from_a_hand_over_is_left_to_the_last_look(world: World) -> None:
    action = await a_reminder(world, state="queued")
    await tried(world, action, outcome="try_later", retry_at=TUESDAY + timedelta(days=1))
    [invoice] = await world.rows(items)
    await world.pay(invoice.id)
    assert "still_asking" not in await found(world)


@pytest.mark.asyncio
@pytest.mark.parametrize("why", [{"archived": True}, {"enabled": False}])
async def test_an_action_for_a_customer_who_is_out_is_found(world: World, why: Any) -> None:
    await a_reminder(world)
    await execute(world, sa.update(customers).values(**why))
    assert "still_asking" in await found(world)


@pytest.mark.asyncio
async def test_a_shown_doubt_needs_no_further_card(world: World) -> None:
    await show_it_before_the_doubt(world)
    bot = Database(world.database.engine.url.render_as_string(hide_password=False), service="bot")
    async with bot.write() as tx:
        await tx.execute(sa.update(cards).values(version=2))
    await bot.close()
    assert {"uncertain"} <= {*await found(world)}
    assert "uncertain_unseen" not in await found(world)


# How it looks ------------------------------------------------------------------------------------


@pytest.mark.asyncio
async def test_a_quick_look_evaluates_nothing(world: World) -> None:
    await forget(world)
    assert "forgotten" not in await found(world, quick=True)


@pytest.mark.asyncio
async def test_forgotten_cases_are_woken_when_asked_and_swept(world: World) -> None:
    await forget(world)
    assert "forgotten" in await found(world, wake=True)
    assert await Sweep(world.database, world.clock, CONNECTED).tick() == 1
    assert len(await world.rows(actions)) == 1
    assert await world.rows(outbox)
    assert await found(world) == {}


@pytest.mark.asyncio
async def test_one_bad_plan_hides_no_forgotten_case(world: World) -> None:
    await plan_nonsense(world)
    good = await world.plan({**DOCUMENT, "plan": "other"})
    customer = await world.customer("Martin")
    await world.invoice(customer, "100.00")
    await world.case(customer, good, wake_at=TUESDAY + timedelta(days=30))
    broken = await found(world)
    assert broken["not_evaluated"].count == broken["forgotten"].count == 1


@pytest.mark.asyncio
async def test_an_organisation_is_looked_at_alone(world: World) -> None:
    await forget(world)
    assert "forgotten" in await found(world, only=world.organisation)
    assert await found(world, only=uuid4()) == {}


@pytest.mark.asyncio
async def test_it_tells_how_far_it_is(world: World) -> None:
    told: list[tuple[int, int]] = []
    await forget(world)
    await found(world, tell=lambda done, whole: told.append((done, whole)))
    assert told == [(1, 1)]


def test_many_sightings_are_counted_and_few_are_kept() -> None:
    invariant = Invariant(key="x", title="x", mend="x")
    tally = Tally(invariant)
    for day in range(100):
        since = TUESDAY + timedelta(days=50 - day if day < 51 else day)
        tally.add(Sighting(subject=str(day), since=since))
    [finding] = tally.findings()
    assert finding.count == 100
    assert finding.oldest == TUESDAY
    assert [seen.subject for seen in finding.examples] == ["50", "49", "48"][:EXAMPLES]
