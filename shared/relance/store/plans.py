"""Plans and templates: rows become domain values here."""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from relance.domain.documents import plan_of
from relance.domain.plans import Channel, Plan
from relance.store.organisations import pause_of
from relance.store.tables import cases, members, plan_versions, plans, templates


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredTemplate:
    """A template as its source; `version` counts its edits."""

    key: str
    channel: Channel
    language: str
    subject: str = ""
    body: str
    version: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredVersion:
    """A version of a plan; `applied_by` is a member's name, None where a file was applied."""

    plan: Plan
    applied_at: datetime
    applied_by: str | None


async def load_plans(tx: AsyncConnection, plan_ids: Collection[UUID]) -> dict[UUID, Plan]:
    """The current versions of these plans, by identifier."""
    return await _current(tx, plans.c.id.in_(plan_ids)) if plan_ids else {}


async def load_plan(tx: AsyncConnection, plan_id: UUID) -> Plan | None:
    """One plan in its current version."""
    return (await load_plans(tx, (plan_id,))).get(plan_id)


async def list_plans(tx: AsyncConnection, organisation_id: UUID) -> tuple[Plan, ...]:
    """The organisation's plans in their current versions, inactive ones too, by key."""
    found = await _current(tx, plans.c.organisation_id == organisation_id)
    return tuple(sorted(found.values(), key=lambda plan: plan.key))


async def find_plan(tx: AsyncConnection, organisation_id: UUID, key: str) -> Plan | None:
    """The organisation's plan of that key in its current version."""
    found = await _current(tx, plans.c.organisation_id == organisation_id, plans.c.key == key)
    return next(iter(found.values()), None)


async def followers(tx: AsyncConnection, organisation_id: UUID) -> dict[UUID, int]:
    """How many customers follow each of the organisation's plans; those that nobody does lack."""
    rows = await tx.execute(
        sa.select(cases.c.plan_id, sa.func.count())
        .join_from(cases, plans)
        .where(plans.c.organisation_id == organisation_id, cases.c.ended_on.is_(None))
        .group_by(cases.c.plan_id)
    )
    return {row[0]: row[1] for row in rows}


async def load_versions(tx: AsyncConnection, plan_id: UUID) -> tuple[StoredVersion, ...]:
    """All versions of a plan, the latest first (F56)."""
    rows = await tx.execute(
        sa.select(plan_versions, members.c.name)
        .join_from(plan_versions, members, isouter=True)
        .where(plan_versions.c.plan_id == plan_id)
        .order_by(plan_versions.c.number.desc())
    )
    return tuple(
        StoredVersion(
            plan=plan_of(row["document"], id=plan_id, version=row["number"]),
            applied_at=row["applied_at"],
            applied_by=row["name"],
        )
        for row in rows.mappings()
    )


async def load_templates(
    tx: AsyncConnection, organisation_id: UUID
) -> dict[tuple[str, Channel, str], StoredTemplate]:
    """The organisation's templates by key, channel and language."""
    rows = await tx.execute(
        sa.select(templates).where(templates.c.organisation_id == organisation_id)
    )
    found = (_template(row) for row in rows.mappings())
    return {(t.key, t.channel, t.language): t for t in found}


@lru_cache(maxsize=1024)
def _plan(document: str, automatic_since: str, plan_id: UUID, number: int) -> Plan:
    """A version that is looked up for each batch is read once; UnreadableDocument if it is none."""
    since = json.loads(automatic_since)
    return plan_of(
        json.loads(document),
        id=plan_id,
        version=number,
        automatic_since={step: date.fromisoformat(day) for step, day in since.items()},
    )


async def _current(tx: AsyncConnection, *where: sa.ColumnElement[bool]) -> dict[UUID, Plan]:
    current = (plan_versions.c.plan_id == plans.c.id) & (plan_versions.c.number == plans.c.version)
    rows = await tx.execute(
        sa.select(
            sa.cast(plan_versions.c.document, sa.Text).label("document"),
            sa.cast(plan_versions.c.automatic_since, sa.Text).label("automatic_since"),
            plan_versions.c.plan_id,
            plan_versions.c.number,
            plans.c.active,
            plans.c.paused,
            plans.c.paused_until,
            plans.c.paused_reason,
        )
        .join(plans, current)
        .where(*where)
    )
    return {row["plan_id"]: _of_today(row) for row in rows.mappings()}


def _of_today(row: Mapping[Any, Any]) -> Plan:
    version = _plan(row["document"], row["automatic_since"], row["plan_id"], row["number"])
    return replace(version, active=row["active"], pause=pause_of(row))


def _template(row: Mapping[Any, Any]) -> StoredTemplate:
    return StoredTemplate(
        key=row["key"],
        channel=Channel(row["channel"]),
        language=row["language"],
        subject=row["subject"],
        body=row["body"],
        version=row["version"],
    )
