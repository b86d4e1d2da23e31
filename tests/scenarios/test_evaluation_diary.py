"""The cases that other systems test or get wrong, as far as evaluation decides them.

Numbers are those of the list of cases. 2 June 2025 is a Monday.
"""

from dataclasses import replace
from datetime import UTC, date, datetime, time
from decimal import Decimal

import pytest

from relance.domain.cases import StepState
from relance.domain.ledger import Family, Pause
from relance.domain.plans import (
    Anchor,
    Channel,
    Condition,
    ConditionKind,
    Every,
    Logic,
    Mode,
    OnReferenceSettled,
    PlanKind,
    Recurrence,
    Scope,
    Slots,
)
from tests.scenarios.diary import (
    Diary,
    credit,
    day,
    invoice,
    notice,
    payment,
    plan_of,
    reminders,
    step,
    thank_you,
)

WHIT_MONDAY = frozenset({date(2025, 6, 9)})
EVERY_DAY = Slots(weekdays=frozenset(range(7)))
NO_DELAY = {"contact_delay": 0}


# The worked example of the rules -----------------------------------------------------------------

EXAMPLE = reminders(1, 8, 13, 16, 30)


def seventeen_days_late(logic: Logic, holidays: frozenset[date] = frozenset()) -> Diary:
    plan = plan_of(*EXAMPLE, logic=logic)
    return Diary(plan, "2025-06-02", [invoice("F-1", "2025-05-16")], holidays=holidays)


def test_standard_entry_sends_every_missed_reminder_kept_apart_by_the_delay() -> None:
    diary = seventeen_days_late(Logic.STANDARD).until("2025-12-31")
    assert diary.times == [
        "2025-06-03 08:30 R1",
        "2025-06-09 08:30 R2",
        "2025-06-16 08:30 R3",
        "2025-06-23 08:30 R4",
        "2025-06-30 08:30 R5",
    ]


def test_a_public_holiday_moves_a_reminder_to_the_next_day() -> None:
    diary = seventeen_days_late(Logic.STANDARD, WHIT_MONDAY).until("2025-12-31")
    assert diary.left == [
        "2025-06-03 R1",
        "2025-06-10 R2",
        "2025-06-16 R3",
        "2025-06-23 R4",
        "2025-06-30 R5",
    ]


def test_contextual_entry_begins_at_the_step_of_its_age() -> None:
    diary = seventeen_days_late(Logic.CONTEXTUAL, WHIT_MONDAY).until("2025-12-31")
    assert diary.left == ["2025-06-03 R4", "2025-06-16 R5"]


def test_offsets_0_4_8_15_with_a_delay_of_5_are_carried_out_on_days_0_5_10_15() -> None:
    plan = plan_of(*reminders(0, 4, 8, 15), slots=EVERY_DAY)
    diary = Diary(plan, "2025-05-20", [invoice("F-1", "2025-06-02")]).until("2025-12-31")
    assert diary.left == ["2025-06-02 R1", "2025-06-07 R2", "2025-06-12 R3", "2025-06-17 R4"]


# Timing ------------------------------------------------------------------------------------------


def test_1_nothing_on_day_4_of_a_5_day_step_and_the_reminder_on_day_5() -> None:
    diary = Diary(plan_of(*reminders(5)), "2025-05-20", [invoice("F-1", "2025-06-05")])
    assert diary.until("2025-06-09 23:59").left == []
    assert diary.until("2025-06-10 08:29").left == []
    assert diary.until("2025-06-10 08:30").times == ["2025-06-10 08:30 R1"]


def test_1_an_offset_of_0_is_the_day_itself() -> None:
    diary = Diary(plan_of(*reminders(0)), "2025-05-20", [invoice("F-1", "2025-06-05")])
    assert diary.until("2025-06-30").times == ["2025-06-05 08:30 R1"]


