"""Who gets it, who decides, under which plan, end to end: cases 22 to 32 (rules §2, §3, §7)."""

from datetime import date
from typing import Any

import pytest

from relance.domain.actions import CallOutcome, Edit, Verb
from relance.domain.people import Role
from relance.rendering import shipped
from relance.store.tables import actions, members
from tests.diaries.diary import ACCEPTED, Diary, diary
from tests.diaries.plans import call, plan, reminder, reminders, to_confirm

pytestmark = pytest.mark.asyncio


async def an_invoice(d: Diary, due: str = "2025-05-16") -> None:
    await d.customer("ACME")
    await d.invoice("ACME", "F1", "100.00", due=due)


async def test_a_position_without_an_address_falls_to_the_main_contact_then_to_the_company(
    store_url: str,
) -> None:
    """Case 22: and with nobody at all its owner is asked, the others' reminders leave."""
    async with diary(store_url) as d:
        await d.plan(reminder("first", "D+1", to=["accounting"]))
        for name, email in (("Full", "main@full.test"), ("Some", ""), ("Bare", "")):
            await d.customer(name, email=email)
            await d.invoice(name, f"F {name}", "100.00", due="2025-05-16")
        await d.contact("Full", "", position="accounting")
        await d.contact("Some", "sales@some.test", position="sales")
        await d.on("2025-06-03 08:30")
        d.expect_sent("Full", "first", to=("main@full.test",))
        d.expect_sent("Some", "first", to=("sales@some.test",))
        d.expect_waiting("Bare", "first", why="no_contact")


async def test_an_address_that_was_added_is_written_to_when_its_owner_says_so(
    store_url: str,
) -> None:
    """Case 22, afterwards."""
    async with diary(store_url) as d:
        await d.plan(*reminders(1))
        await d.customer("ACME", email="")
        await d.invoice("ACME", "F1", "100.00", due="2025-05-16")
        await d.on("2025-06-03 08:30")
        d.expect_waiting("ACME", "d1", why="no_contact")
        await d.contact("ACME", "new@acme.test")
        await d.owner_validates("ACME")
        d.expect_sent("ACME", "d1", to=("new@acme.test",))


async def test_whoever_opted_out_is_not_written_to(store_url: str) -> None:
    """Rules §5."""
    async with diary(store_url) as d:
        await d.plan(*reminders(1))
        await an_invoice(d)
        await d.contact_is("acme@client.test", opted_out=["email"])
        await d.on("2025-06-03 08:30")
        d.expect_waiting("ACME", "d1", why="opted_out")


@pytest.mark.parametrize("exclusion", [{"archived": True}, {"enabled": False}])
async def test_nothing_comes_for_an_archived_or_disabled_customer_whatever_its_plan(
    store_url: str, exclusion: dict[str, Any]
) -> None:
    """Cases 23 and 25: an exclusion beats all; what was pending is withdrawn."""
    async with diary(store_url) as d:
        await d.plan(to_confirm("first", "D+1"))
        await d.apply(plan("own", *reminders(1)))
        await an_invoice(d)
        await d.customer("Never", plan="own", **exclusion)
        await d.invoice("Never", "N1", "100.00", due="2025-05-16")
        await d.on("2025-06-03 08:30")
        d.expect_waiting("ACME", "first")
        await d.customer_is("ACME", **exclusion)
        [note] = d.notes
        assert note.what == "cancelled"
        d.notes.clear()
        await d.on("2025-07-31")
        d.expect_nothing()


async def test_a_customer_enabled_again_goes_on(store_url: str) -> None:
    """Case 23, undone."""
    async with diary(store_url) as d:
        await d.plan(*reminders(1, 8))
        await an_invoice(d)
        await d.on("2025-06-03 08:30")
        d.expect_sent("ACME", "d1")
        await d.customer_is("ACME", enabled=False)
        await d.on("2025-06-20 12:00")
        await d.customer_is("ACME", enabled=True)
        await d.on("2025-06-30")
        d.expect("2025-06-23 ACME d8 F1")


