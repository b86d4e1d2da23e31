"""What leaves, to whom, and that it leaves once (scenarios 33 to 36)."""

import asyncio
from contextlib import AsyncExitStack
from datetime import timedelta

import pytest
import sqlalchemy as sa
from prometheus_client import REGISTRY

from relance.contracts.messages import ActionsChanged, ActionsQueued
from relance.contracts.wire import Envelope, decode
from relance.store.dispatch import refused_addresses
from relance.store.tables import actions, attempts, customers, history, outbox, plan_versions
from relance.store.types import new_id
from relance_scheduler.deliveries import Deliveries
from tests.dispatching import Desk, a_desk, a_dispatcher, a_transport
from tests.post_office import LOSE

pytestmark = pytest.mark.asyncio


async def test_an_automatic_reminder_leaves_in_its_slot(store_url: str) -> None:
    async with a_desk(store_url) as desk:
        action, _ = await desk.reminded("Acme", "100.50", "40")
        await desk.settle()
        [mail] = desk.office.mails
        assert await desk.state(action) == ("executed", "")
        assert mail.recipients == ("acme@client.test",)
        assert mail.message["From"] == "Alice <alice@atelier.test>"
        assert mail.message["Auto-Submitted"] == "auto-generated"
        assert "140,50\xa0€" in mail.text


async def test_what_was_handed_over_is_counted_by_its_outcome(sqlite_store_url: str) -> None:
    def counted(outcome: str) -> float:
        labels = {"channel": "email", "outcome": outcome}
        return REGISTRY.get_sample_value("relance_sends_total", labels) or 0

    before = counted("delivered"), counted("unknown")
    async with a_desk(sqlite_store_url) as desk:
        await desk.reminded("Acme")
        desk.office.faults["lost@client.test"] = LOSE
        await desk.reminded("Lost")
        await desk.settle()
    assert (counted("delivered"), counted("unknown")) == (before[0] + 1, before[1] + 1)


async def test_what_was_sent_is_kept_byte_for_byte(store_url: str) -> None:
    async with a_desk(store_url) as desk:
        action, _ = await desk.reminded("Acme")
        await desk.settle()
        [attempt] = await desk.world.rows(attempts)
        [mail] = desk.office.mails
        assert mail.raw == attempt.body
        assert mail.message["Message-ID"] == attempt.message_id
        assert attempt.message_id == f"<{action.hex}.1@atelier.test>"
        assert (attempt.recipients, attempt.subject) == (["acme@client.test"], "Vos factures")


async def test_eight_bells_for_one_action_make_one_mail(store_url: str) -> None:
    async with a_desk(store_url, poll_every=timedelta(hours=1)) as desk:
        await desk.dispatcher.tick()  # the poll of the start
        action, _ = await desk.reminded("Acme")
        for _ in range(8):
            message = ActionsQueued(ids=(action,))
            await desk.carrier.carry(Envelope(id=new_id(), message=message))
            await desk.settle()
        assert desk.office.addresses == ["acme@client.test"]


async def test_a_bell_that_was_lost_is_made_up_for_by_the_poll(store_url: str) -> None:
    async with a_desk(store_url, poll_every=timedelta(minutes=1)) as desk:
        await desk.dispatcher.tick()
        await desk.reminded("Acme")
        desk.pass_time(seconds=59)
        assert await desk.settle() == 0
        desk.pass_time(seconds=1)
        await desk.settle()
        assert desk.office.addresses == ["acme@client.test"]


async def test_two_dispatchers_on_the_same_rows_send_one_mail_each(store_url: str) -> None:
    async with a_desk(store_url) as desk, AsyncExitStack() as stack:
        names = [f"Client{n:02}" for n in range(30)]
        for name in names:
            await desk.reminded(name)
        transport = await stack.enter_async_context(a_transport(desk.office.port))
        other, _, _ = await stack.enter_async_context(
            a_dispatcher(store_url, desk.world, transport)
        )
        await asyncio.gather(*(d.tick() for d in (desk.dispatcher, other) * 2))
        await desk.settle()
        assert desk.office.addresses == sorted(f"{name.lower()}@client.test" for name in names)


