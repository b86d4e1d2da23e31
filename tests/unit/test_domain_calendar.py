"""Slots, allowed days and the days on which steps trigger."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relance.domain.calendar import (
    Calendar,
    Moment,
    calendar_for,
    later,
    local_day,
    moment,
    next_allowed,
    next_slot,
    slot_on,
    wake_up,
)
from relance.domain.evaluation.triggers import (
    last_occurrence,
    month_end,
    next_occurrence,
    trigger_day,
)
from relance.domain.plans import Anchor, Every, Recurrence, Slots
from tests.scenarios.diary import day, invoice, notice, plan_of, reminders, step

PARIS = Calendar(zone=ZoneInfo("Europe/Paris"), holidays=frozenset({date(2025, 6, 9)}))
FRIDAY, MONDAY, TUESDAY = date(2025, 6, 6), date(2025, 6, 9), date(2025, 6, 10)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def test_a_weekend_and_a_holiday_are_not_allowed() -> None:
    assert next_allowed(PARIS, date(2025, 6, 7)) == TUESDAY


def test_a_calendar_without_any_day_says_so() -> None:
    with pytest.raises(ValueError, match="give it a weekday"):
        next_allowed(Calendar(zone=PARIS.zone, weekdays=frozenset()), FRIDAY)


def test_an_empty_window_is_refused_with_its_hours() -> None:
    with pytest.raises(ValueError, match="ends at 08:00, not after it begins at 08:30"):
        Calendar(zone=PARIS.zone, send_until=time(8))


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        ("2025-06-06T06:29:59", Moment(day=date(2025, 6, 5), is_open=False)),
        ("2025-06-06T06:30", Moment(day=FRIDAY, is_open=True)),
        ("2025-06-06T07:29:59", Moment(day=FRIDAY, is_open=True)),
        ("2025-06-06T07:30", Moment(day=FRIDAY, is_open=False)),
        ("2025-06-09T12:00", Moment(day=FRIDAY, is_open=False)),
    ],
)
def test_the_moment_is_the_last_day_whose_slot_has_begun(now: str, expected: Moment) -> None:
    assert moment(PARIS, utc(now)) == expected


def test_the_next_slot_may_be_the_one_that_is_open() -> None:
    assert next_slot(PARIS, FRIDAY, utc("2025-06-06T07:00")).day == FRIDAY
    assert next_slot(PARIS, FRIDAY, utc("2025-06-06T07:30")).day == TUESDAY


@given(
    zone=st.sampled_from("Europe/Paris America/New_York Pacific/Auckland Africa/Cairo".split()),
    minutes=st.integers(0, 2 * 366 * 1440),
    wall=st.times(max_value=time(22)),
    ahead=st.integers(-30, 30),
)
def test_a_wake_up_is_the_first_slot_that_has_not_begun(
    zone: str, minutes: int, wall: time, ahead: int
) -> None:
    send_at = wall.replace(second=0, microsecond=0)
    send_until = wall.replace(hour=wall.hour + 1)
    calendar = Calendar(zone=ZoneInfo(zone), send_at=send_at, send_until=send_until)
    now = utc("2024-01-01T00:00") + timedelta(minutes=minutes)
    at = moment(calendar, now)
    wanted = local_day(calendar, now) + timedelta(days=ahead)
    until = wake_up(calendar, wanted, at)
    assert until > now
    assert moment(calendar, until).day >= wanted
    just_before = moment(calendar, until - timedelta(seconds=1)).day
    assert just_before < moment(calendar, until).day
    assert just_before in (at.day, min(just_before, wanted - timedelta(days=1)))
    slot = slot_on(calendar, local_day(calendar, until))
    assert slot.start == until
    assert slot.end > slot.start


def test_a_plan_overrides_what_it_names() -> None:
    plan = plan_of(slots=Slots(send_at=time(14), holidays=False))
    own = calendar_for(plan, PARIS)
    assert (own.send_at, own.send_until) == (time(14), time(15))
    assert next_allowed(own, MONDAY) == MONDAY
    assert own.weekdays == PARIS.weekdays
    assert calendar_for(plan_of(), PARIS) is PARIS


@pytest.mark.parametrize(
    ("slots", "window"),
    [
        (Slots(send_until=time(18)), (time(8, 30), time(18))),
        (Slots(send_at=time(17), send_until=time(9)), (time(17), time(18))),
        (Slots(send_at=time(23, 30)), (time(23, 30), time.max)),
        (Slots(send_at=time(9)), (time(9), time(10))),
    ],
)
def test_a_window_is_never_empty(slots: Slots, window: tuple[time, time]) -> None:
    own = calendar_for(plan_of(slots=slots), PARIS)
    assert (own.send_at, own.send_until) == window


def test_dates_stay_within_those_that_exist() -> None:
    assert later(date.max, 1) == date.max
    assert later(date.min, -1) == date.min


ITEM = invoice("F-1", "2025-06-30", issued="2025-05-31")


def test_a_step_counts_from_the_day_the_one_before_was_taken_or_would_have_triggered() -> None:
    relative = step("R2", 4, anchor=Anchor.PREVIOUS_STEP)
    steps = (*reminders(1), relative)
    assert trigger_day(steps, 1, ITEM, {}) == day("2025-07-05")
    assert trigger_day(steps, 1, ITEM, {"R1": day("2025-07-10")}) == day("2025-07-14")
    assert trigger_day((relative,), 0, ITEM, {}) == day("2025-07-04")


def test_a_step_that_was_switched_off_counts_only_where_it_was_taken() -> None:
    off = step("R2", 20, active=False)
    steps = (*reminders(1), off, step("R3", 4, anchor=Anchor.PREVIOUS_STEP))
    assert trigger_day(steps, 2, ITEM, {}) == day("2025-07-05")
    assert trigger_day(steps, 2, ITEM, {"R2": day("2025-07-20")}) == day("2025-07-24")


def test_triggers_before_the_due_date_and_from_the_issue_date() -> None:
    assert trigger_day((notice("N", -7),), 0, ITEM, {}) == day("2025-06-23")
    from_issue = step("R1", 45, anchor=Anchor.ISSUE_DATE, end_of_month=True)
    assert trigger_day((from_issue,), 0, ITEM, {}) == day("2025-07-31")
    assert month_end(day("2024-02-01")) == day("2024-02-29")


RECURRENCES = st.one_of(
    st.builds(Recurrence, every=st.just(Every.WEEK), on=st.integers(0, 6)),
    st.builds(Recurrence, every=st.just(Every.MONTH), on=st.integers(1, 31)),
    st.builds(Recurrence, every=st.just(Every.DAYS), on=st.integers(1, 40)),
)


@given(recurrence=RECURRENCES, offset=st.integers(-60, 800))
def test_the_last_and_the_next_occurrence_are_neighbours(
    recurrence: Recurrence, offset: int
) -> None:
    start = date(2024, 1, 31)
    today = start + timedelta(days=offset)
    following = next_occurrence(recurrence, today, start)
    assert following > today
    assert last_occurrence(recurrence, following, start) == following
    last = last_occurrence(recurrence, today, start)
    assert last_occurrence(recurrence, following - timedelta(days=1), start) == last
    assert last is None or last <= today