@pytest.mark.parametrize(
    ("back_at", "leaves_at"),
    [
        ("2025-06-17 08:45", "2025-06-17 08:45 R1"),
        ("2025-06-17 11:00", "2025-06-18 08:30 R1"),
        ("2025-06-14 08:45", "2025-06-16 08:30 R1"),
    ],
)
def test_2_what_an_idle_machine_missed_leaves_once_in_the_next_slot(
    back_at: str, leaves_at: str
) -> None:
    diary = Diary(plan_of(*reminders(5)), "2025-05-20", [invoice("F-1", "2025-06-05")])
    diary.until("2025-06-09").machine_off_until(back_at).until("2025-07-31")
    assert diary.times == [leaves_at]


def test_3_a_step_counts_from_the_day_the_previous_one_was_carried_out() -> None:
    calls = reminders(1, channel=Channel.CALL, mode=Mode.MANUAL)
    plan = plan_of(*calls, step("R2", 4, anchor=Anchor.PREVIOUS_STEP), contact_delay=2)
    diary = Diary(plan, "2025-05-20", [invoice("F-1", "2025-06-01")])
    diary.until("2025-06-06").decide("R1").until("2025-06-30")
    assert diary.left == ["2025-06-02 R1", "2025-06-10 R2"]


def test_4_no_later_step_is_made_while_an_action_waits_and_the_end_is_said_once() -> None:
    plan = plan_of(*reminders(1, mode=Mode.MANUAL), step("R2", 3), step("R3", 5))
    diary = Diary(plan, "2025-05-20", [invoice("F-1", "2025-06-01")]).until("2025-06-20")
    assert diary.left == ["2025-06-02 R1"]
    assert diary.resting == "blocked"
    diary.decide("R1").until("2025-12-31")
    assert diary.left[1:] == ["2025-06-25 R2", "2025-06-30 R3"]
    assert diary.finished == 1
    assert diary.resting == "finished"


def test_4_a_skipped_step_is_no_contact_and_lets_the_next_one_go() -> None:
    plan = plan_of(*reminders(1, mode=Mode.CONFIRM), step("R2", 3))
    diary = Diary(plan, "2025-05-20", [invoice("F-1", "2025-06-01")])
    diary.until("2025-06-05").skip("R1").until("2025-06-30")
    assert diary.left == ["2025-06-02 R1", "2025-06-06 R2"]


@pytest.mark.parametrize("logic", Logic)
def test_5_and_6_an_invoice_long_overdue_gets_one_reminder_that_day(logic: Logic) -> None:
    plan = plan_of(*reminders(1, 8, 15, 30), logic=logic, **NO_DELAY)
    diary = Diary(plan, "2025-06-02", [invoice("F-1", "2025-03-19")]).until("2025-06-03")
    assert diary.left == ["2025-06-03 R1" if logic is Logic.STANDARD else "2025-06-03 R4"]


def test_5_without_a_delay_missed_reminders_come_one_a_day() -> None:
    plan = plan_of(*reminders(1, 8, 15), **NO_DELAY)
    diary = Diary(plan, "2025-06-02", [invoice("F-1", "2025-03-19")]).until("2025-06-30")
    assert diary.left == ["2025-06-03 R1", "2025-06-04 R2", "2025-06-05 R3"]


def test_5_a_text_message_may_follow_its_letter_on_the_same_day() -> None:
    sms = step("R2", 0, anchor=Anchor.PREVIOUS_STEP, channel=Channel.SMS)
    plan = plan_of(*reminders(1, channel=Channel.LETTER), sms, **NO_DELAY)
    diary = Diary(plan, "2025-05-20", [invoice("F-1", "2025-06-01")]).until("2025-06-30")
    assert diary.left == ["2025-06-02 R1", "2025-06-02 R2"]