async def test_paid_after_validation_nothing_leaves(store_url: str) -> None:
    async with a_desk(store_url) as desk:
        action, [invoice] = await desk.reminded("Acme", mode="manual", released_by=desk.world.alice)
        await desk.world.pay(invoice)
        await desk.settle()
        assert desk.office.mails == []
        assert await desk.state(action) == ("cancelled", "settled")


async def test_partly_paid_after_validation_what_is_left_is_asked_for(store_url: str) -> None:
    async with a_desk(store_url) as desk:
        _, [first, second] = await desk.reminded("Acme", "100", "40")
        await desk.world.pay(second)
        await desk.world.pay(first, "30")
        await desk.settle()
        [mail] = desk.office.mails
        assert "il reste 70,00\xa0€" in mail.text
        assert "(sur 100,00\xa0€)" in mail.text
        assert "40,00" not in mail.text


async def test_excluded_in_between_nothing_leaves(store_url: str) -> None:
    async with a_desk(store_url) as desk:
        action, _ = await desk.reminded("Acme")
        customer = (await desk.world.row(actions, action)).customer_id
        await desk.world.set(customers, customer, enabled=False)
        await desk.settle()
        assert desk.office.mails == []
        assert await desk.state(action) == ("cancelled", "disabled")


async def test_under_the_floor_in_between_nothing_leaves(store_url: str) -> None:
    async with a_desk(store_url) as desk:
        desk.plan = await desk.world.plan(await plan_with(desk, "floored", floors={"EUR": "50"}))
        action, [invoice] = await desk.reminded("Acme", "100")
        kept, _ = await desk.reminded("Best", "50")
        await desk.world.pay(invoice, "50.01")
        await desk.settle()
        assert desk.office.addresses == ["best@client.test"]
        assert await desk.state(action) == ("cancelled", "under_floor")
        assert await desk.state(kept) == ("executed", "")


async def test_a_provider_that_took_it_and_hung_up_is_not_given_it_again(store_url: str) -> None:
    async with a_desk(store_url) as desk:
        desk.office.faults["acme@client.test"] = LOSE
        action, _ = await desk.reminded("Acme")
        await desk.settle()
        desk.pass_time(days=3)
        await desk.settle()
        assert await desk.outcomes(action) == ["unknown"]
        assert await desk.state(action) == ("uncertain", "")
        assert len(desk.office.mails) == 1


async def test_a_person_may_have_it_sent_again(store_url: str) -> None:
    async with a_desk(store_url) as desk:
        desk.office.faults["acme@client.test"] = LOSE
        action, _ = await desk.reminded("Acme")
        await desk.settle()
        desk.office.faults.clear()
        await send_again(desk, action)
        await desk.settle()
        await desk.settle()
        assert await desk.outcomes(action) == ["unknown", "delivered"]
        assert await desk.state(action) == ("executed", "")
        first, second = desk.office.mails
        assert first.message["Message-ID"] != second.message["Message-ID"]


async def test_five_hundred_due_at_once_and_some_that_fail(store_url: str) -> None:
    async with a_desk(store_url) as desk:
        made = {}
        async with desk.world.at_once():
            for number in range(500):
                made[f"c{number:03}"], _ = await desk.reminded(f"C{number:03}")
        desk.office.faults |= {
            "c007@client.test": "550 5.1.1 no such user",
            "c100@client.test": "451 4.7.1 come back later",
            "c250@client.test": LOSE,
        }
        await desk.settle()
        assert len(desk.office.mails) == 498
        assert len(set(desk.office.addresses)) == 498
        assert await desk.state(made["c007"]) == ("waiting", "rejected")
        assert await desk.state(made["c100"]) == ("queued", "")
        assert await desk.state(made["c250"]) == ("uncertain", "")
        desk.office.faults.clear()
        desk.pass_time(minutes=2)
        await desk.settle()
        assert await desk.state(made["c100"]) == ("executed", "")
        assert len(desk.office.mails) == 499


async def test_of_answers_that_came_together_one_is_too_late_and_the_others_are_told_in_one_message(
    store_url: str,
) -> None:
    async with a_desk(store_url) as desk:
        made = [(await desk.reminded(f"C{number}"))[0] for number in range(3)]
        await desk.dispatcher.tick()
        late, *others = sorted(made)
        await desk.world.set(actions, late, version=2)
        attempted = await desk.world.rows(attempts)
        async with desk.world.database.write() as tx:
            await Deliveries(desk.world.clock).handle(tx, tuple(row.id for row in attempted))
        assert await desk.state(late) == ("queued", "")
        assert [await desk.state(action) for action in others] == [("executed", "")] * 2
        told = await desk.world.rows(history)
        assert sorted(row.action_id for row in told) == others
        [bell] = await desk.world.rows(outbox, outbox.c.kind == ActionsChanged.kind)
        assert sorted(decode(bell.body).message.ids) == others


