"""Messages leave with the state they speak of: written in its transaction, carried afterwards."""

import asyncio
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from relance.clock import Clock
from relance.contracts.messages import MOST_IDS, Message
from relance.contracts.wire import Envelope, MalformedMessageError, decode, encode
from relance.messaging.carrier import BrokerAwayError, Carrier
from relance.messaging.dead import bury_unread
from relance.messaging.tracing import is_tracing, present, span
from relance.store.database import Database
from relance.store.tables import outbox
from relance.store.types import new_id

LEASE = timedelta(seconds=30)
BATCH = 200
_MOST_TRACES = 100  # messages; polls find the latest

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Row:
    id: UUID
    body: bytes
    trace: str


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
                "trace": present(),
            }
        )
    if rows:
        await tx.execute(sa.insert(outbox), rows)


async def uncarried_traces(database: Database, kind: type[Message]) -> dict[UUID, str]:
    """For a poll, which finds rows before their message comes: the trace that goes on with each."""
    if not is_tracing():
        return {}
    waiting = (
        sa.select(outbox.c.body, outbox.c.trace)
        .where(outbox.c.kind == kind.kind, outbox.c.trace != "")
        .order_by(outbox.c.created_at.desc())
        .limit(_MOST_TRACES)
    )
    async with database.read() as tx:
        rows = (await tx.execute(waiting)).all()
    traces: dict[UUID, str] = {}
    for row in rows:
        with suppress(MalformedMessageError):
            traces |= dict.fromkeys(decode(row.body).message.ids, row.trace)
    return traces


def _raise_unexpected(faults: Sequence[BaseException]) -> None:
    for fault in faults:
        if not isinstance(fault, BrokerAwayError):
            raise fault


class Relay:
    """Carries a service's outbox. Several may run: rows are leased, and a lease runs out."""

    def __init__(self, database: Database, carrier: Carrier, clock: Clock) -> None:
        self._database = database
        self._carrier = carrier
        self._clock = clock

    async def tick(self) -> int:
        """Carries one batch and says how many.

        What the broker does not take waits for it; anything else that fails, for its lease.
        """
        if not self._carrier.is_ready:
            return 0
        rows = await self._lease()
        carried: list[UUID] = []
        together = self._carrier.at_once
        for start in range(0, len(rows), together):
            part = rows[start : start + together]
            done = await asyncio.gather(*map(self._carry, part), return_exceptions=True)
            carried += [row.id for row, answer in zip(part, done, strict=True) if answer is True]
            faults = [answer for answer in done if isinstance(answer, BaseException)]
            if faults:
                await self._free(row.id for row in rows[start:] if row.id not in carried)
                _raise_unexpected(faults)
                break
        if carried:
            async with self._database.write() as tx:
                await tx.execute(sa.delete(outbox).where(outbox.c.id.in_(carried)))
        return len(carried)

    async def _free(self, row_ids: Iterable[UUID]) -> None:
        """Gives the lease up: whoever reaches the broker next may carry them."""
        async with self._database.write() as tx:
            await tx.execute(
                sa.update(outbox).where(outbox.c.id.in_([*row_ids])).values(leased_until=None)
            )

    async def _lease(self) -> Sequence[_Row]:
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
                .returning(outbox.c.id, outbox.c.body, outbox.c.created_at, outbox.c.trace)
            )
            rows = sorted(leased.all(), key=lambda row: (row.created_at, row.id))
        return [_Row(id=row.id, body=row.body, trace=row.trace or "") for row in rows]

    async def _carry(self, row: _Row) -> bool:
        """Whether it was carried. What is no message leaves: it would be in the way for ever."""
        try:
            envelope = decode(row.body)
        except MalformedMessageError as error:
            async with self._database.write() as tx:
                await tx.execute(sa.delete(outbox).where(outbox.c.id == row.id))
                now = self._clock.now()
                await bury_unread(tx, self._database.service, row.body, str(error), now)
            return False
        try:
            with span(f"carry {envelope.message.kind}", row.trace, message=envelope.id):
                await self._carrier.carry(replace(envelope, trace=present()))
        except BrokerAwayError:
            raise
        except Exception as error:  # noqa: BLE001 - whatever ails a message, its row waits
            log.warning(
                "message_not_carried",
                message_id=str(envelope.id),
                kind=envelope.message.kind,
                error=type(error).__name__,
            )
            return False
        return True
