"""Slack's limits as data, and what a payload breaks of them (spec: Slack's reference, measured)."""

from collections.abc import Iterator, Mapping
from typing import Any, Literal

from relance_bot.blocks.kit import Json, Message

Kind = Literal["modal", "home"]

MESSAGE_BLOCKS = 50
VIEW_BLOCKS = 100
MESSAGE_TEXT = 40_000
BLOCK_TEXT = 12_000  # of a whole message; Slack fails near 13,200 without saying so
TABLE_TEXT = 10_000
METADATA = 3_000
IDENTIFIER = 255

# Characters of a text, by what holds it and under which name.
TEXTS: Mapping[tuple[str, str], int] = {
    ("header", "text"): 150,
    ("section", "text"): 3_000,
    ("context", "elements"): 3_000,
    ("input", "label"): 2_000,
    ("input", "hint"): 2_000,
    ("button", "text"): 75,
    ("option", "text"): 75,
    ("confirm", "title"): 100,
    ("confirm", "text"): 300,
    ("confirm", "confirm"): 30,
    ("confirm", "deny"): 30,
    ("modal", "title"): 24,
    ("modal", "submit"): 24,
    ("modal", "close"): 24,
    ("rich_text_quote", "elements"): 3_000,
    ("cell", "text"): 2_000,
}
# Characters of a plain string.
STRINGS: Mapping[tuple[str, str], int] = {
    ("button", "value"): 2_000,
    ("button", "accessibility_label"): 75,
    ("option", "value"): 150,
    ("plain_text_input", "initial_value"): 3_000,
}
# Members of a list.
LISTS: Mapping[tuple[str, str], tuple[int, int]] = {
    ("section", "fields"): (1, 10),
    ("context", "elements"): (1, 10),
    ("actions", "elements"): (1, 25),
    ("static_select", "options"): (1, 100),
    ("multi_static_select", "options"): (1, 100),
    ("overflow", "options"): (1, 5),
    ("checkboxes", "options"): (1, 10),
    ("table", "rows"): (1, 100),
}
IN_MESSAGES = frozenset(
    {"header", "section", "context", "actions", "divider", "rich_text", "table"}
)
IN_VIEWS = (IN_MESSAGES - {"table"}) | {"input"}


class OverLimitError(Exception):
    """A payload that Slack would refuse; the text names the places, never what stands there."""


def kept_message(message: Message) -> Message:
    """The message, or OverLimitError before Slack sees it."""
    if broken := check_message(message):
        raise OverLimitError("; ".join(broken))
    return message


def kept_view(view: Json) -> Json:
    """The view, or OverLimitError before Slack sees it."""
    if broken := check_view(view):
        raise OverLimitError("; ".join(broken))
    return view


def check_message(message: Message) -> list[str]:
    """What the message breaks, each with its place."""
    blocks = list(message.blocks)
    found = list(_length("text", message.text, MESSAGE_TEXT))
    found += _blocks(blocks, IN_MESSAGES, MESSAGE_BLOCKS)
    if sum(block["type"] == "table" for block in blocks) > 1:
        found.append("blocks: more than one table")
    if any(text_length(block) > TABLE_TEXT for block in blocks if block["type"] == "table"):
        found.append("blocks: a table too long")
    if text_length(blocks) >= BLOCK_TEXT:
        found.append(f"blocks: {text_length(blocks)} characters in all")
    return found


def check_view(view: Json) -> list[str]:
    """What a modal or a Home tab breaks, each with its place."""
    blocks = view["blocks"]
    found = _blocks(blocks, IN_VIEWS, VIEW_BLOCKS)
    found += _walk(
        {key: held for key, held in view.items() if key != "blocks"}, "view", view["type"]
    )
    if len(view.get("private_metadata", "")) > METADATA:
        found.append("private_metadata: too long")
    if any(block["type"] == "input" for block in blocks) and "submit" not in view:
        found.append("submit: missing beside an input")
    return found


def text_length(held: Any) -> int:
    """Characters of every `text` in it, at any depth."""
    if isinstance(held, list):
        return sum(map(text_length, held))
    if not isinstance(held, dict):
        return 0
    own = len(held["text"]) if isinstance(held.get("text"), str) else 0
    return own + sum(map(text_length, held.values()))


def _blocks(blocks: list[Json], known: frozenset[str], most: int) -> list[str]:
    found = [f"blocks: {len(blocks)}, {most} at most"] if len(blocks) > most else []
    names = [block.get("block_id", "") for block in blocks]
    found += [f"block_id {name!r}: twice" for name in sorted(_twice(names))]
    for at, block in enumerate(blocks):
        where = f"blocks/{at}"
        if block["type"] not in known:
            found.append(f"{where}: {block['type']} cannot stand here")
        found += _length(f"{where}/block_id", block.get("block_id", ""), IDENTIFIER)
        found += _elements(block, where)
        found += _walk(block, where, block["type"])
    return found


def _elements(block: Json, where: str) -> Iterator[str]:
    if block["type"] == "context":
        return
    held = block.get("elements", []) if block["type"] == "actions" else []
    held = [*held, *(block[key] for key in ("accessory", "element") if key in block)]
    names = [element.get("action_id", "") for element in held]
    yield from (f"{where}: action_id {name!r} twice" for name in sorted(_twice(names)))
    for name in names:
        yield from _length(f"{where}/action_id", name, IDENTIFIER)
    if sum(element.get("style") == "primary" for element in held) > 1:
        yield f"{where}: more than one primary button"


def _walk(held: Any, where: str, kind: str) -> Iterator[str]:
    """Every limit of the tables above, at any depth."""
    if not isinstance(held, dict):
        return
    for key, value in held.items():
        place = f"{where}/{key}"
        if (kind, key) in LISTS:
            least, most = LISTS[kind, key]
            if not least <= len(value) <= most:
                yield f"{place}: {len(value)} of them, {least} to {most} are allowed"
        if (kind, key) in STRINGS:
            yield from _length(place, value, STRINGS[kind, key])
        for at, inner in enumerate(value if isinstance(value, list) else [value]):
            if (kind, key) in TEXTS and isinstance(inner, dict) and "text" in inner:
                yield from _length(f"{place}/{at}", inner["text"], TEXTS[kind, key])
            yield from _inner(inner, f"{place}/{at}", key)


def _inner(held: Any, where: str, key: str) -> Iterator[str]:
    if isinstance(held, list):  # a table's row
        for at, cell in enumerate(held):
            yield from _length(f"{where}/{at}", cell["text"], TEXTS["cell", "text"])
    elif isinstance(held, dict):
        option = key in ("options", "initial_options", "initial_option")
        kind = "option" if option else "confirm" if "deny" in held else str(held.get("type", ""))
        yield from _walk(held, where, kind)


def _length(where: str, text: str, most: int) -> Iterator[str]:
    if not 0 < len(text) <= most:
        yield f"{where}: {len(text)} characters, 1 to {most} are allowed"


def _twice(names: list[str]) -> set[str]:
    return {name for name in names if names.count(name) > 1}
