"""A Web API call's arguments, whichever of Slack's forms they came in."""

import json
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from relance_sandbox.slack.people import Json
from relance_sandbox.slack.refusal import Refusal

JSON_ARGUMENTS = frozenset({"blocks", "attachments", "view", "metadata", "files"})


@dataclass(frozen=True, slots=True)
class Arguments:
    """The arguments by name; a form's JSON strings are already read."""

    given: Json

    def get(self, name: str) -> Any:
        return self.given.get(name)

    def need(self, name: str) -> str:
        value = self.given.get(name)
        if not isinstance(value, str) or not value:
            raise Refusal("invalid_arguments", f"[ERROR] missing required field: {name}")
        return value

    def flag(self, name: str) -> bool:
        return self.given.get(name) in (True, 1, "1", "true", "True")

    def number(self, name: str, default: int) -> int:
        try:
            return int(self.given.get(name, default))
        except (TypeError, ValueError):
            raise Refusal("invalid_arguments", f"[ERROR] {name} must be an integer") from None

    def names(self, name: str) -> list[str]:
        value = self.given.get(name) or ""
        return [one.strip() for one in value.split(",") if one.strip()]


async def arguments_of(request: web.Request) -> Arguments:
    """Query, form and JSON body together; Refusal(invalid_json | invalid_form_data)."""
    given: Json = dict(request.query)
    if request.content_type == "application/json":
        body = await json_body(request)
        if not isinstance(body, dict):
            raise Refusal("json_not_object")
        return Arguments(given | body)
    if request.method == "POST":
        given |= dict(await request.post())
    return Arguments({name: read(name, value) for name, value in given.items()})


async def json_body(request: web.Request) -> Any:
    try:
        return await request.json()
    except ValueError:
        raise Refusal("invalid_json") from None


def read(name: str, value: Any) -> Any:
    if name not in JSON_ARGUMENTS or not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except ValueError:
        raise Refusal("invalid_arguments", f"[ERROR] {name} is not JSON") from None


def page_of(items: list[Any], arguments: Arguments, default: int = 100) -> tuple[list[Any], str]:
    """One page of a list and the cursor of the next (empty at the end)."""
    limit = arguments.number("limit", default)
    if not 1 <= limit <= 1000:
        raise Refusal("invalid_limit")
    cursor = arguments.get("cursor") or "0"
    if not str(cursor).isdigit():
        raise Refusal("invalid_cursor")
    start = int(cursor)
    more = str(start + limit) if start + limit < len(items) else ""
    return items[start : start + limit], more
