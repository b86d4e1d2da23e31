"""What Slack has not taken rests a little before it is tried again."""

from collections.abc import Hashable, Iterable
from datetime import datetime, timedelta
from typing import TypeVar

from relance.clock import Clock

REST = timedelta(seconds=30)

Key = TypeVar("Key", bound=Hashable)


class Resting:
    """Remembered by this process alone: another, or a restart, tries at once."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._until: dict[Hashable, datetime] = {}

    def __len__(self) -> int:
        return len(self._until)

    def rest(self, key: Hashable) -> None:
        self._until[key] = self._clock.now() + REST

    def awake(self, keys: Iterable[Key]) -> list[Key]:
        """Those that may be tried now, in their order."""
        now = self._clock.now()
        self._until = {key: until for key, until in self._until.items() if until > now}
        return [key for key in keys if key not in self._until]
