"""Block Kit's blocks and views, with Slack's documented limits as a table."""

from collections.abc import Iterator
from typing import Any

from relance_sandbox.slack.blocks.elements import (
    IMAGE,
    IN_ACTIONS,
    IN_INPUT,
    IN_SECTION,
    URL,
    text,
)
from relance_sandbox.slack.blocks.rules import (
    Rule,
    also,
    boolean,
    by_type,
    fault,
    listed,
    number,
    one_of,
    shape,
    string,
)


def block(kind: str, needed: dict[str, Rule], optional: dict[str, Rule] | None = None) -> Rule:
    return shape({"type": one_of(kind), **needed}, {"block_id": string(255), **(optional or {})})


def says_something(value: Any, where: str) -> Iterator[str]:
    if not value.get("text") and not value.get("fields"):
        yield fault("either text or fields must be provided", where)


def dispatches_alone(value: Any, where: str) -> Iterator[str]:
    if "dispatch_action_config" in value["element"] and not value.get("dispatch_action"):
        yield fault("dispatch_action_config needs dispatch_action", where)


STYLE = shape(
    {}, dict.fromkeys(("bold", "italic", "strike", "code", "underline", "highlight"), boolean)
)
INLINE = by_type(
    {
        "text": shape({"type": one_of("text"), "text": string(3000)}, {"style": STYLE}),
        "link": shape(
            {"type": one_of("link"), "url": URL},
            {"text": string(3000), "style": STYLE, "unsafe": boolean},
        ),
        "user": shape({"type": one_of("user"), "user_id": string(20)}, {"style": STYLE}),
        "channel": shape({"type": one_of("channel"), "channel_id": string(20)}, {"style": STYLE}),
        "broadcast": shape(
            {"type": one_of("broadcast"), "range": one_of("here", "channel", "everyone")}, {}
        ),
        "emoji": shape(
            {"type": one_of("emoji"), "name": string(100)},
            {"unicode": string(100), "style": STYLE},
        ),
        "date": shape(
            {
                "type": one_of("date"),
                "timestamp": number(0, 9_999_999_999),
                "format": string(255),
            },
            {"url": URL, "fallback": string(255), "style": STYLE},
        ),
    }
)
RICH_SECTION = shape({"type": one_of("rich_text_section"), "elements": listed(INLINE, 0, 1000)}, {})
RICH_ELEMENT = by_type(
    {
        "rich_text_section": RICH_SECTION,
        "rich_text_list": shape(
            {
                "type": one_of("rich_text_list"),
                "style": one_of("bullet", "ordered"),
                "elements": listed(RICH_SECTION, 1, 1000),
            },
            {"indent": number(0, 8), "offset": number(0, 10_000), "border": number(0, 1)},
        ),
        "rich_text_preformatted": shape(
            {"type": one_of("rich_text_preformatted"), "elements": listed(INLINE, 0, 1000)},
            {"border": number(0, 1), "language": string(40)},
        ),
        "rich_text_quote": shape(
            {"type": one_of("rich_text_quote"), "elements": listed(INLINE, 0, 1000)},
            {"border": number(0, 1)},
        ),
    }
)
RICH_TEXT = block("rich_text", {"elements": listed(RICH_ELEMENT, 1, 1000)})
CELL = by_type(
    {
        "raw_text": shape({"type": one_of("raw_text"), "text": string(2000)}, {}),
        "rich_text": RICH_TEXT,
    }
)
COLUMN = shape({}, {"align": one_of("left", "center", "right"), "is_wrapped": boolean})

COMMON: dict[str, Rule] = {
    "actions": block("actions", {"elements": listed(IN_ACTIONS, 1, 25)}),
    "context": block(
        "context",
        {
            "elements": listed(
                lambda value, where: (
                    by_type(IMAGE)(value, where)
                    if isinstance(value, dict) and value.get("type") == "image"
                    else text(3000)(value, where)
                ),
                1,
                10,
            )
        },
    ),
    "divider": block("divider", {}),
    "header": block("header", {"text": text(150, "plain_text")}),
    "image": block(
        "image",
        {"alt_text": string(2000)},
        {
            "image_url": URL,
            "slack_file": shape({}, {"id": string(255), "url": string(3000)}),
            "title": text(2000, "plain_text"),
        },
    ),
    "input": also(
        block(
            "input",
            {"label": text(2000, "plain_text"), "element": IN_INPUT},
            {
                "hint": text(2000, "plain_text"),
                "optional": boolean,
                "dispatch_action": boolean,
            },
        ),
        dispatches_alone,
    ),
    "rich_text": RICH_TEXT,
    "section": also(
        block(
            "section",
            {},
            {
                "text": text(3000),
                "fields": listed(text(2000), 1, 10),
                "accessory": IN_SECTION,
                "expand": boolean,
            },
        ),
        says_something,
    ),
}
IN_MESSAGE = by_type(
    {
        **COMMON,
        "markdown": block("markdown", {"text": string(12_000)}),
        "table": block(
            "table",
            {"rows": listed(listed(CELL, 1, 20), 1, 100)},
            {"column_settings": listed(COLUMN, 0, 20)},
        ),
    }
)
IN_HOME = by_type(COMMON)
IN_MODAL = by_type(
    {
        **COMMON,
        "alert": block(
            "alert",
            {"text": text(3000)},
            {"level": one_of("default", "info", "warning", "error", "success")},
        ),
    }
)

VIEW_OPTIONAL: dict[str, Rule] = {
    "private_metadata": string(3000, 0),
    "callback_id": string(255, 0),
    "external_id": string(255, 0),
}


def submits_inputs(value: Any, where: str) -> Iterator[str]:
    if "submit" not in value and any(b["type"] == "input" for b in value["blocks"]):
        yield fault("submit is required when an input block is used", f"{where}/submit")


VIEW = by_type(
    {
        "modal": also(
            shape(
                {
                    "type": one_of("modal"),
                    "title": text(24, "plain_text"),
                    "blocks": listed(IN_MODAL, 0, 100),
                },
                {
                    **VIEW_OPTIONAL,
                    "submit": text(24, "plain_text"),
                    "close": text(24, "plain_text"),
                    "clear_on_close": boolean,
                    "notify_on_close": boolean,
                    "submit_disabled": boolean,
                },
            ),
            submits_inputs,
        ),
        "home": shape(
            {"type": one_of("home"), "blocks": listed(IN_HOME, 0, 100)},
            {**VIEW_OPTIONAL},
        ),
    }
)