CLOCK_CHANGES = [
    ("Europe/Paris", "2025-03-30", ["07:30", "06:30"]),
    ("Europe/Paris", "2025-10-26", ["06:30", "07:30"]),
    ("America/New_York", "2025-03-09", ["13:30", "12:30"]),
    ("America/New_York", "2025-11-02", ["12:30", "13:30"]),
    ("Pacific/Auckland", "2025-09-28", ["20:30", "19:30"]),
    ("Pacific/Auckland", "2025-04-06", ["19:30", "20:30"]),
    ("Asia/Kathmandu", "2025-03-30", ["02:45", "02:45"]),
]


@pytest.mark.parametrize(("zone", "changes_on", "leave_at_utc"), CLOCK_CHANGES)
def test_7_the_wall_clock_time_survives_daylight_saving(
    zone: str, changes_on: str, leave_at_utc: list[str]
) -> None:
    """Reminders on the Saturday before the change, and on the Sunday of it."""
    plan = plan_of(*reminders(-1, 0), slots=EVERY_DAY, **NO_DELAY)
    diary = Diary(plan, "2025-02-20", [invoice("F-1", changes_on)], zone=zone)
    diary.until("2025-12-31")
    assert [text[11:16] for text in diary.times] == ["08:30", "08:30"]
    assert [f"{made.at:%H:%M}" for made in diary.made] == leave_at_utc


@pytest.mark.parametrize("zone", ["America/New_York", "Pacific/Auckland", "Asia/Kathmandu"])
def test_7_a_due_date_is_the_organisations_date(zone: str) -> None:
    """Thursday evening in New York is Friday in Paris; the date is the organisation's."""
    diary = Diary(plan_of(*reminders(1)), "2025-05-20", [invoice("F-1", "2025-07-31")], zone=zone)
    assert diary.until("2025-08-01 08:29").left == []
    assert diary.until("2025-08-01 08:31").times == ["2025-08-01 08:30 R1"]


def test_7_the_moment_before_midnight_belongs_to_the_day_before() -> None:
    diary = Diary(plan_of(*reminders(1)), "2025-06-30", [invoice("F-1", "2025-06-01")], at="23:59")
    assert diary.until("2025-07-31").left == ["2025-07-01 R1"]


def test_7_a_slot_in_the_hour_that_the_clocks_skip_is_kept() -> None:
    night = Slots(send_at=time(2, 30), weekdays=frozenset(range(7)))
    plan = plan_of(*reminders(0), slots=night)
    diary = Diary(plan, "2025-03-20", [invoice("F-1", "2025-03-30")]).until("2025-04-30")
    assert [made.at for made in diary.made] == [datetime(2025, 3, 30, 1, 30, tzinfo=UTC)]


def test_7_saturday_moves_to_monday() -> None:
    diary = Diary(plan_of(*reminders(1)), "2025-05-20", [invoice("F-1", "2025-06-06")])
    assert diary.until("2025-06-30").left == ["2025-06-09 R1"]


FOUR = [
    invoice("A", "2025-04-01"),
    invoice("B", "2025-05-20"),
    invoice("C", "2025-06-10"),
    invoice("D", "2025-07-10"),
]


@pytest.mark.parametrize(
    ("option", "next_step"),
    [
        (OnReferenceSettled.RESTART, "2025-06-23 R1"),
        (OnReferenceSettled.INHERIT, "2025-08-18 R5"),
        (OnReferenceSettled.CONTEXTUAL, "2025-06-23 R3"),
    ],
)
def test_8_the_oldest_is_paid_at_step_4(option: OnReferenceSettled, next_step: str) -> None:
    plan = plan_of(*reminders(1, 10, 30, 60, 90), on_reference_settled=option)
    diary = Diary(plan, "2025-04-01", FOUR).until("2025-06-22")
    assert diary.left == ["2025-04-02 R1", "2025-04-11 R2", "2025-05-01 R3", "2025-06-02 R4"]
    assert diary.pay("A").until("2025-09-30").left[4] == next_step


