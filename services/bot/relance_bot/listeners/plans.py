"""`/relance plan …`: to look at plans is everybody's, to pause them the admins' (F2, F30, F56)."""

from collections.abc import Awaitable, Callable, Mapping
from typing import TypeAlias

from relance.domain.plan_requests import PausePlan, ResumePlan
from relance.domain.plans import Plan
from relance_bot.blocks.words import say
from relance_bot.listeners.desk import Desk
from relance_bot.listeners.pausing import NoDay, typed_pause
from relance_bot.listeners.payloads import Command
from relance_bot.listeners.plan_looking import Looking, find_named
from relance_bot.listeners.replies import Reply, Word
from relance_bot.people import Colleague

# What answers `/relance plan WORD REST`, given the rest; or the word where nothing follows it.
SubWord: TypeAlias = Callable[[str, Command, Colleague], Awaitable[Reply]]


class Plans:
    """A word that is typed in full is done at once; where words are missing a modal asks."""

    def __init__(
        self,
        desk: Desk,
        looking: Looking,
        more: Mapping[str, SubWord],
        missing: Mapping[str, SubWord],
    ) -> None:
        """`more` are further words after `plan`; `missing` answers those that stand alone."""
        self._desk = desk
        self._looking = looking
        self._more = more
        self._missing = missing

    @property
    def words(self) -> Mapping[str, Word]:
        return {"plan": self.plan}

    async def plan(self, command: Command, who: Colleague) -> Reply:
        typed, _, rest = command.rest.partition(" ")
        word, rest = typed.casefold(), rest.strip()
        if not rest and word in self._missing:
            return await self._missing[word](word, command, who)
        match word, rest:
            case "list", _:
                return await self._looking.all(who)
            case "show" | "history" | "export", named if named:
                return await self._looking.look(word, named, who)
            case "pause", named if named:
                return await self._pause(named, command, who)
            case "resume", named if named:
                return await self._resume(named, command, who)
            case name, given if given and name in self._more:
                return await self._more[name](given, command, who)
            case _:
                return [say(who.language, "usage.plan")]

    async def _pause(self, rest: str, command: Command, who: Colleague) -> Reply:
        named, _, more = rest.partition(" ")
        typed = typed_pause(more)
        if isinstance(typed, NoDay):
            return [typed.said(who.language)]
        async with self._desk.database.read() as tx:
            plan = await find_named(tx, named, who)
        if not isinstance(plan, Plan):
            return [plan]
        request = PausePlan(plan=plan.key, until=typed.until, reason=typed.reason)
        return await self._desk.ask(request, who, command)

    async def _resume(self, named: str, command: Command, who: Colleague) -> Reply:
        async with self._desk.database.read() as tx:
            plan = await find_named(tx, named, who)
        if not isinstance(plan, Plan):
            return [plan]
        return await self._desk.ask(ResumePlan(plan=plan.key), who, command)
