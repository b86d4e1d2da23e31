"""Which plan customers should be under: their own, a rule's, their profile's, or the default."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from relance.store.bulk import among
from relance.store.tables import (
    assignment_rules,
    cases,
    contacts,
    customers,
    organisations,
    plans,
    profiles,
)

Wanted: TypeAlias = dict[str, Any]

_AT_ONCE = 1_000  # a statement takes only so many values


@dataclass(frozen=True, slots=True, kw_only=True)
class Assignment:
    """A plan for one customer, for a profile's customers with or without e-mail, or all others."""

    plan: UUID
    customer: UUID | None = None
    profile: UUID | None = None
    without_email: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """Gives its plan to whom all of its conditions fit; an empty one fits everybody (F58)."""

    plan: UUID
    country: str = ""
    language: str = ""
    profile: UUID | None = None


# What is looked at as if it held already: one assignment, or all rules as they would be.
Given: TypeAlias = Assignment | Sequence[Rule]


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """A customer that an assignment moves; `plan` is the key of the one it leaves, if any."""

    id: UUID
    reference: str
    name: str
    plan: str | None


async def wanted_plans(
    tx: AsyncConnection,
    customer_ids: Collection[UUID],
    defaults: Mapping[UUID, UUID | None],
    given: Given | None = None,
) -> dict[UUID, Wanted]:
    """The plan of each customer that was ever enabled, `wanted_plan`; archived ones: none.

    `defaults` are the organisations' plans; `given` is looked at as if it were made already.
    """
    # Each by these customers alone: asked by customer, PostgreSQL may read the tables as a whole.
    has_email = customers.c.id.in_(
        sa.select(contacts.c.customer_id).where(
            among(tx, contacts.c.customer_id, customer_ids),
            contacts.c.email != "",
            contacts.c.email_invalid == "",
        )
    )
    has_case = customers.c.id.in_(
        sa.select(cases.c.customer_id).where(among(tx, cases.c.customer_id, customer_ids))
    )
    rows = await tx.execute(
        sa.select(
            customers.c.id,
            customers.c.organisation_id,
            customers.c.reference,
            customers.c.name,
            customers.c.archived,
            customers.c.plan_id,
            customers.c.profile_id,
            customers.c.country,
            sa.func.coalesce(customers.c.language, organisations.c.language).label("language"),
            profiles.c.plan_with_email_id,
            profiles.c.plan_without_email_id,
            has_email.label("has_email"),
        )
        .join_from(customers, profiles, isouter=True)
        .join(organisations, organisations.c.id == customers.c.organisation_id)
        .where(among(tx, customers.c.id, customer_ids), sa.or_(customers.c.enabled, has_case))
        .order_by(customers.c.id)
    )
    rules = await load_rules(tx, defaults)
    found = {}
    for row in rows.mappings():
        house = row["organisation_id"]
        ruled = given if isinstance(given, Sequence) else rules[house]
        assigned = given if isinstance(given, Assignment) else None
        plan = None if row["archived"] else _plan(row, defaults[house], ruled, assigned)
        found[row["id"]] = {**row, "wanted_plan": plan}
    return found


async def load_rules(
    tx: AsyncConnection, organisation_ids: Collection[UUID]
) -> dict[UUID, list[Rule]]:
    """Each organisation's rules, in their order."""
    rows = await tx.execute(
        sa.select(assignment_rules)
        .where(assignment_rules.c.organisation_id.in_(organisation_ids))
        .order_by(assignment_rules.c.position)
    )
    found: dict[UUID, list[Rule]] = {organisation: [] for organisation in organisation_ids}
    for row in rows.mappings():
        rule = Rule(
            plan=row["plan_id"],
            country=row["country"],
            language=row["language"],
            profile=row["profile_id"],
        )
        found[row["organisation_id"]].append(rule)
    return found


async def moved_by(
    tx: AsyncConnection, organisation: UUID, default: UUID | None, given: Given
) -> list[Move]:
    """Whom it would move to another plan, by name; `default` is what holds now."""
    mine = sa.select(customers.c.id).where(customers.c.organisation_id == organisation)
    if isinstance(given, Assignment) and given.customer:
        mine = mine.where(customers.c.id == given.customer)
    elif isinstance(given, Assignment) and given.profile:
        mine = mine.where(customers.c.profile_id == given.profile)
    ids = (await tx.scalars(mine.order_by(customers.c.id))).all()
    moves = []
    for start in range(0, len(ids), _AT_ONCE):
        batch = ids[start : start + _AT_ONCE]
        wanted = await wanted_plans(tx, batch, {organisation: default}, given)
        now = await _current(tx, batch)
        for one, row in wanted.items():
            plan, key = now.get(one, (None, None))
            to_it = not isinstance(given, Assignment) or row["wanted_plan"] == given.plan
            if to_it and row["wanted_plan"] != plan:
                moves.append(Move(id=one, reference=row["reference"], name=row["name"], plan=key))
    return sorted(moves, key=lambda move: (move.name.casefold(), move.reference))


def _plan(
    row: Mapping[Any, Any],
    default: UUID | None,
    rules: Sequence[Rule],
    given: Assignment | None,
) -> UUID | None:
    own: UUID | None = row["plan_id"]
    pair = _of_profile(row, given)
    if given and given.customer == row["id"]:
        own = given.plan
    if given and not given.customer and not given.profile:
        default = given.plan
    ruled = next((rule.plan for rule in rules if _fits(rule, row)), None)
    return own or ruled or pair or default


def _fits(rule: Rule, row: Mapping[Any, Any]) -> bool:
    language = str(row["language"] or "").lower()
    return (
        rule.country in ("", str(row["country"]).upper())
        and (not rule.language or language.partition("-")[0] == rule.language)
        and rule.profile in (None, row["profile_id"])
    )


def _of_profile(row: Mapping[Any, Any], given: Assignment | None) -> UUID | None:
    with_email: UUID | None = row["plan_with_email_id"]
    without: UUID | None = row["plan_without_email_id"]
    if given and given.profile and given.profile == row["profile_id"]:
        without = given.plan if given.without_email else without
        with_email = with_email if given.without_email else given.plan
    return with_email if row["has_email"] else without


async def _current(
    tx: AsyncConnection, customer_ids: Collection[UUID]
) -> dict[UUID, tuple[UUID | None, str | None]]:
    rows = await tx.execute(
        sa.select(cases.c.customer_id, plans.c.id, plans.c.key)
        .join_from(cases, plans)
        .where(among(tx, cases.c.customer_id, customer_ids), cases.c.ended_on.is_(None))
    )
    return {row[0]: (row[1], row[2]) for row in rows}