def test_8_an_older_invoice_imported_later_takes_over_and_the_run_starts_again() -> None:
    plan = plan_of(*reminders(1, 10))
    diary = Diary(plan, "2025-06-02", [invoice("B", "2025-05-20")]).until("2025-06-06")
    diary.receive(invoice("A", "2025-05-01")).until("2025-06-30")
    assert diary.told == ["2025-06-03 R1 B", "2025-06-09 R1 A B", "2025-06-16 R2 A B"]


def test_8_paying_another_invoice_changes_nothing() -> None:
    plan = plan_of(*reminders(1, 10, 20))
    diary = Diary(plan, "2025-04-01", FOUR[:2]).until("2025-04-12").pay("B").until("2025-04-30")
    assert diary.left == ["2025-04-02 R1", "2025-04-11 R2", "2025-04-21 R3"]


def test_8_the_next_reference_is_the_highest_amount_then_the_lowest_number() -> None:
    plan = plan_of(*reminders(1), scope=Scope.ACCOUNT)
    same_day = [
        invoice("F-10", "2025-06-01", "200"),
        invoice("F-9", "2025-06-01", "200"),
        invoice("F-1", "2025-06-01", "100"),
    ]
    diary = Diary(plan, "2025-05-20", same_day).until("2025-06-02")
    assert [diary.name(r.item) for r in diary.made[0].new.reaches if r.item] == ["F-9"]


def test_10_looking_again_with_nothing_changed_makes_nothing() -> None:
    diary = seventeen_days_late(Logic.STANDARD).until("2025-06-10 08:30")
    before, wake = list(diary.acts), diary.wake
    diary.look()
    assert diary.acts == before
    assert diary.wake == wake


# Phases, expiry, first run -----------------------------------------------------------------------


def test_a_notice_leaves_before_the_due_date_and_lists_debits_only() -> None:
    plan = plan_of(notice("N", -7), *reminders(1))
    items = [invoice("F-1", "2025-06-20"), credit("C-1", "30", "2025-06-01")]
    diary = Diary(plan, "2025-06-02", items).until("2025-06-30")
    assert diary.told == ["2025-06-13 N F-1", "2025-06-23 R1 F-1"]
    assert [len(made.new.credits) for made in diary.made] == [0, 1]


def test_a_notice_whose_day_had_passed_on_entry_is_not_sent() -> None:
    plan = plan_of(notice("N10", -10), notice("N3", -3), *reminders(1))
    diary = Diary(plan, "2025-06-11", [invoice("F-1", "2025-06-20")]).until("2025-06-30")
    assert diary.left == ["2025-06-17 N3", "2025-06-23 R1"]


def test_a_notice_nobody_decided_expires_on_the_due_date() -> None:
    plan = plan_of(notice("N", -7, mode=Mode.MANUAL), *reminders(1))
    diary = Diary(plan, "2025-06-02", [invoice("F-1", "2025-06-20")]).until("2025-06-30")
    assert diary.left == ["2025-06-13 N", "2025-06-23 R1"]
    (expired,) = [at for at, act in diary.acts if act.expire]
    assert f"{diary.wall(expired):%Y-%m-%d %H:%M}" == "2025-06-20 08:30"


def test_items_due_together_are_noticed_together_and_once() -> None:
    plan = plan_of(notice("N", -7), *reminders(1, 8))
    items = [invoice("A", "2025-06-20"), invoice("B", "2025-06-20", "50")]
    items.append(invoice("C", "2025-06-25"))
    diary = Diary(plan, "2025-06-02", items).until("2025-06-16").pay("A").until("2025-06-24")
    assert diary.told == ["2025-06-13 N A B", "2025-06-23 R1 B"]


