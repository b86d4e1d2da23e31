"""When things leave, end to end: cases 1 to 10 and the worked example of the rules (§4)."""

import asyncio
from collections.abc import Sequence
from datetime import datetime, time
from typing import Any

import pytest
import sqlalchemy as sa

from relance.service import drain
from relance.store.database import Database
from relance_scheduler.wiring import Scheduler
from tests.diaries.diary import Diary, diary
from tests.diaries.plans import notice, plan, reminder, reminders, statement, thank_you, to_confirm

pytestmark = pytest.mark.asyncio

EVERY_DAY = list(range(7))


async def an_invoice(d: Diary, due: str, amount: str = "100.00") -> None:
    await d.customer("ACME")
    await d.invoice("ACME", "F1", amount, due=due)


async def test_a_step_comes_on_its_day_and_not_a_day_before(store_url: str) -> None:
    """Case 1."""
    async with diary(store_url) as d:
        await an_invoice(d, due="2025-06-05")
        await d.plan(*reminders(0, 5))
        await d.on("2025-06-05 08:29")
        d.expect_nothing()
        await d.on("2025-06-05 08:30")
        d.expect_sent("ACME", "d0", items={"F1": "€100.00"})
        await d.on("2025-06-10 08:29")  # the whole of day 4, and day 5 until its slot
        d.expect_nothing()
        await d.on("2025-06-10 08:30")
        d.expect_sent("ACME", "d5", items={"F1": "€100.00"})


async def test_after_days_without_power_a_reminder_leaves_once_at_the_next_slot(
    store_url: str,
) -> None:
    """Case 2."""
    async with diary(store_url) as d:
        await an_invoice(d, due="2025-06-05")
        await d.plan(*reminders(1, 30))
        await d.sleeps_until("2025-06-12 11:00")
        d.expect_nothing()
        await d.on("2025-06-30")
        d.expect("2025-06-13 ACME d1 F1")


async def test_a_machine_that_comes_back_within_the_slot_uses_it(store_url: str) -> None:
    """Case 2, the morning's last minute."""
    async with diary(store_url) as d:
        await an_invoice(d, due="2025-06-05")
        await d.plan(*reminders(1))
        await d.sleeps_until("2025-06-06 09:29")
        d.expect_sent("ACME", "d1")


async def test_a_step_counts_from_the_day_on_which_the_one_before_was_carried_out(
    store_url: str,
) -> None:
    """Case 3."""
    async with diary(store_url) as d:
        await an_invoice(d, due="2025-06-04")
        await d.plan(to_confirm("first", "D+1"), reminder("second", "5 days after previous step"))
        await d.on("2025-06-11 15:00")
        d.expect("2025-06-05 ACME first F1 waiting")
        await d.owner_validates("ACME")
        d.expect_sent("ACME", "first")
        await d.on("2025-06-30")
        d.expect("2025-06-16 ACME second F1")


async def test_nothing_follows_what_waits_and_the_end_is_said_once(store_url: str) -> None:
    """Case 4."""
    async with diary(store_url) as d:
        await an_invoice(d, due="2025-06-04")
        await d.plan(to_confirm("first", "D+1"), *reminders(8))
        await d.on("2025-08-01")
        d.expect("2025-06-05 ACME first F1 waiting")
        await d.owner_validates("ACME")
        d.expect_sent("ACME", "first")
        await d.on("2026-06-01")
        d.expect("2025-08-04 ACME d8 F1")
        assert (await d.history("ACME")).count("finished") == 1


ONE_BY_ONE = (
    "2025-06-03 ACME d1 F1",
    "2025-06-10 ACME d8 F1",
    "2025-06-16 ACME d13 F1",
    "2025-06-23 ACME d16 F1",
    "2025-06-30 ACME d30 F1",
)
WEEKENDS_ONLY = (ONE_BY_ONE[0], "2025-06-09 ACME d8 F1", *ONE_BY_ONE[2:])
BY_AGE = ("2025-06-03 ACME d16 F1", "2025-06-16 ACME d30 F1")


@pytest.mark.parametrize(
    ("logic", "holidays", "lines"),
    [
        ("standard", True, ONE_BY_ONE),
        ("standard", False, WEEKENDS_ONLY),
        ("contextual", True, BY_AGE),
    ],
)
async def test_a_plan_that_starts_late_sends_no_burst(
    store_url: str, logic: str, holidays: bool, lines: Sequence[str]
) -> None:
    """Case 5, by the worked example of the rules: whit Monday is 9 June."""
    async with diary(store_url, start="2025-06-02 10:00", holidays=holidays) as d:
        await an_invoice(d, due="2025-05-16")
        await d.plan(*reminders(1, 8, 13, 16, 30), contact_delay=5, logic=logic)
        await d.on("2025-07-31")
        d.expect(*lines)


