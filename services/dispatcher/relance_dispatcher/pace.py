"""How fast, how long, how often: the dispatcher's numbers in one place."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from relance.domain.calendar import Calendar, local_day, next_slot


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """At most `batch` are claimed in one transaction, as many as leave within `ahead` by and by.

    `in_doubt` are those that a crash leaves uncertain at most: their hand-over has begun, and what
    came of it is not on record. Of the rest of a batch it is known that they did not leave.
    The content of a message leaves within `hand_over`, its answer is awaited within the rest of
    the `lease` (seconds of the monotonic clock, and of the passed one, from the claim on).
    """

    batch: int = 100
    ahead: timedelta = timedelta(seconds=4)
    senders: int = 8
    in_doubt: int = 40
    lease: timedelta = timedelta(seconds=30)
    hand_over: timedelta = timedelta(seconds=12)
    poll_every: timedelta = timedelta(seconds=20)
    first_pause: timedelta = timedelta(minutes=1)
    most_tries: int = 10


def retry_at(
    pace: Pace, calendar: Calendar, tries: int, now: datetime, *, any_time: bool
) -> datetime:
    """When to try again after so many tries: ever longer pauses, inside the slots.

    What a person has released is tried again at any time.
    """
    pause: timedelta = pace.first_pause * 2 ** (tries - 1)
    at = now + pause
    if any_time:
        return at
    return max(at, next_slot(calendar, local_day(calendar, at), at).start)