@pytest.mark.parametrize("option", OnReferenceSettled)
def test_an_item_that_was_only_noticed_enters_like_any_next_reference(
    option: OnReferenceSettled,
) -> None:
    plan = plan_of(notice("N", -7), *reminders(1, 8, 15), on_reference_settled=option)
    items = [invoice("A", "2025-06-20", "200"), invoice("B", "2025-06-20")]
    diary = Diary(plan, "2025-06-02", items).until("2025-06-30").pay("A").until("2025-07-31")
    following = {
        OnReferenceSettled.RESTART: ["2025-07-07 R1 B", "2025-07-14 R2 B", "2025-07-21 R3 B"],
        OnReferenceSettled.INHERIT: ["2025-07-07 R3 B"],
        OnReferenceSettled.CONTEXTUAL: ["2025-07-07 R2 B", "2025-07-14 R3 B"],
    }
    assert diary.told[:3] == ["2025-06-13 N A B", "2025-06-23 R1 A B", "2025-06-30 R2 A B"]
    assert diary.told[3:] == following[option]


def test_contextual_a_waiting_step_expires_when_the_next_one_triggers() -> None:
    manual = reminders(1, channel=Channel.CALL, mode=Mode.MANUAL)
    plan = plan_of(*manual, step("R2", 8), logic=Logic.CONTEXTUAL)
    diary = Diary(plan, "2025-05-20", [invoice("F-1", "2025-06-01")]).until("2025-06-30")
    assert diary.left == ["2025-06-02 R1", "2025-06-09 R2"]
    assert [len(act.expire) for _, act in diary.acts if act.expire] == [1]


def test_a_step_that_becomes_automatic_leaves_on_the_next_allowed_day() -> None:
    plan = plan_of(*reminders(1, automatic_since=day("2025-06-06")))
    diary = Diary(plan, "2025-05-20", [invoice("F-1", "2025-06-05")]).until("2025-06-30")
    assert diary.left == ["2025-06-09 R1"]


def test_end_of_month_moves_the_date_to_the_last_day_of_its_month() -> None:
    plan = plan_of(step("R1", 45, anchor=Anchor.ISSUE_DATE, end_of_month=True), slots=EVERY_DAY)
    item = invoice("F-1", "2025-02-15", issued="2024-12-20")
    diary = Diary(plan, "2025-01-02", [item]).until("2025-06-30")
    assert diary.left == ["2025-02-28 R1"]


def test_a_thank_you_follows_a_payment_allocated_in_full_and_only_that() -> None:
    plan = plan_of(*reminders(1), thank_you("T", 2))
    diary = Diary(plan, "2025-06-02", [invoice("F-1", "2025-05-16")]).until("2025-06-04")
    diary.receive(payment("P-1", "100", "2025-06-04")).until("2025-06-10")
    assert diary.left == ["2025-06-03 R1"]
    diary.pay("F-1").change("P-1", open="0").until("2025-06-30")
    assert diary.left == ["2025-06-03 R1", "2025-06-11 T"]


def test_payments_ready_on_one_day_share_one_thank_you() -> None:
    plan = plan_of(*reminders(1), thank_you("T", 2))
    paid = [payment(f"P-{n}", "50", "2025-06-04", open="0") for n in (1, 2)]
    paid = [replace(p, settled_on=day("2025-06-04")) for p in paid]
    diary = Diary(plan, "2025-06-02", paid).until("2025-06-30")
    assert diary.left == ["2025-06-06 T"]
    assert len(diary.made[0].new.reaches) == 2


# Statements of account ---------------------------------------------------------------------------


def monthly(on: int = 1, **more: object) -> Diary:
    plan = plan_of(
        step("S", 0, anchor=Anchor.RECURRENCE),
        kind=PlanKind.RECAP,
        recurrence=Recurrence(every=Every.MONTH, on=on),
    )
    items = [invoice("F-1", "2025-05-16"), invoice("F-2", "2025-12-31", known="2025-05-01")]
    return Diary(plan, "2025-05-20", items, more=more)


def test_a_statement_lists_everything_open_every_month() -> None:
    diary = monthly().until("2025-08-31")
    assert diary.told == ["2025-06-02 S F-1 F-2", "2025-07-01 S F-1 F-2", "2025-08-01 S F-1 F-2"]


def test_a_month_shorter_than_its_day_uses_its_last_day() -> None:
    assert monthly(31).until("2025-07-31").left == ["2025-06-02 S", "2025-06-30 S", "2025-07-31 S"]


