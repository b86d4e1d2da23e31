"""What a member types: stored as Slack stores it, told to the app as it subscribed."""

import html
import re

from relance_sandbox.slack.conversations import Conversation, Message
from relance_sandbox.slack.people import Json
from relance_sandbox.slack.surfaces import shown_name
from relance_sandbox.slack.workspace import Workspace

EVENTS = {
    "channel": "message.channels",
    "group": "message.groups",
    "im": "message.im",
    "mpim": "message.mpim",
}


def linked(workspace: Workspace, typed: str) -> str:
    """Typed text as Slack stores it: special characters escaped, known names made links."""
    text = html.escape(typed, quote=False)
    members = {member.name: member.id for member in workspace.members.values()}
    channels = {c.name: c.id for c in workspace.conversations.values() if c.kind == "channel"}

    def name(match: re.Match[str]) -> str:
        known = members if match["mark"] == "@" else channels
        held = known.get(match["name"])
        return f"<{match['mark']}{held}>" if held else match[0]

    return re.sub(r"(?<!\w)(?P<mark>[@#])(?P<name>[\w.-]*\w)", name, text)


def events_of(workspace: Workspace, conversation: Conversation, message: Message) -> list[Json]:
    """The events this message makes for the app, by what it subscribed to."""
    app = workspace.app
    if app.bot_user_id not in conversation.members:
        return []
    event: Json = {
        "user": message.author,
        "text": message.text,
        "ts": message.ts,
        "event_ts": message.ts,
        "channel": conversation.id,
        "team": workspace.team_id,
    } | ({"thread_ts": message.thread_ts} if message.thread_ts else {})
    is_group = conversation.kind == "channel" and conversation.is_private
    kind = "group" if is_group else conversation.kind
    found = []
    if EVENTS[kind] in app.events:
        found.append(event | {"type": "message", "channel_type": kind})
    if kind != "im" and f"<@{app.bot_user_id}>" in message.text and "app_mention" in app.events:
        found.append(event | {"type": "app_mention"})
    return found


def slash_command(
    workspace: Workspace, member_id: str, conversation: Conversation, name: str, text: str
) -> Json:
    """The payload of a command; its trigger starts to run now."""
    member = workspace.member(member_id)
    url = workspace.response_urls.issue(conversation.id, member.id)
    return {
        "token": "sandbox",
        "team_id": workspace.team_id,
        "team_domain": "sandbox",
        "channel_id": conversation.id,
        "channel_name": shown_name(conversation),
        "user_id": member.id,
        "user_name": member.name,
        "command": name,
        "text": linked(workspace, text),
        "api_app_id": workspace.app.id,
        "is_enterprise_install": "false",
        "response_url": f"{workspace.url}/answers/{url}",
        "trigger_id": workspace.triggers.issue(member.id),
    }
