"""The table of limits finds what Slack would refuse."""

from typing import Any

import pytest

from relance_bot.blocks import kit
from relance_bot.blocks.kit import Json, Message
from relance_bot.blocks.limits import (
    OverLimitError,
    check_message,
    check_view,
    kept_message,
    kept_view,
)


def raw_text(length: int) -> Json:
    return {"type": "mrkdwn", "text": "x" * length}


def a_section(text: Any = None, **more: Any) -> Json:
    return {"type": "section", "block_id": "s", "text": text or raw_text(1), **more}


def a_button(**more: Any) -> Json:
    return kit.button("go", "Go", "v") | more


@pytest.mark.parametrize(
    ("blocks", "found"),
    [
        ([a_section(raw_text(3001))], "blocks/0/text/0: 3001 characters"),
        ([a_section(block_id="x" * 256)], "blocks/0/block_id"),
        ([a_section(), a_section()], "block_id 's': twice"),
        ([kit.divider(f"{n}") for n in range(51)], "51, 50 at most"),
        ([kit.actions("a", a_button(), a_button())], "action_id 'go' twice"),
        ([kit.actions("a", a_button(text=raw_text(76)))], "blocks/0/elements/0/text/0"),
        ([kit.actions("a", a_button(value="x" * 2001))], "blocks/0/elements/0/value"),
        ([kit.actions("a", a_button(accessibility_label="x" * 76))], "accessibility_label"),
        ([kit.actions("a", *(a_button(action_id=f"{n}") for n in range(26)))], "26 of them"),
        (
            [kit.actions("a", a_button(style="primary"), a_button(action_id="b", style="primary"))],
            "more than one primary",
        ),
        ([kit.context("c", *["x"] * 11)], "11 of them"),
        ([kit.overflow("o", [])], "overflow cannot stand here"),
        ([kit.actions("a", kit.overflow("o", []))], "0 of them"),
        ([{"type": "header", "block_id": "h", "text": raw_text(151)}], "151 characters"),
        ([kit.table("t", [["a"]]), kit.table("u", [["a"]])], "more than one table"),
        ([kit.table("t", [["x" * 2001]])], "2001 characters"),
        ([kit.table("t", [["x" * 1900]] * 6)], "a table too long"),
        ([a_section(raw_text(2900), block_id=f"{n}") for n in range(5)], "14500 characters in all"),
        ([kit.field("f", "Label", kit.line_input())], "input cannot stand here"),
    ],
)
def test_a_message_over_a_limit_is_found(blocks: list[Json], found: str) -> None:
    message = Message(text="Hello", blocks=tuple(blocks))
    assert found in "; ".join(check_message(message))
    with pytest.raises(OverLimitError):
        kept_message(message)


def test_a_message_needs_a_text_beside_its_blocks() -> None:
    assert check_message(Message(text="", blocks=(a_section(),)))


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({"title": raw_text(25)}, "view/title"),
        ({"submit": raw_text(25)}, "view/submit"),
        ({"private_metadata": "x" * 3001}, "private_metadata"),
        ({"blocks": [kit.table("t", [["a"]])]}, "table cannot stand here"),
        ({"blocks": [kit.divider(f"{n}") for n in range(101)]}, "101, 100 at most"),
        (
            {"blocks": [kit.field("f", "L", kit.select([kit.option("a", "v" * 151)]))]},
            "options/0/value",
        ),
        (
            {
                "blocks": [
                    kit.field("f", "L", kit.select([kit.option("a", f"{n}") for n in range(101)]))
                ]
            },
            "101 of them",
        ),
        (
            {
                "blocks": [
                    kit.field("f", "L", {"type": "plain_text_input", "initial_value": "x" * 3001})
                ]
            },
            "initial_value",
        ),
    ],
)
def test_a_view_over_a_limit_is_found(changes: Json, found: str) -> None:
    view = kit.modal("c", "Title", [a_section()], close="Close", submit="Save") | changes
    assert found in "; ".join(check_view(view))
    with pytest.raises(OverLimitError):
        kept_view(view)


def test_an_input_needs_a_submit_button() -> None:
    view = kit.modal("c", "Title", [kit.field("f", "L", kit.line_input())], close="Close")
    assert "submit: missing beside an input" in check_view(view)


def test_a_refusal_names_places_and_no_data() -> None:
    with pytest.raises(OverLimitError) as refused:
        kept_message(Message(text="Hello", blocks=(a_section(raw_text(3001)),)))
    assert "xxx" not in str(refused.value)
