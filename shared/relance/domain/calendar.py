"""When things may leave: slots, allowed days and holidays in the organisation's zone (rules §4).

Nothing changes between two slots: what the clock brings about (a trigger, the end of a promise or
of a pause, an expiry) counts from the start of the next slot on. One date, the last day whose slot
has begun, thus stands for the time of day in every rule, and every wake-up is the start of a slot.
"""

from collections.abc import Container
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from relance.domain.plans import Plan, Slots

WORKING_DAYS = frozenset({0, 1, 2, 3, 4})
NEVER = date(9000, 1, 1)  # ledgers write 31 December 9999 for "no date"
_DAY = timedelta(days=1)
_HORIZON = 3660
_OWN = Slots()


@dataclass(frozen=True, slots=True, kw_only=True)
class Calendar:
    """The days and hours at which actions leave.

    `weekdays` counts Monday as 0; `holidays` answers for any date; automatic actions leave from
    `send_at` on and, held up, until `send_until` of the same day (wall-clock times of `zone`).
    ValueError where the window would be empty: nothing would ever leave, without a word.
    """

    zone: ZoneInfo
    send_at: time = time(8, 30)
    send_until: time = time(9, 30)
    weekdays: frozenset[int] = WORKING_DAYS
    holidays: Container[date] = frozenset()

    def __post_init__(self) -> None:
        if self.send_until <= self.send_at:
            raise ValueError(
                f"the slot ends at {self.send_until:%H:%M}, not after it begins at"
                f" {self.send_at:%H:%M}: give it a later end"
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """One opening of the calendar: UTC instants, `start` included, `end` excluded."""

    day: date
    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """What evaluation knows of the time: the last day whose slot has begun; whether it is open."""

    day: date
    is_open: bool


def calendar_for(plan: Plan, calendar: Calendar) -> Calendar:
    """The organisation's calendar with the plan's own slots.

    Where the plan gives no end that lies after its beginning, the window keeps its length.
    """
    own = plan.slots
    if own == _OWN:
        return calendar
    send_at = own.send_at or calendar.send_at
    until = own.send_until or calendar.send_until
    return replace(
        calendar,
        send_at=send_at,
        send_until=until if own.send_until and until > send_at else _end(calendar, send_at),
        weekdays=calendar.weekdays if own.weekdays is None else own.weekdays,
        holidays=frozenset() if own.holidays is False else calendar.holidays,
    )


def _end(calendar: Calendar, send_at: time) -> time:
    """The end of a window of the calendar's length, before midnight."""
    start = datetime.combine(date.min, send_at)
    end = start + _length(calendar)
    return end.time() if end.date() == start.date() else time.max


def _length(calendar: Calendar) -> timedelta:
    start = datetime.combine(date.min, calendar.send_at)
    return datetime.combine(date.min, calendar.send_until) - start


def later(day: date, days: int) -> date:
    """So many days after (before, when negative), within the dates that exist."""
    try:
        return day + timedelta(days=days)
    except OverflowError:
        return date.max if days > 0 else date.min


def local_day(calendar: Calendar, instant: datetime) -> date:
    """The organisation's date at that instant."""
    return instant.astimezone(calendar.zone).date()


def is_allowed(calendar: Calendar, day: date) -> bool:
    """Whether actions leave on that day at all."""
    return day.weekday() in calendar.weekdays and day not in calendar.holidays


def slot_on(calendar: Calendar, day: date) -> Slot:
    """The day's slot, allowed or not; daylight-saving changes keep the wall-clock time."""
    start = _instant(calendar, day, calendar.send_at)
    end = _instant(calendar, day, calendar.send_until)
    if end <= start:  # the beginning falls into the hour that the clocks skip
        end = start + _length(calendar)
    return Slot(day=day, start=start, end=end)


def _instant(calendar: Calendar, day: date, wall: time) -> datetime:
    return datetime.combine(day, wall, tzinfo=calendar.zone).astimezone(UTC)


def next_allowed(calendar: Calendar, day: date) -> date:
    """The first allowed day from `day` on; ValueError when ten years hold none."""
    return _allowed(calendar, day, _DAY)


def _allowed(calendar: Calendar, day: date, stride: timedelta) -> date:
    for _ in range(_HORIZON):
        if is_allowed(calendar, day):
            return day
        day += stride
    raise ValueError("the calendar allows no day in ten years: give it a weekday")


def next_slot(calendar: Calendar, day: date, now: datetime) -> Slot:
    """The first slot of `day` or later that has not ended at `now`; it may have begun."""
    day = next_allowed(calendar, max(day, local_day(calendar, now)))
    slot = slot_on(calendar, day)
    if slot.end <= now:
        return slot_on(calendar, next_allowed(calendar, day + _DAY))
    return slot


def moment(calendar: Calendar, now: datetime) -> Moment:
    """The last allowed day whose slot has begun by now, and whether that slot is still open."""
    today = local_day(calendar, now)
    if is_allowed(calendar, today):
        slot = slot_on(calendar, today)
        if slot.start <= now:
            return Moment(day=today, is_open=now < slot.end)
    return Moment(day=_allowed(calendar, today - _DAY, -_DAY), is_open=False)


def wake_up(calendar: Calendar, day: date, at: Moment) -> datetime:
    """The start of the first slot of `day` or later that has not begun."""
    return _instant(calendar, next_allowed(calendar, max(day, at.day + _DAY)), calendar.send_at)
