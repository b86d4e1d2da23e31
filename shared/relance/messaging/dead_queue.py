"""The broker's own dead letters: what a service rejected as no message for it, bodies untouched."""

from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256
from typing import Any, TypeAlias

import aio_pika
from aio_pika.abc import AbstractChannel, AbstractIncomingMessage
from aio_pika.exceptions import AMQPError, ChannelNotFoundEntity

from relance.contracts.wire import Envelope, MalformedMessageError, decode
from relance.messaging.asking import connected
from relance.messaging.dead import fingerprint
from relance.messaging.topology import (
    CONNECT_WITHIN,
    CONSUMED,
    DEAD_QUEUE,
    EXCHANGE,
    BrokerRefusedError,
    why_away,
)

ID_DIGITS = 16
_TIRED = 10  # returns; RabbitMQ 4 drops a message of a quorum queue at its twentieth
_WITHIN = 10.0  # seconds, for one answer


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejected:
    """A message in the dead-letter queue; `id` is the beginning of its body's SHA-256.

    No `envelope`: it is no message of this release, and `error` says what may be shown of it.
    """

    id: str
    consumer: str
    error: str
    died_at: datetime | None
    envelope: Envelope | None
    body: bytes

    def without_body(self) -> "Rejected":
        """What a list keeps: bodies may be large."""
        return replace(self, body=b"")


Take: TypeAlias = Callable[[Rejected], Awaitable[bool]]


def taker_of(envelope: Envelope) -> str:
    """The service that takes messages of this kind, wherever it was that this one got lost."""
    return next(name for name, kinds in CONSUMED.items() if type(envelope.message) in kinds)


async def walk_dead(url: str, take: Take, *, most: int | None = None) -> int:
    """Shows `take` each message that is there now, or the first `most`; says how many there are.

    Where it answers True, the message is gone from the broker; the others go back to their
    places. BrokerRefusedError where the broker cannot be asked.
    """
    try:
        async with connected(url, CONNECT_WITHIN) as connection:
            channel = await connection.channel()
            return await _walk(channel, take, most)
    except ChannelNotFoundEntity:
        return 0
    except (AMQPError, OSError, TimeoutError) as error:
        raise BrokerRefusedError(f"The broker: {why_away(error)}.") from None


async def _walk(channel: AbstractChannel, take: Take, most: int | None) -> int:
    """What is not acknowledged goes back when the channel closes."""
    queue = await channel.declare_queue(DEAD_QUEUE, passive=True)
    there = queue.declaration_result.message_count or 0
    for _ in range(there if most is None else min(most, there)):
        message = await queue.get(fail=False, timeout=_WITHIN)
        if message is None:
            break
        if await take(_rejected(message)):
            await message.ack()
        elif _returns(message) >= _TIRED:
            await _renew(channel, message)
    return there


async def _renew(channel: AbstractChannel, message: AbstractIncomingMessage) -> None:
    """A confirmed copy in its place: looking at a message must not be what loses it."""
    headers = {key: value for key, value in message.headers.items() if key != "x-delivery-count"}
    copy = aio_pika.Message(
        message.body,
        headers=headers,
        delivery_mode=aio_pika.DeliveryMode.PERSISTENT,
        message_id=message.message_id,
        type=message.type,
    )
    await channel.default_exchange.publish(copy, DEAD_QUEUE, timeout=_WITHIN)
    await message.ack()


def _returns(message: AbstractIncomingMessage) -> int:
    count = message.headers.get("x-delivery-count", 0)
    return count if isinstance(count, int) else 0


def _rejected(message: AbstractIncomingMessage) -> Rejected:
    death = _first_death(message.headers)
    service = str(death.get("queue", "")).removeprefix(f"{EXCHANGE}.")
    envelope = None
    with suppress(MalformedMessageError):
        envelope = decode(message.body)
    died_at = death.get("time")
    return Rejected(
        id=sha256(message.body).hexdigest()[:ID_DIGITS],
        consumer=service or "unknown",
        error="not taken there" if envelope else fingerprint(message.body),
        died_at=died_at if isinstance(died_at, datetime) else None,
        envelope=envelope,
        body=message.body,
    )


def _first_death(headers: Mapping[str, Any]) -> Mapping[str, Any]:
    """What the broker noted when it was rejected; others may write anything there."""
    deaths = headers.get("x-death")
    first = deaths[0] if isinstance(deaths, list) and deaths else {}
    return first if isinstance(first, Mapping) else {}
