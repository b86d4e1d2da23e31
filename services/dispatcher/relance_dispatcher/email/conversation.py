"""Commands to a mail server and its answers, in their order, several at once where it allows that.

aiosmtplib opens a connection, encrypts it and logs in. From then on it is spoken to here: one round
trip for a whole envelope (RFC 2920) instead of three.
"""

import asyncio
import re
from collections import deque
from dataclasses import dataclass
from typing import cast

from aiosmtplib import SMTP, SMTPException, SMTPReadTimeoutError, SMTPServerDisconnected
from typing_extensions import override

_LINE = re.compile(rb"([2-5][0-9][0-9])(?:([ -])([^\r\n]*))?\r?")
_LONGEST_ANSWER = 32_768  # bytes
_ADDRESS = re.compile(r"[!-;=?-~]+")


@dataclass(frozen=True, slots=True)
class Answer:
    """What the server said to one command; further lines are joined."""

    code: int
    message: str


def mail_from(address: str) -> bytes:
    """The command that opens an envelope."""
    return _command("MAIL FROM", address)


def rcpt_to(address: str) -> bytes:
    """The command that adds a recipient."""
    return _command("RCPT TO", address)


def _command(verb: str, address: str) -> bytes:
    if not _ADDRESS.fullmatch(address):
        raise ValueError("an address on an envelope is printable ASCII")
    return f"{verb}:<{address}>\r\n".encode("ascii")


class Conversation(asyncio.Protocol):
    """One connection, taken over from the client that opened it.

    An answer that nothing asked for ends it: the next command's must not be taken for it.
    """

    def __init__(self, client: SMTP) -> None:
        if client.transport is None:
            raise SMTPServerDisconnected("The connection was lost as soon as it was opened.")
        self._client = client
        self._transport = cast(asyncio.Transport, client.transport)
        self._unread = b""
        self._lines: list[bytes] = []
        self._answers: deque[Answer] = deque()
        self._owed = 0
        self._waiter: asyncio.Future[None] | None = None
        self._lost: SMTPException | None = None
        self.pipelining = client.supports_extension("pipelining")
        self._transport.set_protocol(self)

    @property
    def is_open(self) -> bool:
        return self._lost is None and not self._transport.is_closing()

    @property
    def is_owed(self) -> bool:
        """Whether an answer is still to come, or to be read."""
        return bool(self._owed or self._answers)

    def say(self, *commands: bytes) -> None:
        """Sends commands, each of which owes an answer."""
        if not self.is_open:
            raise self._lost or SMTPServerDisconnected("The connection was lost.")
        self._owed += len(commands)
        self._transport.write(b"".join(commands))

    async def answer(self, within: float) -> Answer:
        """The answer to the oldest command without one, awaited for so many seconds."""
        if not self._answers:
            await self._more(within)
        return self._answers.popleft()

    async def ask(self, command: bytes, within: float) -> Answer:
        """One command and its answer."""
        self.say(command)
        return await self.answer(within)

    def close(self) -> None:
        """Hangs up."""
        self._end(SMTPServerDisconnected("The connection was closed."))
        self._client.close()

    async def _more(self, within: float) -> None:
        if self._lost:
            raise self._lost
        loop = asyncio.get_running_loop()
        waiter = self._waiter = loop.create_future()
        timer = loop.call_later(within, self._too_late, waiter)
        try:
            await waiter
        finally:
            timer.cancel()
            self._waiter = None

    @staticmethod
    def _too_late(waiter: asyncio.Future[None]) -> None:
        if not waiter.done():
            waiter.set_exception(SMTPReadTimeoutError("The server did not answer in time."))

    @override
    def data_received(self, data: bytes) -> None:
        *lines, self._unread = (self._unread + data).split(b"\n")
        if len(self._unread) + sum(map(len, self._lines)) > _LONGEST_ANSWER:
            self._end(SMTPException("The server's answer has no end."))
        for line in lines:
            self._read(line)
        if self._answers:
            self._wake()

    def _read(self, line: bytes) -> None:
        found = _LINE.fullmatch(line)
        if found is None or not self._owed:
            said = line.decode("ascii", "replace").strip()
            self._end(SMTPException(f"The server said, out of turn: {said}"))
            return
        self._lines.append((found[3] or b"").strip())
        if found[2] != b"-":
            said = b"\n".join(self._lines).decode("utf-8", "surrogateescape")
            self._answers.append(Answer(int(found[1]), said))
            self._lines.clear()
            self._owed -= 1

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        self._end(SMTPServerDisconnected("The connection was lost."))

    def _end(self, why: SMTPException) -> None:
        if self._lost is None:
            self._lost = why
            self._transport.close()
        if self._waiter and not self._waiter.done() and not self._answers:
            self._waiter.set_exception(self._lost)

    def _wake(self) -> None:
        if self._waiter and not self._waiter.done():
            self._waiter.set_result(None)
