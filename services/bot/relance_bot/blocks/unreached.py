"""What leads are told of actions whose owners are not in Slack: whose and how old, no content."""

from collections.abc import Sequence
from datetime import datetime

from relance.domain.worklist import ShownAction
from relance_bot.blocks import figures, kit
from relance_bot.blocks.home import other_row
from relance_bot.blocks.kit import Message
from relance_bot.blocks.words import Language, say

MOST = 20


def unreached(
    actions: Sequence[ShownAction], names: Sequence[str], language: Language, now: datetime
) -> Message:
    """One message for all of them, the oldest first, each with its Reassign button."""
    who = figures.names(language, tuple(names), 80) or "-"
    head = say(language, "unreached", n=len(actions), names=who)
    oldest = sorted(actions, key=lambda action: (action.made_at, action.id))
    blocks = [kit.section("unreached", f":warning: {head}")]
    blocks += [other_row(action, language, now) for action in oldest[:MOST]]
    if len(oldest) > MOST:
        more = say(language, "unreached.more", n=len(oldest) - MOST)
        blocks.append(kit.context("unreached-more", more))
    return Message(text=head, blocks=tuple(blocks))
