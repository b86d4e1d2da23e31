"""`/relance why`, `/relance forecast` (F42, F43): questions that change nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from relance_bot.blocks import kit
from relance_bot.blocks.words import Language, say
from relance_bot.listeners.payloads import Command
from relance_bot.listeners.replies import Word
from relance_bot.people import Colleague

FORECAST_DAYS = 30
MOST_DAYS = 90


@dataclass(frozen=True, slots=True, kw_only=True)
class Asker:
    """Who asks, in which language to answer."""

    member: UUID
    organisation: UUID
    language: Language


class Why(Protocol):
    """Says in one line per cause why something is or is not due for a customer (F43)."""

    async def __call__(self, customer: str, asker: Asker) -> Sequence[str]: ...


class Forecast(Protocol):
    """Says line by line what leaves within so many days if nothing changes (F42)."""

    async def __call__(self, days: int, asker: Asker) -> Sequence[str]: ...


class Questions:
    """Answers from the reports, escaped."""

    def __init__(self, why: Why, forecast: Forecast) -> None:
        self._why = why
        self._forecast = forecast

    @property
    def words(self) -> Mapping[str, Word]:
        return {"why": self.why, "forecast": self.forecast}

    async def why(self, command: Command, who: Colleague) -> Sequence[str]:
        if not command.rest:
            return [say(who.language, "command.why.missing")]
        return _escaped(await self._why(command.rest, _asker(who)), who.language)

    async def forecast(self, command: Command, who: Colleague) -> Sequence[str]:
        given = command.rest
        days = int(given) if given.isdecimal() and len(given) < 5 else 0 if given else FORECAST_DAYS
        if not 1 <= days <= MOST_DAYS:
            wrong = say(who.language, "command.forecast.days", word=kit.datum(given, 60))
            return [wrong, say(who.language, "usage.forecast")]
        return _escaped(await self._forecast(days, _asker(who)), who.language)


def _asker(who: Colleague) -> Asker:
    return Asker(member=who.member.id, organisation=who.organisation, language=who.language)


def _escaped(lines: Sequence[str], language: Language) -> Sequence[str]:
    return [kit.datum(line, 500) for line in lines] or [say(language, "command.nothing")]
