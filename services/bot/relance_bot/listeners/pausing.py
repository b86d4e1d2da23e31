"""`/relance pause all`, `/relance resume all`: the organisation's pause (F30, F57)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from relance.domain.requests import PauseEverything, ResumeEverything
from relance_bot.blocks import kit
from relance_bot.blocks.words import Language, say
from relance_bot.listeners.desk import Desk
from relance_bot.listeners.payloads import Command
from relance_bot.listeners.replies import Reply, Word
from relance_bot.people import Colleague

EXAMPLE = "2026-12-31"
_UNTIL = ("until", "jusqu’au", "jusqu'au")


@dataclass(frozen=True, slots=True, kw_only=True)
class TypedPause:
    """Until when, and why."""

    until: date | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class NoDay:
    """What stands in a day's place, and is none."""

    word: str

    def said(self, language: Language) -> str:
        return say(language, "command.day", word=kit.datum(self.word, 40), example=EXAMPLE)


class Pausing:
    """Typed in full; anything else answers with the usage."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    @property
    def words(self) -> Mapping[str, Word]:
        return {"pause": self.pause, "resume": self.resume}

    async def pause(self, command: Command, who: Colleague) -> Reply:
        what, _, rest = command.rest.partition(" ")
        if what.casefold() != "all":
            return [say(who.language, "usage.pause")]
        typed = typed_pause(rest)
        if isinstance(typed, NoDay):
            return [typed.said(who.language)]
        request = PauseEverything(until=typed.until, reason=typed.reason)
        return await self._desk.ask(request, who, command)

    async def resume(self, command: Command, who: Colleague) -> Reply:
        if command.rest.casefold() != "all":
            return [say(who.language, "usage.resume")]
        return await self._desk.ask(ResumeEverything(), who, command)


def typed_pause(rest: str) -> TypedPause | NoDay:
    """What was typed after the word that says what to pause: `[until DATE] [REASON]`."""
    word, _, after = rest.strip().partition(" ")
    if word.casefold() not in _UNTIL:
        return TypedPause(reason=rest.strip())
    day, _, reason = after.strip().partition(" ")
    try:
        return TypedPause(until=date.fromisoformat(day), reason=reason.strip())
    except ValueError:
        return NoDay(word=day)
