"""What answers a slash command, and how it becomes a message."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Protocol, TypeAlias

from relance_bot.blocks import kit
from relance_bot.blocks.kit import Json, Message
from relance_bot.listeners.payloads import Command
from relance_bot.people import Colleague

MOST_TEXT = 2_900
MOST_BLOCKS = 4

# Lines of mrkdwn, a message of blocks, or None where a modal or a later word is the answer.
Reply: TypeAlias = Sequence[str] | Message | None
Word: TypeAlias = Callable[[Command, Colleague], Awaitable[Reply]]


class Worded(Protocol):
    """Something that answers words after `/relance`."""

    @property
    def words(self) -> Mapping[str, Word]: ...


def message_of(lines: Sequence[str]) -> Message:
    """The lines in as many sections as they need, as far as a message goes."""
    pieces: list[str] = []
    for line in lines:
        if pieces and len(pieces[-1]) + 1 + len(line) <= MOST_TEXT:
            pieces[-1] += f"\n{line}"
        else:
            pieces.append(line)
    shown = pieces[:MOST_BLOCKS]
    if len(pieces) > MOST_BLOCKS:
        shown[-1] += kit.ELLIPSIS
    blocks: list[Json] = [kit.section(f"answer-{at}", piece) for at, piece in enumerate(shown)]
    return Message(text=lines[0], blocks=tuple(blocks))
