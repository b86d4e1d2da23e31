"""The two connections to RabbitMQ, each watched by canaries and made again when it is lost.

One publishes, the other consumes: a bad publish must not take handlers with it. Canaries are
messages of our own that go through the service's queue: connected alone says little (a memory
alarm, a deleted queue).
"""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import structlog
from aio_pika.exceptions import AMQPError, DeliveryError
from faststream import AckPolicy
from faststream.exceptions import FastStreamException
from faststream.rabbit import Channel, RabbitBroker, RabbitQueue

from relance.messaging.carrier import BrokerAwayError, UnroutableError
from relance.messaging.topology import why_away
from relance.messaging.tracing import HEADER

CANARY = "canary"
PREFETCH = 20
_AWAY = (AMQPError, FastStreamException, OSError, TimeoutError, RuntimeError)

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """Seconds. `canary_every` is the distance of canaries, `unheard` how many may go missing."""

    connect: float = 10.0
    publish: float = 5.0
    reconnect: float = 3.0
    canary_every: float = 10.0
    unheard: int = 3
    retry: float = 2.0
    drain: float = 20.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """What came off the queue: bytes that may be anything, and what stood beside them."""

    type: str
    body: bytes
    trace: str


class Publishing:
    """The connection that publishes; `broker` is None while it is away."""

    def __init__(self, url: str, queue: str, patience: Patience) -> None:
        self.broker: RabbitBroker | None = None
        self.ails = "not connected yet"
        self.canaries = 0  # confirmed
        self._url = url
        self._queue = queue
        self._patience = patience
        self._failed = asyncio.Event()

    async def session(self) -> None:
        """From connecting to the first canary that is not confirmed."""
        channel = Channel(publisher_confirms=True, on_return_raises=True)
        broker = _broker(self._url, channel, self._patience)
        try:
            await _whole(broker.connect())
            self.broker = broker
            while True:
                self._failed.clear()
                await self.publish(b"", queue=self._queue, message_type=CANARY)
                self.canaries += 1
                self._is_well()
                with suppress(TimeoutError):
                    async with asyncio.timeout(self._patience.canary_every):
                        await self._failed.wait()
        except (*_AWAY, UnroutableError, BrokerAwayError) as error:
            self._is_away(error)
        finally:
            self.broker = None
            await _stop(broker, self._patience.connect)

    async def publish(self, body: bytes, **where: Any) -> None:
        """Raises BrokerAwayError, or UnroutableError where no queue takes it."""
        if self.broker is None:
            raise BrokerAwayError(self.ails)
        try:
            async with asyncio.timeout(self._patience.publish):
                await self.broker.publish(body, persist=True, mandatory=True, **where)
        except DeliveryError:
            raise UnroutableError(str(where.get("message_type", ""))) from None
        except asyncio.CancelledError as error:  # a lost connection cancels what waits on it
            if is_cancelled():
                raise
            self._failed.set()
            raise BrokerAwayError(why_away(error)) from None
        except _AWAY as error:
            self._failed.set()
            raise BrokerAwayError(why_away(error)) from None

    def _is_well(self) -> None:
        if self.ails:
            log.info("broker_confirms", queue=self._queue)
        self.ails = ""

    def _is_away(self, error: BaseException) -> None:
        why = str(error) if isinstance(error, BrokerAwayError) else why_away(error)
        if isinstance(error, UnroutableError):
            why = f"no queue {self._queue}: relance bus declare"
        if why != self.ails:
            log.warning("broker_away", queue=self._queue, why=why)
        self.ails = why


class Consuming:
    """The connection that consumes. What has begun goes on when the connection is lost."""

    def __init__(
        self,
        url: str,
        queue: str,
        patience: Patience,
        take: Callable[[Delivery], Awaitable[None]],
        publishing: Publishing,
    ) -> None:
        self.ails = "not connected yet"
        self._url = url
        self._queue = queue
        self._patience = patience
        self._take = take
        self._work: set[asyncio.Task[None]] = set()
        self._broker: RabbitBroker | None = None
        self._publishing = publishing
        self._heard = 0  # canaries confirmed when something was last heard

    async def session(self) -> None:
        """From connecting until confirmed canaries go unheard.

        Replicas take turns at the queue, so that each hears about as many as it sends.
        """
        self._broker = broker = _broker(self._url, Channel(prefetch_count=PREFETCH), self._patience)
        queue = RabbitQueue(self._queue, durable=True, declare=False)
        broker.subscriber(queue, ack_policy=AckPolicy.REJECT_ON_ERROR, decoder=_delivery)(
            self._receive
        )
        try:
            await _whole(broker.start())
            self._heard = self._publishing.canaries
            while self._hears():  # noqa: ASYNC110 - no event says that nothing comes
                await asyncio.sleep(self._patience.canary_every)
            self._is_away("no canary is heard")
        except _AWAY as error:
            self._is_away(why_away(error))
        finally:
            self._broker = None
            await _stop(broker, self._patience.connect)

    def _hears(self) -> bool:
        """Whether no more canaries are missing than may be; with full hands none can come."""
        if len(self._work) >= PREFETCH:
            self._heard = self._publishing.canaries
        return self._publishing.canaries - self._heard <= self._patience.unheard

    async def drain(self) -> None:
        """Takes no more, and waits a while for what is in hand; the rest comes again."""
        self.ails = "stopping"
        if self._broker is not None:
            with suppress(*_AWAY):
                async with asyncio.timeout(self._patience.drain):
                    for subscriber in self._broker.subscribers:
                        await subscriber.stop()
        if self._work:
            await asyncio.wait(self._work, timeout=self._patience.drain)

    async def _receive(self, delivery: Delivery) -> None:
        self._heard = self._publishing.canaries
        if self.ails and self.ails != "stopping":
            log.info("broker_delivers", queue=self._queue)
            self.ails = ""
        if delivery.type == CANARY:
            return
        task = asyncio.ensure_future(self._take(delivery))
        self._work.add(task)
        task.add_done_callback(self._finished)
        await asyncio.shield(task)

    def _finished(self, task: asyncio.Task[None]) -> None:
        """A rejection that came too late for the lost connection comes again with the message."""
        self._work.discard(task)
        if not task.cancelled():
            task.exception()

    def _is_away(self, why: str) -> None:
        if why != self.ails:
            log.warning("broker_delivers_nothing", queue=self._queue, why=why)
        self.ails = why


def is_cancelled() -> bool:
    """Whether somebody ends this very task."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0


async def _delivery(message: Any) -> Delivery:
    """Bytes as they are: whether they are a message of ours is not FastStream's to find out."""
    headers = message.headers or {}
    return Delivery(
        type=message.raw_message.type or "",
        body=message.body,
        trace=str(headers.get(HEADER, "")),
    )


def _broker(url: str, channel: Channel, patience: Patience) -> RabbitBroker:
    return RabbitBroker(
        url,
        timeout=patience.connect,
        default_channel=channel,
        apply_types=False,
        logger=None,
        reconnect_interval=1.0,
        graceful_timeout=None,
    )


async def _stop(broker: RabbitBroker, within: float) -> None:
    async def stop() -> None:
        with suppress(*_AWAY, asyncio.InvalidStateError):
            async with asyncio.timeout(within):
                await broker.stop()

    await _whole(stop())


async def _whole(work: Coroutine[Any, Any, Any]) -> None:
    """Comes to its end though whoever waits is cancelled: aio-pika leaks what is cut off."""
    task = asyncio.create_task(work)
    try:
        await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.gather(task, return_exceptions=True)
        raise