def test_the_next_date_of_a_statement_can_be_moved() -> None:
    diary = monthly(next_on=day("2025-06-11")).until("2025-07-31")
    assert diary.left == ["2025-06-11 S", "2025-07-01 S"]


def test_a_date_moved_forward_takes_the_place_of_the_regular_one() -> None:
    diary = monthly(15, next_on=day("2025-06-05")).until("2025-07-31")
    assert diary.left == ["2025-06-05 S", "2025-07-15 S"]


def test_several_missed_statements_make_one() -> None:
    diary = monthly().machine_off_until("2025-09-10 08:30").until("2025-10-31")
    assert diary.left == ["2025-09-10 S", "2025-10-01 S"]


def test_an_invoice_of_the_15th_waits_for_the_next_statement() -> None:
    plan = monthly().plan
    diary = Diary(plan, "2025-05-20", []).until("2025-06-15")
    diary.receive(invoice("F-1", "2025-06-30", known="2025-06-15")).until("2025-07-31")
    assert diary.left == ["2025-07-01 S"]


# Money -------------------------------------------------------------------------------------------


def test_11_a_part_payment_leaves_the_level_and_asks_for_the_rest() -> None:
    diary = seventeen_days_late(Logic.STANDARD).until("2025-06-10").change("F-1", open="40")
    assert diary.until("2025-06-16").left[2:] == ["2025-06-16 R3"]


def test_12_a_payment_not_allocated_that_covers_the_amount_silences() -> None:
    diary = seventeen_days_late(Logic.STANDARD).until("2025-06-04")
    diary.receive(payment("P-1", "100", "2025-06-04"))
    assert diary.until("2025-12-31").left == ["2025-06-03 R1"]
    assert diary.resting == "balance"


def test_12_a_payment_that_covers_what_is_due_silences_until_more_is_due() -> None:
    items = [
        invoice("F-1", "2025-05-16"),
        invoice("F-2", "2025-06-20"),
        payment("P-1", "100", "2025-05-30"),
    ]
    diary = Diary(plan_of(*reminders(1, 8)), "2025-06-02", items).until("2025-06-23")
    assert diary.told == ["2025-06-20 R1 F-1 F-2"]
    assert [diary.name(c) for c in diary.made[0].new.credits] == ["P-1"]


def test_13_an_allocated_credit_note_counts_as_payment() -> None:
    diary = seventeen_days_late(Logic.STANDARD).until("2025-06-04").change("F-1", open="0")
    assert diary.until("2025-12-31").left == ["2025-06-03 R1"]


def test_14_a_customer_with_credit_notes_only_is_never_reminded() -> None:
    diary = Diary(plan_of(*reminders(1)), "2025-06-02", [credit("C-1", "80", "2025-05-01")])
    assert diary.until("2025-12-31").acts == []
    assert diary.resting == "balance"


def test_15_a_payment_charged_back_lets_the_plan_go_on() -> None:
    diary = seventeen_days_late(Logic.STANDARD).until("2025-06-10").pay("F-1")
    diary.until("2025-07-20").change("F-1", open="100").until("2025-07-21")
    assert diary.left == ["2025-06-03 R1", "2025-06-09 R2", "2025-07-21 R3"]


def test_16_two_currencies_share_a_message_and_are_never_added() -> None:
    plan = plan_of(*reminders(1), floors={"EUR": Decimal(10), "JPY": Decimal(10)})
    items = [
        invoice("E-1", "2025-06-01", "9"),
        invoice("J-1", "2025-06-01", "2", "JPY"),
    ]
    diary = Diary(plan, "2025-05-20", items).until("2025-06-10")
    assert diary.left == []
    assert diary.resting == "under_floor"
    diary.receive(invoice("E-2", "2025-06-05", "1"), invoice("J-2", "2025-06-05", "900", "JPY"))
    assert diary.until("2025-06-30").told == ["2025-06-11 R1 E-1 E-2 J-1 J-2"]