async def test_a_temporary_refusal_is_tried_again_inside_the_slot_then_the_next_day(
    store_url: str,
) -> None:
    async with a_desk(store_url) as desk:
        desk.office.faults["acme@client.test"] = "451 4.7.1 come back later"
        action, _ = await desk.reminded("Acme")
        waits = []
        for _ in range(7):
            await desk.settle()
            latest = (await desk.world.rows(attempts))[-1]
            waits.append(latest.retry_at - desk.world.clock.now())
            desk.world.clock.move_to(latest.retry_at)
        minutes = [wait.total_seconds() / 60 for wait in waits]
        assert minutes[:5] == [1, 2, 4, 8, 16]  # 08:35 to 09:06
        assert minutes[5] == 24 * 60 - 36  # 09:38 is past the slot: tomorrow at 08:30
        desk.office.faults.clear()
        await desk.settle()
        assert await desk.state(action) == ("executed", "")


async def test_what_a_person_released_is_tried_again_at_any_hour(store_url: str) -> None:
    async with a_desk(store_url) as desk:
        desk.pass_time(hours=12)
        desk.office.faults["acme@client.test"] = "421 4.3.2 closing down"
        await desk.reminded("Acme", mode="manual", released_by=desk.world.alice)
        await desk.settle()
        desk.office.faults.clear()
        desk.pass_time(minutes=1)
        await desk.settle()
        assert desk.office.addresses == ["acme@client.test"]


async def test_a_provider_that_never_takes_it_makes_it_a_person_s(store_url: str) -> None:
    async with a_desk(store_url, most_tries=3) as desk:
        desk.office.faults["acme@client.test"] = "451 4.7.1 come back later"
        action, _ = await desk.reminded("Acme")
        for _ in range(4):
            await desk.settle()
            desk.pass_time(minutes=5)
        assert await desk.outcomes(action) == ["try_later", "try_later", "impossible"]
        assert await desk.state(action) == ("waiting", "provider_unreachable")


async def test_a_refused_recipient_is_named_as_its_contact_writes_it(store_url: str) -> None:
    async with a_desk(store_url) as desk:
        action, _ = await desk.reminded("Acme", to=["payer"], cc=["Boss@CLIENT.test"])
        customer = (await desk.world.row(actions, action)).customer_id
        await desk.world.contact(customer, "Pay@ACME.test", position="payer")
        desk.office.faults["Pay@acme.test"] = "550 5.1.1 no such user"
        await desk.settle()
        [attempt] = await desk.world.rows(attempts)
        assert attempt.outcome == "delivered"
        assert refused_addresses(attempt.outcome_detail) == {
            "Pay@ACME.test": "550 5.1.1 no such user"
        }
        assert desk.office.addresses == ["Boss@client.test"]


async def test_a_refused_mail_blames_no_address(store_url: str) -> None:
    async with a_desk(store_url) as desk:
        desk.office.to_content = "554 5.7.1 looks like spam"
        action, _ = await desk.reminded("Acme")
        await desk.settle()
        [attempt] = await desk.world.rows(attempts)
        assert await desk.state(action) == ("waiting", "rejected")
        assert attempt.outcome_detail == "554 5.7.1 looks like spam"
        assert refused_addresses(attempt.outcome_detail) == {}


async def plan_with(desk: Desk, key: str, **changes: object) -> dict[str, object]:
    """The sample plan's document under another key."""
    version = (await desk.world.rows(plan_versions))[0]
    return {**version.document, "plan": key, **changes}


async def send_again(desk: Desk, action: object) -> None:
    """As the scheduler applies an owner's decision."""
    async with desk.world.database.write() as tx:
        await tx.execute(
            sa.update(actions)
            .where(actions.c.id == action, actions.c.state == "uncertain")
            .values(
                state="queued",
                released_by=desk.world.alice,
                leave_at=desk.world.clock.now(),
                version=actions.c.version + 1,
            )
        )