@pytest.mark.parametrize(("logic", "step"), [("standard", "d1"), ("contextual", "d60")])
async def test_an_invoice_first_seen_75_days_late_gets_one_reminder_that_day(
    store_url: str, logic: str, step: str
) -> None:
    """Case 6."""
    async with diary(store_url) as d:
        await d.plan(*reminders(1, 30, 60), logic=logic)
        await d.customer("ACME")
        await d.on("2025-06-04 08:00")
        await d.invoice("ACME", "F1", "100.00", due="2025-03-21")
        await d.on("2025-06-04 23:00")
        d.expect(f"2025-06-04 ACME {step} F1")


async def test_offsets_and_a_contact_delay_give_the_days_of_the_rules(store_url: str) -> None:
    """Rules §4: offsets 0, 4, 8, 15 with a delay of 5 are carried out on days 0, 5, 10, 15."""
    async with diary(store_url, weekdays=EVERY_DAY) as d:
        await an_invoice(d, due="2025-06-03")
        await d.plan(*reminders(0, 4, 8, 15), contact_delay=5)
        await d.on("2025-07-31")
        d.expect(
            "2025-06-03 ACME d0 F1",
            "2025-06-08 ACME d4 F1",
            "2025-06-13 ACME d8 F1",
            "2025-06-18 ACME d15 F1",
        )


SUMMER_AND_WINTER = {
    "Europe/Paris": (
        ("2025-03-28T07:30Z", "2025-03-31T06:30Z"),
        ("2025-10-24T06:30Z", "2025-10-27T07:30Z"),
    ),
    "America/New_York": (
        ("2025-03-07T13:30Z", "2025-03-10T12:30Z"),
        ("2025-10-31T12:30Z", "2025-11-03T13:30Z"),
    ),
    "Pacific/Auckland": (
        ("2025-04-03T19:30Z", "2025-04-06T20:30Z"),
        ("2025-09-25T20:30Z", "2025-09-28T19:30Z"),
    ),
    "Asia/Kathmandu": (
        ("2025-03-28T02:45Z", "2025-03-31T02:45Z"),
        ("2025-10-24T02:45Z", "2025-10-27T02:45Z"),
    ),
}


@pytest.mark.parametrize("zone", SUMMER_AND_WINTER)
async def test_half_past_eight_stays_half_past_eight_when_the_clocks_change(
    store_url: str, zone: str
) -> None:
    """Case 7: the Friday before and the Monday after each change."""
    instants = [
        datetime.fromisoformat(text.replace("Z", "+00:00"))
        for change in SUMMER_AND_WINTER[zone]
        for text in change
    ]
    async with diary(store_url, zone=zone, start="2025-01-06 10:00") as d:
        await d.plan(*reminders(0), scope="item")
        await d.customer("ACME")
        for number, instant in enumerate(instants):
            due = instant.astimezone(d.zone).date()
            await d.invoice("ACME", f"F{number}", "100.00", due=due.isoformat())
        await d.on("2025-12-31")
        letters = [note.letter for note in d.notes]
        assert [letter.at for letter in letters if letter] == instants
        assert {note.at[11:] for note in d.notes} == {"08:30"}
        d.notes.clear()


@pytest.mark.parametrize(
    ("night", "leaves"),
    [("2025-03-30", "2025-03-30T01:30Z"), ("2025-10-26", "2025-10-26T00:30Z")],
    ids=["the hour is skipped", "the hour comes twice"],
)
async def test_at_half_past_two_of_a_night_of_change_it_leaves_once(
    store_url: str, night: str, leaves: str
) -> None:
    """Case 7."""
    hours: dict[str, Any] = {"send_at": time(2, 30), "send_until": time(3)}
    async with diary(store_url, start="2025-01-06 10:00", weekdays=EVERY_DAY, **hours) as d:
        await an_invoice(d, due=night)
        await d.plan(*reminders(0))
        await d.on("2025-12-01")
        [note] = d.notes
        assert note.letter
        assert note.letter.at == datetime.fromisoformat(leaves.replace("Z", "+00:00"))
        d.notes.clear()


@pytest.mark.parametrize("zone", ["Pacific/Auckland", "America/New_York", "Asia/Kathmandu"])
async def test_a_day_is_the_organisations_around_midnight_and_the_first_of_a_month(
    store_url: str, zone: str
) -> None:
    """Case 7: enrolled, promised and paid in the last or the first minutes of a day."""
    async with diary(store_url, zone=zone, start="2025-06-30 23:55") as d:
        await d.plan(*reminders(1, 2), thank_you("thanks", "1 day after payment"))
        await an_invoice(d, due="2025-06-30")
        await d.promises("F1", "2025-07-02")
        await d.on("2025-07-02 23:59")
        d.expect_nothing()
        await d.on("2025-07-03 08:30")
        d.expect_sent("ACME", "d1")
        await d.on("2025-07-03 23:59")
        await d.pays("F1")
        await d.on("2025-07-31")
        d.expect("2025-07-04 ACME thanks")


