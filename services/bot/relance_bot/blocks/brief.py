"""What is left of a card that Slack does not take: its title and its buttons."""

from relance_bot.blocks import kit
from relance_bot.blocks.kit import Message
from relance_bot.blocks.words import Language, say

MOST_TEXT = 300
_KEPT = frozenset({"header", "actions"})


def brief(message: Message, language: Language) -> Message:
    """The card without what is in it; Edit shows all of that."""
    kept = [block for block in message.blocks if block["type"] in _KEPT]
    told = kit.section("brief", say(language, "card.brief"))
    after_title = 1 if kept and kept[0]["type"] == "header" else 0
    return Message(
        text=kit.clip(message.text, MOST_TEXT),
        blocks=(*kept[:after_title], told, *kept[after_title:]),
    )
