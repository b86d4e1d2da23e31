"""`/relance kill on|off`, `/relance test ADDRESS|off`: nothing leaves, or nothing real (F57)."""

from collections.abc import Mapping

from relance.domain.house_requests import SwitchKill, SwitchTest
from relance.drafting.addresses import is_address
from relance_bot.blocks import kit
from relance_bot.blocks.words import say
from relance_bot.listeners.desk import Desk
from relance_bot.listeners.payloads import Command, unlinked
from relance_bot.listeners.replies import Reply, Word
from relance_bot.people import Colleague

_ON, _OFF = ("on", "oui"), ("off", "non")


class Switching:
    """Typed in full; anything else answers with the usage."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    @property
    def words(self) -> Mapping[str, Word]:
        return {"kill": self.kill, "test": self.test}

    async def kill(self, command: Command, who: Colleague) -> Reply:
        typed = command.rest.casefold()
        if typed not in (*_ON, *_OFF):
            return [say(who.language, "usage.kill")]
        return await self._desk.ask(SwitchKill(on=typed in _ON), who, command)

    async def test(self, command: Command, who: Colleague) -> Reply:
        typed = unlinked(command.rest.strip())
        if not typed:
            return [say(who.language, "usage.test")]
        if typed.casefold() in _OFF:
            return await self._desk.ask(SwitchTest(), who, command)
        if not is_address(typed):
            wrong = say(who.language, "mistake.address", typed=kit.datum(typed, 60))
            return [wrong, say(who.language, "usage.test")]
        return await self._desk.ask(SwitchTest(address=typed), who, command)
