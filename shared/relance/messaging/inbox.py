"""A consumer takes each message once: its identifier is recorded with its effect."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from relance.clock import Clock
from relance.contracts.messages import Message
from relance.contracts.wire import Envelope, MalformedMessageError, decode
from relance.messaging.carrier import Carrier
from relance.messaging.dead import bury, bury_unread
from relance.messaging.tracing import span
from relance.store.database import Database
from relance.store.tables import inbox
from relance.store.upsert import insert

Handle = Callable[[AsyncConnection, tuple[UUID, ...]], Awaitable[None]]
Ring = Callable[[tuple[UUID, ...]], Awaitable[None]]

MOST_TRIES = 8
_FIRST_PAUSE = timedelta(seconds=2)
_REMEMBERED = timedelta(days=90)  # what comes again after that rings once more: it guards itself
_FORGETS_EVERY = timedelta(hours=1)
_DONE = {"done": True, "retry_at": None, "body": None}

log = structlog.get_logger(__name__)


class Inbox:
    """Runs a service's handlers, each in one transaction with the record of its message.

    A handler that fails is tried again with growing pauses, from the database; after MOST_TRIES
    its message becomes a dead letter. Malformed messages become dead letters at once.
    """

    def __init__(
        self, database: Database, handlers: Mapping[type[Message], Handle], clock: Clock
    ) -> None:
        self._database = database
        self._handlers = {kind.kind: handle for kind, handle in handlers.items()}
        self._kinds = tuple(handlers)
        self._clock = clock
        self._forgot_at = clock.now()

    def subscribe(self, carrier: Carrier) -> None:
        for kind in self._kinds:
            carrier.subscribe(kind, self.receive)

    async def receive(self, body: bytes) -> None:
        """Takes a message from the carrier; returns when it is handled or safely kept."""
        try:
            envelope = decode(body)
        except MalformedMessageError as error:
            async with self._database.write() as tx:
                await self._bury_unread(tx, body, error)
            return
        await self._try(envelope, body)

    async def tick(self) -> int:
        """Tries again what is due for it, and says how many."""
        consumer, now = self._database.service, self._clock.now()
        if not self._forgot_at <= now < self._forgot_at + _FORGETS_EVERY:
            await self._forget(now)
        async with self._database.read() as tx:
            due = await tx.execute(
                sa.select(inbox.c.message_id, inbox.c.body)
                .where(inbox.c.consumer == consumer, inbox.c.retry_at <= now)
                .order_by(inbox.c.retry_at)
            )
            rows = due.all()
        for row in rows:
            await self._retry(row.message_id, row.body)
        return len(rows)

    async def _forget(self, now: datetime) -> None:
        """Deletes what was taken long ago, found by the instant in its identifier."""
        self._forgot_at = now
        before = now - _REMEMBERED
        first = UUID(int=int(before.timestamp() * 1000) << 80)
        old = (inbox.c.consumer == self._database.service) & (inbox.c.message_id < first)
        async with self._database.write() as tx:
            await tx.execute(
                sa.delete(inbox).where(old, inbox.c.received_at < before, inbox.c.done)
            )

    async def _retry(self, message_id: UUID, body: bytes) -> None:
        try:
            envelope = decode(body)
        except MalformedMessageError as error:  # another release kept it
            mine = self._mine(message_id)
            async with self._database.write() as tx:
                await tx.execute(sa.update(inbox).where(mine).values(**_DONE))
                await self._bury_unread(tx, body, error)
        else:
            with span(f"take {envelope.message.kind} again", message=message_id):
                await self._try(envelope, body)

    async def _try(self, envelope: Envelope, body: bytes) -> None:
        try:
            async with self._database.write() as tx:
                if await self._record(tx, envelope):
                    await self._handlers[envelope.message.kind](tx, envelope.message.ids)
        except Exception as error:
            await self._keep(
                envelope, body, type(error).__name__
            )  # raises where the database is away
            log.exception(
                "message_not_handled",
                message_id=str(envelope.id),
                kind=envelope.message.kind,
                error=type(error).__name__,
            )

    async def _record(self, tx: AsyncConnection, envelope: Envelope) -> bool:
        """Whether the message is taken for the first time: then it is recorded as done."""
        consumer, now = self._database.service, self._clock.now()
        mine = self._mine(envelope.id)
        retried = await tx.execute(sa.update(inbox).where(mine, ~inbox.c.done).values(**_DONE))
        if retried.rowcount:
            return True
        row = insert(tx, inbox).values(
            consumer=consumer, message_id=envelope.id, received_at=now, tries=0, **_DONE
        )
        # RETURNING, for psycopg does not count the rows of an INSERT
        new = await tx.execute(row.on_conflict_do_nothing().returning(inbox.c.message_id))
        return new.first() is not None

    async def _keep(self, envelope: Envelope, body: bytes, error: str) -> None:
        consumer, now = self._database.service, self._clock.now()
        async with self._database.write() as tx:
            mine = self._mine(envelope.id)
            tries = 1 + (await tx.scalar(sa.select(inbox.c.tries).where(mine)) or 0)
            if tries >= MOST_TRIES:
                await tx.execute(sa.update(inbox).where(mine).values(done=True, retry_at=None))
                await bury(tx, consumer, envelope.id, body, error, now)
                return
            kept = {
                "done": False,
                "tries": tries,
                "retry_at": now + _FIRST_PAUSE * 2 ** (tries - 1),
                "body": body,
                "error": error,
            }
            row = insert(tx, inbox).values(
                consumer=consumer, message_id=envelope.id, received_at=now, **kept
            )
            await tx.execute(
                row.on_conflict_do_update(
                    index_elements=["consumer", "message_id"], set_=kept, where=~inbox.c.done
                )
            )

    async def _bury_unread(
        self, tx: AsyncConnection, body: bytes, error: MalformedMessageError
    ) -> None:
        await bury_unread(tx, self._database.service, body, str(error), self._clock.now())

    def _mine(self, message_id: UUID) -> sa.ColumnElement[bool]:
        consumer = self._database.service
        return sa.and_(inbox.c.consumer == consumer, inbox.c.message_id == message_id)


class Bells:
    """For effects outside the database: a bell only says look now; the effect guards itself.

    A bell that fails is dropped: the service's own poll finds the same rows.
    """

    def __init__(self, bells: Mapping[type[Message], Ring]) -> None:
        self._bells = {kind.kind: ring for kind, ring in bells.items()}
        self._kinds = tuple(bells)

    def subscribe(self, carrier: Carrier) -> None:
        for kind in self._kinds:
            carrier.subscribe(kind, self.receive)

    async def receive(self, body: bytes) -> None:
        try:
            envelope = decode(body)
            await self._bells[envelope.message.kind](envelope.message.ids)
        except Exception as error:
            log.exception("bell_not_answered", error=type(error).__name__)
