"""What goes wrong between a decision and a message, end to end: cases 33 to 36 (rules §5, §6)."""

from typing import Any

import pytest

from relance.contracts.messages import ActionsQueued, AttemptsRecorded, DecisionsTaken, Message
from relance.contracts.wire import Envelope
from relance.domain.actions import Verb
from relance.messaging.carrier import InProcessCarrier
from relance.store.tables import attempts, contacts
from tests.diaries.company import SERVICES
from tests.diaries.diary import ACCEPTED, Diary, diary
from tests.diaries.plans import plan, reminders, to_confirm
from tests.diaries.post import is_busy, loses_the_answer, refuses

pytestmark = pytest.mark.asyncio

ACME = "acme@client.test"


class BadCarrier(InProcessCarrier):
    """Carries each message `times` times; loses those whose kind is in `loses`."""

    def __init__(self, times: int = 1, *loses: type[Message]) -> None:
        super().__init__()
        self.times = times
        self.loses = {kind.kind for kind in loses}

    async def carry(self, envelope: Envelope) -> None:
        if envelope.message.kind not in self.loses:
            for _ in range(self.times):
                await super().carry(envelope)


async def a_waiting_reminder(d: Diary, **rules: Any) -> None:
    await d.plan(to_confirm("first", "D+1"), *reminders(8), contact_delay=5, **rules)
    await d.customer("ACME")
    await d.invoice("ACME", "F1", "100.00", due="2025-05-16")
    await d.on("2025-06-03 08:30")
    d.expect_waiting("ACME", "first")


async def paid(d: Diary) -> None:
    await d.pays("F1")


async def plan_changed(d: Diary) -> None:
    await d.put_under("ACME", "by-hand")


async def excluded(d: Diary) -> None:
    await d.customer_is("ACME", enabled=False)


async def under_the_floor(d: Diary) -> None:
    await d.pays("F1", "90.01")


async def disputed(d: Diary) -> None:
    await d.disputes("F1")


async def floor_raised(d: Diary) -> None:
    steps = to_confirm("first", "D+1"), *reminders(8)
    await d.apply(plan("standard", *steps, contact_delay=5, floors={"EUR": 200}))


MEANWHILE = {
    paid: "settled",
    plan_changed: "plan_changed",
    excluded: "disabled",
    under_the_floor: "under_floor",
    disputed: "disputed",
    floor_raised: "under_floor",
}


@pytest.mark.parametrize("event", MEANWHILE)
async def test_what_changed_between_validation_and_sending_is_seen(
    store_url: str, event: Any
) -> None:
    """Case 33."""
    async with diary(store_url) as d:
        await d.apply(plan("by-hand", by_hand_only=True))
        await a_waiting_reminder(d, floors={"EUR": 10})
        async with d.company.without("dispatcher"):
            await d.owner_validates("ACME")
            await event(d)
        await d.company.settle()
        d.expect_withdrawn("ACME", "first", MEANWHILE[event])
        await d.on("2025-07-31")
        d.expect_nothing()
        assert d.company.post.handed == 0


async def test_a_payment_that_comes_during_the_hand_over_takes_nothing_back(
    store_url: str,
) -> None:
    """Reliability §1: what was claimed before may still leave; nothing follows it."""
    async with diary(store_url) as d:
        await a_waiting_reminder(d)

        async def pay() -> None:
            async with d.company.without(*SERVICES):
                await d.pays("F1")

        d.company.post.meanwhile = pay
        await d.owner_validates("ACME")
        d.expect_sent("ACME", "first")
        await d.on("2025-07-31")
        assert (await d.history("ACME")) == ["made", "validated", "sent"]


async def test_every_message_delivered_eight_times_makes_one_mail_of_each(store_url: str) -> None:
    """Case 34."""
    async with diary(store_url, carrier=BadCarrier(8)) as d:
        await a_waiting_reminder(d)
        await d.owner_validates("ACME")
        d.expect_sent("ACME", "first")
        await d.on("2025-06-30")
        d.expect("2025-06-09 ACME d8 F1")
        assert d.company.post.handed == 2
        assert (await d.history("ACME")).count("sent") == 2


