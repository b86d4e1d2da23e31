"""What came of handing a message to a provider (rules §6); matched exhaustively.

Reasons may quote a provider that quotes an address: keep them out of logs.
"""

from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """One recipient's definite refusal, in the provider's words."""

    recipient: str
    code: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivered:
    """The provider has it, for every recipient but the refused."""

    response: str
    provider_id: str | None = None
    refused: tuple[Refusal, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejected:
    """Definitely not taken, and trying again will not help.

    `refused` is empty when the message or its sender was the reason: no contact is to blame.
    """

    code: int
    reason: str
    refused: tuple[Refusal, ...] = ()

    @property
    def recipients(self) -> tuple[str, ...]:
        """The addresses whose contacts are to be marked."""
        return tuple(refusal.recipient for refusal in self.refused)


@dataclass(frozen=True, slots=True, kw_only=True)
class TryLater:
    """Definitely not taken this time; `code` is None when the provider never answered."""

    reason: str
    code: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Unknown:
    """It may have left: never retried blindly."""

    reason: str


Outcome: TypeAlias = Delivered | Rejected | TryLater | Unknown
