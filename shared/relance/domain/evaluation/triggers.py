"""The days on which steps trigger and statements of account recur (rules §3)."""

from calendar import monthrange
from collections.abc import Mapping, Sequence
from datetime import date, timedelta

from relance.domain.calendar import later
from relance.domain.ledger import Item
from relance.domain.plans import Anchor, Every, Recurrence, Step, Trigger


def trigger_day(steps: Sequence[Step], index: int, item: Item, dates: Mapping[str, date]) -> date:
    """The day on which steps[index] triggers for the item; `dates` holds those of steps taken.

    A step counted from one that was never taken counts from the day that one triggered, or would
    have; the very first step of a plan, from the due date.
    """
    trigger = steps[index].trigger
    return _shifted(_anchor_day(steps, index, item, dates), trigger)


def _anchor_day(steps: Sequence[Step], index: int, item: Item, dates: Mapping[str, date]) -> date:
    match steps[index].trigger.anchor:
        case Anchor.ISSUE_DATE | Anchor.PAYMENT_DATE:  # a payment is issued on its date
            return item.issued_on
        case Anchor.PREVIOUS_STEP:
            return _previous_day(steps, index, item, dates)
        case Anchor.DUE_DATE | Anchor.RECURRENCE:
            return _due_day(item)


def _previous_day(steps: Sequence[Step], index: int, item: Item, dates: Mapping[str, date]) -> date:
    for before in range(index - 1, -1, -1):
        step = steps[before]
        if step.key in dates:
            return dates[step.key]
        if step.active:
            return trigger_day(steps, before, item, dates)
    return _due_day(item)


def _due_day(item: Item) -> date:
    return item.due_on or item.issued_on


def _shifted(base: date, trigger: Trigger) -> date:
    day = later(base, trigger.days) if trigger.days else base
    return month_end(day) if trigger.end_of_month else day


def month_end(day: date) -> date:
    """The last day of its month."""
    return day.replace(day=monthrange(day.year, day.month)[1])


def last_occurrence(recurrence: Recurrence, day: date, start: date) -> date | None:
    """The latest date of the recurrence on or before `day`; `start` is where days count from."""
    match recurrence.every:
        case Every.WEEK:
            return day - timedelta(days=(day.weekday() - recurrence.on) % 7)
        case Every.MONTH:
            this = _day_of_month(day, recurrence.on)
            return this if this <= day else _day_of_month(_month_before(day), recurrence.on)
        case Every.DAYS:
            gone = (day - start).days
            return None if gone < 0 else day - timedelta(days=gone % max(recurrence.on, 1))


def next_occurrence(recurrence: Recurrence, after: date, start: date) -> date:
    """The first date of the recurrence after that day."""
    match recurrence.every:
        case Every.WEEK:
            return after + timedelta(days=(recurrence.on - after.weekday() - 1) % 7 + 1)
        case Every.MONTH:
            this = _day_of_month(after, recurrence.on)
            return this if this > after else _day_of_month(_month_after(after), recurrence.on)
        case Every.DAYS:
            every = max(recurrence.on, 1)
            gone = (after - start).days
            return start if gone < 0 else after + timedelta(days=every - gone % every)


def _day_of_month(day: date, on: int) -> date:
    return day.replace(day=max(1, min(on, monthrange(day.year, day.month)[1])))


def _month_before(day: date) -> date:
    return day.replace(day=1) - timedelta(days=1)


def _month_after(day: date) -> date:
    return month_end(day) + timedelta(days=1)