async def test_clicks_on_yesterdays_card_change_nothing(store_url: str) -> None:
    """Case 34, the double click: each is answered with what already happened."""
    async with diary(store_url) as d:
        await a_waiting_reminder(d)
        card = await d.card("ACME")
        assert await d.click(card, Verb.VALIDATE) == ACCEPTED
        d.expect_sent("ACME", "first")
        for verb in (Verb.VALIDATE, Verb.SKIP, Verb.SEND_AGAIN, Verb.MARK_SENT):
            assert await d.click(card, verb) == "closed"
        d.expect_nothing()


@pytest.mark.parametrize("lost", [ActionsQueued, AttemptsRecorded, DecisionsTaken])
async def test_a_message_that_was_lost_delays_and_does_no_harm(
    store_url: str, lost: type[Message]
) -> None:
    """Reliability §2: whatever has waited too long is rung for again."""
    async with diary(store_url, carrier=BadCarrier(1, lost)) as d:
        await a_waiting_reminder(d)
        async with d.company.without("bot"):
            await d.owner_validates("ACME")
        await d.on("2025-06-03 08:45")
        d.expect_sent("ACME", "first")
        await d.on("2025-06-30")
        d.expect("2025-06-09 ACME d8 F1")
        assert d.company.post.handed == 2


async def test_a_lost_answer_is_asked_about_and_never_sent_again_by_itself(store_url: str) -> None:
    """Case 35: its owner says that it was sent, and the run goes on."""
    async with diary(store_url) as d:
        await a_waiting_reminder(d)
        d.post_does(loses_the_answer, ACME)
        await d.owner_validates("ACME")
        d.expect_sent("ACME", "first")
        d.expect_doubt("ACME", "first")
        await d.on("2025-06-20 12:00")
        d.expect_nothing()
        await d.owner_marks_as_sent("ACME")
        await d.on("2025-07-31")
        d.expect("2025-06-25 ACME d8 F1")
        assert d.company.post.handed == 2


async def test_a_person_may_send_again_what_is_in_doubt(store_url: str) -> None:
    """Case 35: on a named person's decision alone."""
    async with diary(store_url) as d:
        await a_waiting_reminder(d)
        d.post_does(loses_the_answer, ACME)
        await d.owner_validates("ACME")
        d.expect_sent("ACME", "first")
        d.expect_doubt("ACME", "first")
        await d.owner_sends_again("ACME")
        d.expect_sent("ACME", "first")
        numbers = [(row.number, row.outcome, row.live) for row in await d.world.rows(attempts)]
        assert sorted(numbers) == [(1, "unknown", False), (2, "delivered", True)]
        assert len({letter.identifier for letter in d.company.post.letters}) == 2


async def test_a_busy_server_is_tried_again_in_the_slot_and_then_on_the_next_day(
    store_url: str,
) -> None:
    """Rules §6."""
    async with diary(store_url) as d:
        await d.plan(*reminders(1))
        await d.customer("ACME")
        await d.invoice("ACME", "F1", "100.00", due="2025-05-16")
        d.post_does(is_busy, ACME, times=6)
        await d.on("2025-06-03 23:00")
        d.expect_nothing()
        assert d.company.post.handed == 6  # at 0, 1, 3, 7, 15 and 31 minutes; then the slot ends
        await d.on("2025-06-30")
        d.expect("2025-06-04 ACME d1 F1")
        assert [row.outcome for row in await d.world.rows(attempts)].count("try_later") == 6


async def test_a_refused_address_is_marked_and_the_reminder_is_handed_to_its_owner(
    store_url: str,
) -> None:
    """Rules §6."""
    async with diary(store_url) as d:
        await d.plan(*reminders(1, 8))
        await d.customer("ACME")
        await d.invoice("ACME", "F1", "100.00", due="2025-05-16")
        d.post_does(refuses, ACME)
        await d.on("2025-06-05 12:00")
        d.expect("2025-06-03 ACME d1 F1 waiting (rejected)")
        [contact] = await d.world.rows(contacts)
        assert contact.email_invalid
        await d.contact("ACME", "new@acme.test", position="accounting")
        await d.owner_validates("ACME")
        d.expect_sent("ACME", "d1", to=("new@acme.test",))
        await d.on("2025-06-30")
        d.expect("2025-06-06 ACME d8 F1")