RULES_FOR_THE_NEXT = {
    "restart": "2025-06-16 ACME d1 F2",
    "inherit": "2025-06-16 ACME d13 F2",
    "contextual": "2025-06-16 ACME d8 F2",
}


@pytest.mark.parametrize("rule", RULES_FOR_THE_NEXT)
async def test_when_the_oldest_is_paid_the_next_one_leads_by_the_plans_rule(
    store_url: str, rule: str
) -> None:
    """Case 8: F2 is 11 days late when F1 is paid."""
    async with diary(store_url) as d:
        await an_invoice(d, due="2025-05-16")
        await d.invoice("ACME", "F2", "50.00", due="2025-05-30")
        await d.plan(*reminders(1, 8, 13, 30), contact_delay=5, on_reference_settled=rule)
        await d.on("2025-06-10 10:00")
        d.expect("2025-06-03 ACME d1 F1 F2", "2025-06-09 ACME d8 F1 F2")
        await d.pays("F1")
        await d.on("2025-06-16 23:00")
        d.expect(RULES_FOR_THE_NEXT[rule])


async def test_an_older_invoice_that_arrives_later_takes_over_from_the_start(
    store_url: str,
) -> None:
    """Rules §4."""
    async with diary(store_url) as d:
        await an_invoice(d, due="2025-05-30")
        await d.plan(*reminders(1, 8, 30))
        await d.on("2025-06-10 10:00")
        d.expect("2025-06-03 ACME d1 F1", "2025-06-09 ACME d8 F1")
        await d.invoice("ACME", "F0", "20.00", due="2025-05-01")
        await d.on("2025-06-11")
        d.expect("2025-06-11 ACME d1 F0 F1")


async def test_two_sweeps_at_once_make_each_action_once(store_url: str) -> None:
    """Case 9."""
    async with diary(store_url) as d:
        await d.plan(*reminders(1))
        names = [f"Customer {number:02}" for number in range(12)]
        for number, name in enumerate(names):
            await d.customer(name)
            await d.invoice(name, f"F{number:02}", "100.00", due="2025-05-16")
        await d.begin()
        d.world.clock.move_to(d.instant("2025-06-03 08:30"))
        second = Database(store_url, service="scheduler")
        other = Scheduler(second, d.company.carrier, d.world.clock, batch=3)
        await asyncio.gather(drain(d.company.scheduler.tick), drain(other.tick))
        await d.company.settle()
        sent = sorted(str(note) for note in d.notes)
        assert sent == [f"2025-06-03 {n} d1 F{i:02}" for i, n in enumerate(names)]
        d.notes.clear()
    await second.close()


async def test_a_second_look_with_nothing_changed_reads_a_little_and_writes_nothing(
    store_url: str,
) -> None:
    """Case 10."""
    async with diary(store_url) as d:
        await d.plan(*reminders(1, 30))
        for number in range(5):
            await d.customer(f"Customer {number}")
            await d.invoice(f"Customer {number}", f"F{number}", "100.00", due="2025-05-16")
        await d.on("2025-06-03 09:00")
        assert len(d.notes) == 5
        d.notes.clear()
        said = statements_of(d)
        assert await d.company.settle() == 0
        assert {statement.split()[0] for statement in said} <= {"BEGIN", "SELECT"}
        assert len(said) < 10


