"""conversations.*: what the app may see of channels and direct messages."""

from relance_sandbox.slack.arguments import Arguments, page_of
from relance_sandbox.slack.conversations import Conversation, Message, conversation_json
from relance_sandbox.slack.messages import message_json
from relance_sandbox.slack.methods.chat import joined
from relance_sandbox.slack.methods.method import Method
from relance_sandbox.slack.people import Json
from relance_sandbox.slack.refusal import Refusal
from relance_sandbox.slack.workspace import Workspace

SCOPES = ("channels", "groups", "im", "mpim")
READ = tuple(f"{kind}:read" for kind in SCOPES)
HISTORY = tuple(f"{kind}:history" for kind in SCOPES)
TYPES = {"public_channel", "private_channel", "im", "mpim"}


def open_direct(workspace: Workspace, arguments: Arguments) -> Json:
    """The direct message with `users`, opened when there was none."""
    app_user = workspace.app.bot_user_id
    if arguments.get("channel"):
        conversation = workspace.conversation(arguments.need("channel"), app_user)
    else:
        conversation = workspace.direct(app_user, *reachable(workspace, arguments.names("users")))
    full = conversation_json(conversation, app_user)
    return {"channel": full if arguments.flag("return_im") else {"id": conversation.id}}


def reachable(workspace: Workspace, users: list[str]) -> list[str]:
    if not users:
        raise Refusal("users_list_not_supplied")
    if len(users) > 8:
        raise Refusal("too_many_users")
    for user in users:
        member = workspace.member(user)
        if member.deleted:
            raise Refusal("user_disabled")
        if member.is_bot:
            raise Refusal("cannot_dm_bot")
    return users


def kind_of(conversation: Conversation) -> str:
    if conversation.kind != "channel":
        return conversation.kind
    return "private_channel" if conversation.is_private else "public_channel"


def list_conversations(workspace: Workspace, arguments: Arguments) -> Json:
    wanted = set(arguments.names("types") or ["public_channel"])
    if not wanted <= TYPES:
        raise Refusal("invalid_types")
    app_user = workspace.app.bot_user_id
    found = [
        conversation_json(held, app_user)
        for held in workspace.conversations.values()
        if kind_of(held) in wanted and (not held.is_private or app_user in held.members)
    ]
    page, cursor = page_of(found, arguments)
    return {"channels": page, "response_metadata": {"next_cursor": cursor}}


def info(workspace: Workspace, arguments: Arguments) -> Json:
    app_user = workspace.app.bot_user_id
    conversation = workspace.conversation(arguments.need("channel"), app_user)
    return {"channel": conversation_json(conversation, app_user)}


def history(workspace: Workspace, arguments: Arguments) -> Json:
    conversation = joined(workspace, arguments.need("channel"))
    public = [m for m in conversation.messages if m.only_for is None]
    newest_first = [m for m in reversed(public) if not m.is_reply or m.broadcast]
    return messages_page(workspace, arguments, conversation, newest_first)


def replies(workspace: Workspace, arguments: Arguments) -> Json:
    conversation = joined(workspace, arguments.need("channel"))
    thread = conversation.thread(arguments.need("ts"), viewer=workspace.app.bot_user_id)
    return messages_page(workspace, arguments, conversation, thread)


def messages_page(
    workspace: Workspace, arguments: Arguments, conversation: Conversation, found: list[Message]
) -> Json:
    page, cursor = page_of([m for m in found if within(m.ts, arguments)], arguments)
    return {
        "messages": [message_json(workspace, conversation, message) for message in page],
        "has_more": bool(cursor),
        "response_metadata": {"next_cursor": cursor},
    }


def within(ts: str, arguments: Arguments) -> bool:
    oldest = float(arguments.get("oldest") or 0)
    latest = float(arguments.get("latest") or "inf")
    if arguments.flag("inclusive"):
        return oldest <= float(ts) <= latest
    return oldest < float(ts) < latest


def members(workspace: Workspace, arguments: Arguments) -> Json:
    conversation = workspace.conversation(arguments.need("channel"), workspace.app.bot_user_id)
    page, cursor = page_of(conversation.members, arguments)
    return {"members": page, "response_metadata": {"next_cursor": cursor}}


def join(workspace: Workspace, arguments: Arguments) -> Json:
    conversation = workspace.conversation(arguments.need("channel"), workspace.app.bot_user_id)
    if conversation.kind != "channel" or conversation.is_private:
        raise Refusal("method_not_supported_for_channel_type")
    if workspace.app.bot_user_id not in conversation.members:
        conversation.members.append(workspace.app.bot_user_id)
        workspace.note("join", workspace.app.bot_user_id, "", f"#{conversation.name}")
    return {"channel": conversation_json(conversation, workspace.app.bot_user_id)}


METHODS = {
    "conversations.open": Method(open_direct, ("im:write", "mpim:write"), 3),
    "conversations.list": Method(list_conversations, READ, 2),
    "conversations.info": Method(info, READ, 3),
    "conversations.history": Method(history, HISTORY, 3),
    "conversations.replies": Method(replies, HISTORY, 3),
    "conversations.members": Method(members, READ, 4),
    "conversations.join": Method(join, ("channels:join",), 3),
}
