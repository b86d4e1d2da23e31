"""`/relance audit [N]`: what admins have done (F56)."""

from collections.abc import Mapping

from relance.domain.people import ADMINS
from relance.store.audit import load_acts
from relance.store.organisations import load_organisations
from relance_bot.blocks import audit
from relance_bot.blocks.words import say
from relance_bot.listeners.desk import Desk
from relance_bot.listeners.payloads import Command
from relance_bot.listeners.replies import Reply, Word
from relance_bot.people import Colleague

USUAL = 10


class Audit:
    """For admins: it names people and what they changed."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    @property
    def words(self) -> Mapping[str, Word]:
        return {"audit": self.audit}

    async def audit(self, command: Command, who: Colleague) -> Reply:
        if refused := await self._desk.refuses(ADMINS, who):
            return [refused]
        typed = command.rest
        most = int(typed) if typed.isdecimal() and len(typed) < 4 else 0 if typed else USUAL
        if not 1 <= most <= audit.MOST_SHOWN:
            return [say(who.language, "usage.audit")]
        async with self._desk.database.read() as tx:
            acts = await load_acts(tx, who.organisation, most)
            house = (await load_organisations(tx, [who.organisation]))[who.organisation]
        if not acts:
            return [say(who.language, "audit.none")]
        return audit.log(acts, str(house.calendar.zone), who.language)
