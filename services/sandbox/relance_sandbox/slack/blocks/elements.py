"""Block Kit's composition objects and elements, with Slack's documented limits as a table."""

import re
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from relance_sandbox.slack.blocks.rules import (
    Rule,
    also,
    boolean,
    by_type,
    fault,
    listed,
    matching,
    number,
    one_of,
    shape,
    string,
)

ACTION_ID = string(255)
URL = also(string(3000), matching(re.compile(r"https?://\S+").fullmatch, "an http(s) URL"))
DATE = matching(date.fromisoformat, "a date like 2026-01-31")
TIME = matching(re.compile(r"([01]\d|2[0-3]):[0-5]\d").fullmatch, "a time like 23:59")
DECIMAL = matching(re.compile(r"-?\d+(\.\d+)?").fullmatch, "a number")


def text(most: int, *kinds: str) -> Rule:
    """A text object of the kinds named (both kinds when none is) of at most `most` characters."""
    shapes: dict[str, Rule] = {
        "plain_text": shape(
            {"type": one_of("plain_text"), "text": string(most)}, {"emoji": boolean}
        ),
        "mrkdwn": shape({"type": one_of("mrkdwn"), "text": string(most)}, {"verbatim": boolean}),
    }
    return by_type({kind: shapes[kind] for kind in kinds or tuple(shapes)})


CONFIRM = shape(
    {
        "title": text(100, "plain_text"),
        "text": text(300),
        "confirm": text(30, "plain_text"),
        "deny": text(30, "plain_text"),
    },
    {"style": one_of("primary", "danger")},
)
OPTION_OPTIONAL: dict[str, Rule] = {"description": text(75), "url": URL}
OPTION = shape({"text": text(75, "plain_text"), "value": string(150)}, OPTION_OPTIONAL)
RICH_OPTION = shape({"text": text(75), "value": string(150)}, OPTION_OPTIONAL)
GROUP = shape({"label": text(75, "plain_text"), "options": listed(OPTION, 1, 100)}, {})
FILTER = shape(
    {},
    {
        "include": listed(one_of("im", "mpim", "private", "public"), 1, 4),
        "exclude_external_shared_channels": boolean,
        "exclude_bot_users": boolean,
    },
)
DISPATCH = shape(
    {
        "trigger_actions_on": listed(one_of("on_enter_pressed", "on_character_entered"), 1, 2),
    },
    {},
)
PLACEHOLDER = text(150, "plain_text")


FOCUS: dict[str, Rule] = {"focus_on_load": boolean}
CONFIRMED: dict[str, Rule] = {"confirm": CONFIRM}
BOTH = {**FOCUS, **CONFIRMED}


def element(
    kind: str,
    needed: Mapping[str, Rule],
    optional: Mapping[str, Rule],
    extras: Mapping[str, Rule] = BOTH,
) -> Rule:
    return shape({"type": one_of(kind), **needed}, {"action_id": ACTION_ID, **extras, **optional})


def options_or_groups(value: Any, where: str) -> Iterator[str]:
    if ("options" in value) == ("option_groups" in value):
        yield fault("needs either options or option_groups", where)


def offered(value: dict[str, Any]) -> list[dict[str, Any]]:
    """Every option of a select, those of its groups included."""
    groups = value.get("option_groups", [])
    return [*value.get("options", []), *(option for g in groups for option in g["options"])]


def initial_is_offered(value: Any, where: str) -> Iterator[str]:
    chosen = value.get("initial_options", []) + [
        value[name] for name in ("initial_option",) if name in value
    ]
    for option in chosen:
        if option not in offered(value):
            yield fault("initial option is not one of the options", where)


def values_differ(value: Any, where: str) -> Iterator[str]:
    values = [option["value"] for option in offered(value)]
    if len(values) != len(set(values)):
        yield fault("option values must be unique", where)


def select(kind: str, needed: Mapping[str, Rule], optional: Mapping[str, Rule]) -> dict[str, Rule]:
    """A select and its multi_ sister: the same fields, one choice or several."""
    single = {name.replace("*", ""): rule for name, rule in optional.items()}
    several = {
        name.replace("*", "s"): listed(rule, 0, 100) if name.endswith("*") else rule
        for name, rule in optional.items()
        if name != "response_url_enabled"
    }
    many = {**several, "max_selected_items": number(1, 100)}
    return {
        kind: element(kind, needed, {"placeholder": PLACEHOLDER, **single}),
        f"multi_{kind}": element(f"multi_{kind}", needed, {"placeholder": PLACEHOLDER, **many}),
    }