def test_16_each_currency_has_its_own_counter() -> None:
    plan = plan_of(*reminders(1, 8), **NO_DELAY)
    items = [invoice("E-1", "2025-06-01"), invoice("D-1", "2025-06-05", "70", "USD")]
    diary = Diary(plan, "2025-05-20", items).until("2025-06-30")
    assert diary.told == [
        "2025-06-02 R1 E-1",
        "2025-06-06 R1 D-1",
        "2025-06-09 R2 E-1",
        "2025-06-13 R2 D-1",
    ]


@pytest.mark.parametrize(("owed", "sent"), [("50.00", 1), ("49.99", 0)])
def test_17_a_balance_at_the_floor_is_reminded_and_a_cent_below_is_not(
    owed: str, sent: int
) -> None:
    plan = plan_of(*reminders(1), floors={"EUR": Decimal(50)})
    diary = Diary(plan, "2025-05-20", [invoice("F-1", "2025-06-01", owed)]).until("2025-06-30")
    assert len(diary.left) == sent


def test_18_a_write_off_leaves_and_returns_when_undone() -> None:
    diary = seventeen_days_late(Logic.STANDARD).until("2025-06-10").change("F-1", issued=False)
    assert len(diary.until("2025-07-20").left) == 2
    assert diary.change("F-1", issued=True).until("2025-07-21").left[2:] == ["2025-07-21 R3"]


@pytest.mark.parametrize("scope", Scope)
def test_19_each_part_of_an_invoice_has_its_own_age(scope: Scope) -> None:
    parts = [
        invoice("F-1", "2025-06-01", part=1),
        invoice("F-1", "2025-07-01", part=2),
    ]
    diary = Diary(plan_of(*reminders(1, 40), scope=scope), "2025-05-20", parts)
    diary.until("2025-06-10")
    diary.receive(replace(parts[0], open=Decimal(0))).until("2025-08-31")
    assert diary.left == ["2025-06-02 R1", "2025-07-02 R1", "2025-08-11 R2"]


def test_items_that_reach_a_step_on_one_day_share_a_message() -> None:
    items = [
        invoice("A", "2025-06-06"),
        invoice("B", "2025-06-07"),
        invoice("C", "2025-06-10"),
    ]
    diary = Diary(plan_of(*reminders(1, 5), scope=Scope.ITEM), "2025-05-20", items)
    assert diary.until("2025-06-30").told == [
        "2025-06-09 R1 A B",
        "2025-06-16 R2 A B",
        "2025-06-23 R1 C",
        "2025-06-30 R2 C",
    ]


def test_above_the_ceiling_a_person_decides() -> None:
    plan = plan_of(*reminders(1), ceilings={"EUR": Decimal(100)})
    at_it = Diary(plan, "2025-05-20", [invoice("F-1", "2025-06-01", "100")]).until("2025-06-30")
    above = Diary(plan, "2025-05-20", [invoice("F-1", "2025-06-01", "101")]).until("2025-06-30")
    assert [made.new.mode for made in (*at_it.made, *above.made)] == [Mode.AUTOMATIC, Mode.MANUAL]
    assert above.made[0].new.manual_because == "ceiling"
    assert above.resting == "blocked"


# People ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("state", "reason"),
    [
        ({"archived": True}, "archived"),
        ({"enabled": False}, "disabled"),
        ({"pauses": (Pause(reason="claim"),)}, "paused"),
    ],
)
def test_23_an_archived_or_disabled_customer_gets_nothing(
    state: dict[str, object], reason: str
) -> None:
    diary = Diary(plan_of(*EXAMPLE), "2025-06-02", [invoice("F-1", "2025-05-16")], more=state)
    assert diary.until("2025-12-31").acts == []
    assert diary.resting == reason


