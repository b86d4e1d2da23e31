"""Socket Mode: connections of the app, envelopes to one of them, their acknowledgements."""

import asyncio
import itertools
import secrets
from collections.abc import Iterator
from dataclasses import dataclass, field
from time import monotonic
from typing import Any

from aiohttp import WSMsgType, web

from relance_sandbox.slack.people import Json
from relance_sandbox.slack.refusal import Refusal
from relance_sandbox.slack.timers import Timers

MOST_CONNECTIONS = 10


@dataclass(slots=True, kw_only=True)
class Envelope:
    """A payload under way; `answer` holds what the app sent back, `answered` the seconds."""

    id: str
    sent: float
    answer: "asyncio.Future[Json | None]"
    answered: float | None = None


@dataclass(slots=True)
class Sockets:
    """The app's open WebSockets; `repeat` delivers every envelope twice."""

    timers: Timers
    app_id: str
    repeat: bool = False
    connections: list[web.WebSocketResponse] = field(default_factory=list)
    tickets: set[str] = field(default_factory=set)
    waiting: dict[str, Envelope] = field(default_factory=dict)
    turns: Iterator[int] = field(default_factory=itertools.count)

    def ticket(self) -> str:
        """The secret part of a URL that can be connected to once."""
        if len(self.connections) >= MOST_CONNECTIONS:
            raise Refusal("too_many_websockets")
        ticket = secrets.token_hex(16)
        self.tickets.add(ticket)
        return ticket

    async def accept(self, request: web.Request) -> web.WebSocketResponse:
        """Serve one connection until it closes."""
        ticket = request.query.get("ticket", "")
        if ticket not in self.tickets:
            raise web.HTTPForbidden(text="this connection URL is unknown or was used before")
        self.tickets.remove(ticket)
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        self.connections.append(socket)
        try:
            await socket.send_json(self.hello())
            async for message in socket:
                if message.type is WSMsgType.TEXT:
                    self.answered(message.json())
        finally:
            self.connections.remove(socket)
        return socket

    def hello(self) -> Json:
        return {
            "type": "hello",
            "num_connections": len(self.connections),
            "connection_info": {"app_id": self.app_id},
            "debug_info": {"host": "sandbox", "approximate_connection_time": 18060},
        }

    def answered(self, message: Json) -> None:
        envelope = self.waiting.pop(message.get("envelope_id", ""), None)
        if envelope is not None:
            envelope.answered = monotonic() - envelope.sent
            envelope.answer.set_result(message.get("payload"))

    async def send(
        self, kind: str, payload: Json, *, answerable: bool, attempt: int = 0
    ) -> Envelope:
        """Hand a payload to one connection (to two when `repeat`); Refusal(no_connection)."""
        if not self.connections:
            raise Refusal("no_connection")
        envelope = Envelope(
            id=secrets.token_hex(16),
            sent=monotonic(),
            answer=asyncio.get_running_loop().create_future(),
        )
        self.waiting[envelope.id] = envelope
        body: dict[str, Any] = {
            "envelope_id": envelope.id,
            "type": kind,
            "accepts_response_payload": answerable,
            "payload": payload,
        }
        if kind == "events_api":
            body |= {"retry_attempt": attempt, "retry_reason": "timeout" if attempt else ""}
        turn = next(self.turns)
        for again in range(2 if self.repeat else 1):
            await self.connections[(turn + again) % len(self.connections)].send_json(body)
        return envelope

    async def answer(self, envelope: Envelope) -> Json | None:
        """The app's answer; TimeoutError when none came in time."""
        return await asyncio.wait_for(asyncio.shield(envelope.answer), self.timers.acknowledge)

    async def refresh(self) -> None:
        """Ask every connection to come back by a new one, as Slack does every few hours."""
        for socket in tuple(self.connections):
            await socket.send_json({"type": "disconnect", "reason": "refresh_requested"})
            await socket.close()

    async def close(self) -> None:
        for socket in tuple(self.connections):
            await socket.close()