def statements_of(d: Diary) -> list[str]:
    """What the scheduler's database is asked from now on, but for the looks of the diary."""
    said: list[str] = []

    def note(_c: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        said.append(statement)

    sa.event.listen(d.world.database.engine.sync_engine, "before_cursor_execute", note)
    d.company.look = None
    return said


async def test_a_notice_comes_before_the_due_date_or_not_at_all(store_url: str) -> None:
    """Rules §4: notices expire at the due date, reminders never."""
    async with diary(store_url) as d:
        await d.plan(notice("week", "D-7"), notice("eve", "D-1"), *reminders(1))
        await an_invoice(d, due="2025-06-12")
        await d.customer("Late")
        await d.invoice("Late", "L1", "100.00", due="2025-06-06")  # its D-7 is gone already
        await d.on("2025-06-05 12:00")
        d.expect("2025-06-05 ACME week F1", "2025-06-05 Late eve L1")
        await d.sleeps_until("2025-06-12 12:00")  # the eve of the 12th is slept through
        d.expect_nothing()
        await d.on("2025-06-30")
        d.expect("2025-06-13 ACME d1 F1", "2025-06-13 Late d1 L1")


async def test_a_notice_that_nobody_confirmed_expires_on_the_due_date(store_url: str) -> None:
    """Rules §4."""
    async with diary(store_url) as d:
        await d.plan(notice("week", "D-7", mode="confirm"), *reminders(1))
        await an_invoice(d, due="2025-06-12")
        await d.on("2025-06-30")
        d.expect(
            "2025-06-05 ACME week F1 waiting",
            "2025-06-12 ACME week F1 expired (expired)",
            "2025-06-13 ACME d1 F1",
        )


async def test_by_age_a_step_expires_when_the_next_one_comes(store_url: str) -> None:
    """Rules §4, contextual: a manual one too; the expiry is recorded."""
    async with diary(store_url) as d:
        await d.plan(to_confirm("first", "D+1"), reminder("second", "D+8"), logic="contextual")
        await an_invoice(d, due="2025-06-02")
        await d.on("2025-06-30")
        d.expect(
            "2025-06-03 ACME first F1 waiting",
            "2025-06-10 ACME first F1 expired (expired)",
            "2025-06-10 ACME second F1",
        )
        assert (await d.history("ACME")).count("expired") == 1


async def test_forty_five_days_end_of_month(store_url: str) -> None:
    """Rules §3."""
    async with diary(store_url) as d:
        when = "at the end of the month of 45 days after issue date"
        await d.plan(reminder("legal", when))
        await d.customer("ACME")
        await d.invoice("ACME", "F1", "100.00", issued="2025-05-05", due="2025-06-19")
        await d.on("2025-07-31")
        d.expect("2025-06-30 ACME legal F1")


async def test_a_statement_of_account_recurs_and_one_makes_up_for_missed_ones(
    store_url: str,
) -> None:
    """Rules §3, `recap`."""
    async with diary(store_url) as d:
        await d.apply(statement("recap", "month on 5"))
        await d.default_plan("recap")
        await an_invoice(d, due="2025-06-20")
        await d.on("2025-06-30")
        d.expect("2025-06-05 ACME statement F1")
        await d.sleeps_until("2025-09-20 12:00")
        await d.on("2025-10-31")
        d.expect("2025-09-22 ACME statement F1", "2025-10-06 ACME statement F1")


async def test_items_with_runs_of_their_own_share_a_message_when_they_meet(
    store_url: str,
) -> None:
    """Rules §3, scope `item`."""
    async with diary(store_url) as d:
        await d.plan(*reminders(1, 8), scope="item")
        await an_invoice(d, due="2025-06-03")
        await d.invoice("ACME", "F2", "50.00", due="2025-06-03")
        await d.invoice("ACME", "F3", "20.00", due="2025-06-10")
        await d.on("2025-06-30")
        d.expect(
            "2025-06-04 ACME d1 F1 F2",
            "2025-06-11 ACME d1 F3",
            "2025-06-11 ACME d8 F1 F2",
            "2025-06-18 ACME d8 F3",
        )


async def test_a_plan_may_have_hours_and_days_of_its_own(store_url: str) -> None:
    """Rules §4: a plan may override the slot."""
    async with diary(store_url) as d:
        slots = {"send_at": "08:45", "send_until": "09:15", "weekdays": ["thursday"]}
        await d.plan(*reminders(1), slots=slots)
        await an_invoice(d, due="2025-05-16")
        await d.on("2025-06-30")
        [note] = d.notes
        assert note.at == "2025-06-05 08:45"
        d.notes.clear()


async def test_a_step_that_becomes_automatic_leaves_on_a_later_day(store_url: str) -> None:
    """Rules §4: on the next allowed day at the earliest."""
    async with diary(store_url) as d:
        await d.plan(to_confirm("first", "D+1"))
        await d.customer("ACME")
        await d.on("2025-06-05 08:30")
        await d.apply(plan("standard", reminder("first", "D+1")))
        await d.invoice("ACME", "F1", "100.00", due="2025-05-16")
        await d.on("2025-06-05 23:00")
        d.expect_nothing()
        await d.on("2025-06-06 08:30")
        d.expect_sent("ACME", "first")


async def test_a_month_with_nothing_to_do_writes_nothing(store_url: str) -> None:
    """Case 37."""
    async with diary(store_url) as d:
        await d.plan(*reminders(1))
        await an_invoice(d, due="2025-05-16")
        await d.pays("F1")
        await d.begin()
        before = await d.history("ACME")
        assert await d.resting("ACME") == "balance"
        await d.on("2025-07-02")
        d.expect_nothing()
        assert await d.history("ACME") == before
