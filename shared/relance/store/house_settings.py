"""An organisation's settings as JSON values by name, read back with their mistakes (F48, F57)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import time
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from relance.store.organisations import find_zone, load_members
from relance.store.tables import organisations

NAMES = (
    "send_at",
    "send_until",
    "weekdays",
    "holidays",
    "zone",
    "default_owner",
    "enable_new_customers",
    "fresh_within_hours",
)
MOST_HOURS = 24 * 31


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """Columns of the organisation, and wording keys by the name of what cannot be."""

    columns: Mapping[str, Any]
    mistakes: Mapping[str, str]


async def load_settings(
    tx: AsyncConnection, organisation: UUID, *, lock: bool = False
) -> dict[str, Any]:
    """The settings that hold; with `lock` nobody else changes them before the transaction ends."""
    wanted = sa.select(organisations).where(organisations.c.id == organisation)
    row = (
        (await tx.execute(wanted.with_for_update(key_share=True) if lock else wanted))
        .mappings()
        .one()
    )
    return {
        "send_at": f"{row['send_at']:%H:%M}",
        "send_until": f"{row['send_until']:%H:%M}",
        "weekdays": sorted(row["weekdays"]),
        "holidays": row["holidays"],
        "zone": row["zone"],
        "default_owner": row["default_owner_id"].hex if row["default_owner_id"] else "",
        "enable_new_customers": row["enable_new_customers"],
        "fresh_within_hours": row["fresh_within_hours"],
    }


async def read_settings(
    tx: AsyncConnection, organisation: UUID, changes: Mapping[str, Any], standing: Mapping[str, Any]
) -> Read:
    """The changed settings as columns; how they go with those that stand is looked at, too."""
    columns: dict[str, Any] = {}
    mistakes: dict[str, str] = {}
    for name, value in changes.items():
        try:
            columns[_COLUMNS.get(name, name)] = _READERS[name](value)
        except (ValueError, TypeError, KeyError):
            mistakes[name] = f"setting_{name}" if name in NAMES else "other"
    whole = {**standing, **changes}
    if not mistakes and str(whole["send_until"]) <= str(whole["send_at"]):
        mistakes["send_until"] = "setting_window"
    if owner := columns.get("default_owner_id"):
        team = {member.id for member in await load_members(tx, organisation) if member.active}
        if owner not in team:
            mistakes["default_owner"] = "owner_unknown"
    return Read(columns=columns, mistakes=mistakes)


def _weekdays(value: Any) -> list[int]:
    days = sorted({int(day) for day in value})
    if not days or not set(days) <= set(range(7)):
        raise ValueError(days)
    return days


def _flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise TypeError(value)
    return value


def _zone(value: Any) -> str:
    return find_zone(str(value)).key


def _hours(value: Any) -> int | None:
    if value is None:
        return None
    hours = int(value)
    if not 1 <= hours <= MOST_HOURS:
        raise ValueError(hours)
    return hours


_COLUMNS = {"default_owner": "default_owner_id"}
_READERS: Mapping[str, Callable[[Any], Any]] = {
    "send_at": time.fromisoformat,
    "send_until": time.fromisoformat,
    "weekdays": _weekdays,
    "holidays": _flag,
    "zone": _zone,
    "default_owner": lambda value: UUID(hex=value) if value else None,
    "enable_new_customers": _flag,
    "fresh_within_hours": _hours,
}