async def test_without_any_address_left_the_plan_for_such_customers_goes_on(
    store_url: str,
) -> None:
    """Rules §1, profile: it goes on after the step that it had reached."""
    async with diary(store_url) as d:
        steps = ("first", "D+1"), ("second", "D+8")
        await d.plan(*(to_confirm(*step) for step in steps), key="default")
        await d.apply(plan("mailed", *reminders(1, 8)))
        await d.apply(plan("phoned", *reminders(1), *(to_confirm("d8", "D+8", channel="letter"),)))
        await d.profile("Shops", with_email="mailed", without_email="phoned")
        await d.customer("ACME", profile="Shops")
        await d.invoice("ACME", "F1", "100.00", due="2025-05-16")
        await d.on("2025-06-03 12:00")
        d.expect("2025-06-03 ACME d1 F1")
        d.post_does(refuses, ACME)
        await d.on("2025-06-30")
        d.expect(
            "2025-06-04 ACME d8 F1 cancelled (plan_changed)",
            "2025-06-04 ACME d8 F1 waiting (channel_not_connected)",
        )


async def test_of_five_hundred_due_those_that_can_leave_do(store_url: str) -> None:
    """Case 36: busy ones are tried again, refused and unreachable ones are handed over."""
    async with diary(store_url) as d:
        await d.plan(*reminders(1))
        names = [f"C{number:03}" for number in range(500)]
        await d.customers_with_an_invoice(names, "100.00", due="2025-05-16")
        for name in names[::50]:
            d.post_does(refuses, f"{name.lower()}@client.test")
        for name in names[1::50]:
            d.post_does(is_busy, f"{name.lower()}@client.test")
        for name in names[2::50]:
            d.post_does(loses_the_answer, f"{name.lower()}@client.test")
        await d.on("2025-06-03 08:30")
        whats = [note.what for note in d.notes]
        assert {w: whats.count(w) for w in set(whats)} == {
            "sent": 480,
            "waiting": 10,
            "uncertain": 10,
        }
        d.notes.clear()
        await d.on("2025-06-03 08:32")
        assert [note.what for note in d.notes] == ["sent"] * 10
        d.notes.clear()
        assert len({letter.to for letter in d.company.post.letters}) == 490


async def test_a_kill_switch_holds_everything_and_lets_it_go_afterwards(store_url: str) -> None:
    """Rules §5."""
    async with diary(store_url) as d:
        await d.plan(*reminders(1))
        await d.customer("ACME")
        await d.invoice("ACME", "F1", "100.00", due="2025-05-16")
        await d.organisation_is(kill_switch=True)
        await d.on("2025-06-05 12:00")
        d.expect_nothing()
        await d.organisation_is(kill_switch=False)
        await d.on("2025-06-30")
        d.expect("2025-06-06 ACME d1 F1")


async def test_what_was_held_up_for_long_leaves_a_contact_delay_apart(store_url: str) -> None:
    """Rules §4: an outage or a kill switch of weeks ends without a burst."""
    async with diary(store_url) as d:
        await d.plan(*reminders(1), scope="item", contact_delay=5)
        await d.customer("ACME")
        await d.invoice("ACME", "F1", "100.00", due="2025-05-16")
        await d.invoice("ACME", "F2", "50.00", due="2025-06-05")
        await d.organisation_is(kill_switch=True)
        await d.on("2025-06-12 12:00")
        d.expect_nothing()
        await d.organisation_is(kill_switch=False)
        await d.on("2025-06-30")
        d.expect("2025-06-13 ACME d1 F1", "2025-06-18 ACME d1 F2")


async def test_stale_data_hold_what_is_automatic_until_an_import_has_ended(
    store_url: str,
) -> None:
    """Rules §5."""
    async with diary(store_url) as d:
        await d.plan(*reminders(1))
        await d.customer("ACME")
        await d.invoice("ACME", "F1", "100.00", due="2025-05-16")
        await d.organisation_is(fresh_within_hours=24)
        await d.on("2025-06-04 12:00")
        d.expect_nothing()
        await d.world.imported(d.now)
        await d.on("2025-06-30")
        d.expect("2025-06-05 ACME d1 F1")
