"""What the fields of a surface hold: their first values, what a person chose, what is refused."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from relance_sandbox.slack.blocks.check import elements
from relance_sandbox.slack.blocks.elements import DATE, TIME, offered
from relance_sandbox.slack.people import Json
from relance_sandbox.slack.refusal import Refusal


@dataclass(frozen=True, slots=True)
class Field:
    """Where an element keeps its value: in the state, and at first."""

    held: str
    initial: str
    many: bool = False


FIELDS = {
    "plain_text_input": Field("value", "initial_value"),
    "email_text_input": Field("value", "initial_value"),
    "url_text_input": Field("value", "initial_value"),
    "number_input": Field("value", "initial_value"),
    "static_select": Field("selected_option", "initial_option"),
    "external_select": Field("selected_option", "initial_option"),
    "radio_buttons": Field("selected_option", "initial_option"),
    "checkboxes": Field("selected_options", "initial_options", many=True),
    "multi_static_select": Field("selected_options", "initial_options", many=True),
    "multi_external_select": Field("selected_options", "initial_options", many=True),
    "users_select": Field("selected_user", "initial_user"),
    "multi_users_select": Field("selected_users", "initial_users", many=True),
    "channels_select": Field("selected_channel", "initial_channel"),
    "multi_channels_select": Field("selected_channels", "initial_channels", many=True),
    "conversations_select": Field("selected_conversation", "initial_conversation"),
    "multi_conversations_select": Field(
        "selected_conversations", "initial_conversations", many=True
    ),
    "datepicker": Field("selected_date", "initial_date"),
    "timepicker": Field("selected_time", "initial_time"),
    "datetimepicker": Field("selected_date_time", "initial_date_time"),
}
CHOOSE_AN_OPTION = frozenset(kind for kind, field in FIELDS.items() if "option" in field.held)

State = dict[str, dict[str, Json]]  # block_id -> action_id -> entry of view.state.values


def first_entry(element: Json) -> Json:
    field = FIELDS[element["type"]]
    empty: Any = [] if field.many else None
    return {"type": element["type"], field.held: element.get(field.initial, empty)}


def first_state(blocks: Iterable[Json]) -> State:
    """What an untouched surface sends: every field at its initial value, buttons left out."""
    return {
        block["block_id"]: fields
        for block in blocks
        if (
            fields := {
                element["action_id"]: first_entry(element)
                for element in elements(block)
                if element["type"] in FIELDS
            }
        )
    }


def carried_over(blocks: Iterable[Json], before: State) -> State:
    """The state of updated blocks: what was typed stays where block and action keep their ids."""
    state = first_state(blocks)
    for block_id, fields in state.items():
        for action_id, entry in fields.items():
            kept = before.get(block_id, {}).get(action_id)
            if kept is not None and kept["type"] == entry["type"]:
                fields[action_id] = kept
    return state


def chosen_entry(element: Json, value: Any, suggested: Iterable[Json] = ()) -> Json:
    """The state entry for a person's plain value (text, option value, id, date, list of them)."""
    kind = element["type"]
    field = FIELDS[kind]
    if field.many:
        chosen: Any = [choice(element, one, suggested) for one in value or ()]
    else:
        chosen = None if value in (None, "") else choice(element, value, suggested)
    return {"type": kind, field.held: chosen}


def choice(element: Json, value: Any, suggested: Iterable[Json]) -> Any:
    kind = element["type"]
    if kind in CHOOSE_AN_OPTION:
        return option_named(element, value, suggested)
    if kind == "datepicker" and list(DATE(value, "")):
        raise Refusal("not_a_date", f"{value!r} is not a date like 2026-01-31")
    if kind == "timepicker" and list(TIME(value, "")):
        raise Refusal("not_a_time", f"{value!r} is not a time like 08:30")
    return value


def option_named(element: Json, value: Any, suggested: Iterable[Json]) -> Json:
    first = element.get("initial_options") or [element.get("initial_option")]
    known: list[Json] = [*offered(element), *suggested, *(option for option in first if option)]
    chosen = {option["value"]: option for option in known}
    if value not in chosen:
        raise Refusal("not_an_option", f"{value!r} is not offered by {element['action_id']}")
    return chosen[value]


def stated(
    blocks: list[Json],
    state: State,
    chosen: Mapping[str, Mapping[str, Any]],
    suggested: Mapping[str, list[Json]],
) -> State:
    """The state after `chosen` (block_id -> action_id -> plain value); unknown places refused.

    `suggested` are options offered by the app, by action_id.
    """
    state = {block_id: dict(fields) for block_id, fields in state.items()}
    for block_id, fields in chosen.items():
        for action_id, value in fields.items():
            element = element_at(blocks, block_id, action_id)
            was = state[block_id][action_id]
            field = FIELDS[element["type"]]
            held = was[field.held] if isinstance(was[field.held], list) else [was[field.held]]
            known = [one for one in held if isinstance(one, dict)] + suggested.get(action_id, [])
            state[block_id][action_id] = chosen_entry(element, value, known)
    return state


def element_at(blocks: Iterable[Json], block_id: str | None, action_id: str) -> Json:
    """The one element with this action_id; Refusal where there is none or several."""
    found = [
        element
        for block in blocks
        if block_id in (None, block["block_id"])
        for element in elements(block)
        if element["action_id"] == action_id
    ]
    if not found:
        raise Refusal("no_such_element", f"nothing here has action_id {action_id!r}")
    if len(found) > 1:
        raise Refusal("which_element", f"several blocks have {action_id!r}: name the block_id")
    return found[0]


def block_of(blocks: Iterable[Json], element: Json) -> Json:
    for block in blocks:
        if any(held is element for held in elements(block)):
            return block
    raise LookupError(f"no block holds {element}")


def mistakes(blocks: Iterable[Json], state: State) -> dict[str, str]:
    """What Slack's client itself refuses to submit, block_id -> code."""
    found = {}
    for block in blocks:
        if block["type"] == "input":
            entry = state[block["block_id"]][block["element"]["action_id"]]
            if code := mistake(block, entry):
                found[block["block_id"]] = code
    return found


def mistake(block: Json, entry: Json) -> str | None:
    element = block["element"]
    value = entry[FIELDS[element["type"]].held]
    if value in (None, [], ""):
        return None if block.get("optional") else "required"
    match element["type"]:
        case "plain_text_input":
            return badly_long(element, value)
        case "email_text_input":
            return None if re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", value) else "not_an_email"
        case "url_text_input":
            return None if re.fullmatch(r"https?://\S+", value) else "not_a_url"
        case "number_input":
            return bad_number(element, value)
        case _:
            return None


def badly_long(element: Json, value: str) -> str | None:
    if len(value) > element.get("max_length", 3000):
        return "too_long"
    return "too_short" if len(value) < element.get("min_length", 0) else None


def bad_number(element: Json, value: str) -> str | None:
    try:
        number = Decimal(value)
    except InvalidOperation:
        return "not_a_number"
    if not number.is_finite() or (number % 1 and not element["is_decimal_allowed"]):
        return "not_a_number"
    low, high = element.get("min_value", value), element.get("max_value", value)
    return None if Decimal(low) <= number <= Decimal(high) else "out_of_range"
