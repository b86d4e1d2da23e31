"""The customers' mailbox: every mail that came, and bad behaviour of its server on wish."""

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Literal

Stage = Literal["ehlo", "mail", "rcpt", "data", "message"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """One received message; `raw` is exactly what came between DATA and the final dot."""

    number: int
    connection: int
    at: datetime
    envelope_from: str
    envelope_to: tuple[str, ...]
    raw: bytes
    headers: tuple[tuple[str, str], ...]
    subject: str
    sender: str
    text: str
    html: str
    attachments: tuple[str, ...]

    def header(self, name: str) -> str | None:
        """The first value of a header, whatever its case."""
        return next((v for held, v in self.headers if held.casefold() == name.casefold()), None)


@dataclass(slots=True, kw_only=True)
class MailFault:
    """Bad behaviour at one stage of the conversation, `times` times (None: until cleared).

    `answer` is the SMTP answer given; `hang` answers nothing for ever; `drop` cuts the
    connection; `keep` stores the message all the same; `delay` (seconds) comes first.
    """

    stage: Stage
    answer: str | None = None
    recipient: str | None = None
    hang: bool = False
    drop: bool = False
    keep: bool = False
    delay: float = 0.0
    times: int | None = 1


@dataclass(slots=True)
class Mailbox:
    """Every mail received, and the faults planned; `changed` is called after each mail."""

    now: Callable[[], datetime]
    changed: Callable[[Mail], None] = lambda _: None
    mails: list[Mail] = field(default_factory=list)
    faults: list[MailFault] = field(default_factory=list)
    arrived: asyncio.Event = field(default_factory=asyncio.Event)

    def to(self, address: str) -> list[Mail]:
        return [mail for mail in self.mails if address in mail.envelope_to]

    def search(self, words: str) -> list[Mail]:
        """Those that hold all the words, in addresses, subject or text."""
        wanted = words.casefold().split()
        return [mail for mail in self.mails if all(word in searched(mail) for word in wanted)]

    async def received(self, count: int, within: float = 5.0) -> list[Mail]:
        """Wait until `count` mails are there; TimeoutError when they do not come."""
        async with asyncio.timeout(within):
            while len(self.mails) < count:
                await self.arrived.wait()
        return self.mails

    def refuse_recipient(
        self, address: str, answer: str = "550 5.1.1 No such mailbox", times: int | None = None
    ) -> None:
        """Say `answer` to every mail for this address."""
        self.faults.append(MailFault(stage="rcpt", recipient=address, answer=answer, times=times))

    def refuse_for_now(
        self,
        answer: str = "451 4.3.0 Try again later",
        stage: Stage = "mail",
        times: int | None = 1,
    ) -> None:
        """A temporary refusal; a 421 closes the connection too, as it says."""
        self.faults.append(
            MailFault(stage=stage, answer=answer, drop=answer.startswith("421"), times=times)
        )

    def lose_answer(self, times: int | None = 1) -> None:
        """Take the message, then cut the connection before saying so."""
        self.faults.append(MailFault(stage="message", keep=True, drop=True, times=times))

    def close_after_data(self, times: int | None = 1) -> None:
        """Cut the connection at DATA, before any of the message was read."""
        self.faults.append(MailFault(stage="data", drop=True, times=times))

    def hang(self, stage: Stage = "mail", times: int | None = 1) -> None:
        """Greet, then never answer."""
        self.faults.append(MailFault(stage=stage, hang=True, times=times))

    def slow(self, seconds: float, stage: Stage = "message", times: int | None = None) -> None:
        self.faults.append(MailFault(stage=stage, delay=seconds, times=times))

    def behave(self) -> None:
        """Forget every fault."""
        self.faults.clear()

    def fault(self, stage: Stage, recipient: str | None = None) -> MailFault | None:
        """The next fault planned for this moment, used up by one."""
        for held in self.faults:
            if held.stage == stage and held.recipient in (None, recipient):
                if held.times is not None:
                    held.times -= 1
                    if held.times <= 0:
                        self.faults.remove(held)
                return held
        return None

    def store(
        self, raw: bytes, envelope_from: str, envelope_to: Iterable[str], connection: int
    ) -> None:
        mail = mail_of(
            raw,
            envelope_from,
            tuple(envelope_to),
            number=len(self.mails) + 1,
            connection=connection,
            at=self.now(),
        )
        self.mails.append(mail)
        self.arrived.set()
        self.arrived = asyncio.Event()
        self.changed(mail)


def searched(mail: Mail) -> str:
    return "\n".join((mail.sender, *mail.envelope_to, mail.subject, mail.text)).casefold()


def mail_of(
    raw: bytes,
    envelope_from: str,
    envelope_to: tuple[str, ...],
    *,
    number: int,
    connection: int,
    at: datetime,
) -> Mail:
    parsed = message_from_bytes(raw, policy=policy.default)
    return Mail(
        number=number,
        connection=connection,
        at=at,
        envelope_from=envelope_from,
        envelope_to=envelope_to,
        raw=raw,
        headers=tuple((name, str(value)) for name, value in parsed.items()),
        subject=str(parsed["Subject"] or ""),
        sender=str(parsed["From"] or envelope_from),
        text=body_of(parsed, "plain"),
        html=body_of(parsed, "html"),
        attachments=tuple(part.get_filename() or "" for part in parsed.iter_attachments()),
    )


def body_of(message: EmailMessage, kind: str) -> str:
    part = message.get_body(preferencelist=(kind,))
    try:
        return str(part.get_content()).replace("\r\n", "\n") if part is not None else ""
    except (LookupError, UnicodeError):
        return f"(unreadable {kind} part)"
