"""What is asked for, end to end: cases 11 to 20 (rules §2)."""

import pytest

from tests.diaries.diary import Diary, diary
from tests.diaries.plans import notice, reminders, thank_you, to_confirm

pytestmark = pytest.mark.asyncio


async def an_invoice(d: Diary, due: str = "2025-05-16", amount: str = "100.00") -> None:
    await d.customer("ACME")
    await d.invoice("ACME", "F1", amount, due=due)


async def test_after_a_part_payment_it_goes_on_at_its_level_for_what_is_left(
    store_url: str,
) -> None:
    """Case 11."""
    async with diary(store_url) as d:
        await an_invoice(d)
        await d.plan(*reminders(1, 8), contact_delay=5)
        await d.on("2025-06-03 08:30")
        d.expect_sent("ACME", "d1", items={"F1": "€100.00"})
        await d.pays("F1", "40.00")
        await d.on("2025-06-09 08:30")
        d.expect_sent("ACME", "d8", items={"F1": "€60.00"}, pay="€60.00")
        assert (await d.history("ACME")).count("sent") == 2


async def test_a_payment_that_nobody_allocated_is_shown_and_when_it_covers_all_nothing_leaves(
    store_url: str,
) -> None:
    """Case 12."""
    async with diary(store_url) as d:
        await an_invoice(d)
        await d.plan(*reminders(1, 8))
        await d.pays_on_account("ACME", "30.00", by="P1")
        await d.on("2025-06-03 08:30")
        d.expect_sent("ACME", "d1", credits={"P1": "€30.00"}, pay="€70.00")
        await d.pays_on_account("ACME", "70.00", by="P2")
        await d.on("2025-07-31")
        d.expect_nothing()
        assert await d.resting("ACME") == "balance"


async def test_a_payment_that_covers_what_is_due_but_not_what_is_to_come_keeps_us_silent(
    store_url: str,
) -> None:
    """Case 12: until more is due than was paid."""
    async with diary(store_url) as d:
        await an_invoice(d)
        await d.invoice("ACME", "F2", "100.00", due="2025-06-20")
        await d.pays_on_account("ACME", "120.00", by="P1")
        await d.plan(*reminders(1), scope="account")
        await d.on("2025-06-19 23:00")
        d.expect_nothing()
        await d.on("2025-06-30")
        d.expect("2025-06-20 ACME d1 F1 F2")


async def test_an_allocated_credit_note_settles_like_a_payment(store_url: str) -> None:
    """Case 13."""
    async with diary(store_url) as d:
        await an_invoice(d)
        await d.invoice("ACME", "F2", "50.00", due="2025-05-16")
        await d.credit_note("ACME", "A1", "100.00", against="F1")
        await d.plan(*reminders(1))
        await d.on("2025-06-03 08:30")
        d.expect_sent("ACME", "d1", items={"F2": "€50.00"}, credits={}, pay="€50.00")


async def test_a_loose_credit_note_is_netted_in_reminders_and_not_before(store_url: str) -> None:
    """Case 13, rules §2: never in a pre-due notice."""
    async with diary(store_url) as d:
        await an_invoice(d, due="2025-06-10")
        await d.credit_note("ACME", "A1", "30.00")
        await d.plan(notice("week", "D-7"), *reminders(1))
        await d.on("2025-06-03 08:30")
        d.expect_sent("ACME", "week", items={"F1": "€100.00"}, credits={})
        await d.on("2025-06-11 08:30")
        d.expect_sent("ACME", "d1", items={"F1": "€100.00"}, credits={"A1": "€30.00"}, pay="€70.00")


async def test_a_customer_with_credit_notes_alone_is_never_reminded(store_url: str) -> None:
    """Case 14."""
    async with diary(store_url) as d:
        await d.customer("ACME")
        await d.credit_note("ACME", "A1", "30.00")
        await d.plan(notice("week", "D-7"), *reminders(0, 8))
        await d.on("2025-09-01")
        d.expect_nothing()


async def test_a_payment_charged_back_opens_the_invoice_and_the_plan_goes_on(
    store_url: str,
) -> None:
    """Case 15."""
    async with diary(store_url) as d:
        await an_invoice(d)
        await d.plan(*reminders(1, 8), contact_delay=5)
        await d.on("2025-06-03 08:30")
        d.expect_sent("ACME", "d1")
        await d.pays("F1", by="P1")
        await d.on("2025-06-16 12:00")
        d.expect_nothing()
        await d.bounces("P1")
        await d.on("2025-06-30")
        d.expect("2025-06-17 ACME d8 F1")


async def test_two_currencies_have_floors_and_counters_of_their_own_and_are_never_added(
    store_url: str,
) -> None:
    """Case 16: 2 yen are below a floor of 10 yen; a currency without a floor has none."""
    async with diary(store_url) as d:
        await an_invoice(d)
        await d.invoice("ACME", "J1", "2", due="2025-05-16", currency="JPY")
        await d.invoice("ACME", "U1", "2.00", due="2025-06-09", currency="USD")
        await d.plan(*reminders(1, 30), floors={"EUR": 10, "JPY": 10})
        await d.on("2025-06-03 08:30")
        d.expect_sent("ACME", "d1", items={"F1": "€100.00"})
        await d.on("2025-06-10 08:30")
        d.expect_sent("ACME", "d1", items={"U1": "US$2.00"})
        await d.on("2025-06-16 08:30")
        d.expect_sent("ACME", "d30", items={"F1": "€100.00"})


