"""The SMTP server in front of the customers' mailbox."""

import asyncio
import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field

from aiosmtpd.smtp import SMTP, Envelope, Session, syntax

from relance_sandbox.loopback import HOST, port_taken
from relance_sandbox.mailbox import Mailbox, MailFault

LARGEST = 50 * 1024 * 1024


@dataclass(slots=True)
class MailServer:
    """Listens on loopback, keeps connections open, hands every mail to the mailbox."""

    mailbox: Mailbox
    port: int = 0
    server: asyncio.Server | None = None
    lines: set["Line"] = field(default_factory=set)
    numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    async def start(self, port: int = 0) -> None:
        loop = asyncio.get_running_loop()
        try:
            self.server = await loop.create_server(lambda: Line(self), HOST, port)
        except OSError as error:
            raise port_taken(port, "smtp_port", error) from error
        self.port = self.server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        if self.server is not None:
            self.server.close()
            for line in tuple(self.lines):
                line.cut()
            await self.server.wait_closed()


class Line(SMTP):
    """One connection; `number` counts them from 1."""

    def __init__(self, server: MailServer) -> None:
        super().__init__(
            Hooks(server.mailbox),
            data_size_limit=LARGEST,
            enable_SMTPUTF8=True,
            hostname="sandbox.localhost",
            ident="mail",
            loop=asyncio.get_running_loop(),
        )
        self.lines = server.lines
        self.mailbox = server.mailbox
        self.number = next(server.numbers)
        self.wire: asyncio.BaseTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.wire = transport
        self.lines.add(self)
        super().connection_made(transport)

    def connection_lost(self, error: Exception | None) -> None:
        self.lines.discard(self)
        super().connection_lost(error)

    def cut(self) -> None:
        if isinstance(self.wire, asyncio.Transport):
            self.wire.abort()

    def close(self) -> None:
        """Hang up once what was said has gone out."""
        if self.wire is not None:
            self.wire.close()

    @syntax("DATA")
    async def smtp_DATA(self, arg: str) -> None:  # noqa: N802 - aiosmtpd's name
        """As usual, unless a fault is planned before the message is read."""
        fault = self.mailbox.fault("data")
        if fault is None or (answer := await misbehave(self, fault)) is None:
            await super().smtp_DATA(arg)
        else:
            await self.push(answer)


async def misbehave(line: Line, fault: MailFault) -> str | None:
    """Wait, hang or cut as planned; the answer to give, None for the usual one."""
    await asyncio.sleep(fault.delay)
    if fault.drop:
        if fault.answer is not None:
            await line.push(fault.answer)
        line.close()
    if fault.hang or fault.drop:
        await asyncio.Event().wait()  # until the connection is gone: that cancels this
    return fault.answer


# Without slots: aiosmtpd looks at every member, and Python 3.11.2 fails on those of slotted ones.
@dataclass
class Hooks:
    """What the server asks at each stage; names and arguments are aiosmtpd's."""

    mailbox: Mailbox

    async def handle_EHLO(  # noqa: N802 - aiosmtpd's name
        self, line: Line, session: Session, envelope: Envelope, host: str, answers: list[str]
    ) -> list[str]:
        session.host_name = host
        fault = self.mailbox.fault("ehlo")
        answer = await misbehave(line, fault) if fault else None
        return answers if answer is None else [answer]

    async def handle_MAIL(  # noqa: N802 - aiosmtpd's name
        self, line: Line, session: Session, envelope: Envelope, sender: str, options: list[str]
    ) -> str:
        fault = self.mailbox.fault("mail")
        answer = await misbehave(line, fault) if fault else None
        if answer is None:
            envelope.mail_from = sender
            envelope.mail_options.extend(options)
        return answer or "250 2.1.0 OK"

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, line: Line, session: Session, envelope: Envelope, recipient: str, options: list[str]
    ) -> str:
        fault = self.mailbox.fault("rcpt", recipient)
        answer = await misbehave(line, fault) if fault else None
        if answer is None:
            envelope.rcpt_tos.append(recipient)
            envelope.rcpt_options.extend(options)
        return answer or "250 2.1.5 OK"

    async def handle_DATA(  # noqa: N802 - aiosmtpd's name
        self, line: Line, session: Session, envelope: Envelope
    ) -> str:
        fault = self.mailbox.fault("message")
        usual = fault is None or not (fault.answer or fault.drop or fault.hang)
        if usual or (fault is not None and fault.keep):
            self.keep(line, envelope)
        answer = await misbehave(line, fault) if fault else None
        return answer or "250 2.0.0 Taken"

    def keep(self, line: Line, envelope: Envelope) -> None:
        self.mailbox.store(
            envelope.original_content or b"",
            envelope.mail_from or "",
            envelope.rcpt_tos,
            line.number,
        )
