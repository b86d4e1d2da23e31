"""`/relance customer`, `/relance history`: a customer as the reader may see it (F35)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from relance.domain.calendar import local_day
from relance.reporting.why import Explained, sentences, why
from relance.store.organisations import load_organisations
from relance.store.statements import load_statement
from relance_bot.blocks import customer, kit
from relance_bot.blocks.customer import CustomerView
from relance_bot.blocks.words import say
from relance_bot.listeners.desk import Desk
from relance_bot.listeners.payloads import Command
from relance_bot.listeners.replies import Reply, Word
from relance_bot.people import Colleague


@dataclass(frozen=True, slots=True, kw_only=True)
class Customers:
    """Several that match, or none, are answered with those there are."""

    desk: Desk

    @property
    def words(self) -> Mapping[str, Word]:
        return {"customer": self.customer, "history": self.history}

    async def customer(self, command: Command, who: Colleague) -> Reply:
        found = await self._find(command.rest, who, "customer")
        return customer.sheet(found, who.language) if isinstance(found, CustomerView) else found

    async def history(self, command: Command, who: Colleague) -> Reply:
        found = await self._find(command.rest, who, "history")
        return customer.history(found, who.language) if isinstance(found, CustomerView) else found

    async def _find(self, named: str, who: Colleague, word: str) -> CustomerView | Sequence[str]:
        if not named:
            return [say(who.language, f"usage.{word}")]
        now = self.desk.clock.now()
        async with self.desk.database.read() as tx:
            answer = await why(tx, who.organisation, named, now, who.language)
            lines = sentences(answer, who.language)
            if not isinstance(answer, Explained):
                return [kit.datum(line, 300) for line in lines]
            house = (await load_organisations(tx, [who.organisation]))[who.organisation]
            statement = await load_statement(tx, answer.customer.id)
        return CustomerView(
            name=answer.customer.name,
            reference=answer.customer.reference,
            reader=who.member.id,
            today=local_day(house.calendar, now),
            standing=answer.lines,
            items=statement.items,
            contacts=statement.contacts,
            actions=statement.actions,
        )
