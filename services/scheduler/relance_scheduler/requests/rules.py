"""Rules that give plans to customers: in order, the first match wins (F58)."""

from collections.abc import Mapping, Sequence

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from relance.domain.plan_requests import AddRule, RemoveRule
from relance.domain.requests import Answer, Decline, Declined, Granted, Request
from relance.store.assignments import Rule, load_rules, moved_by
from relance.store.organisations import load_organisations
from relance.store.plans import find_plan, load_plan
from relance.store.tables import assignment_rules, organisations, profiles
from relance.store.types import new_id
from relance_scheduler.history import Event, record
from relance_scheduler.requests.asker import Asker, Grant
from relance_scheduler.requests.moving import move


async def add_rule(tx: AsyncConnection, asked: AddRule, asker: Asker) -> Answer:
    rules = await _rules(tx, asker)
    plan = await find_plan(tx, asker.organisation, asked.plan)
    profile = await tx.scalar(
        sa.select(profiles.c.id).where(
            profiles.c.organisation_id == asker.organisation, profiles.c.name == asked.profile
        )
    )
    if plan is None or (asked.profile and profile is None):
        return Declined(why=Decline.GONE)
    country, language = asked.country.upper(), asked.language.lower()
    rule = Rule(plan=plan.id, country=country, language=language, profile=profile)
    if rule in rules:
        return Declined(why=Decline.UNCHANGED)
    at = asked.at - 1 if 0 < asked.at <= len(rules) else len(rules)
    moved = await _write(tx, [*rules[:at], rule, *rules[at:]], asker)
    await _record(tx, "rule_added", plan.key, at + 1, moved, asker)
    return Granted(detail={"at": at + 1, "plan": plan.name, "n": moved})


async def remove_rule(tx: AsyncConnection, asked: RemoveRule, asker: Asker) -> Answer:
    """The rules may have changed since they were shown: then nothing is done."""
    rules = await _rules(tx, asker)
    if not 1 <= asked.at <= len(rules):
        return Declined(why=Decline.GONE)
    plan = await load_plan(tx, rules[asked.at - 1].plan)
    if plan is None or plan.key != asked.plan:
        return Declined(why=Decline.STALE)
    moved = await _write(tx, [*rules[: asked.at - 1], *rules[asked.at :]], asker)
    await _record(tx, "rule_removed", plan.key, asked.at, moved, asker)
    return Granted(detail={"at": asked.at, "plan": plan.name, "n": moved})


async def _rules(tx: AsyncConnection, asker: Asker) -> list[Rule]:
    """The rules, after the organisation's lock: two admins may be changing them."""
    mine = organisations.c.id == asker.organisation
    await tx.execute(sa.select(organisations.c.id).where(mine).with_for_update(key_share=True))
    return (await load_rules(tx, [asker.organisation]))[asker.organisation]


async def _write(tx: AsyncConnection, rules: Sequence[Rule], asker: Asker) -> int:
    """Puts these rules in place of those that were, and moves whom they move: how many."""
    house = (await load_organisations(tx, [asker.organisation]))[asker.organisation]
    moves = await moved_by(tx, house.id, house.default_plan, rules)
    mine = assignment_rules.c.organisation_id == house.id
    await tx.execute(sa.delete(assignment_rules).where(mine))
    rows = [
        {
            "id": new_id(),
            "organisation_id": house.id,
            "position": at,
            "plan_id": rule.plan,
            "country": rule.country,
            "language": rule.language,
            "profile_id": rule.profile,
        }
        for at, rule in enumerate(rules, 1)
    ]
    if rows:
        await tx.execute(sa.insert(assignment_rules), rows)
    await move(tx, [one.id for one in moves], asker.now)
    return len(moves)


async def _record(
    tx: AsyncConnection, event: str, plan: str, at: int, moved: int, asker: Asker
) -> None:
    detail = {"plan": plan, "at": at, "n": moved}
    await record(tx, [Event(event=event, at=asker.now, member=asker.member.id, detail=detail)])


GRANTS: Mapping[type[Request], Grant] = {AddRule: add_rule, RemoveRule: remove_rule}
