"""What a request's answer says, in words."""

from datetime import date

from relance.domain.requests import Answer, Decline, Declined, Request
from relance_bot.blocks import figures, kit
from relance_bot.blocks.words import Language, knows, say

_DAYS = frozenset({"until"})  # details that are days, as ISO 8601 writes them


def text(request: Request, answer: Answer, language: Language) -> str:
    """The answer as mrkdwn.

    A grant has its kind's sentence, `asked.KIND`, with the answer's details (`n` counts), or where
    some detail is empty `asked.KIND.DETAIL`; a refusal the kind's own, or what holds for all.
    """
    if isinstance(answer, Declined):
        return _declined(request, answer, language)
    values = {
        key: _shown(key, value, language) for key, value in answer.detail.items() if key != "n"
    }
    present = "".join(f".{key}" for key, value in answer.detail.items() if value == "")
    key = f"asked.{request.kind}"
    key = f"{key}{present}" if knows(f"{key}{present}") else key
    return say(language, key, n=answer.detail.get("n", 0), **values)


def _declined(request: Request, answer: Declined, language: Language) -> str:
    if answer.why is Decline.INVALID:
        keys = (f"mistake.{key}" for key in answer.fields.values())
        mistakes = " ".join(say(language, k if knows(k) else "mistake.other") for k in keys)
        return say(language, "answer.invalid", mistakes=mistakes)
    key = f"asked.{request.kind}.{answer.why}"
    return say(language, key if knows(key) else f"asked.{answer.why}")


def _shown(name: str, value: object, language: Language) -> object:
    """A day as people write it; words escaped, for they are somebody's; a number stays."""
    if name in _DAYS and value:
        return figures.day(language, date.fromisoformat(str(value)))
    return kit.datum(value, 200) if isinstance(value, str) else value