async def test_without_a_plan_nothing_comes_and_by_hand_only_that_is_on_purpose(
    store_url: str,
) -> None:
    """Case 24."""
    async with diary(store_url) as d:
        await d.apply(plan("by-hand", by_hand_only=True))
        await d.customer("Planless")
        await d.customer("Handmade", plan="by-hand")
        for name in ("Planless", "Handmade"):
            await d.invoice(name, f"F {name}", "100.00", due="2025-05-16")
        await d.on("2025-07-31")
        d.expect_nothing()
        assert await d.resting("Planless") == "no plan"
        assert await d.resting("Handmade") == "by_hand_only"


async def test_the_customers_plan_beats_the_profiles_which_beats_the_default(
    store_url: str,
) -> None:
    """Case 25."""
    async with diary(store_url) as d:
        await d.plan(reminder("of-default", "D+1"), key="default")
        for key in ("profile", "postal", "own"):
            await d.apply(plan(key, reminder(f"of-{key}", "D+1")))
        await d.profile("Shops", with_email="profile", without_email="postal")
        await d.customer("Default")
        await d.customer("Profile", profile="Shops")
        await d.customer("Own", profile="Shops", plan="own")
        for name in ("Default", "Profile", "Own"):
            await d.invoice(name, f"F {name}", "100.00", due="2025-05-16")
        await d.on("2025-06-30")
        d.expect(
            "2025-06-03 Default of-default F Default",
            "2025-06-03 Own of-own F Own",
            "2025-06-03 Profile of-profile F Profile",
        )


async def test_another_plan_withdraws_what_is_pending_and_keeps_the_history(
    store_url: str,
) -> None:
    """Case 26."""
    async with diary(store_url) as d:
        await d.plan(reminder("first", "D+1"), to_confirm("second", "D+8"))
        await d.apply(plan("gentle", reminder("hello", "D+1"), logic="contextual"))
        await an_invoice(d)
        await d.on("2025-06-04 12:00")
        d.expect("2025-06-03 ACME first F1", "2025-06-04 ACME second F1 waiting")
        await d.put_under("ACME", "gentle")
        d.expect_withdrawn("ACME", "second", "plan_changed")
        await d.on("2025-07-31")
        d.expect("2025-06-05 ACME hello F1")
        done = await d.world.rows(actions, actions.c.state == "executed")
        assert [(row.plan_key, row.step) for row in done] == [
            ("standard", "first"),
            ("gentle", "hello"),
        ]
        assert "cancelled" in await d.history("ACME")


async def test_running_customers_follow_a_new_version_from_their_next_step(
    store_url: str,
) -> None:
    """Rules §3."""
    async with diary(store_url) as d:
        await d.plan(*reminders(1, 8, 13))
        await an_invoice(d, due="2025-06-03")
        await d.on("2025-06-11 12:00")
        d.expect("2025-06-04 ACME d1 F1", "2025-06-11 ACME d8 F1")
        await d.apply(plan("standard", *reminders(1, 8), call("ring", "D+10")))
        await d.on("2025-06-30")
        d.expect("2025-06-13 ACME ring F1 waiting")


async def test_a_dispute_stops_an_invoice_and_its_release_lets_it_go_on(store_url: str) -> None:
    """Case 27."""
    async with diary(store_url) as d:
        await d.plan(*reminders(1, 8, 13))
        await an_invoice(d, due="2025-06-03")
        await d.on("2025-06-04 08:30")
        d.expect_sent("ACME", "d1")
        await d.disputes("F1")
        await d.on("2025-06-25 12:00")
        d.expect_nothing()
        await d.releases("F1")
        await d.on("2025-07-31")
        d.expect("2025-06-26 ACME d8 F1", "2025-06-27 ACME d13 F1")


async def test_of_three_invoices_the_disputed_one_leaves_and_the_message_lists_the_others(
    store_url: str,
) -> None:
    """Case 28: disputed while the message waits, even the oldest."""
    async with diary(store_url) as d:
        await d.plan(to_confirm("first", "D+1"))
        await an_invoice(d, due="2025-05-19")
        await d.invoice("ACME", "F2", "50.00", due="2025-05-16")
        await d.invoice("ACME", "F3", "20.00", due="2025-05-20")
        await d.on("2025-06-03 08:30")
        d.expect_waiting("ACME", "first")
        await d.disputes("F3")
        await d.owner_validates("ACME")
        d.expect_sent("ACME", "first", items={"F2": "€50.00", "F1": "€100.00"}, pay="€150.00")


