"""Where a member acts: a message or a view, with its blocks, its fields and its payload."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from relance_sandbox.slack.blocks.inputs import (
    FIELDS,
    State,
    block_of,
    chosen_entry,
    element_at,
    first_state,
    option_named,
    stated,
)
from relance_sandbox.slack.conversations import Conversation, Message
from relance_sandbox.slack.messages import message_json
from relance_sandbox.slack.people import Json
from relance_sandbox.slack.refusal import Refusal
from relance_sandbox.slack.views import View, view_json
from relance_sandbox.slack.workspace import Workspace

Typed = Mapping[str, Mapping[str, Any]]  # block_id -> action_id -> plain value


@dataclass(frozen=True, slots=True, kw_only=True)
class Surface:
    """`key` names it; `context` is its part of an interaction payload, its state left out.

    `suggested` are the options the app has offered here so far, by action_id.
    """

    key: str
    blocks: list[Json]
    state: State
    context: Json
    suggested: dict[str, list[Json]]
    view: View | None = None


def of_view(workspace: Workspace, view: View) -> Surface:
    context = {
        "container": {"type": "view", "view_id": view.id},
        "view": view_json(view, workspace.app, workspace.team_id),
    }
    return Surface(
        key=view.id,
        blocks=view.blocks,
        state=view.state,
        context=context,
        suggested=workspace.suggested.setdefault((view.member, view.id), {}),
        view=view,
    )


def of_message(
    workspace: Workspace,
    conversation: Conversation,
    message: Message,
    member: str,
    seen: list[Json] | None = None,
) -> Surface:
    """A message as the member has it on screen; `seen` when that is an older version of it."""
    blocks = seen if seen is not None else message.blocks or []
    ephemeral = message.only_for is not None
    container: Json = {
        "type": "message",
        "message_ts": message.ts,
        "channel_id": conversation.id,
        "is_ephemeral": ephemeral,
    }
    if message.thread_ts:
        container["thread_ts"] = message.thread_ts
    url = workspace.response_urls.issue(conversation.id, member, message.ts, message.thread_ts)
    context: Json = {
        "container": container,
        "channel": {"id": conversation.id, "name": shown_name(conversation)},
        "response_url": f"{workspace.url}/answers/{url}",
    }
    if not ephemeral:
        context["message"] = message_json(workspace, conversation, message) | {"blocks": blocks}
    key = f"{conversation.id}/{message.ts}"
    return Surface(
        key=key,
        blocks=blocks,
        state=first_state(blocks),
        context=context,
        suggested=workspace.suggested.setdefault((member, key), {}),
    )


def shown_name(conversation: Conversation) -> str:
    return {"im": "directmessage", "mpim": conversation.name}.get(
        conversation.kind, conversation.name
    )


def filled(surface: Surface, typed: Typed) -> State:
    """The state with what the member typed; a view keeps it."""
    state = stated(surface.blocks, surface.state, typed, surface.suggested)
    if surface.view is not None:
        surface.view.state = state
        surface.context["view"]["state"] = {"values": state}
    return state


def pressed(
    surface: Surface,
    state: State,
    action_id: str,
    block_id: str | None,
    value: Any,
    ts: str,
) -> Json:
    """The action of a block_actions payload; `state` takes the field's new value."""
    element = element_at(surface.blocks, block_id, action_id)
    block = block_of(surface.blocks, element)
    if block["type"] == "input" and not block.get("dispatch_action"):
        raise Refusal("no_dispatch_action", f"{action_id} tells the app nothing before submission")
    action: Json = {
        "type": element["type"],
        "action_id": action_id,
        "block_id": block["block_id"],
        "action_ts": ts,
    }
    match element["type"]:
        case "button":
            kept = ("text", "value", "style")
            return action | {name: element[name] for name in kept if name in element}
        case "overflow":
            return action | {"selected_option": option_named(element, value, ())}
        case _:
            entry = chosen_entry(element, value, surface.suggested.get(action_id, ()))
            state[block["block_id"]][action_id] = entry
            initial = FIELDS[element["type"]].initial
            return action | {name: element[name] for name in (initial,) if name in element} | entry
