"""A real SMTP server in the test's loop, and what it does badly to whom."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage

from aiosmtpd.smtp import SMTP as Server
from aiosmtpd.smtp import Envelope, Session

LOSE = "lose"  # takes the message and hangs up before saying so


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """One message as the server took it."""

    sender: str
    recipients: tuple[str, ...]
    raw: bytes

    @property
    def message(self) -> EmailMessage:
        parsed = message_from_bytes(self.raw, policy=policy.default)
        assert isinstance(parsed, EmailMessage)
        return parsed

    @property
    def text(self) -> str:
        body = self.message.get_body(("plain",))
        assert body is not None
        return str(body.get_content()).replace("\r\n", "\n")


@dataclass
class PostOffice:
    """Takes every message, unless `faults` has an answer (or LOSE) for one of its recipients.

    With `to_content` it refuses every message when it has read it. At the "recipient" or the
    "content", where `hesitates_at` says so, it never answers. `reached` tells of that, and of mail.
    """

    port: int = 0
    faults: dict[str, str] = field(default_factory=dict)
    to_content: str = ""
    hesitates_at: str = ""
    reached: asyncio.Event = field(default_factory=asyncio.Event)
    mails: list[Mail] = field(default_factory=list)

    @property
    def addresses(self) -> list[str]:
        """Everybody who got something, sorted, once for each message."""
        return sorted(address for mail in self.mails for address in mail.recipients)

    async def handle_RCPT(  # noqa: N802 - the name aiosmtpd calls
        self, server: Server, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        await self._pass("recipient")
        answer = self.faults.get(address, "250 OK")
        if answer in (LOSE, "250 OK"):
            envelope.rcpt_tos.append(address)
            return "250 OK"
        return answer

    async def handle_DATA(  # noqa: N802 - the name aiosmtpd calls
        self, server: Server, session: Session, envelope: Envelope
    ) -> str:
        assert isinstance(envelope.content, bytes)
        assert envelope.mail_from is not None
        if self.to_content:
            return self.to_content
        mail = Mail(
            sender=envelope.mail_from,
            recipients=tuple(envelope.rcpt_tos),
            raw=envelope.content,
        )
        self.mails.append(mail)
        self.reached.set()
        await self._pass("content")
        if any(self.faults.get(address) == LOSE for address in mail.recipients):
            hang_up(server)
        return f"250 2.0.0 Ok: queued as {len(self.mails):06}"

    async def _pass(self, point: str) -> None:
        if self.hesitates_at == point:
            self.reached.set()
            await asyncio.Event().wait()


@asynccontextmanager
async def a_post_office() -> AsyncIterator[PostOffice]:
    """Open on loopback, on a port of its own."""
    office, connections = PostOffice(), list[Server]()

    def connected() -> Server:
        connections.append(Server(office, hostname="post.test", timeout=30))
        return connections[-1]

    listener = await asyncio.get_running_loop().create_server(connected, "127.0.0.1", 0)
    office.port = listener.sockets[0].getsockname()[1]
    try:
        yield office
    finally:
        listener.close()
        for server in connections:
            hang_up(server)
        await asyncio.sleep(0)


def hang_up(server: Server) -> None:
    """Ends the connection without a word."""
    if isinstance(server.transport, asyncio.Transport):
        server.transport.abort()
