"""Whether a plan's document holds in its organisation: with its templates and its members."""

from collections import defaultdict
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from relance.domain.documents.readings import Fault
from relance.plan_files import Surroundings, faults_of
from relance.store.organisations import load_members
from relance.store.plans import load_templates


async def plan_faults(
    tx: AsyncConnection, organisation: UUID, document: Mapping[str, Any]
) -> list[Fault]:
    """Every fault, as `relance plan check` finds them; warnings too, which forbid nothing."""
    return faults_of(dict(document), await surroundings(tx, organisation))


async def surroundings(tx: AsyncConnection, organisation: UUID) -> Surroundings:
    """What the organisation's plans may name."""
    templates = defaultdict[str, set[str]](set)
    for key, channel, _language in await load_templates(tx, organisation):
        templates[channel].add(key)
    members = await load_members(tx, organisation)
    addresses = {member.email for member in members if member.active}
    return Surroundings(templates=templates, members=addresses)
