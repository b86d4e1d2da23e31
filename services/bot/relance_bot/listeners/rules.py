"""`/relance rule list|add|remove`: which customers get which plan, the first match wins (F58)."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from relance.domain.people import ADMINS
from relance.domain.plan_requests import AddRule, RemoveRule
from relance.domain.plans import Plan
from relance.store.assignments import Rule, load_rules, moved_by
from relance.store.organisations import load_organisations
from relance.store.plans import list_plans
from relance.store.tables import profiles
from relance_bot.blocks import kit
from relance_bot.blocks.confirming import Question
from relance_bot.blocks.kit import Message
from relance_bot.blocks.words import Language, say
from relance_bot.listeners.confirming import Confirming
from relance_bot.listeners.desk import Desk
from relance_bot.listeners.payloads import Command
from relance_bot.listeners.plan_looking import find_named
from relance_bot.listeners.replies import Reply, Word
from relance_bot.people import Colleague

MOST = 100
_WHEN = re.compile(r"\s+(?:when|si|quand)\s+", re.IGNORECASE)
_AT = re.compile(r"(?P<rest>.*?)\s+(?:at|en)\s+(?P<at>\d{1,3})", re.IGNORECASE)
_CONDITION = re.compile(
    r"(?P<what>country|pays|language|langue|profile|profil)\s+(?P<value>.+)", re.IGNORECASE
)
_FIELDS = {"country": "country", "pays": "country", "language": "language", "langue": "language"}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Names:
    """What the identifiers of rules are called."""

    plans: Mapping[UUID, Plan]
    profiles: Mapping[UUID, str]


class Rules:
    """To look is everybody's; what changes a rule is shown with whom it moves."""

    def __init__(self, desk: Desk, confirming: Confirming) -> None:
        self._desk = desk
        self._confirming = confirming

    @property
    def words(self) -> Mapping[str, Word]:
        return {"rule": self.rule}

    async def rule(self, command: Command, who: Colleague) -> Reply:
        word, _, rest = command.rest.partition(" ")
        match word.casefold(), rest.strip():
            case "list", "":
                return await self._list(who)
            case "add" | "remove", given if given:
                if refused := await self._desk.refuses(ADMINS, who):
                    return [refused]
                if word.casefold() == "add":
                    return await self._add(given, command, who)
                return await self._remove(given, command, who)
            case _:
                return [say(who.language, "usage.rule")]

    async def _list(self, who: Colleague) -> Reply:
        async with self._desk.database.read() as tx:
            rules = (await load_rules(tx, [who.organisation]))[who.organisation]
            names = await _names(tx, who)
        if not rules:
            return [say(who.language, "rule.none")]
        title = say(who.language, "rule.list", n=len(rules))
        lines = [_line(rule, at, names, who.language) for at, rule in enumerate(rules[:MOST], 1)]
        text = kit.clip("\n".join(lines), 2_900)
        blocks = (kit.header("rules", title), kit.section("list", text))
        return Message(text=title, blocks=blocks)

    async def _add(self, given: str, command: Command, who: Colleague) -> Reply:
        """`add PLAN when CONDITION, CONDITION [at N]`."""
        named, *typed = _WHEN.split(given, maxsplit=1)
        if not typed:
            return [say(who.language, "usage.rule")]
        placed = _AT.fullmatch(typed[0])
        at, conditions = (int(placed["at"]), placed["rest"]) if placed else (0, typed[0])
        async with self._desk.database.read() as tx:
            plan = await find_named(tx, named.strip(), who)
            if not isinstance(plan, Plan):
                return [plan]
            names = await _names(tx, who)
            request = _request(AddRule(plan=plan.key, at=at), conditions, names, who)
            if isinstance(request, str):
                return [request]
            rules = (await load_rules(tx, [who.organisation]))[who.organisation]
            place = at - 1 if 0 < at <= len(rules) else len(rules)
            rule = _rule(request, plan, names)
            after = [*rules[:place], rule, *rules[place:]]
            moves = await _moves(tx, after, who)
        values = _said(rule, place + 1, names, who.language)
        said = say(who.language, "rule.adds", len(moves), **values)
        await self._ask(Question(request=request, said=said, names=moves), command, who)
        return None

    async def _remove(self, given: str, command: Command, who: Colleague) -> Reply:
        at = int(given) if given.isdecimal() and len(given) < 4 else 0
        async with self._desk.database.read() as tx:
            rules = (await load_rules(tx, [who.organisation]))[who.organisation]
            if not 1 <= at <= len(rules):
                return [say(who.language, "usage.rule")]
            names = await _names(tx, who)
            moves = await _moves(tx, [*rules[: at - 1], *rules[at:]], who)
        rule = rules[at - 1]
        values = _said(rule, at, names, who.language)
        said = say(who.language, "rule.removes", len(moves), **values)
        request = RemoveRule(at=at, plan=names.plans[rule.plan].key)
        await self._ask(Question(request=request, said=said, names=moves), command, who)
        return None

    async def _ask(self, question: Question, command: Command, who: Colleague) -> None:
        await self._confirming.ask(replace(question, channel=command.channel), command, who)


