"""The log of administrative acts as sentences: who, when, what, before and after (F56)."""

from collections.abc import Mapping, Sequence
from typing import Any

from relance.domain.auditing import Act
from relance_bot.blocks import figures, kit
from relance_bot.blocks.kit import Json, Message
from relance_bot.blocks.words import Language, knows, say

AT_ONCE = 5  # lines a section
MOST_SHOWN = 40


def log(acts: Sequence[Act], zone: str, language: Language) -> Message:
    """The acts, the latest first."""
    title = say(language, "audit.title", n=len(acts))
    lines = [_line(act, zone, language) for act in acts[:MOST_SHOWN]]
    blocks: list[Json] = [kit.header("audit", title)]
    blocks += [
        kit.section(f"acts-{at}", "\n".join(lines[at : at + AT_ONCE]))
        for at in range(0, len(lines), AT_ONCE)
    ]
    return Message(text=title, blocks=tuple(blocks))


def _line(act: Act, zone: str, language: Language) -> str:
    who = kit.datum(act.by, 40) or say(language, "audit.command_line")
    at = figures.moment(language, zone, act.at)
    return f"{at} · *{who}* · {_what(act, language)}"


def _what(act: Act, language: Language) -> str:
    detail = act.detail
    values = {
        "plan": kit.datum(str(detail.get("plan", "")), 40),
        "customer": kit.datum(act.customer or str(detail.get("customer", "")), 40),
        "profile": kit.datum(str(detail.get("profile", "")), 40),
        "address": kit.datum(str(detail.get("address", "")), 60),
        "email": kit.datum(str(detail.get("email", "")), 60),
        "reason": kit.datum(str(detail.get("reason", "")), 60),
        "roles": _roles(detail.get("after"), language),
        "at": detail.get("at", 0),
        "version": act.to_version or 1,
        "changes": _changes(detail, language),
    }
    key = _key(act)
    said = say(language, key, n=int(detail.get("n") or 0), **values)
    return kit.clip(said, 260)


def _key(act: Act) -> str:
    detail, key = act.detail, f"audit.{act.event}"
    for part in ("customer", "profile", "plan"):
        if (detail.get(part) or (part == "customer" and act.customer)) and knows(f"{key}.{part}"):
            return f"{key}.{part}"
    return key if knows(key) else "audit.other"


def _roles(after: Any, language: Language) -> str:
    return ", ".join(say(language, f"role.{role}") for role in after or () if knows(f"role.{role}"))


def _changes(detail: Mapping[str, Any], language: Language) -> str:
    """`setting: before → after` for each of them."""
    before, after = detail.get("before"), detail.get("after")
    if not isinstance(before, Mapping) or not isinstance(after, Mapping):
        return ""
    said = (
        f"{say(language, f'settings.{name}')}: {_value(before.get(name))} → {_value(value)}"
        for name, value in after.items()
        if knows(f"settings.{name}")
    )
    return "; ".join(said)


def _value(value: Any) -> str:
    return kit.datum("–" if value in (None, "", []) else str(value), 40)
