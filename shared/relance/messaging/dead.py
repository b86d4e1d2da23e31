"""Messages that no service can take: kept for a person to have them carried again, or dropped."""

from collections.abc import AsyncIterator, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from relance.contracts.wire import Envelope, MalformedMessageError, decode
from relance.store.database import Database
from relance.store.tables import dead_letters, inbox, outbox
from relance.store.types import new_id

BATCH = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadLetter:
    """One that was kept; no `envelope`: it is no message of this release, and cannot be carried."""

    id: UUID
    consumer: str
    error: str
    died_at: datetime
    envelope: Envelope | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Replay:
    """What became of the letters that were to be carried again."""

    posted: tuple[UUID, ...]
    unreadable: tuple[UUID, ...]


async def bury(
    tx: AsyncConnection, consumer: str, message_id: UUID, body: bytes, error: str, now: datetime
) -> None:
    """Keeps a message of ours, which holds identifiers only."""
    await _insert(tx, consumer, message_id, body, error, now)


async def bury_unread(
    tx: AsyncConnection, consumer: str, body: bytes, error: str, now: datetime
) -> None:
    """Keeps the size and the digest of what is no message: it may hold anything."""
    await _insert(tx, consumer, None, fingerprint(body).encode(), error, now)


def fingerprint(body: bytes) -> str:
    """What may be shown of bytes that are no message."""
    return f"{len(body)} bytes, SHA-256 {sha256(body).hexdigest()}"


async def count_dead(tx: AsyncConnection) -> int:
    """How many are kept."""
    return await tx.scalar(sa.select(sa.func.count()).select_from(dead_letters)) or 0


async def list_dead(tx: AsyncConnection, *, most: int) -> list[DeadLetter]:
    """The oldest first."""
    oldest = sa.select(dead_letters).order_by(dead_letters.c.died_at, dead_letters.c.id)
    return [_letter(row) for row in await tx.execute(oldest.limit(most))]


async def replay(tx: AsyncConnection, letter_ids: Collection[UUID], now: datetime) -> Replay:
    """Has these messages carried once more, to the consumer that could not take them.

    Each leaves the dead letters with it. Whoever took it meanwhile has it: it is in neither list.
    """
    found = await tx.execute(sa.select(dead_letters).where(dead_letters.c.id.in_(letter_ids)))
    letters = [_letter(row) for row in found]
    readable = [letter.id for letter in letters if letter.envelope]
    gone = await tx.execute(
        sa.delete(dead_letters).where(dead_letters.c.id.in_(readable)).returning(dead_letters)
    )
    rows = gone.all()
    for row in rows:
        await carry_again(tx, row.consumer, row.body, now)
    return Replay(
        posted=tuple(row.id for row in rows),
        unreadable=tuple(letter.id for letter in letters if not letter.envelope),
    )


async def carry_again(tx: AsyncConnection, consumer: str, body: bytes, now: datetime) -> None:
    """Puts a message into the outbox as if its consumer had never had it.

    The consumer's own relay carries it: it runs where the consumer does.
    """
    envelope = decode(body)
    taken = (inbox.c.consumer == consumer) & (inbox.c.message_id == envelope.id)
    await tx.execute(sa.delete(inbox).where(taken))
    row = {
        "id": new_id(),
        "service": consumer,
        "kind": envelope.message.kind,
        "body": body,
        "created_at": now,
    }
    await tx.execute(sa.insert(outbox), row)


async def drop(tx: AsyncConnection, letter_ids: Collection[UUID]) -> tuple[UUID, ...]:
    """Forgets these letters, and says which there were."""
    gone = await tx.execute(
        sa.delete(dead_letters)
        .where(dead_letters.c.id.in_(letter_ids))
        .returning(dead_letters.c.id)
    )
    return tuple(gone.scalars())


async def batches_of_dead(database: Database) -> AsyncIterator[Sequence[UUID]]:
    """All that are kept now, oldest first, a batch at a time; what is buried later is left out."""
    async with database.read() as tx:
        last = await tx.scalar(
            sa.select(dead_letters.c.id).order_by(dead_letters.c.id.desc()).limit(1)
        )
    after = UUID(int=0)
    while last is not None:
        ahead = (dead_letters.c.id > after) & (dead_letters.c.id <= last)
        async with database.read() as tx:
            ids = await tx.scalars(
                sa.select(dead_letters.c.id).where(ahead).order_by(dead_letters.c.id).limit(BATCH)
            )
            batch = ids.all()
        if not batch:
            return
        yield batch
        after = batch[-1]


def _letter(row: sa.Row[Any]) -> DeadLetter:
    try:
        envelope = decode(row.body) if row.message_id else None
    except MalformedMessageError:  # another release buried it
        envelope = None
    return DeadLetter(
        id=row.id,
        consumer=row.consumer,
        error=row.error,
        died_at=row.died_at,
        envelope=envelope,
    )


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
