"""A draft: all that an action would say, to whom and from whom, if it left now."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from relance.domain.money import Totals
from relance.domain.plans import Channel
from relance.domain.problems import Problem
from relance.rendering.facts import Row


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipient:
    """Where a message goes: an e-mail address, a telephone number or a postal address.

    `address` is as it was written down; `contact` is None when somebody typed it.
    """

    address: str
    name: str = ""
    contact: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sender:
    """Who it is from; answers go to `reply_to` where that is another address."""

    name: str
    address: str
    reply_to: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """An action's message as it would leave now; what the preview shows is what is sent.

    `text` is what was written, `html` only where the channel has it. `rows` are the debits it is
    about, `credits` what is netted, `asked` their totals. `amounts` are the open minor units of
    the items, to compare with those an owner's text was written for. `edited`: the text is an
    owner's. With a `problem` the rest is as complete as it can be.
    """

    action: UUID
    customer: UUID
    channel: Channel
    language: str
    to: tuple[Recipient, ...]
    cc: tuple[Recipient, ...]
    sender: Sender | None
    subject: str
    text: str
    html: str
    rows: tuple[Row, ...]
    credits: tuple[Row, ...]
    asked: Totals
    amounts: Mapping[UUID, int]
    edited: bool
    problem: Problem | None