async def _names(tx: AsyncConnection, who: Colleague) -> _Names:
    found = await list_plans(tx, who.organisation)
    rows = await tx.execute(
        sa.select(profiles.c.id, profiles.c.name).where(
            profiles.c.organisation_id == who.organisation
        )
    )
    return _Names(plans={p.id: p for p in found}, profiles={row.id: row.name for row in rows})


async def _moves(tx: AsyncConnection, rules: Sequence[Rule], who: Colleague) -> Sequence[str]:
    house = (await load_organisations(tx, [who.organisation]))[who.organisation]
    moves = await moved_by(tx, house.id, house.default_plan, rules)
    return [f"{move.name} ({move.reference})" for move in moves]


def _request(request: AddRule, typed: str, names: _Names, who: Colleague) -> AddRule | str:
    """The conditions read into the request, or what is wrong with one of them."""
    for piece in filter(None, (piece.strip() for piece in typed.split(","))):
        found = _CONDITION.fullmatch(piece)
        value = found["value"].strip() if found else ""
        field = _FIELDS.get(found["what"].casefold(), "profile") if found else ""
        if field == "profile":
            known = {name.casefold(): name for name in names.profiles.values()}
            value = known.get(value.casefold(), "")
        elif not (len(value) == 2 and value.isascii() and value.isalpha()):
            value = ""
        if not value:
            return say(who.language, "rule.wrong", typed=kit.datum(piece, 60))
        match field:
            case "country":
                request = replace(request, country=value)
            case "language":
                request = replace(request, language=value)
            case _:
                request = replace(request, profile=value)
    return request


def _rule(request: AddRule, plan: Plan, names: _Names) -> Rule:
    profile = next((k for k, name in names.profiles.items() if name == request.profile), None)
    return Rule(
        plan=plan.id,
        country=request.country.upper(),
        language=request.language.lower(),
        profile=profile,
    )


def _line(rule: Rule, at: int, names: _Names, language: Language) -> str:
    values = _said(rule, at, names, language)
    return say(language, "rule.line", 0, **values)


def _said(rule: Rule, at: int, names: _Names, language: Language) -> dict[str, object]:
    profile = names.profiles.get(rule.profile, "") if rule.profile else ""
    given = {"country": rule.country, "language": rule.language, "profile": profile}
    said = [
        say(language, f"rule.{name}", value=kit.datum(value, 60))
        for name, value in given.items()
        if value
    ]
    plan = kit.datum(names.plans[rule.plan].name, 60)
    conditions = ", ".join(said) or say(language, "rule.everybody")
    return {"at": at, "plan": plan, "conditions": conditions}
