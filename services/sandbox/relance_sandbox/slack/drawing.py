"""Blocks as one reader sees them: the app's JSON with the texts already drawn beside it."""

import re
from typing import Any

from markdown_it import MarkdownIt

from relance_sandbox.slack.dates import shown_date
from relance_sandbox.slack.mrkdwn import EMOJI, Node, Reader, drawn
from relance_sandbox.slack.people import Json
from relance_sandbox.slack.workspace import Workspace

MARKDOWN = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])


def reader_of(workspace: Workspace, member_id: str, language: str | None = None) -> Reader:
    member = workspace.member(member_id)
    return Reader(
        members={held.id: held.real_name for held in workspace.members.values()},
        channels={c.id: c.name for c in workspace.conversations.values()},
        locale=language or member.locale,
        tz=member.tz,
        now=workspace.now(),
    )


def drawn_blocks(blocks: Any, reader: Reader) -> Any:
    """A copy in which each text object has `nodes`, each markdown block its `html`."""
    if isinstance(blocks, list):
        return [drawn_blocks(item, reader) for item in blocks]
    if not isinstance(blocks, dict):
        return blocks
    if extra := drawing(blocks, reader):
        return blocks | extra
    return {name: drawn_blocks(held, reader) for name, held in blocks.items()}


def drawing(held: Json, reader: Reader) -> Json | None:
    """What to add to an object that is text itself, None for all others."""
    match held.get("type"):
        case "mrkdwn":
            return {"nodes": drawn(held["text"], reader)}
        case "plain_text":
            return {"nodes": [with_emoji(held["text"])]}
        case "markdown":
            return {"html": MARKDOWN.render(held["text"])}
        case "rich_text":
            return {"nodes": [rich(element, reader) for element in held["elements"]]}
        case "raw_text":
            return {"nodes": [held["text"]]}
        case _:
            return None


def with_emoji(text: str) -> str:
    return re.sub(r":([a-z0-9_+-]+):", lambda match: EMOJI.get(match[1], match[0]), text)


def rich(element: Json, reader: Reader) -> Node:
    """A part of a rich_text block in the same nodes as mrkdwn."""
    kinds = {
        "rich_text_section": "line",
        "rich_text_quote": "quote",
        "rich_text_preformatted": "pre",
    }
    if element["type"] == "rich_text_list":
        items = [{"as": "item", "of": spans(item, reader)} for item in element["elements"]]
        return {"as": "ordered" if element["style"] == "ordered" else "bullets", "of": items}
    return {"as": kinds[element["type"]], "of": spans(element, reader)}


def spans(section: Json, reader: Reader) -> list[Node]:
    return [styled(span, reader) for span in section["elements"]]


def styled(span: Json, reader: Reader) -> Node:
    node = plain_span(span, reader)
    for style in ("bold", "italic", "strike", "code"):
        if span.get("style", {}).get(style):
            node = {"as": style, "of": [node]}
    return node


def plain_span(span: Json, reader: Reader) -> Node:
    match span["type"]:
        case "link":
            return {"as": "link", "url": span["url"], "of": [span.get("text") or span["url"]]}
        case "user":
            return {"as": "user", "of": ["@" + reader.members.get(span["user_id"], "")]}
        case "channel":
            return {"as": "channel", "of": ["#" + reader.channels.get(span["channel_id"], "")]}
        case "broadcast":
            return {"as": "broadcast", "of": ["@" + str(span["range"])]}
        case "emoji":
            return EMOJI.get(span["name"], f":{span['name']}:")
        case "date":
            shown = shown_date(
                span["timestamp"], span["format"], reader.locale, reader.tz, reader.now
            )
            return {"as": "date", "of": [shown or span.get("fallback", "")]}
        case _:
            return str(span["text"])
