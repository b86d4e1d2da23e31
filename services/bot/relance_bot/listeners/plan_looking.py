"""`/relance plan list|show|history|export`: looking at plans, which everybody may (F2, F56)."""

from collections.abc import Awaitable, Callable, Mapping
from typing import TypeAlias

from sqlalchemy.ext.asyncio import AsyncConnection

from relance.domain.documents import document_of
from relance.domain.people import ADMINS
from relance.domain.plans import Plan
from relance.plan_files import write_plan
from relance.store.organisations import load_organisations
from relance.store.plans import find_plan, followers, list_plans, load_versions
from relance_bot.blocks import kit, plans
from relance_bot.blocks.kit import Message
from relance_bot.blocks.words import Language, say
from relance_bot.drafting_plans import compared
from relance_bot.listeners.desk import Desk
from relance_bot.listeners.replies import Reply
from relance_bot.people import Colleague

MOST_FILE = 9_000
MOST_KEYS = 30
_PIECE = 2_900

# What answers `/relance plan WORD PLAN`, given the plan.
_Answer: TypeAlias = Callable[[AsyncConnection, Plan, Colleague], Awaitable[Reply]]


class Looking:
    """A plan is named by its key or its name; an unknown one is answered with those there are."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def look(self, word: str, named: str, who: Colleague) -> Reply:
        """`show`, `history` or `export` of one plan."""
        answers: Mapping[str, _Answer] = {
            "show": self._show,
            "history": self._history,
            "export": self._export,
        }
        async with self._desk.database.read() as tx:
            plan = await find_named(tx, named, who)
            return await answers[word](tx, plan, who) if isinstance(plan, Plan) else [plan]

    async def all(self, who: Colleague) -> Reply:
        """Every plan, a line each."""
        async with self._desk.database.read() as tx:
            found = await list_plans(tx, who.organisation)
            following = await followers(tx, who.organisation)
        if not found:
            return [say(who.language, "plan.none")]
        listed = [plans.Followed(plan=p, customers=following.get(p.id, 0)) for p in found]
        return plans.catalogue(listed, who.language)

    async def _show(self, tx: AsyncConnection, plan: Plan, who: Colleague) -> Reply:
        following = await followers(tx, who.organisation)
        found = plans.Followed(plan=plan, customers=following.get(plan.id, 0))
        return plans.sheet(found, who.language)

    async def _history(self, tx: AsyncConnection, plan: Plan, who: Colleague) -> Reply:
        house = (await load_organisations(tx, [who.organisation]))[who.organisation]
        stored = await load_versions(tx, plan.id)
        zone = str(house.calendar.zone)
        changing = not ADMINS.isdisjoint(who.member.roles)
        found = compared(stored)
        return plans.versions(plan, found, zone, who.language, changing=changing)

    async def _export(self, _tx: AsyncConnection, plan: Plan, who: Colleague) -> Reply:
        return _as_file(plan, who.language)


async def find_named(tx: AsyncConnection, named: str, who: Colleague) -> Plan | str:
    """The plan of that key, or else of that name; or what is said where there is none."""
    if plan := await find_plan(tx, who.organisation, named):
        return plan
    found = await list_plans(tx, who.organisation)
    alike = [p for p in found if named.casefold() in (p.key.casefold(), p.name.casefold())]
    if len(alike) == 1:
        return alike[0]
    if not found:
        return say(who.language, "plan.none")
    keys = ", ".join(f"`{kit.datum(p.key, 60)}`" for p in found[:MOST_KEYS])
    return say(who.language, "plan.unknown", key=kit.datum(named, 60), keys=keys)


def _as_file(plan: Plan, language: Language) -> Message:
    """The plan's file, literally, as far as a message goes."""
    text = write_plan(document_of(plan))
    head = say(language, "plan.exported", name=kit.datum(plan.name, 120))
    shown = text[:MOST_FILE]
    blocks = [
        kit.section("exported", head),
        *(
            kit.preformatted(f"file-{at}", shown[at : at + _PIECE])
            for at in range(0, len(shown), _PIECE)
        ),
    ]
    if len(text) > MOST_FILE:
        cut = say(language, "plan.exported.cut", key=kit.datum(plan.key, 60))
        blocks.append(kit.context("cut", cut))
    return Message(text=head, blocks=tuple(blocks))
