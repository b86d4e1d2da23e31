"""Block Kit's building stones as plain JSON, each within Slack's limits."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias

Json: TypeAlias = dict[str, Any]

ELLIPSIS = "…"


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A message: `text` is what notifications and screen readers say."""

    text: str
    blocks: tuple[Json, ...] = ()


def escape(datum: str) -> str:
    """The datum as mrkdwn shows it literally: Slack asks for these three and no others."""
    return datum.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def clip(text: str, most: int) -> str:
    """At most so many characters, with an ellipsis where some are left out."""
    return text if len(text) <= most else text[: most - 1].rstrip() + ELLIPSIS


def datum(text: str, most: int) -> str:
    """A customer's datum for mrkdwn: on one line, escaped, at most so many characters then."""
    flat = " ".join(text.split())
    if len(escaped := escape(flat)) <= most:
        return escaped
    kept, length = [], len(ELLIPSIS)
    for character in map(escape, flat):
        length += len(character)
        if length > most:
            break
        kept.append(character)
    return "".join(kept).rstrip() + ELLIPSIS


def moment(at: datetime, fallback: str) -> str:
    """An instant in each reader's own zone and language."""
    return f"<!date^{int(at.timestamp())}^{{date_short_pretty}} {{time}}|{escape(fallback)}>"


def plain(text: str, most: int) -> Json:
    """Plain text, never empty: Slack refuses that."""
    return {"type": "plain_text", "text": clip(text, most) or "-", "emoji": False}


def mrkdwn(text: str) -> Json:
    """Marked-up text whose data are escaped already; nothing else in it becomes a link."""
    return {"type": "mrkdwn", "text": text, "verbatim": True}


def header(block_id: str, text: str) -> Json:
    return {"type": "header", "block_id": block_id, "text": plain(text, 150)}


def section(block_id: str, text: str, accessory: Json | None = None) -> Json:
    block = {"type": "section", "block_id": block_id, "text": mrkdwn(text)}
    return block | ({"accessory": accessory} if accessory else {})


def context(block_id: str, *texts: str) -> Json:
    return {"type": "context", "block_id": block_id, "elements": [mrkdwn(t) for t in texts]}


def divider(block_id: str) -> Json:
    return {"type": "divider", "block_id": block_id}


def quote(block_id: str, text: str) -> Json:
    """Text in a quotation, literal: nothing in it is marked up."""
    inner = {"type": "rich_text_quote", "elements": [{"type": "text", "text": text}]}
    return {"type": "rich_text", "block_id": block_id, "elements": [inner]}


def preformatted(block_id: str, text: str) -> Json:
    """Text as it stands, in a fixed width: a file."""
    inner = {"type": "rich_text_preformatted", "elements": [{"type": "text", "text": text}]}
    return {"type": "rich_text", "block_id": block_id, "elements": [inner]}


def table(block_id: str, rows: Sequence[Sequence[str]], right: Sequence[int] = ()) -> Json:
    """Rows of literal cells, the first one the heading; `right` names right-aligned columns."""
    columns = range(len(rows[0]))
    return {
        "type": "table",
        "block_id": block_id,
        "column_settings": [{"align": "right" if c in right else "left"} for c in columns],
        "rows": [[{"type": "raw_text", "text": cell or "-"} for cell in row] for row in rows],
    }


def actions(block_id: str, *elements: Json) -> Json:
    return {"type": "actions", "block_id": block_id, "elements": list(elements)}


def button(
    action_id: str,
    text: str,
    value: str,
    *,
    label: str = "",
    style: str = "",
    confirm: Json | None = None,
) -> Json:
    """`label` is what a screen reader says instead of the text."""
    more: Json = {
        "accessibility_label": clip(label, 75),
        "style": style,
        "confirm": confirm,
    }
    return {
        "type": "button",
        "action_id": action_id,
        "text": plain(text, 75),
        "value": value,
    } | {key: held for key, held in more.items() if held}


def confirmation(title: str, text: str, yes: str, no: str) -> Json:
    return {
        "title": plain(title, 100),
        "text": plain(text, 300),
        "confirm": plain(yes, 30),
        "deny": plain(no, 30),
    }


def option(text: str, value: str) -> Json:
    return {"text": plain(text, 75), "value": value}


def overflow(action_id: str, options: Sequence[Json]) -> Json:
    return {"type": "overflow", "action_id": action_id, "options": list(options)}


def field(
    block_id: str,
    label: str,
    element: Json,
    *,
    optional: bool = False,
    hint: str = "",
    dispatch: bool = False,
) -> Json:
    """An input of a modal; its one element is always called `value`."""
    block: Json = {
        "type": "input",
        "block_id": block_id,
        "label": plain(label, 2000),
        "element": element | {"action_id": "value"},
        "optional": optional,
    }
    if dispatch:
        block["dispatch_action"] = True
    return block | ({"hint": plain(hint, 2000)} if hint else {})


def line_input(initial: str = "", *, multiline: bool = False, most: int = 3000) -> Json:
    element: Json = {"type": "plain_text_input", "multiline": multiline, "max_length": most}
    return element | ({"initial_value": clip(initial, most)} if initial else {})


def select(options: Sequence[Json], chosen: str = "") -> Json:
    initial = [o for o in options if o["value"] == chosen]
    element: Json = {"type": "static_select", "options": list(options)}
    return element | ({"initial_option": initial[0]} if initial else {})


def multi_select(options: Sequence[Json], chosen: Sequence[str] = ()) -> Json:
    initial = [o for o in options if o["value"] in chosen]
    element: Json = {"type": "multi_static_select", "options": list(options)}
    return element | ({"initial_options": initial} if initial else {})


def checkboxes(options: Sequence[Json], chosen: Sequence[str] = ()) -> Json:
    initial = [o for o in options if o["value"] in chosen]
    element: Json = {"type": "checkboxes", "options": list(options)}
    return element | ({"initial_options": initial} if initial else {})


def modal(
    callback_id: str,
    title: str,
    blocks: Sequence[Json],
    *,
    close: str,
    submit: str = "",
    metadata: str = "",
) -> Json:
    view: Json = {
        "type": "modal",
        "callback_id": callback_id,
        "title": plain(title, 24),
        "close": plain(close, 24),
        "private_metadata": metadata,
        "blocks": list(blocks),
    }
    return view | ({"submit": plain(submit, 24)} if submit else {})
