"""The modal of a command whose words are missing: which plan, and for whom."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from relance_bot.blocks import kit
from relance_bot.blocks.kit import Json, Message
from relance_bot.blocks.modals import value_in
from relance_bot.blocks.words import Language, say

CALLBACK = "plan_choice"
PLAN, CUSTOMER = "chosen_plan", "chosen_customer"
OTHERS = "others"
MOST_PROFILES = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """The word that was typed after `plan`, and where."""

    word: str
    channel: str = ""


def form(choice: Choice, profiles: Sequence[str], language: Language) -> Json:
    """Which plan; for `pause` until when; for `assign` to whom."""
    blocks = [kit.field(PLAN, say(language, "choice.plan"), _external(language))]
    match choice.word:
        case "pause":
            until: Json = {"type": "datepicker"}
            blocks.append(kit.field("until", say(language, "field.until"), until, optional=True))
            reason = kit.line_input(most=200)
            blocks.append(kit.field("reason", say(language, "field.reason"), reason, optional=True))
        case "assign":
            blocks += _targets(profiles, language)
        case _:
            pass
    return kit.modal(
        CALLBACK,
        say(language, f"choice.title.{choice.word}"),
        blocks,
        submit=say(language, "choice.go"),
        close=say(language, "modal.cancel"),
        metadata=json.dumps([choice.word, choice.channel]),
    )


def choice_in(metadata: str) -> Choice | None:
    """What a modal of `form` was for; None when it is none of ours."""
    try:
        word, channel = json.loads(metadata)
    except (ValueError, TypeError):
        return None
    return Choice(word=str(word), channel=str(channel))


def target_typed(view: Json) -> str:
    """To whom, as the command says it; empty where nothing was chosen."""
    if customer := value_in(view, CUSTOMER):
        return customer
    group = value_in(view, "group")
    return "default" if group == OTHERS else group


def shown(message: Message, language: Language) -> Json:
    """An answer as a modal."""
    title = say(language, "choice.shown")
    close = say(language, "modal.close")
    return kit.modal("review", title, list(message.blocks), close=close)


def _targets(profiles: Sequence[str], language: Language) -> list[Json]:
    """A customer, or a group of them."""
    customer = _external(language, least=2)
    groups = [kit.option(say(language, "choice.others"), OTHERS)]
    for name in profiles[:MOST_PROFILES]:
        if len(name) > 120:
            continue
        for key, more in (("choice.profile", ""), ("choice.profile_without", " without email")):
            text = say(language, key, name=kit.clip(name, 40))
            groups.append(kit.option(text, f"profile {name}{more}"))
    return [
        kit.field(CUSTOMER, say(language, "choice.customer"), customer, optional=True),
        kit.field("group", say(language, "choice.group"), kit.select(groups), optional=True),
    ]


def _external(language: Language, *, least: int = 0) -> Json:
    said = kit.plain(say(language, "choice.typed"), 150)
    return {"type": "external_select", "min_query_length": least, "placeholder": said}
