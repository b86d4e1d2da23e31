"""The clock is I/O: everything that needs the time is handed one."""

from datetime import UTC, datetime, timedelta
from time import monotonic
from typing import Protocol


class Clock(Protocol):
    """Tells the present instant, in UTC."""

    def now(self) -> datetime: ...


class WallClock:
    """The machine's clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)


class MovableClock:
    """A clock that is moved by hand, for the demo, the back-test and tests.

    Between moves it stands still, or, `running`, goes on as time does.
    """

    def __init__(self, start: datetime, *, running: bool = False) -> None:
        self._running = running
        self.move_to(start)

    def now(self) -> datetime:
        passed = monotonic() - self._moved_at if self._running else 0.0
        return self._moved_to + timedelta(seconds=passed)

    def move_to(self, instant: datetime) -> None:
        """Sets the time, backwards too: what must survive that is tested with it."""
        self._moved_to = instant.astimezone(UTC)
        self._moved_at = monotonic()
