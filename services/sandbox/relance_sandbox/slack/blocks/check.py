"""What Slack refuses of a message's blocks or of a view, and the identifiers that it fills in."""

import copy
import json
from collections.abc import Iterator
from typing import Any

from relance_sandbox.slack.blocks.layouts import IN_MESSAGE, VIEW
from relance_sandbox.slack.blocks.rules import fault, listed
from relance_sandbox.slack.people import Json
from relance_sandbox.slack.refusal import Refusal

MOST_BLOCK_TEXT = 13_200
MOST_MARKDOWN = 12_000
MOST_TABLE = 10_000
MOST_VIEW_BYTES = 250_000


def message_blocks(given: Any) -> list[Json]:
    """The blocks as they are kept, or Refusal(invalid_blocks | msg_blocks_too_long)."""
    if not isinstance(given, list):
        raise Refusal("invalid_blocks_format", fault("must be an array", "/blocks"))
    found = list(listed(IN_MESSAGE, 0, 50)(given, "/blocks"))
    found = found or [*doubles(given, "/blocks"), *message_totals(given)]
    if found:
        raise Refusal("invalid_blocks", *found)
    if (total := text_length(given)) > MOST_BLOCK_TEXT:
        raise Refusal("msg_blocks_too_long", f"[ERROR] {total} characters of text in all blocks")
    return identified(given)


def view(given: Any, kind: str) -> Json:
    """The view as it is kept, or Refusal(invalid_arguments | view_too_large)."""
    if not isinstance(given, dict):
        raise Refusal("invalid_arguments", fault("must be an object", "/view"))
    if given.get("type") != kind:
        raise Refusal("invalid_arguments", fault(f"must be a {kind} view", "/view/type"))
    found = list(VIEW(given, "/view")) or list(doubles(given["blocks"], "/view/blocks"))
    if found:
        raise Refusal("invalid_arguments", *found)
    if len(json.dumps(given).encode()) > MOST_VIEW_BYTES:
        raise Refusal("view_too_large", f"[ERROR] more than {MOST_VIEW_BYTES} bytes")
    return {**copy.deepcopy(given), "blocks": identified(given["blocks"])}


def elements(block: Json) -> list[Json]:
    """The elements a person can use in one block, wherever the block keeps them."""
    held = [block.get("accessory"), block.get("element")]
    if block["type"] == "actions":
        held += block["elements"]
    return [element for element in held if element and element["type"] != "image"]


def doubles(blocks: list[Json], where: str) -> Iterator[str]:
    """block_id twice in one surface, action_id twice in one block."""
    seen: set[str] = set()
    for at, block in enumerate(blocks):
        name = block.get("block_id")
        if name in seen:
            yield fault(f"block_id {name} already exists", f"{where}/{at}/block_id")
        seen |= {name} if name else set()
        actions = [e["action_id"] for e in elements(block) if "action_id" in e]
        for action in {a for a in actions if actions.count(a) > 1}:
            yield fault(f"action_id {action} already exists", f"{where}/{at}")


def message_totals(blocks: list[Json]) -> Iterator[str]:
    markdown = sum(len(block["text"]) for block in blocks if block["type"] == "markdown")
    if markdown > MOST_MARKDOWN:
        yield fault(f"no more than {MOST_MARKDOWN} characters of markdown", "/blocks")
    tables = [block for block in blocks if block["type"] == "table"]
    if len(tables) > 1:
        yield fault("only one table allowed", "/blocks")
    if any(text_length(table) > MOST_TABLE for table in tables):
        yield fault(f"no more than {MOST_TABLE} characters in a table", "/blocks")


def text_length(held: Any) -> int:
    """Characters a reader sees in blocks: every `text` string, at any depth."""
    if isinstance(held, list):
        return sum(text_length(item) for item in held)
    if not isinstance(held, dict):
        return 0
    own = len(held["text"]) if isinstance(held.get("text"), str) else 0
    return own + sum(text_length(value) for value in held.values())


def identified(blocks: list[Json]) -> list[Json]:
    """A copy in which every block has its block_id and every element its action_id."""
    kept = copy.deepcopy(blocks)
    for at, block in enumerate(kept):
        block.setdefault("block_id", f"_{at}")
        for place, element in enumerate(elements(block)):
            element.setdefault("action_id", f"_{place}")
    return kept