STATIC = {
    kind: also(rule, options_or_groups, initial_is_offered, values_differ)
    for kind, rule in select(
        "static_select",
        {},
        {
            "options": listed(OPTION, 1, 100),
            "option_groups": listed(GROUP, 1, 100),
            "initial_option*": OPTION,
        },
    ).items()
}
SELECTS: dict[str, Rule] = {
    **STATIC,
    **select(
        "external_select", {}, {"min_query_length": number(0, 100), "initial_option*": OPTION}
    ),
    **select("users_select", {}, {"initial_user*": string(20)}),
    **select(
        "conversations_select",
        {},
        {
            "initial_conversation*": string(20),
            "default_to_current_conversation": boolean,
            "filter": FILTER,
            "response_url_enabled": boolean,
        },
    ),
    **select(
        "channels_select", {}, {"initial_channel*": string(20), "response_url_enabled": boolean}
    ),
}
CHOICES: dict[str, Rule] = {
    "checkboxes": also(
        element(
            "checkboxes",
            {"options": listed(RICH_OPTION, 1, 10)},
            {"initial_options": listed(RICH_OPTION, 1, 10)},
        ),
        initial_is_offered,
        values_differ,
    ),
    "radio_buttons": also(
        element(
            "radio_buttons",
            {"options": listed(RICH_OPTION, 1, 10)},
            {"initial_option": RICH_OPTION},
        ),
        initial_is_offered,
        values_differ,
    ),
    "datepicker": element("datepicker", {}, {"initial_date": DATE, "placeholder": PLACEHOLDER}),
    "timepicker": element(
        "timepicker",
        {},
        {"initial_time": TIME, "placeholder": PLACEHOLDER, "timezone": string(100)},
    ),
    "datetimepicker": element(
        "datetimepicker", {}, {"initial_date_time": number(1_000_000_000, 9_999_999_999)}
    ),
}
BUTTONS: dict[str, Rule] = {
    "button": element(
        "button",
        {"text": text(75, "plain_text")},
        {
            "value": string(2000),
            "url": URL,
            "style": one_of("primary", "danger"),
            "accessibility_label": string(75),
        },
        CONFIRMED,
    ),
    "overflow": also(
        element("overflow", {"options": listed(OPTION, 1, 5)}, {}, CONFIRMED),
        values_differ,
    ),
}
TYPED_OPTIONAL: dict[str, Rule] = {"placeholder": PLACEHOLDER, "dispatch_action_config": DISPATCH}
TYPED: dict[str, Rule] = {
    "plain_text_input": element(
        "plain_text_input",
        {},
        {
            **TYPED_OPTIONAL,
            "initial_value": string(3000, 0),
            "multiline": boolean,
            "min_length": number(0, 3000),
            "max_length": number(1, 3000),
        },
        FOCUS,
    ),
    "email_text_input": element(
        "email_text_input", {}, {**TYPED_OPTIONAL, "initial_value": string(3000)}, FOCUS
    ),
    "url_text_input": element(
        "url_text_input", {}, {**TYPED_OPTIONAL, "initial_value": string(3000)}, FOCUS
    ),
    "number_input": element(
        "number_input",
        {"is_decimal_allowed": boolean},
        {**TYPED_OPTIONAL, "initial_value": DECIMAL, "min_value": DECIMAL, "max_value": DECIMAL},
        FOCUS,
    ),
}
IMAGE: dict[str, Rule] = {
    "image": also(
        shape(
            {"type": one_of("image"), "alt_text": string(2000)},
            {
                "image_url": URL,
                "slack_file": shape({}, {"id": string(255), "url": string(3000)}),
            },
        ),
        lambda value, where: (
            iter(())
            if ("image_url" in value) != ("slack_file" in value)
            else iter([fault("needs either image_url or slack_file", where)])
        ),
    )
}

SINGLE_SELECTS = {kind: rule for kind, rule in SELECTS.items() if not kind.startswith("multi_")}
IN_ACTIONS = by_type({**BUTTONS, **SINGLE_SELECTS, **CHOICES})
IN_SECTION = by_type(
    {
        **BUTTONS,
        **SELECTS,
        **{kind: rule for kind, rule in CHOICES.items() if kind != "datetimepicker"},
        **IMAGE,
    }
)
IN_INPUT = by_type({**SELECTS, **CHOICES, **TYPED})
