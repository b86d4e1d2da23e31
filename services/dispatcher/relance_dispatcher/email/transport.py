"""Handing a message over by SMTP, every step called by ourselves.

The uncertain point lies between the first byte of the content and the server's last answer: what
fails before it was not handed over, what fails after it is `Unknown` (rules §6).

One message, one recipient set. A recipient refused for good does not silence the others: they get
the message and the refusal is named, because no second message is owed to anybody. A recipient
refused for now holds the whole set back: to serve him later would take a second message.
"""

import asyncio
import re
import time
from collections.abc import Callable

from aiosmtplib import (
    SMTP,
    SMTPException,
    SMTPRecipientRefused,
    SMTPResponseException,
    SMTPSenderRefused,
    SMTPServerDisconnected,
)

from relance.domain.outcomes import Delivered, Outcome, Refusal, Rejected, TryLater, Unknown
from relance_dispatcher.email.connections import Connections, SmtpSettings

_LINE_END = re.compile(rb"\r\n|\r|\n")
_LEADING_PERIOD = re.compile(rb"(?m)^\.")
_READY_FOR_CONTENT = 354


class _DeadlinePassed(Exception):
    """Nothing was handed over and nothing will be: the time to do so is gone."""


class SmtpTransport:
    """At most `max_connections` connections, kept while used; safe for any number of senders."""

    def __init__(
        self, settings: SmtpSettings, *, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._settings = settings
        self._monotonic = monotonic
        self._places = asyncio.Semaphore(settings.max_connections)
        self._connections = Connections(settings, monotonic=monotonic)

    async def send(
        self, envelope_from: str, recipients: tuple[str, ...], raw: bytes, *, deadline: float
    ) -> Outcome:
        """Hand one message over; the content leaves before `deadline` (monotonic) or not at all.

        Addresses must be `ascii_address` answers. Never raises for what a server or network does.
        A cancelled call leaves the attempt without an outcome, as a crash does.
        """
        if not recipients:
            raise ValueError("a message needs somebody to go to")
        try:
            async with asyncio.timeout(self._left(deadline)):
                await self._places.acquire()
        except (TimeoutError, _DeadlinePassed):
            return TryLater(reason="No connection became free before the deadline.")
        try:
            return await self._hand_over(envelope_from, recipients, raw, deadline)
        except _DeadlinePassed:
            return TryLater(reason="The deadline passed before the message was handed over.")
        except SMTPSenderRefused as refusal:
            return _refused(refusal.code, refusal.message)
        except SMTPResponseException as answer:
            return TryLater(reason=answer.message, code=answer.code)
        except (SMTPException, OSError) as failure:
            return TryLater(reason=f"{type(failure).__name__}: {failure}")
        finally:
            self._places.release()

    async def close(self) -> None:
        """Say goodbye on every idle connection; messages on their way finish first."""
        await self._connections.close()

    async def _hand_over(
        self, envelope_from: str, recipients: tuple[str, ...], raw: bytes, deadline: float
    ) -> Outcome:
        client = await self._take_or_open(envelope_from, deadline)
        try:
            outcome = await self._converse(client, recipients, raw, deadline)
        except BaseException:
            client.close()
            raise
        await self._connections.give_back(client)
        return outcome

    async def _take_or_open(self, envelope_from: str, deadline: float) -> SMTP:
        """A connection that has accepted MAIL; a kept one found dead is replaced, once."""
        kept = self._connections.take()
        if kept is not None:
            try:
                await kept.mail(envelope_from, timeout=self._step(deadline))
            except (SMTPException, OSError, _DeadlinePassed):
                kept.close()
            else:
                return kept
        fresh = await self._connections.open(self._left(deadline))
        try:
            await fresh.mail(envelope_from, timeout=self._step(deadline))
        except BaseException:
            fresh.close()
            raise
        return fresh

    async def _converse(
        self, client: SMTP, recipients: tuple[str, ...], raw: bytes, deadline: float
    ) -> Outcome:
        refused: list[Refusal] = []
        for recipient in recipients:
            try:
                await client.rcpt(recipient, timeout=self._step(deadline))
            except SMTPRecipientRefused as answer:
                if not _permanent(answer.code):
                    await self._reset(client)
                    return TryLater(reason=answer.message, code=answer.code)
                refused.append(
                    Refusal(recipient=recipient, code=answer.code, reason=answer.message)
                )
        if len(refused) == len(recipients):
            await self._reset(client)
            return Rejected(code=refused[0].code, reason=refused[0].reason, refused=tuple(refused))
        start = await client.execute_command(b"DATA", timeout=self._step(deadline))
        if start.code != _READY_FOR_CONTENT:
            await self._reset(client)
            return _refused(start.code, start.message)
        self._left(deadline)
        return await self._content(client, raw, tuple(refused))

    async def _content(self, client: SMTP, raw: bytes, refused: tuple[Refusal, ...]) -> Outcome:
        protocol = client.protocol
        if protocol is None:
            raise SMTPServerDisconnected("The connection was lost before the content.")
        protocol.write(wire(raw))
        # From here on only the server's own answer tells what became of the message.
        try:
            answer = await protocol.read_response(timeout=self._settings.answer_timeout)
        except (SMTPException, OSError) as failure:
            client.close()
            return Unknown(reason=f"No answer to the content: {type(failure).__name__}.")
        if 200 <= answer.code < 300:
            return Delivered(
                response=answer.message, provider_id=_queue_id(answer.message), refused=refused
            )
        if 400 <= answer.code < 600:
            return _refused(answer.code, answer.message)
        client.close()
        return Unknown(reason=f"The answer to the content was {answer.code}.")

    async def _reset(self, client: SMTP) -> None:
        """Forget the open transaction; a connection that cannot is not kept."""
        try:
            await client.rset(timeout=self._settings.step_timeout)
        except (SMTPException, OSError):
            client.close()

    def _left(self, deadline: float) -> float:
        left = deadline - self._monotonic()
        if left <= 0:
            raise _DeadlinePassed
        return left

    def _step(self, deadline: float) -> float:
        return min(self._settings.step_timeout, self._left(deadline))


def wire(raw: bytes) -> bytes:
    """The content as it goes after DATA: CRLF only, leading periods doubled, ended by the dot.

    Lone CR and LF are made CRLF before the dots are doubled: otherwise a server that takes them for
    line ends could be shown an end of message, and a second message, in the middle of ours.
    """
    lines = _LINE_END.sub(b"\r\n", raw)
    if not lines.endswith(b"\r\n"):
        lines += b"\r\n"
    return _LEADING_PERIOD.sub(b"..", lines) + b".\r\n"


def _permanent(code: int) -> bool:
    return 500 <= code < 600


def _refused(code: int, reason: str) -> Rejected | TryLater:
    """A refusal that names no recipient."""
    if _permanent(code):
        return Rejected(code=code, reason=reason)
    return TryLater(reason=reason, code=code)


def _queue_id(response: str) -> str | None:
    """The server's own name for the message, where it says one the way most do."""
    found = re.search(r"queued as <?([A-Za-z0-9.@_-]{4,100})", response, re.IGNORECASE)
    return found.group(1) if found else None
