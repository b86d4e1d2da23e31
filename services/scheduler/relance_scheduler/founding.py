"""A company's first day: itself, its people, the shipped plans and texts, its profiles."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from relance.domain.people import Role
from relance.plan_files import PRESETS, preset, read_plan
from relance.rendering.templates import shipped
from relance.store.tables import members, organisations, profiles
from relance.store.types import new_id
from relance_scheduler.history import Event, record
from relance_scheduler.plans import apply, apply_templates


@dataclass(frozen=True, slots=True, kw_only=True)
class Founder:
    """A company as its administrator describes it; `zone` is an IANA name, `country` ISO 3166."""

    name: str
    sender_email: str
    country: str = "FR"
    zone: str = "Europe/Paris"
    language: str = "fr"
    currency: str = "EUR"
    address: str = ""
    phone: str = ""
    send_at: time = time(8, 30)
    send_until: time = time(9, 30)
    enable_new_customers: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class NewMember:
    """A colleague to add; `slack` is (team, user) where it is known already."""

    name: str
    email: str
    roles: tuple[Role, ...] = (Role.COLLECTOR,)
    slack: tuple[str, str] | None = None
    phone: str = ""


async def found(tx: AsyncConnection, company: Founder, now: datetime) -> UUID:
    """Writes the organisation with every shipped template and preset plan; gives its identifier."""
    organisation = new_id()
    row = {
        "id": organisation,
        "name": company.name,
        "email": company.sender_email,
        "sender_email": company.sender_email,
        "country": company.country,
        "zone": company.zone,
        "language": company.language,
        "currency": company.currency,
        "address": company.address,
        "phone": company.phone,
        "send_at": company.send_at,
        "send_until": company.send_until,
        "enable_new_customers": company.enable_new_customers,
    }
    await tx.execute(sa.insert(organisations).values(row))
    await record(tx, [Event(event="founded", at=now, detail={"organisation": str(organisation)})])
    await apply_templates(tx, organisation, shipped())
    language = "fr" if company.language.startswith("fr") else "en"
    plans = [await add_plan(tx, organisation, preset(key, language), now) for key in PRESETS]
    await tx.execute(
        sa.update(organisations)
        .where(organisations.c.id == organisation)
        .values(default_plan_id=plans[0])
    )
    return organisation


async def add_plan(tx: AsyncConnection, organisation: UUID, source: str, now: datetime) -> UUID:
    """Applies a plan's file that is known to be right."""
    document = read_plan(source).document
    if document is None:
        raise ValueError("a shipped plan has mistakes")
    return (await apply(tx, organisation, document, None, now)).plan


async def add_members(
    tx: AsyncConnection, organisation: UUID, new: Sequence[NewMember]
) -> Mapping[str, UUID]:
    """Writes the members; the first admin answers for what nobody else does. By address."""
    known = {member.email: new_id() for member in new}
    rows = [
        {
            "id": known[member.email],
            "organisation_id": organisation,
            "name": member.name,
            "email": member.email,
            "phone": member.phone,
            "roles": [role.value for role in member.roles],
            "slack_team": member.slack[0] if member.slack else None,
            "slack_user": member.slack[1] if member.slack else None,
        }
        for member in new
    ]
    await tx.execute(sa.insert(members), rows)
    default = next((known[m.email] for m in new if Role.ADMIN in m.roles), None)
    if default:
        await tx.execute(
            sa.update(organisations)
            .where(organisations.c.id == organisation, organisations.c.default_owner_id.is_(None))
            .values(default_owner_id=default)
        )
    return known


async def add_profile(
    tx: AsyncConnection, organisation: UUID, name: str, with_email: UUID, without_email: UUID
) -> None:
    """A category of customers with its pair of plans (F27)."""
    await tx.execute(
        sa.insert(profiles).values(
            id=new_id(),
            organisation_id=organisation,
            name=name,
            plan_with_email_id=with_email,
            plan_without_email_id=without_email,
        )
    )