async def test_currencies_that_reach_a_step_together_share_a_message_not_a_sum(
    store_url: str,
) -> None:
    """Case 16."""
    async with diary(store_url) as d:
        await an_invoice(d)
        await d.invoice("ACME", "U1", "50.00", due="2025-05-16", currency="USD")
        await d.plan(*reminders(1))
        await d.on("2025-06-03 08:30")
        d.expect_sent("ACME", "d1", pay="€100.00 + US$50.00")


async def test_exactly_at_the_floor_is_reminded_a_cent_below_is_not(store_url: str) -> None:
    """Case 17."""
    async with diary(store_url) as d:
        for name, amount in (("At", "10.00"), ("Below", "9.99")):
            await d.customer(name)
            await d.invoice(name, f"F {name}", amount, due="2025-05-16")
        await d.plan(*reminders(1), floors={"EUR": 10})
        await d.on("2025-06-30")
        d.expect("2025-06-03 At d1 F At")
        assert await d.resting("Below") == "under_floor"


async def test_above_the_ceiling_a_person_decides_at_it_nobody_need(store_url: str) -> None:
    """Rules §5."""
    async with diary(store_url) as d:
        for name, amount in (("At", "500.00"), ("Above", "500.01")):
            await d.customer(name)
            await d.invoice(name, f"F {name}", amount, due="2025-05-16")
        await d.plan(*reminders(1), ceilings={"EUR": 500})
        await d.on("2025-06-03 08:30")
        d.expect_sent("At", "d1")
        d.expect_waiting("Above", "d1", why="ceiling")
        await d.owner_validates("Above")
        d.expect_sent("Above", "d1", pay="€500.01")


async def test_a_write_off_silences_an_invoice_until_it_is_undone(store_url: str) -> None:
    """Case 18."""
    async with diary(store_url) as d:
        await an_invoice(d)
        await d.plan(*reminders(1, 8))
        await d.on("2025-06-03 08:30")
        d.expect_sent("ACME", "d1")
        await d.writes_off("F1")
        await d.on("2025-06-20 12:00")
        d.expect_nothing()
        await d.writes_back("F1")
        await d.on("2025-06-30")
        d.expect("2025-06-23 ACME d8 F1")


async def test_each_instalment_has_its_own_age_and_its_own_payment(store_url: str) -> None:
    """Case 19."""
    async with diary(store_url) as d:
        await d.customer("ACME")
        for part, due in ((1, "2025-06-03"), (2, "2025-06-17")):
            await d.invoice("ACME", "F1", "50.00", part=part, due=due)
        await d.plan(*reminders(1, 8))
        await d.on("2025-06-05 12:00")
        d.expect("2025-06-04 ACME d1 F1/1")
        await d.pays("F1/1")
        await d.on("2025-06-30")
        d.expect("2025-06-18 ACME d1 F1/2", "2025-06-25 ACME d8 F1/2")


async def test_a_reminder_of_several_invoices_stands_until_all_are_settled(store_url: str) -> None:
    """Case 20."""
    async with diary(store_url) as d:
        await an_invoice(d)
        await d.invoice("ACME", "F2", "50.00", due="2025-05-20")
        await d.plan(to_confirm("first", "D+1"))
        await d.on("2025-06-03 08:30")
        assert d.expect_waiting("ACME", "first").items == ("F1", "F2")
        await d.pays("F2")
        d.expect_nothing()
        await d.owner_edits("ACME", note="they promised to look")
        await d.pays("F1")
        d.expect_withdrawn("ACME", "first", "settled")
        await d.on("2025-07-31")


async def test_when_one_of_several_invoices_is_paid_the_reminder_asks_for_the_rest(
    store_url: str,
) -> None:
    """Case 20."""
    async with diary(store_url) as d:
        await an_invoice(d)
        await d.invoice("ACME", "F2", "50.00", due="2025-05-20")
        await d.plan(to_confirm("first", "D+1"))
        await d.on("2025-06-03 08:30")
        d.expect_waiting("ACME", "first")
        await d.pays("F2")
        await d.owner_validates("ACME")
        d.expect_sent("ACME", "first", items={"F1": "€100.00"}, pay="€100.00")


async def test_a_payment_is_thanked_for_once_it_is_allocated_in_full(store_url: str) -> None:
    """Rules §3."""
    async with diary(store_url) as d:
        await an_invoice(d)
        await d.plan(*reminders(30), thank_you("thanks", "2 days after payment"))
        await d.on("2025-06-04 12:00")
        await d.pays_on_account("ACME", "100.00", by="P1")
        await d.on("2025-06-10 12:00")
        d.expect_nothing()
        await d.allocates("P1", "F1")
        await d.on("2025-06-11 08:30")
        d.expect_sent("ACME", "thanks", items={}, thanks="€100.00")
        await d.on("2025-07-31")


async def test_what_is_not_issued_not_sent_or_undated_starts_no_reminder(store_url: str) -> None:
    """Rules §2: drafts, what the customer never got, what has no due date; and direct debits."""
    async with diary(store_url) as d:
        await d.customer("ACME")
        await d.invoice("ACME", "Draft", "10.00", due="2025-05-16", issued="2025-05-01")
        await d.item_is("Draft", issued=False)
        await d.invoice("ACME", "Unsent", "10.00", due="2025-05-16", sent=False)
        await d.invoice("ACME", "Undated", "10.00", due=None)
        await d.invoice("ACME", "Debit", "10.00", due="2025-05-16", direct_debit=True)
        await d.plan(*reminders(1, 8))
        await d.on("2025-07-31")
        d.expect_nothing()
