"""Messages leave with the state they speak of: written in its transaction, carried afterwards."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from relance.clock import Clock
from relance.contracts.messages import MOST_IDS, Message
from relance.contracts.wire import Envelope, MalformedMessageError, decode, encode
from relance.messaging.carrier import Carrier
from relance.messaging.dead import bury_unread
from relance.store.database import Database
from relance.store.tables import outbox
from relance.store.types import new_id

LEASE = timedelta(seconds=30)
BATCH = 200

log = structlog.get_logger(__name__)


async def post(
    tx: AsyncConnection, service: str, kind: type[Message], ids: Iterable[UUID], now: datetime
) -> None:
    """Writes messages about these rows into the caller's transaction; no rows, no message."""
    unique = list(dict.fromkeys(ids))
    rows = []
    for start in range(0, len(unique), MOST_IDS):
        envelope = Envelope(id=new_id(), message=kind(ids=tuple(unique[start : start + MOST_IDS])))
        rows.append(
            {
                "id": envelope.id,
                "service": service,
                "kind": kind.kind,
                "body": encode(envelope),
                "created_at": now,
            }
        )
    if rows:
        await tx.execute(sa.insert(outbox), rows)


class Relay:
    """Carries a service's outbox. Several may run: rows are leased, and a lease runs out."""

    def __init__(self, database: Database, carrier: Carrier, clock: Clock) -> None:
        self._database = database
        self._carrier = carrier
        self._clock = clock

    async def tick(self) -> int:
        """Carries one batch and says how many; what could not be carried waits for its lease."""
        rows = await self._lease()
        carried = [row_id for row_id, body in rows if await self._carry(row_id, body)]
        if carried:
            async with self._database.write() as tx:
                await tx.execute(sa.delete(outbox).where(outbox.c.id.in_(carried)))
        return len(carried)

    async def _lease(self) -> Sequence[tuple[UUID, bytes]]:
        now = self._clock.now()
        free = sa.or_(outbox.c.leased_until.is_(None), outbox.c.leased_until <= now)
        picked = (
            sa.select(outbox.c.id)
            .where(outbox.c.service == self._database.service, free)
            .order_by(outbox.c.created_at, outbox.c.id)
            .limit(BATCH)
        )
        async with self._database.read() as tx:  # an empty outbox must not cost a writer's lock
            if not (await tx.execute(picked.limit(1))).first():
                return []
        async with self._database.write() as tx:
            leased = await tx.execute(
                sa.update(outbox)
                .where(outbox.c.id.in_(picked.with_for_update(skip_locked=True)), free)
                .values(leased_until=now + LEASE)
                .returning(outbox.c.id, outbox.c.body, outbox.c.created_at)
            )
            rows = sorted(leased.all(), key=lambda row: (row.created_at, row.id))
        return [(row.id, row.body) for row in rows]

    async def _carry(self, row_id: UUID, body: bytes) -> bool:
        """Whether it was carried. What is no message leaves: it would be in the way for ever."""
        try:
            envelope = decode(body)
        except MalformedMessageError as error:
            async with self._database.write() as tx:
                await tx.execute(sa.delete(outbox).where(outbox.c.id == row_id))
                await bury_unread(tx, self._database.service, body, str(error), self._clock.now())
            return False
        try:
            await self._carrier.carry(envelope)
        except Exception as error:  # noqa: BLE001 - whatever ails a broker, the row waits for it
            log.warning(
                "message_not_carried",
                message_id=str(envelope.id),
                kind=envelope.message.kind,
                error=type(error).__name__,
            )
            return False
        return True
