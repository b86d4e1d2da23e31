"""What an invariant is, and what is found where it does not hold."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from uuid import UUID

EXAMPLES = 3
_NEVER = datetime.max.replace(tzinfo=UTC)


class Grade(StrEnum):
    """WRONG needs somebody; a NOTE is only worth knowing."""

    WRONG = "wrong"
    NOTE = "note"


@dataclass(frozen=True, slots=True, kw_only=True)
class Invariant:
    """`title` says what is the case where it does not hold, of so many of its `noun`."""

    key: str
    title: str
    mend: str
    noun: str = "action"
    grade: Grade = Grade.WRONG


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """One thing for which it does not hold: a customer's reference and identifiers, never data."""

    organisation: UUID | None = None
    customer: str | None = None
    subject: str
    since: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """All the sightings of one organisation (None: of the whole database), a few as examples."""

    invariant: Invariant
    organisation: UUID | None
    count: int
    oldest: datetime | None
    examples: tuple[Sighting, ...]


class Tally:
    """Counts the sightings of one invariant, and keeps the oldest few."""

    def __init__(self, invariant: Invariant) -> None:
        self._invariant = invariant
        self._counts: dict[UUID | None, int] = {}
        self._oldest: dict[UUID | None, list[Sighting]] = {}

    def add(self, seen: Sighting) -> None:
        of = seen.organisation
        self._counts[of] = self._counts.get(of, 0) + 1
        kept = self._oldest.setdefault(of, [])
        if len(kept) < EXAMPLES or _age(seen) < _age(kept[-1]):
            kept.append(seen)
            kept.sort(key=_age)
            del kept[EXAMPLES:]

    def findings(self) -> Iterator[Finding]:
        for of, count in self._counts.items():
            kept = self._oldest[of]
            yield Finding(
                invariant=self._invariant,
                organisation=of,
                count=count,
                oldest=kept[0].since,
                examples=tuple(kept),
            )


def _age(seen: Sighting) -> tuple[datetime, str]:
    return (seen.since or _NEVER, seen.subject)
