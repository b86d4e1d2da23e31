"""The seam to the queue: anything that carries encoded messages to the consumers of their kind."""

from collections import defaultdict
from collections.abc import Awaitable, Callable
from typing import Protocol

from relance.contracts.messages import Message
from relance.contracts.wire import Envelope, encode

Receive = Callable[[bytes], Awaitable[None]]


class Carrier(Protocol):
    """Carries envelopes, `at_once` so many together, whenever `is_ready`."""

    @property
    def at_once(self) -> int: ...

    @property
    def is_ready(self) -> bool: ...

    async def carry(self, envelope: Envelope) -> None:
        """Returning means that it is safe with the consumers or the broker."""

    def subscribe(self, kind: type[Message], receive: Receive) -> None: ...


class UnroutableError(Exception):
    """Nobody consumes messages of this kind."""


class BrokerAwayError(Exception):
    """The broker takes nothing at present; the text says why in plain words."""


class InProcessCarrier:
    """The embedded default: the same bytes, handed over within the process."""

    at_once = 1
    is_ready = True

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
