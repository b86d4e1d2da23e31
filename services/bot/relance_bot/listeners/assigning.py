"""`/relance plan assign`, `/relance activate`: who follows what, who is reminded (F27, F31)."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from relance.domain.people import ADMINS
from relance.domain.plan_requests import AssignPlan, SwitchCustomers
from relance.domain.plans import Plan
from relance.reporting.finding import CustomerName, find_customers
from relance.store.assignments import Assignment, moved_by
from relance.store.organisations import load_organisations
from relance.store.tables import customers, profiles
from relance_bot.blocks import figures, kit
from relance_bot.blocks.confirming import Question
from relance_bot.blocks.words import say
from relance_bot.listeners.confirming import Confirming
from relance_bot.listeners.desk import Desk
from relance_bot.listeners.payloads import Command
from relance_bot.listeners.plan_looking import find_named
from relance_bot.listeners.plans import SubWord
from relance_bot.listeners.replies import Reply, Word
from relance_bot.people import Colleague

_TO = re.compile(r"\s+(?:to|à|a)\s+", re.IGNORECASE)
_DEFAULT = ("default", "défaut", "defaut")
_PROFILE = re.compile(
    r"(?:profile|profil)\s+(?P<name>.+?)(?P<without>\s+(?:without|sans)\s+e-?mail)?", re.IGNORECASE
)
_ALL = ("all", "tous")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Target:
    """What an assignment is to, and how it is asked for."""

    given: Assignment
    request: AssignPlan


class Assigning:
    """One customer is done at once; for more, those whom it moves are listed first."""

    def __init__(self, desk: Desk, confirming: Confirming) -> None:
        self._desk = desk
        self.confirming = confirming

    @property
    def words(self) -> Mapping[str, Word]:
        return {"activate": self.activate, "deactivate": self.deactivate}

    @property
    def plan_words(self) -> Mapping[str, SubWord]:
        """What follows `/relance plan`."""
        return {"assign": self.assign}

    async def assign(self, rest: str, command: Command, who: Colleague) -> Reply:
        """`plan assign PLAN to CUSTOMER`, `to profile NAME [without email]`, `to default`."""
        if refused := await self._desk.refuses(ADMINS, who):
            return [refused]
        named, *target = _TO.split(rest, maxsplit=1)
        if not target or not target[0].strip():
            return [say(who.language, "usage.assign")]
        found = await self.question(named.strip(), target[0].strip(), who)
        match found:
            case Question():
                question = replace(found, channel=command.channel)
                await self.confirming.ask(question, command, who)
                return None
            case AssignPlan():
                return await self._desk.ask(found, who, command)
            case _:
                return found

    async def question(
        self, named: str, target: str, who: Colleague, *, always: bool = False
    ) -> Question | AssignPlan | Sequence[str]:
        """The dry run; for one customer the request itself, unless it is `always` to be asked."""
        async with self._desk.database.read() as tx:
            plan = await find_named(tx, named, who)
            if not isinstance(plan, Plan):
                return [plan]
            found = await _target(tx, plan, target, who)
            if not isinstance(found, _Target):
                return found
            if found.given.customer and not always:
                return found.request
            house = (await load_organisations(tx, [who.organisation]))[who.organisation]
            moves = await moved_by(tx, house.id, house.default_plan, found.given)
        said = say(
            who.language,
            "assign.moves" if moves else "assign.moves_nobody",
            n=len(moves),
            plan=kit.datum(plan.name, 80),
            target=_called(found.request, who),
        )
        names = [f"{move.name} ({move.reference})" for move in moves]
        return Question(request=found.request, said=said, names=names)

    async def activate(self, command: Command, who: Colleague) -> Reply:
        return await self._switch(command, who, enabled=True)

    async def deactivate(self, command: Command, who: Colleague) -> Reply:
        return await self._switch(command, who, enabled=False)

    async def _switch(self, command: Command, who: Colleague, *, enabled: bool) -> Reply:
        if refused := await self._desk.refuses(ADMINS, who):
            return [refused]
        word = "activate" if enabled else "deactivate"
        if not command.rest:
            return [say(who.language, f"usage.{word}")]
        if command.rest.casefold() in _ALL:
            return await self._switch_all(command, who, enabled=enabled)
        async with self._desk.database.read() as tx:
            found = await _customer(tx, command.rest, who)
        if not isinstance(found, CustomerName):
            return found
        request = SwitchCustomers(enabled=enabled, customer=found.reference)
        return await self._desk.ask(request, who, command)

    async def _switch_all(self, command: Command, who: Colleague, *, enabled: bool) -> Reply:
        """Whom it touches is shown before anything is done."""
        async with self._desk.database.read() as tx:
            names = await _standing(tx, who, enabled=not enabled)
        if not names:
            return [say(who.language, "asked.unchanged")]
        said = say(who.language, "activate.all" if enabled else "deactivate.all", n=len(names))
        request, channel = SwitchCustomers(enabled=enabled), command.channel
        question = Question(request=request, said=said, names=names, channel=channel)
        await self.confirming.ask(question, command, who)
        return None


async def _target(
    tx: AsyncConnection, plan: Plan, typed: str, who: Colleague
) -> _Target | Sequence[str]:
    """What was meant, or what is said where nothing is."""
    if typed.casefold() in _DEFAULT:
        request = AssignPlan(plan=plan.key, others=True)
        return _Target(given=Assignment(plan=plan.id), request=request)
    if of_profile := _PROFILE.fullmatch(typed):
        return await _profile(tx, plan, of_profile, who)
    customer = await _customer(tx, typed, who)
    if not isinstance(customer, CustomerName):
        return customer
    return _Target(
        given=Assignment(plan=plan.id, customer=customer.id),
        request=AssignPlan(plan=plan.key, customer=customer.reference),
    )


async def _profile(
    tx: AsyncConnection, plan: Plan, typed: re.Match[str], who: Colleague
) -> _Target | Sequence[str]:
    rows = await tx.execute(
        sa.select(profiles.c.id, profiles.c.name)
        .where(profiles.c.organisation_id == who.organisation)
        .order_by(profiles.c.name)
    )
    known = {row.name: row.id for row in rows}
    wanted = typed["name"].strip().casefold()
    name = next((name for name in known if name.casefold() == wanted), None)
    if name is None:
        names = figures.names(who.language, list(known)) or "–"
        return [say(who.language, "assign.no_profile", name=kit.datum(wanted, 60), names=names)]
    without = bool(typed["without"])
    return _Target(
        given=Assignment(plan=plan.id, profile=known[name], without_email=without),
        request=AssignPlan(plan=plan.key, profile=name, without_email=without),
    )


async def _customer(
    tx: AsyncConnection, typed: str, who: Colleague
) -> CustomerName | Sequence[str]:
    """The one customer of that reference or name, or those who might be meant."""
    found = await find_customers(tx, who.organisation, typed)
    if len(found.found) == 1:
        return found.found[0]
    others = found.found or found.nearest
    names = figures.names(who.language, [f"{c.name} ({c.reference})" for c in others])
    key = "several" if found.found else "near" if others else "none"
    return [say(who.language, f"customers.{key}", typed=kit.datum(typed, 60), names=names)]


async def _standing(tx: AsyncConnection, who: Colleague, *, enabled: bool) -> Sequence[str]:
    """The customers that are enabled, or those that are not, by name."""
    rows = await tx.execute(
        sa.select(customers.c.name, customers.c.reference)
        .where(
            customers.c.organisation_id == who.organisation,
            customers.c.enabled.is_(enabled),
            customers.c.archived.is_(False),
        )
        .order_by(customers.c.name)
    )
    return [f"{row.name} ({row.reference})" for row in rows]


def _called(request: AssignPlan, who: Colleague) -> str:
    if request.customer:
        return say(who.language, "assign.to.customer", name=kit.datum(request.customer, 60))
    if request.others:
        return say(who.language, "assign.to.others")
    key = "assign.to.profile_without" if request.without_email else "assign.to.profile"
    return say(who.language, key, name=kit.datum(request.profile, 60))
