"""`/relance pause all`, `/relance resume all`: the organisation's pause (F30, F57)."""

from collections.abc import Mapping
from datetime import date

from relance.domain.requests import PauseEverything, ResumeEverything
from relance_bot.blocks import kit
from relance_bot.blocks.words import Language, say
from relance_bot.listeners.desk import Desk
from relance_bot.listeners.payloads import Command
from relance_bot.listeners.replies import Reply, Word
from relance_bot.people import Colleague

EXAMPLE = "2026-12-31"


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
        request = _pause(rest.strip())
        if request is None:
            return [_no_day(rest, who.language)]
        return await self._desk.ask(request, who, command)

    async def resume(self, command: Command, who: Colleague) -> Reply:
        if command.rest.casefold() != "all":
            return [say(who.language, "usage.resume")]
        return await self._desk.ask(ResumeEverything(), who, command)


def _pause(rest: str) -> PauseEverything | None:
    """What was typed after `pause all`; None where its day is none."""
    word, _, after = rest.partition(" ")
    if word.casefold() not in ("until", "jusqu’au", "jusqu'au"):
        return PauseEverything(reason=rest)
    day, _, reason = after.strip().partition(" ")
    try:
        return PauseEverything(until=date.fromisoformat(day), reason=reason.strip())
    except ValueError:
        return None


def _no_day(rest: str, language: Language) -> str:
    word = rest.partition(" ")[2].strip().partition(" ")[0]
    return say(language, "command.day", word=kit.datum(word, 40), example=EXAMPLE)
