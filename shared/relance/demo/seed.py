"""Writes the sample company into an empty database, by the very doors a company uses."""

import csv
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from importlib.resources import files
from pathlib import Path
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from relance.demo.company import PEOPLE
from relance.domain.people import Role
from relance.store.database import Database
from relance.store.organisations import load_organisations
from relance.store.plans import find_plan
from relance_scheduler.founding import (
    Founder,
    NewMember,
    add_members,
    add_plan,
    add_profile,
    found,
)

TEAM = "T0SANDBOX"
COMPANY = Founder(
    name="Atelier Lumen",
    sender_email="accounts@atelier-lumen.example",
    address="12 quai Saint-Vincent, 69001 Lyon, France",
    phone="+33 4 78 00 00 00",
    language="en",
)


async def found_company(database: Database, now: datetime) -> UUID:
    """The organisation, its people, plans and profiles; its customers come by import."""
    async with database.write() as tx:
        organisation = await found(tx, COMPANY, now)
        await add_members(
            tx,
            organisation,
            [
                NewMember(
                    name=person.name,
                    email=person.email,
                    roles=tuple(Role(role) for role in person.roles),
                    slack=(TEAM, person.slack),
                )
                for person in PEOPLE
            ],
        )
        await _add_profiles(tx, organisation, now)
    return organisation


async def _add_profiles(tx: AsyncConnection, organisation: UUID, now: datetime) -> None:
    own = files("relance") / "demo" / "plans"
    key_accounts, by_post = [
        await add_plan(tx, organisation, (own / f"{name}.yaml").read_text("utf-8"), now)
        for name in ("key-accounts", "without-email")
    ]
    standard = (await load_organisations(tx))[organisation].default_plan
    recap = await find_plan(tx, organisation, "recap-monthly")
    if standard is None or recap is None:
        raise ValueError("a preset plan is missing")
    await add_profile(tx, organisation, "Standard", standard, by_post)
    await add_profile(tx, organisation, "Key accounts", key_accounts, by_post)
    await add_profile(tx, organisation, "Small shops", recap.id, by_post)


def write_files(
    folder: Path, tables: Mapping[str, Sequence[Mapping[str, str]]], day: date
) -> list[Path]:
    """One CSV file a table, named by the day, in the order in which they are imported."""
    written = []
    for name, lines in tables.items():
        if not lines:
            continue
        path = folder / f"{day.isoformat()}-{name}.csv"
        columns = list(dict.fromkeys(column for line in lines for column in line))
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, columns, restval="")
            writer.writeheader()
            writer.writerows(lines)
        written.append(path)
    return written
