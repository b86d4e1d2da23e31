"""The seam to the queue: anything that carries encoded messages to the consumers of their kind."""

from collections import defaultdict
from collections.abc import Awaitable, Callable
from typing import Protocol

from relance.contracts.messages import Message
from relance.contracts.wire import Envelope, encode

Receive = Callable[[bytes], Awaitable[None]]


class Carrier(Protocol):
    """Carries one envelope; returning means that it is safe with the consumers or the broker."""

    async def carry(self, envelope: Envelope) -> None: ...

    def subscribe(self, kind: type[Message], receive: Receive) -> None: ...


class UnroutableError(Exception):
    """Nobody consumes messages of this kind."""


class InProcessCarrier:
    """The embedded default: the same bytes, handed over within the process."""

    def __init__(self) -> None:
        self._receivers: dict[str, list[Receive]] = defaultdict(list)

    def subscribe(self, kind: type[Message], receive: Receive) -> None:
        self._receivers[kind.kind].append(receive)

    async def carry(self, envelope: Envelope) -> None:
        receivers = self._receivers.get(envelope.message.kind)
        if not receivers:
            raise UnroutableError(envelope.message.kind)
        body = encode(envelope)
        for receive in receivers:
            await receive(body)
