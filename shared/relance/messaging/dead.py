"""Messages that no service can take: kept for a person to look at."""

from datetime import datetime
from hashlib import sha256
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from relance.store.tables import dead_letters
from relance.store.types import new_id


async def bury(
    tx: AsyncConnection, consumer: str, message_id: UUID, body: bytes, error: str, now: datetime
) -> None:
    """Keeps a message of ours, which holds identifiers only."""
    await _insert(tx, consumer, message_id, body, error, now)


async def bury_unread(
    tx: AsyncConnection, consumer: str, body: bytes, error: str, now: datetime
) -> None:
    """Keeps the size and the digest of what is no message: it may hold anything."""
    shown = f"{len(body)} bytes, SHA-256 {sha256(body).hexdigest()}"
    await _insert(tx, consumer, None, shown.encode(), error, now)


async def _insert(
    tx: AsyncConnection,
    consumer: str,
    message_id: UUID | None,
    body: bytes,
    error: str,
    now: datetime,
) -> None:
    row = {
        "id": new_id(),
        "consumer": consumer,
        "message_id": message_id,
        "body": body,
        "error": error,
        "died_at": now,
    }
    await tx.execute(sa.insert(dead_letters), row)
