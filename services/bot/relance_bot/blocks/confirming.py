"""Whom something touches before it is done, and a second question where they are many."""

from collections.abc import Sequence
from dataclasses import dataclass

from relance.domain.requests import Request
from relance_bot.blocks import kit
from relance_bot.blocks.kit import Json
from relance_bot.blocks.words import Language, say

CALLBACK = "confirm_request"
MANY = 50
MOST_NAMES = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What would be done, to how many, and by what name each is called."""

    request: Request
    said: str
    names: Sequence[str] = ()
    channel: str = ""


def confirm(question: Question, metadata: str, language: Language) -> Json:
    """A dry run as a modal; nothing is done until it is sent."""
    names, count = question.names, len(question.names)
    blocks = [kit.section("what", question.said)]
    if names:
        listed = [f"• {kit.datum(name, 60)}" for name in names[:MOST_NAMES]]
        blocks.append(kit.section("names", kit.clip("\n".join(listed), 2_900)))
    if count > MOST_NAMES:
        more = say(language, "confirm.more", n=count - MOST_NAMES)
        blocks.append(kit.context("more", more))
    if count > MANY:
        sure = kit.option(say(language, "confirm.sure", n=count), "sure")
        boxes: Json = {"type": "checkboxes", "options": [sure]}
        blocks.append(kit.field("sure", say(language, "confirm.many"), boxes))
    return kit.modal(
        CALLBACK,
        say(language, "confirm.title"),
        blocks,
        submit=say(language, "confirm.do"),
        close=say(language, "modal.cancel"),
        metadata=metadata,
    )
