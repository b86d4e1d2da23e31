"""Organisations and members as domain values, and the calendar their actions leave by."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import holidays
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from relance.domain.calendar import Calendar
from relance.domain.house_requests import Switches
from relance.domain.ledger import Pause
from relance.domain.people import Member, Role
from relance.store.tables import members, organisations


@dataclass(frozen=True, slots=True, kw_only=True)
class Organisation:
    """A company that collects, its calendar and its switches."""

    id: UUID
    name: str
    language: str
    currency: str
    calendar: Calendar
    kill_switch: bool
    test_address: str
    pause: Pause | None
    default_owner: UUID | None
    default_plan: UUID | None
    enable_new_customers: bool
    fresh_within_hours: int | None


class WrongOrganisationError(Exception):
    """An organisation whose settings cannot be; the text says which and how to mend them."""


async def load_organisations(
    tx: AsyncConnection, ids: Collection[UUID] | None = None
) -> dict[UUID, Organisation]:
    """Organisations by their identifiers, all without `ids`, or WrongOrganisationError.

    Whoever works for some asks for those: another's wrong settings do not stop them.
    """
    some = sa.select(organisations)
    rows = await tx.execute(some if ids is None else some.where(organisations.c.id.in_(ids)))
    return {row["id"]: _organisation(row) for row in rows.mappings()}


async def load_switches(tx: AsyncConnection, organisation_id: UUID) -> Switches:
    """What is switched in the organisation."""
    wanted = sa.select(organisations.c.kill_switch, organisations.c.test_address)
    row = (await tx.execute(wanted.where(organisations.c.id == organisation_id))).one()
    return Switches(kill=row.kill_switch, test_address=row.test_address)


async def organisation_names(tx: AsyncConnection) -> dict[str, UUID]:
    """Every organisation by its name, whatever its settings."""
    rows = await tx.execute(sa.select(organisations.c.name, organisations.c.id))
    return {row.name: row.id for row in rows}


async def load_members(tx: AsyncConnection, organisation_id: UUID) -> tuple[Member, ...]:
    """The organisation's members, those who have left included."""
    return (await load_teams(tx, [organisation_id]))[organisation_id]


async def load_teams(
    tx: AsyncConnection, organisation_ids: Collection[UUID]
) -> dict[UUID, tuple[Member, ...]]:
    """The members of each of these organisations, those who have left included."""
    rows = await tx.execute(
        sa.select(members)
        .where(members.c.organisation_id.in_(organisation_ids))
        .order_by(members.c.id)
    )
    teams: dict[UUID, list[Member]] = {organisation: [] for organisation in organisation_ids}
    for row in rows.mappings():
        teams[row["organisation_id"]].append(member_of(row))
    return {organisation: tuple(team) for organisation, team in teams.items()}


def member_of(row: Mapping[Any, Any]) -> Member:
    """A row of members as a value."""
    return Member(
        id=row["id"],
        name=row["name"],
        email=row["email"],
        roles=frozenset(Role(role) for role in row["roles"]),
        active=row["active"],
        away_from=row["away_from"],
        away_until=row["away_until"],
        stand_in=row["stand_in_id"],
    )


def pause_of(row: Mapping[Any, Any]) -> Pause | None:
    """The pause in a row with paused, paused_until and paused_reason."""
    if not row["paused"]:
        return None
    return Pause(until=row["paused_until"], reason=row["paused_reason"])


def calendar_of(row: Mapping[Any, Any]) -> Calendar:
    """An organisation's slots: its zone, its hours, its weekdays, its country's public holidays."""
    closed = public_holidays(row["country"], row["subdivision"]) if row["holidays"] else frozenset()
    return Calendar(
        zone=find_zone(row["zone"]),
        send_at=row["send_at"],
        send_until=row["send_until"],
        weekdays=frozenset(row["weekdays"]),
        holidays=closed,
    )


def find_zone(name: str) -> ZoneInfo:
    """The time zone of that IANA name; ValueError where there is none."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, OSError, ValueError):  # OSError: a folder of zones
        why = f"“{name}” is no time zone: write one such as Europe/Paris"
        raise ValueError(why) from None


@lru_cache(maxsize=256)
def public_holidays(country: str, subdivision: str = "") -> holidays.HolidayBase:
    """The country's public holidays, worked out year by year as they are asked for (F48)."""
    return holidays.country_holidays(country, subdiv=subdivision or None)


def _organisation(row: Mapping[Any, Any]) -> Organisation:
    try:
        calendar = calendar_of(row)
    except (ValueError, NotImplementedError) as error:  # the latter: no such country
        name = row["name"]
        why = f"Nothing can leave for “{name}”, as the table organisations has it: {error}."
        raise WrongOrganisationError(why) from None
    return Organisation(
        id=row["id"],
        name=row["name"],
        language=row["language"],
        currency=row["currency"],
        calendar=calendar,
        kill_switch=row["kill_switch"],
        test_address=row["test_address"],
        pause=pause_of(row),
        default_owner=row["default_owner_id"],
        default_plan=row["default_plan_id"],
        enable_new_customers=row["enable_new_customers"],
        fresh_within_hours=row["fresh_within_hours"],
    )