def test_24_a_by_hand_only_plan_makes_nothing_on_purpose() -> None:
    diary = Diary(plan_of(by_hand_only=True), "2025-06-02", [invoice("F-1", "2025-05-16")])
    assert diary.until("2025-12-31").acts == []
    assert diary.resting == "by_hand_only"


def test_26_a_case_moved_between_the_plans_of_a_pair_goes_on_at_its_step() -> None:
    diary = Diary(
        plan_of(*EXAMPLE), "2025-06-02", [invoice("F-1", "2025-05-16")], more={"after": "R2"}
    )
    assert diary.until("2025-06-10").left == ["2025-06-03 R3", "2025-06-09 R4"]


def test_27_a_disputed_item_never_escalates_and_goes_on_when_released() -> None:
    diary = seventeen_days_late(Logic.STANDARD).until("2025-06-04")
    diary.change("F-1", family=Family.DISPUTE).until("2025-07-20")
    diary.change("F-1", family=Family.DISPUTE_RESOLVED).until("2025-07-21")
    assert diary.left == ["2025-06-03 R1", "2025-07-21 R2"]


def test_28_a_dispute_on_one_of_three_leaves_the_other_two() -> None:
    items = [invoice(number, "2025-05-16") for number in "ABC"]
    diary = Diary(plan_of(*EXAMPLE), "2025-06-02", items)
    diary.change("A", family=Family.DISPUTE).until("2025-06-03")
    assert diary.told == ["2025-06-03 R1 B C"]


def test_a_promise_holds_through_its_day_and_the_plan_resumes_the_next_morning() -> None:
    diary = seventeen_days_late(Logic.STANDARD).until("2025-06-04")
    diary.change("F-1", family=Family.PROMISE, promised_for=day("2025-06-18"))
    assert diary.until("2025-06-18 23:59").left == ["2025-06-03 R1"]
    assert diary.until("2025-06-19 08:30").left[1:] == ["2025-06-19 R2"]


def test_a_pause_until_a_date_resumes_on_the_first_allowed_day() -> None:
    pause = Pause(until=day("2025-06-14"))
    diary = seventeen_days_late(Logic.STANDARD).until("2025-06-04").becomes(pauses=(pause,))
    assert diary.until("2025-06-30").left == [
        "2025-06-03 R1",
        "2025-06-16 R2",
        "2025-06-23 R3",
        "2025-06-30 R4",
    ]


def test_an_ad_hoc_contact_counts_for_the_delay() -> None:
    diary = seventeen_days_late(Logic.STANDARD).until("2025-06-05")
    diary.becomes(last_contact_on=day("2025-06-05"))
    assert diary.until("2025-06-11").left == ["2025-06-03 R1", "2025-06-10 R2"]


def test_tasks_wait_for_no_contact_and_are_none() -> None:
    plan = plan_of(
        step("R1", 1),
        step("K", 2, channel=Channel.TASK, mode=Mode.MANUAL),
        step("R2", 3),
    )
    diary = Diary(plan, "2025-05-20", [invoice("F-1", "2025-06-01")]).until("2025-06-03")
    assert diary.left == ["2025-06-02 R1", "2025-06-03 K"]
    assert diary.decide("K").until("2025-06-30").left[2:] == ["2025-06-09 R2"]


@pytest.mark.parametrize(("replied", "left"), [(True, ["R1", "R3"]), (False, ["R1", "R2"])])
def test_a_call_planned_for_silence_is_passed_over_when_the_customer_answered(
    replied: bool, left: list[str]
) -> None:
    silent = Condition(kind=ConditionKind.NO_REPLY)
    mail = step("R1", 1, mode=Mode.CONFIRM)
    plan = plan_of(mail, step("R2", 8, condition=silent), step("R3", 9))
    diary = Diary(plan, "2025-05-20", [invoice("F-1", "2025-06-01")]).until("2025-06-02")
    diary.decide("R1", StepState.EXECUTED, replied=replied).until("2025-06-10")
    assert [line.split()[1] for line in diary.left] == left
    assert len(diary.passed) == replied
