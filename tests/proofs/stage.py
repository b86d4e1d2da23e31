"""A small company on a stage: its services are real, and may die at each boundary they pass.

A boundary is a transaction begun, committed or read, a bell carried, a message handed over.
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from copy import copy
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.parser import BytesHeaderParser
from time import monotonic
from typing import Protocol
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection
from typing_extensions import override

from relance.clock import MovableClock
from relance.contracts.messages import Message
from relance.contracts.wire import Envelope, encode
from relance.domain.outcomes import Delivered, Outcome, Rejected, TryLater, Unknown
from relance.messaging.carrier import Receive
from relance.store.database import Database
from relance_dispatcher.pace import Pace
from relance_dispatcher.sending import Transport

PACE = Pace()
_HEADERS = BytesHeaderParser()


class Killed(BaseException):
    """The process is no more."""


class Life(Protocol):
    """Of one process: it stops at each boundary, and may end there."""

    async def pass_by(self, what: str) -> None: ...

    def written(self) -> None:
        """A transaction that was begun by `pass_by("write")` is over."""


@dataclass
class Immortal:
    """Passes everything."""

    async def pass_by(self, what: str) -> None:
        """Nothing happens."""

    def written(self) -> None:
        """Nobody waits."""


class MortalDatabase(Database):
    """A database whose user ends at a boundary."""

    life: Life = Immortal()

    def of(self, life: Life) -> "MortalDatabase":
        """The same connections in another's hands."""
        mine = copy(self)
        mine.life = life
        return mine

    @override
    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncConnection]:
        await self.life.pass_by("read")
        async with super().read() as tx:
            yield tx

    @override
    @asynccontextmanager
    async def write(self) -> AsyncIterator[AsyncConnection]:
        await self.life.pass_by("write")
        try:
            async with super().write() as tx:
                yield tx
                await self.life.pass_by("commit")
        finally:
            self.life.written()
        await self.life.pass_by("committed")


class Time:
    """What passes for everybody, and what the clock on the wall says of it."""

    def __init__(self, start: datetime) -> None:
        self.clock = MovableClock(start)
        self.begin(start)

    def begin(self, start: datetime) -> None:
        """Another history."""
        self.clock.move_to(start)
        self._latest = start
        self._passed = [(monotonic(), 0.0)]

    def go_by(self, seconds: float) -> None:
        self._passed.append((monotonic(), self._passed[-1][1] + seconds))
        self.jump(seconds)

    def jump(self, seconds: float) -> None:
        """The wall clock alone is set."""
        self.clock.move_to(self.clock.now() + timedelta(seconds=seconds))
        self._latest = max(self._latest, self.clock.now())

    def catch_up(self) -> None:
        """The wall clock shows the latest that it ever showed: whoever waits for that may act."""
        self.clock.move_to(self._latest)

    def since(self, real: float) -> float:
        """Seconds that have gone by since the monotonic clock said so."""
        then = next(passed for at, passed in reversed(self._passed) if at <= real)
        return monotonic() - real + self._passed[-1][1] - then


@dataclass(frozen=True, slots=True, kw_only=True)
class Taking:
    """A message that the provider took, so many seconds after it had been claimed."""

    message: str
    recipient: str
    after: float


@dataclass
class Provider:
    """Takes what it is given, and answers each recipient as it is told to, once each."""

    time: Time
    answers: dict[str, list[Outcome]] = field(default_factory=dict)
    takings: list[Taking] = field(default_factory=list)

    def take(self, recipient: str, raw: bytes, after: float) -> Outcome:
        answers = self.answers.get(recipient)
        answer = answers.pop(0) if answers else Delivered(response="OK")
        if isinstance(answer, Delivered | Unknown):
            message = _HEADERS.parsebytes(raw)["Message-ID"]
            self.takings.append(Taking(message=message, recipient=recipient, after=after))
        return answer


@dataclass
class Door:
    """The provider as one process reaches it: no message passes after its deadline."""

    provider: Provider
    life: Life

    async def send(
        self, envelope_from: str, recipients: tuple[str, ...], raw: bytes, *, deadline: float
    ) -> Outcome:
        await self.life.pass_by("hand over")
        after = self.provider.time.since(deadline - PACE.hand_over.total_seconds())
        if after >= PACE.hand_over.total_seconds():
            return TryLater(reason="The deadline passed.")
        answer = self.provider.take(recipients[0], raw, after)
        await self.life.pass_by("answer")
        return answer


@dataclass
class Bell:
    """A message in the broker; `with_` has it and has not acknowledged it."""

    kind: str
    body: bytes
    with_: object = None


@dataclass
class Broker:
    """Keeps bells until a consumer has acknowledged them. Kinds nobody here hears are dropped."""

    bells: list[Bell] = field(default_factory=list)
    consumers: dict[str, list[tuple[object, Receive]]] = field(default_factory=dict)

    def add(self, kind: str, body: bytes) -> None:
        if kind in self.consumers:
            self.bells.append(Bell(kind=kind, body=body))

    def forget(self, consumer: object) -> None:
        """The consumer is no more: what it had goes to another."""
        for kind, known in self.consumers.items():
            self.consumers[kind] = [(who, receive) for who, receive in known if who is not consumer]
        for bell in self.bells:
            if bell.with_ is consumer:
                bell.with_ = None

    async def ring(self, bell: Bell, consumer: object, receive: Receive) -> None:
        bell.with_ = consumer
        await receive(bell.body)
        if bell in self.bells:
            self.bells.remove(bell)


@dataclass
class Line:
    """The broker as one process reaches it."""

    broker: Broker
    life: Life
    at_once: int = 1
    is_ready: bool = True

    def subscribe(self, kind: type[Message], receive: Receive) -> None:
        self.broker.consumers.setdefault(kind.kind, []).append((self.life, receive))

    async def carry(self, envelope: Envelope) -> None:
        await self.life.pass_by("carry")
        self.broker.add(envelope.message.kind, encode(envelope))
        await self.life.pass_by("carried")


Build = Callable[[MortalDatabase, Line, MovableClock, Transport], "Ticking"]


class Ticking(Protocol):
    """A dispatcher, or what a test puts in its place."""

    async def tick(self) -> int: ...


Tick = Callable[[], Awaitable[int]]
REFUSED = Rejected(code=550, reason="no such mailbox")
PUT_OFF = TryLater(code=451, reason="later")
UNHEARD = Unknown(reason="no answer")
Facts = dict[UUID, list[tuple[str, frozenset[UUID]]]]