async def test_a_promise_is_waited_for_to_the_end_of_its_day(store_url: str) -> None:
    """Rules §2."""
    async with diary(store_url) as d:
        await d.plan(*reminders(1))
        await an_invoice(d)
        await d.promises("F1", "2025-06-12")
        await d.on("2025-06-30")
        d.expect("2025-06-13 ACME d1 F1")


async def test_an_invoice_cancelled_in_accounting_withdraws_its_reminder(store_url: str) -> None:
    """Case 30: the history stays."""
    async with diary(store_url) as d:
        await d.plan(reminder("first", "D+1"), to_confirm("second", "D+8"))
        await an_invoice(d)
        await d.on("2025-06-04 12:00")
        d.expect("2025-06-03 ACME first F1", "2025-06-04 ACME second F1 waiting")
        await d.writes_off("F1")
        d.expect_withdrawn("ACME", "second", "settled")
        await d.on("2025-07-31")
        assert (await d.history("ACME"))[:2] == ["made", "sent"]


LETTERS = {
    "fr": ("Bonjour", "1 234,50 €", "16 mai 2025"),
    "en": ("Dear", "€1,234.50", "16 May 2025"),
    "en-US": ("Dear", "€1,234.50", "May 16, 2025"),
    "de": ("Dear", "€1,234.50", "16 May 2025"),  # no German text: English, the fallback
}


@pytest.mark.parametrize("language", LETTERS)
async def test_a_letter_speaks_the_customers_language_with_its_formats(
    store_url: str, language: str
) -> None:
    """Case 32."""
    async with diary(store_url) as d:
        for found in (one for one in shipped() if one.key == "first-reminder"):
            words = {"subject": found.subject, "body": found.body}
            await d.world.template(found.key, language=found.language, **words)
        d.ids["text first-reminder"] = d.world.organisation  # there already
        await d.plan(reminder("first", "D+1", template="first-reminder"))
        await d.customer("ACME", language=language)
        await d.invoice("ACME", "F1", "1234.50", due="2025-05-16")
        await d.on("2025-06-03 08:30")
        text = d.expect_sent("ACME", "first").text.replace("\u00a0", " ")
        assert [said for said in LETTERS[language] if said not in text] == []


async def test_a_call_is_logged_and_counts_as_a_contact(store_url: str) -> None:
    """Rules §4, §7."""
    async with diary(store_url) as d:
        await d.plan(call("ring", "D+1"), *reminders(2), contact_delay=5)
        await an_invoice(d)
        await d.on("2025-06-05 16:00")
        d.expect("2025-06-03 ACME ring F1 waiting")
        card = await d.card("ACME")
        assert await d.click(card, Verb.VALIDATE) == "invalid"  # a call needs its outcome
        await d.owner_logs_call("ACME", CallOutcome.VOICEMAIL)
        await d.on("2025-06-30")
        d.expect("2025-06-10 ACME d2 F1")


async def test_a_skip_is_no_contact_and_the_run_goes_on(store_url: str) -> None:
    """Rules §4, §7."""
    async with diary(store_url) as d:
        await d.plan(to_confirm("first", "D+1"), *reminders(8), contact_delay=5)
        await an_invoice(d)
        await d.on("2025-06-03 15:00")
        d.expect("2025-06-03 ACME first F1 waiting")
        await d.owner_skips("ACME", reason="we spoke yesterday")
        await d.on("2025-06-30")
        d.expect("2025-06-04 ACME d8 F1")


async def test_what_an_owner_wrote_leaves_as_it_was_written(store_url: str) -> None:
    """Rules §7."""
    async with diary(store_url) as d:
        await d.plan(to_confirm("first", "D+1"))
        await an_invoice(d)
        await d.on("2025-06-03 15:00")
        d.expect("2025-06-03 ACME first F1 waiting")
        await d.owner_edits("ACME", subject="A word", body="You owe us 100 euros.")
        await d.owner_validates("ACME")
        letter = d.expect_sent("ACME", "first", subject="A word")
        assert "You owe us 100 euros." in letter.text


