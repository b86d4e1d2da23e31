"""What must be on the broker before anything is carried: declared by `relance bus declare`.

Quorum queues, one for each service, bound to the kinds that it takes; what a service rejects goes
to the dead-letter queue. Arguments never change once declared: limits are set by policy.
"""

from dataclasses import dataclass

import aio_pika
from aio_pika.abc import AbstractChannel, ExchangeType
from aio_pika.exceptions import (
    AMQPError,
    ChannelNotFoundEntity,
    ChannelPreconditionFailed,
    ProbableAuthenticationError,
)
from aiormq.exceptions import ChannelAccessRefused, ConnectionNotAllowed, InvalidFrameError
from pamqp.common import FieldTable

from relance.contracts.messages import (
    ActionsChanged,
    ActionsQueued,
    AttemptsRecorded,
    DecisionsAnswered,
    DecisionsTaken,
    Message,
    RequestsAnswered,
    RequestsTaken,
)

EXCHANGE = "relance"
DEAD_EXCHANGE = DEAD_QUEUE = "relance.dead"
CONNECT_WITHIN = 10.0  # seconds
_NO_VIRTUAL_HOST = "the virtual host of RELANCE_RABBITMQ_URL is not there or not open to its user"

CONSUMED: dict[str, tuple[type[Message], ...]] = {
    "scheduler": (DecisionsTaken, RequestsTaken, AttemptsRecorded),
    "dispatcher": (ActionsQueued,),
    "bot": (ActionsChanged, DecisionsAnswered, RequestsAnswered),
}
QUEUE_ARGUMENTS: FieldTable = {"x-queue-type": "quorum", "x-dead-letter-exchange": DEAD_EXCHANGE}
DEAD_ARGUMENTS: FieldTable = {"x-queue-type": "quorum"}


@dataclass(frozen=True, slots=True, kw_only=True)
class WrongTopologyError(Exception):
    """The broker holds a queue or an exchange of that name which is declared otherwise."""

    name: str

    def __str__(self) -> str:
        return (
            f"The broker has “{self.name}” already, declared with other arguments than Relance's."
            " When nothing waits in it, delete it (rabbitmqctl delete_queue, or the management"
            " page), and run relance bus declare again: what it held is found in the database."
        )


class BrokerRefusedError(Exception):
    """The broker cannot be reached or does not let us in; the text says which, without secrets."""


def why_away(error: BaseException) -> str:
    """What keeps us from the broker, in plain words, and never the address: it holds a password."""
    match error:
        case ProbableAuthenticationError():
            return "RabbitMQ refuses the user or the password of RELANCE_RABBITMQ_URL"
        case ChannelNotFoundEntity():
            return "a queue or the exchange is missing: relance bus declare"
        case ChannelAccessRefused():
            return "the user of RELANCE_RABBITMQ_URL has not the right to do this"
        case ConnectionNotAllowed():
            return _NO_VIRTUAL_HOST
        case InvalidFrameError() if "OpenOk" in str(error):  # the refusal came in its place
            return _NO_VIRTUAL_HOST
        case TimeoutError():
            return "no answer in time"
        case _:
            return f"not reachable ({type(error).__name__})"


def queue_of(service: str) -> str:
    """The name of a service's queue."""
    return f"{EXCHANGE}.{service}"


async def declare(url: str) -> list[str]:
    """Declares what is missing and says what there is.

    WrongTopologyError where it differs, BrokerRefusedError where it cannot be done.
    """
    try:
        async with await aio_pika.connect(url, timeout=CONNECT_WITHIN) as connection:
            channel = await connection.channel()
            await _declare_dead(channel)
            await _declare_queues(channel)
    except (AMQPError, OSError, TimeoutError) as error:
        raise BrokerRefusedError(f"The broker: {why_away(error)}.") from None
    return [EXCHANGE, DEAD_EXCHANGE, *map(queue_of, CONSUMED), DEAD_QUEUE]


async def _declare_queues(channel: AbstractChannel) -> None:
    name = EXCHANGE
    try:
        exchange = await channel.declare_exchange(name, ExchangeType.DIRECT, durable=True)
        for service, kinds in CONSUMED.items():
            name = queue_of(service)
            queue = await channel.declare_queue(name, durable=True, arguments=QUEUE_ARGUMENTS)
            for kind in kinds:
                await queue.bind(exchange, routing_key=kind.kind)
    except ChannelPreconditionFailed:
        raise WrongTopologyError(name=name) from None


async def _declare_dead(channel: AbstractChannel) -> None:
    try:
        exchange = await channel.declare_exchange(DEAD_EXCHANGE, ExchangeType.FANOUT, durable=True)
        queue = await channel.declare_queue(DEAD_QUEUE, durable=True, arguments=DEAD_ARGUMENTS)
        await queue.bind(exchange)
    except ChannelPreconditionFailed:
        raise WrongTopologyError(name=DEAD_QUEUE) from None
