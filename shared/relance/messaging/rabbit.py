"""RabbitMQ as the carrier, through FastStream: confirmed publishing, bounded consuming.

The database's poll goes on whatever happens here.
"""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import structlog
from faststream.exceptions import RejectMessage
from faststream.rabbit import ExchangeType, RabbitExchange

from relance.contracts.messages import Message
from relance.contracts.wire import Envelope, MalformedMessageError, decode, encode
from relance.counters import CARRIED, TAKEN
from relance.messaging.carrier import Receive
from relance.messaging.links import Consuming, Delivery, Patience, Publishing, is_cancelled
from relance.messaging.topology import EXCHANGE, queue_of
from relance.messaging.tracing import HEADER, span

AT_ONCE = 50  # publishes that await their confirms together
_PATIENCE = Patience()
_LAST_WORDS = 0.05  # seconds: aio-pika's callbacks on closing are tasks that nobody waits for
_EXCHANGE = RabbitExchange(EXCHANGE, type=ExchangeType.DIRECT, durable=True, declare=False)

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """Why the broker cannot be relied on, in plain words; empty strings where it can."""

    publishing: str
    consuming: str


class RabbitCarrier:
    """Carries from `start()` to `close()`; `handled` is called after each message that was taken.

    While the broker is away, `carry` raises BrokerAwayError at once.
    """

    at_once = AT_ONCE

    def __init__(
        self,
        url: str,
        service: str,
        *,
        handled: Callable[[], None] = lambda: None,
        patience: Patience = _PATIENCE,
    ) -> None:
        self._queue = queue_of(service)
        self._receivers: defaultdict[str, list[Receive]] = defaultdict(list)
        self._publishing = Publishing(url, self._queue, patience)
        self._consuming = Consuming(url, self._queue, patience, self._take, self._publishing)
        self._handled = handled
        self._patience = patience
        self._links: tuple[asyncio.Task[None], ...] = ()
        self._holds = False  # messages that the database cannot take at present

    @property
    def is_ready(self) -> bool:
        return self._publishing.broker is not None

    @property
    def health(self) -> Health:
        """As the canaries say."""
        return Health(publishing=self._publishing.ails, consuming=self._consuming.ails)

    def subscribe(self, kind: type[Message], receive: Receive) -> None:
        self._receivers[kind.kind].append(receive)

    async def carry(self, envelope: Envelope) -> None:
        """Returns when the broker has confirmed that a queue holds it."""
        await self._publishing.publish(
            encode(envelope),
            exchange=_EXCHANGE,
            routing_key=envelope.message.kind,
            message_id=str(envelope.id),
            message_type=envelope.message.kind,
            headers={HEADER: envelope.trace} if envelope.trace else None,
        )
        CARRIED.labels(envelope.message.kind).inc()

    def start(self) -> None:
        """Connects in the background, and again whenever the broker has been away."""
        links = [self._publishing.session]
        if self._receivers:
            links.append(self._consuming.session)
        self._links = tuple(asyncio.create_task(self._keep(link)) for link in links)

    async def stop_consuming(self) -> None:
        """Takes nothing new, and waits for what is being handled."""
        await self._consuming.drain()

    async def close(self) -> None:
        await self.stop_consuming()
        for link in self._links:
            link.cancel()
        await asyncio.gather(*self._links, return_exceptions=True)
        await asyncio.sleep(_LAST_WORDS)

    async def _keep(self, session: Callable[[], Awaitable[None]]) -> None:
        """Session after session, whatever ended the last one."""
        while True:
            try:
                await session()
            except asyncio.CancelledError:
                if is_cancelled():
                    raise
            except Exception as error:
                log.exception("link_failed", queue=self._queue, error=type(error).__name__)
            await asyncio.sleep(self._patience.reconnect)

    async def _take(self, delivery: Delivery) -> None:
        """Hands it to whoever subscribed; what nobody can read goes to the dead letters."""
        try:
            envelope = decode(delivery.body)
        except MalformedMessageError as error:
            log.warning("message_rejected", queue=self._queue, why=str(error))
            raise RejectMessage from None
        kind = envelope.message.kind
        if kind not in self._receivers:
            log.warning("message_rejected", queue=self._queue, why=f"{kind} is not taken here")
            raise RejectMessage
        with span(
            f"take {kind}",
            delivery.trace,
            message=envelope.id,
            ids=len(envelope.message.ids),
        ):
            for receive in self._receivers[kind]:
                await self._surely(receive, delivery.body)
        TAKEN.labels(kind).inc()
        self._handled()

    async def _surely(self, receive: Receive, body: bytes) -> None:
        """The receivers keep their own faults; what raises is a database that is away."""
        while True:
            try:
                await receive(body)
            except Exception as error:
                if not self._holds:
                    log.exception("messages_wait", queue=self._queue, error=type(error).__name__)
                self._holds = True
                await asyncio.sleep(self._patience.retry)
            else:
                if self._holds:
                    log.info("messages_are_taken_again", queue=self._queue)
                self._holds = False
                return
