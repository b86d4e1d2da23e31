"""The history: one line for everything that happens to an action or a customer (F35)."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from relance.store.bulk import insert_many
from relance.store.tables import history
from relance.store.types import new_id


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """A line of history; without a member it was the clock or an import."""

    event: str
    at: datetime
    customer: UUID | None = None
    action: UUID | None = None
    member: UUID | None = None
    from_version: int | None = None
    to_version: int | None = None
    detail: Mapping[str, Any] = field(default_factory=dict)


async def record(tx: AsyncConnection, events: Collection[Event]) -> None:
    """Writes the lines into the caller's transaction."""
    await insert_many(tx, history, [_row(event) for event in events])


def _row(event: Event) -> dict[str, Any]:
    return {
        "id": new_id(),
        "customer_id": event.customer,
        "action_id": event.action,
        "at": event.at,
        "member_id": event.member,
        "event": event.event,
        "from_version": event.from_version,
        "to_version": event.to_version,
        "detail": dict(event.detail),
    }
