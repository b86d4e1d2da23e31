"""The rows of `imports`: what came when, and whether it came to its end."""

import hashlib
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from relance.store.database import Database
from relance.store.tables import imports
from relance.store.types import new_id
from relance_scheduler.ledger.delivery import Delivery


async def record_start(
    database: Database, organisation: UUID, delivery: Delivery, now: datetime
) -> list[UUID]:
    """In a transaction of its own, so that an import that was killed can be seen."""
    rows = [
        {
            "id": new_id(),
            "organisation_id": organisation,
            "file": path.name,
            "digest": _digest(path),
            "mode": delivery.mode.value,
            "started_at": now,
        }
        for path, _ in delivery.files
    ]
    async with database.write() as tx:
        await tx.execute(sa.insert(imports), rows)
    return [row["id"] for row in rows if isinstance(row["id"], UUID)]


async def record_end(
    tx: AsyncConnection, rows: Sequence[UUID], counts: dict[str, int], now: datetime
) -> None:
    """In the transaction of the changes that it speaks of."""
    await tx.execute(
        sa.update(imports).where(imports.c.id.in_(rows)).values(ended_at=now, counts=counts)
    )


async def record_refusal(database: Database, rows: Sequence[UUID], reason: str) -> None:
    """Without an end: a refused import makes nothing fresher (F41)."""
    if rows:
        async with database.write() as tx:
            await tx.execute(
                sa.update(imports).where(imports.c.id.in_(rows)).values(counts={"refused": reason})
            )


def _digest(path: Path) -> str:
    """SHA-256 of the file, empty where it cannot be read."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return ""
