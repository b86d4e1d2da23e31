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
from dataclasses import dataclass

from aiosmtplib import SMTPException, SMTPResponseException

from relance.domain.outcomes import Delivered, Outcome, Refusal, Rejected, TryLater, Unknown
from relance_dispatcher.email.connections import Connections, SmtpSettings
from relance_dispatcher.email.conversation import Answer, Conversation, mail_from, rcpt_to

_LINE_END = re.compile(rb"\r\n|\r|\n")
_QUEUED_AS = re.compile(r"queued as <?([A-Za-z0-9.@_-]{4,100})", re.IGNORECASE)
_DATA = b"DATA\r\n"
_READY_FOR_CONTENT = 354


class _DeadlinePassed(Exception):
    """Nothing was handed over and nothing will be: the time to do so is gone."""


class _KeptTooLong(Exception):
    """A kept connection no longer takes an envelope: a fresh one may."""


@dataclass(frozen=True, slots=True)
class _Envelope:
    sender: bytes
    recipients: tuple[str, ...]


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
        envelope = _Envelope(mail_from(envelope_from), recipients)
        kept = self._connections.take()
        if kept is not None:
            try:
                return await self._over(kept, envelope, raw, deadline, kept=True)
            except _KeptTooLong:
                pass
        fresh = await self._connections.open(self._left(deadline))
        return await self._over(fresh, envelope, raw, deadline, kept=False)

    async def _over(
        self, line: Conversation, envelope: _Envelope, raw: bytes, deadline: float, *, kept: bool
    ) -> Outcome:
        try:
            found = await self._envelope(line, envelope, deadline, kept=kept)
            if isinstance(found, Rejected | TryLater):
                outcome: Outcome = found
            else:
                self._left(deadline)
                outcome = await self._content(line, raw, found)
        except BaseException:
            line.close()
            raise
        await self._connections.give_back(line)
        return outcome

    async def _envelope(
        self, line: Conversation, envelope: _Envelope, deadline: float, *, kept: bool
    ) -> tuple[Refusal, ...] | Rejected | TryLater:
        """Up to where the server waits for the content; the recipients refused, or why it is not.

        All is said at once where the server allows it, but that several recipients are heard out
        before any content is asked for.
        """
        commands = [rcpt_to(recipient) for recipient in envelope.recipients]
        at_once = line.pipelining and len(commands) == 1
        try:
            line.say(envelope.sender, *(commands if line.pipelining else ()), *[_DATA] * at_once)
            sender = await line.answer(self._step(deadline))
        except (SMTPException, OSError, _DeadlinePassed) as failure:
            if kept:
                raise _KeptTooLong from failure
            raise
        if not _is_well(sender):
            if kept:
                raise _KeptTooLong
            return await self._back(line, _refused(sender))
        answers = await self._heard(line, commands, deadline)
        start = await line.answer(self._step(deadline)) if at_once else None
        found = _recipients(envelope.recipients, answers)
        if isinstance(found, Rejected | TryLater):
            return await self._back(line, found, start)
        start = start or await line.ask(_DATA, self._step(deadline))
        if start.code != _READY_FOR_CONTENT:
            return await self._back(line, _refused(start))
        return found

    async def _heard(
        self, line: Conversation, commands: list[bytes], deadline: float
    ) -> list[Answer]:
        """What the server says to each recipient, up to the first it refuses for now."""
        answers = list[Answer]()
        for command in commands:
            if not line.pipelining:
                line.say(command)
            answers.append(await line.answer(self._step(deadline)))
            if not line.pipelining and _is_for_now(answers[-1]):
                break
        return answers

    async def _content(
        self, line: Conversation, raw: bytes, refused: tuple[Refusal, ...]
    ) -> Outcome:
        line.say(wire(raw))
        # From here on only the server's own answer tells what became of the message.
        try:
            answer = await line.answer(self._settings.answer_timeout)
        except (SMTPException, OSError) as failure:
            line.close()
            return Unknown(reason=f"No answer to the content: {type(failure).__name__}.")
        if _is_well(answer):
            return Delivered(
                response=answer.message, provider_id=_queue_id(answer.message), refused=refused
            )
        if 400 <= answer.code < 600:
            return _refused(answer)
        line.close()
        return Unknown(reason=f"The answer to the content was {answer.code}.")

    async def _back(
        self, line: Conversation, found: Rejected | TryLater, start: Answer | None = None
    ) -> Rejected | TryLater:
        """The refusal, with the open transaction forgotten; what cannot forget is not kept.

        A server that waits for content nobody will send can only be left: an end would send it.
        """
        if line.is_owed or (start and start.code == _READY_FOR_CONTENT):
            line.close()
            return found
        try:
            await line.ask(b"RSET\r\n", self._settings.step_timeout)
        except (SMTPException, OSError):
            line.close()
        return found

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
    ends = raw.count(b"\r\n")
    lines = raw if ends == raw.count(b"\r") == raw.count(b"\n") else _LINE_END.sub(b"\r\n", raw)
    if not lines.endswith(b"\r\n"):
        lines += b"\r\n"
    if lines.startswith(b"."):
        lines = b"." + lines
    return lines.replace(b"\r\n.", b"\r\n..") + b".\r\n"


def _recipients(
    recipients: tuple[str, ...], answers: list[Answer]
) -> tuple[Refusal, ...] | Rejected | TryLater:
    """Those refused for good, or why nobody gets the message."""
    for answer in answers:
        if _is_for_now(answer):
            return TryLater(reason=answer.message, code=answer.code)
    refused = tuple(
        Refusal(recipient=recipient, code=answer.code, reason=answer.message)
        for recipient, answer in zip(recipients, answers, strict=True)
        if not _is_well(answer)
    )
    if len(refused) < len(recipients):
        return refused
    return Rejected(code=refused[0].code, reason=refused[0].reason, refused=refused)


def _is_well(answer: Answer) -> bool:
    return 200 <= answer.code < 300


def _is_for_now(answer: Answer) -> bool:
    """Neither yes nor a definite no."""
    return not _is_well(answer) and not _permanent(answer.code)


def _permanent(code: int) -> bool:
    return 500 <= code < 600


def _refused(answer: Answer) -> Rejected | TryLater:
    """A refusal that names no recipient."""
    if _permanent(answer.code):
        return Rejected(code=answer.code, reason=answer.message)
    return TryLater(reason=answer.message, code=answer.code)


def _queue_id(response: str) -> str | None:
    """The server's own name for the message, where it says one the way most do."""
    found = _QUEUED_AS.search(response)
    return found.group(1) if found else None
