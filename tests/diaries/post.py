"""The post at the end of a diary: takes messages, or does to them what it was told."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime
from email import message_from_bytes, policy
from email.message import EmailMessage

from relance.clock import Clock
from relance.domain.outcomes import Delivered, Outcome, Refusal, Rejected, TryLater, Unknown

GONE = "no such mailbox"


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """One message, read back from the bytes that were handed over.

    `items` and `credits` are the open amounts by number, as the text says them.
    """

    at: datetime
    to: tuple[str, ...]
    identifier: str
    sender: str
    subject: str
    text: str

    @property
    def items(self) -> dict[str, str]:
        return self._lines("item ")

    @property
    def credits(self) -> dict[str, str]:
        return self._lines("credit ")

    @property
    def pay(self) -> str:
        """What is left to pay, as the text says it."""
        return self._after("pay ")

    @property
    def thanks(self) -> str:
        """The amount it thanks for."""
        return self._after("thanks ")

    def _lines(self, begin: str) -> dict[str, str]:
        found = (line[len(begin) :] for line in self.text.splitlines() if line.startswith(begin))
        return dict(line.split(" = ") for line in found)

    def _after(self, begin: str) -> str:
        lines = (line[len(begin) :] for line in self.text.splitlines() if line.startswith(begin))
        return next(lines, "")


def opened(raw: bytes, recipients: tuple[str, ...], at: datetime) -> Letter:
    """What a recipient reads."""
    message = message_from_bytes(raw, policy=policy.default)
    assert isinstance(message, EmailMessage)
    body = message.get_body(("plain",))
    assert body is not None
    return Letter(
        at=at,
        to=recipients,
        identifier=str(message["Message-ID"]),
        sender=str(message["From"]),
        subject=str(message["Subject"]),
        text=str(body.get_content()).replace("\r\n", "\n").replace("\u202f", "\u00a0"),
    )


Fault = Callable[[tuple[str, ...]], tuple[bool, Outcome]]


def refuses(recipients: tuple[str, ...]) -> tuple[bool, Outcome]:
    """Not taken, and never will be."""
    refused = tuple(Refusal(recipient=r, code=550, reason=GONE) for r in recipients)
    return False, Rejected(code=550, reason=GONE, refused=refused)


def is_busy(recipients: tuple[str, ...]) -> tuple[bool, Outcome]:
    """Not taken this time."""
    return False, TryLater(code=451, reason="try again later")


def loses_the_answer(recipients: tuple[str, ...]) -> tuple[bool, Outcome]:
    """Taken, but the connection goes before the answer."""
    return True, Unknown(reason="the connection was lost")


@dataclass(kw_only=True)
class Post:
    """A transport: `faults` are by recipient, one for each message; `handed` counts them all.

    `meanwhile` happens once, while a message is being handed over.
    """

    clock: Clock
    letters: list[Letter] = field(default_factory=list)
    handed: int = 0
    faults: dict[str, list[Fault]] = field(default_factory=dict)
    meanwhile: Callable[[], Awaitable[None]] | None = None

    async def send(
        self, envelope_from: str, recipients: tuple[str, ...], raw: bytes, *, deadline: float
    ) -> Outcome:
        self.handed += 1
        if self.meanwhile:
            happen, self.meanwhile = self.meanwhile, None
            await happen()
        pending = next((self.faults[r] for r in recipients if self.faults.get(r)), None)
        taken, outcome = pending.pop(0)(recipients) if pending else (True, Delivered(response="ok"))
        if taken:
            self.letters.append(opened(raw, recipients, self.clock.now()))
        return outcome