async def test_a_text_with_an_amount_that_changed_goes_back_to_its_owner(store_url: str) -> None:
    """Rules §5: never silently rendered again."""
    async with diary(store_url) as d:
        await d.plan(to_confirm("first", "D+1"))
        await an_invoice(d)
        await d.on("2025-06-03 15:00")
        d.expect("2025-06-03 ACME first F1 waiting")
        await d.owner_edits("ACME", body="You owe us 100 euros.")
        await d.pays("F1", "40.00")
        await d.owner_validates("ACME")
        d.expect_waiting("ACME", "first", why="amounts_changed")
        await d.owner_edits("ACME", body="You owe us 60 euros.")
        await d.owner_validates("ACME")
        assert "60 euros" in d.expect_sent("ACME", "first").text


async def test_only_owners_decide_and_a_reassigned_action_is_the_new_owners_alone(
    store_url: str,
) -> None:
    """Rules §7."""
    async with diary(store_url) as d:
        await d.member("Root", roles=[Role.ADMIN])
        await d.member("Bob")
        await d.plan(to_confirm("first", "D+1"))
        await an_invoice(d)
        await d.on("2025-06-03 15:00")
        d.expect("2025-06-03 ACME first F1 waiting")
        card = await d.card("ACME")
        assert await d.click(card, Verb.VALIDATE, by="Root") == "not_yours"
        assert await d.click(card, Verb.SKIP, by="Bob") == "not_yours"
        assert await d.click(card, Verb.REASSIGN, by="Root", new_owner=d.ids["Bob"]) == ACCEPTED
        card = await d.card("ACME")
        assert await d.click(card, Verb.VALIDATE, by="Alice") == "not_yours"
        d.expect_nothing()
        assert await d.click(card, Verb.VALIDATE, by="Bob") == ACCEPTED
        d.expect_sent("ACME", "first")


async def test_of_two_owners_the_first_decides_and_the_second_changes_nothing(
    store_url: str,
) -> None:
    """Rules §7."""
    async with diary(store_url) as d:
        await d.member("Bob")
        owners = ["alice@atelier.test", "bob@atelier.test"]
        await d.plan(to_confirm("first", "D+1", owner=owners))
        await an_invoice(d)
        await d.on("2025-06-03 08:30")
        d.expect_waiting("ACME", "first", owners=("Alice", "Bob"))
        card = await d.card("ACME")
        assert await d.click(card, Verb.SKIP, by="Bob") == ACCEPTED
        assert await d.click(card, Verb.VALIDATE, by="Alice") == "closed"
        assert await d.click(card, Verb.EDIT, by="Alice", edit=Edit(body="x")) == "closed"
        d.expect_nothing()


async def test_the_stand_in_of_somebody_away_gets_what_is_new(store_url: str) -> None:
    """Rules §7."""
    async with diary(store_url) as d:
        await d.member("Bob")
        leave = {"away_from": date(2025, 6, 2), "away_until": date(2025, 6, 6)}
        await d.world.set(members, d.ids["Alice"], stand_in_id=d.ids["Bob"], **leave)
        await d.plan(to_confirm("first", "D+1"), to_confirm("second", "D+27"))
        await an_invoice(d)
        await d.on("2025-06-03 08:30")
        d.expect_waiting("ACME", "first", owners=["Bob"])
        await d.owner_skips("ACME")
        await d.on("2025-06-12 08:30")
        d.expect_waiting("ACME", "second", owners=["Alice"])


async def test_a_pause_withdraws_and_its_end_brings_back(store_url: str) -> None:
    """Rules §2: of the organisation, of the plan, of the customer, of the invoice."""
    async with diary(store_url) as d:
        await d.plan(*reminders(1))
        await an_invoice(d)
        until = {"paused": True, "paused_until": date(2025, 6, 10)}
        await d.customer_is("ACME", **until)
        await d.plan_is("standard", **until | {"paused_until": date(2025, 6, 12)})
        await d.organisation_is(**until)
        await d.item_is("F1", **until | {"paused_until": date(2025, 6, 14)})
        await d.on("2025-06-30")
        d.expect("2025-06-16 ACME d1 F1")
