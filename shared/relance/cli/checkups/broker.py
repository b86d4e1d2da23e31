"""RabbitMQ: reachable, with the queues as declared, taking messages, its queues consumed."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass

import aio_pika
from aio_pika.abc import AbstractConnection
from aio_pika.exceptions import (
    AMQPError,
    ChannelNotFoundEntity,
    ChannelPreconditionFailed,
)
from aiormq.exceptions import ChannelAccessRefused
from pamqp.common import FieldTable

from relance.cli.checkups.remark import WITHIN, Remark, note, ok, wrong
from relance.messaging.asking import connected
from relance.messaging.topology import (
    CONSUMED,
    DEAD_ARGUMENTS,
    DEAD_QUEUE,
    QUEUE_ARGUMENTS,
    queue_of,
    why_away,
)
from relance.settings import Settings

PART = "broker"
_NOWHERE = "relance.doctor"  # no queue has this name: the broker drops what is sent there


@dataclass(frozen=True, slots=True, kw_only=True)
class _Queue:
    name: str
    messages: int
    consumers: int


async def look(settings: Settings) -> list[Remark]:
    """Declares nothing, takes nothing; one message is sent to nobody, for the broker's confirm."""
    url = settings.rabbitmq_url.get_secret_value()
    if not url:
        return [note(PART, "RELANCE_RABBITMQ_URL is not set: relance run works without a broker.")]
    try:
        async with connected(url, WITHIN) as connection:
            return await _look(connection)
    except (AMQPError, OSError, TimeoutError, ValueError) as error:
        said = why_away(error)
        mend = "Is it running, and are host, port, user and virtual host right?"
        return [wrong(PART, f"{said[0].upper()}{said[1:]}.", mend)]


async def _look(connection: AbstractConnection) -> list[Remark]:
    remarks = [ok(PART, f"{_product(connection)}.")]
    for service in CONSUMED:
        name = queue_of(service)
        found = await _queue(connection, name, QUEUE_ARGUMENTS)
        remarks += [found] if isinstance(found, Remark) else _of_queue(found, service)
    dead = await _queue(connection, DEAD_QUEUE, DEAD_ARGUMENTS)
    if isinstance(dead, Remark):
        remarks.append(dead)
    elif dead.messages:
        mend = "relance dead-letters list shows them."
        remarks.append(note(PART, f"{dead.messages} messages were rejected by a service.", mend))
    return [*remarks, await _confirms(connection)]  # last: it may be the end of the conversation


def _product(connection: AbstractConnection) -> str:
    transport = connection.transport
    properties = transport.connection.server_properties if transport else {}

    def text(name: str) -> str:
        value = properties.get(name, b"")
        return value.decode() if isinstance(value, bytes) else str(value)

    return f"{text('product')} {text('version')}"


async def _confirms(connection: AbstractConnection) -> Remark:
    """A broker with an alarm reads nothing from whoever has published: no second confirm comes."""
    channel = await connection.channel()
    try:
        async with asyncio.timeout(WITHIN):
            for _ in range(2):
                message = aio_pika.Message(b"")
                await channel.default_exchange.publish(message, _NOWHERE, mandatory=False)
    except TimeoutError:
        return wrong(
            PART,
            "It takes no message: a memory or a disk alarm.",
            "rabbitmq-diagnostics alarms says which; messages wait in the database meanwhile.",
        )
    return ok(PART, "It confirms messages.")


async def _queue(
    connection: AbstractConnection, name: str, arguments: FieldTable
) -> _Queue | Remark:
    """The queue as it is; asked for first, so that declaring it again cannot make it."""
    channel = await connection.channel()
    try:
        found = (await channel.declare_queue(name, passive=True)).declaration_result
    except ChannelNotFoundEntity:
        return wrong(PART, f"There is no queue {name}.", "relance bus declare makes it.")
    try:
        await channel.declare_queue(name, durable=True, arguments=arguments)
    except ChannelPreconditionFailed:
        return wrong(
            PART,
            f"The queue {name} was declared with other arguments than this release's.",
            "When nothing waits in it, delete it, and run relance bus declare.",
        )
    except ChannelAccessRefused:  # services need no right to declare
        pass
    return _Queue(name=name, messages=found.message_count or 0, consumers=found.consumer_count or 0)


def _of_queue(queue: _Queue, service: str) -> Iterator[Remark]:
    if queue.consumers:
        yield ok(PART, f"{queue.name}: {queue.consumers} consumers, {queue.messages} messages.")
    else:
        yield note(
            PART,
            f"{queue.name}: nobody takes from it, {queue.messages} messages wait.",
            f"relance {service} does; in the database everything is found all the same.",
        )
