"""Wrong designs made of the real parts: what the proofs must find, or they prove nothing."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from email.parser import BytesHeaderParser
from time import monotonic
from typing import Any

import sqlalchemy as sa
from typing_extensions import override

from relance.clock import MovableClock
from relance.contracts.messages import AttemptsRecorded, DecisionsTaken
from relance.contracts.wire import decode
from relance.domain.outcomes import Delivered, Outcome
from relance.domain.plans import CONNECTED
from relance.messaging.inbox import Inbox
from relance.messaging.outbox import post
from relance.store.tables import actions, attempts, contacts
from relance.store.types import new_id
from relance_dispatcher.sending import Transport
from relance_dispatcher.wiring import build
from relance_scheduler.decisions import Decisions
from relance_scheduler.deliveries import Deliveries
from tests.proofs.firm import Make
from tests.proofs.stage import PACE, Door, Line, MortalDatabase, Ticking

_HEADERS = BytesHeaderParser()


@dataclass(frozen=True, slots=True)
class CheckThenSend:
    """Looks for what is queued and untried, sends it, and writes that down afterwards."""

    database: MortalDatabase
    line: Line
    clock: MovableClock
    transport: Transport

    async def tick(self) -> int:
        async with self.database.read() as tx:
            rows = (await tx.execute(_untried())).all()
        for row in rows:
            raw = f"Message-ID: <{row.id.hex}>\n\nBonjour".encode()
            deadline = monotonic() + PACE.hand_over.total_seconds()
            said = await self.transport.send("", (row.email,), raw, deadline=deadline)
            await self._record(row, said)
        return len(rows)

    async def _record(self, row: Any, said: Outcome) -> None:
        now, attempt = self.clock.now(), new_id()
        left = isinstance(said, Delivered)
        async with self.database.write() as tx:
            made = sa.insert(attempts).values(
                id=attempt,
                action_id=row.id,
                number=1,
                channel="email",
                action_version=row.version,
                token=attempt,
                claimed_at=now,
                lease_until=now,
                message_id=f"<{row.id.hex}>",
                body=b"Bonjour",
                outcome="delivered" if left else "impossible",
                outcome_detail="" if left else "provider_unreachable",
                recorded_at=now,
                live=left,
            )
            if not await tx.scalar(sa.select(attempts.c.id).where(attempts.c.action_id == row.id)):
                await tx.execute(made)
                await post(tx, "dispatcher", AttemptsRecorded, [attempt], now)


def _untried() -> sa.Select[Any]:
    tried = sa.select(attempts.c.id).where(attempts.c.action_id == actions.c.id).exists()
    return (
        sa.select(actions.c.id, actions.c.version, contacts.c.email)
        .join(contacts, contacts.c.customer_id == actions.c.customer_id)
        .where(actions.c.state == "queued", ~tried)
    )


@dataclass(frozen=True, slots=True)
class Optimist:
    """The dispatcher, but it takes a claim that nobody answered for as one that never left."""

    database: MortalDatabase
    clock: MovableClock
    dispatcher: Ticking

    async def tick(self) -> int:
        now = self.clock.now()
        async with self.database.write() as tx:
            await tx.execute(
                sa.update(attempts)
                .where(attempts.c.outcome.is_(None), attempts.c.lease_until <= now)
                .values(outcome="try_later", retry_at=now, recorded_at=now, live=False)
            )
        return await self.dispatcher.tick()


def optimist(
    database: MortalDatabase, line: Line, clock: MovableClock, transport: Transport
) -> Ticking:
    return Optimist(database, clock, build(database, line, clock, transport))


@dataclass(frozen=True, slots=True)
class Heedless:
    """Hands over whenever its turn comes: the deadline is for others."""

    door: Door

    async def send(
        self, envelope_from: str, recipients: tuple[str, ...], raw: bytes, *, deadline: float
    ) -> Outcome:
        await self.door.life.pass_by("hand over")
        after = self.door.provider.time.since(deadline - PACE.hand_over.total_seconds())
        answer = self.door.provider.take(recipients[0], raw, after)
        await self.door.life.pass_by("answer")
        return answer


@dataclass(frozen=True, slots=True)
class Unfenced:
    """Writes every answer down, whatever has been decided about the attempt meanwhile."""

    door: Door
    database: MortalDatabase

    async def send(
        self, envelope_from: str, recipients: tuple[str, ...], raw: bytes, *, deadline: float
    ) -> Outcome:
        said = await self.door.send(envelope_from, recipients, raw, deadline=deadline)
        if isinstance(said, Delivered):
            message = _HEADERS.parsebytes(raw)["Message-ID"]
            async with self.database.write() as tx:
                await tx.execute(
                    sa.update(attempts)
                    .where(attempts.c.message_id == message, attempts.c.outcome.is_not(None))
                    .values(outcome="delivered", live=True)
                )
        return said


class InboxFirst(Inbox):
    """Records the message in a transaction of its own, and then does what it asks for."""

    @override
    async def receive(self, body: bytes) -> None:
        envelope = decode(body)
        async with self._database.write() as tx:
            new = await self._record(tx, envelope)
        if new:
            async with self._database.write() as tx:
                await self._handlers[envelope.message.kind](tx, envelope.message.ids)


def hear_inbox_first(database: MortalDatabase, line: Line, clock: MovableClock) -> None:
    """In place of the scheduler's own inbox."""
    line.broker.forget(line.life)
    decided, delivered = Decisions(clock, CONNECTED).handle, Deliveries(clock).handle
    InboxFirst(database, {DecisionsTaken: decided, AttemptsRecorded: delivered}, clock).subscribe(
        line
    )


BLIND = Make(polls=False, loses_bells=False)  # so that the inbox alone must not lose a bell
BROKEN: Mapping[str, tuple[Make, str]] = {  # each with what is wrong with it
    "check, then send": (
        Make(dispatcher=CheckThenSend),
        r"sent \d times|without a claim|claimed after",
    ),
    "resend when uncertain": (Make(dispatcher=optimist), r"sent \d times|was sent"),
    "no deadline": (Make(transport=lambda door, _: Heedless(door)), r"\d s after its claim"),
    "no token": (Make(transport=Unfenced), "an outcome was"),
    "inbox first": (replace(BLIND, inbox=hear_inbox_first), "still queued|was not answered"),
}
