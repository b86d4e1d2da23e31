"""What the page's clicks do: the same member's hands that tests use."""

from collections.abc import Awaitable, Callable
from typing import Any

from relance_sandbox.slack.acting import Acting
from relance_sandbox.slack.outcomes import Acknowledged, Late, Outcome, Refused
from relance_sandbox.slack.people import Json

Deed = Callable[[Acting, Json], Awaitable[Outcome | list[Json]]]


async def press(acting: Acting, given: Json) -> Outcome:
    return await acting.press(
        given["channel"],
        given["ts"],
        given["action_id"],
        given["block_id"],
        given.get("value"),
        typed=given.get("typed"),
    )


async def press_view(acting: Acting, given: Json) -> Outcome:
    return await acting.press_modal(
        given["action_id"],
        given["block_id"],
        given.get("value"),
        typed=given.get("typed"),
        view_id=given["view_id"],
    )


async def submit(acting: Acting, given: Json) -> Outcome:
    return await acting.submit(given["view_id"], given.get("typed"))


async def close(acting: Acting, given: Json) -> Outcome:
    return await acting.close(given["view_id"], everything=bool(given.get("everything")))


async def say(acting: Acting, given: Json) -> Outcome:
    """A line of the composer: a slash command, or words."""
    text, thread = given["text"], given.get("thread")
    if text.startswith("/"):
        name, _, rest = text.partition(" ")
        return await acting.command(name, rest.strip(), given["channel"], thread)
    return await acting.say(given["channel"], text, thread)


async def suggest(acting: Acting, given: Json) -> Outcome | list[Json]:
    return await acting.suggest(
        given["value"],
        given["action_id"],
        given["block_id"],
        channel=given.get("channel"),
        ts=given.get("ts"),
        view_id=given.get("view_id"),
    )


async def open_home(acting: Acting, _: Json) -> Outcome:
    return await acting.open_home()


async def read(acting: Acting, given: Json) -> Outcome:
    """The member has seen a conversation up to `ts`."""
    conversation = acting.conversation(given["channel"])
    if conversation.read.get(acting.member.id, "") < given["ts"]:
        conversation.read[acting.member.id] = given["ts"]
        acting.workspace.changed()
    return Acknowledged()


DEEDS: dict[str, Deed] = {
    "press": press,
    "press_view": press_view,
    "submit": submit,
    "close": close,
    "say": say,
    "suggest": suggest,
    "open_home": open_home,
    "read": read,
}


def outcome_json(outcome: Outcome | list[Json]) -> Json:
    match outcome:
        case list():
            return {"outcome": "acknowledged", "options": outcome}
        case Acknowledged():
            return {"outcome": "acknowledged"}
        case Late():
            return {"outcome": "late"}
        case Refused(code=code, message=message, fields=fields):
            return refused_json(code, message, dict(fields))


def refused_json(code: str, message: str = "", fields: Any = None) -> Json:
    return {"outcome": "refused", "code": code, "message": message, "fields": fields or {}}
