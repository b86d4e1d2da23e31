"""chat.*: what the app says, changes and takes back."""

from relance_sandbox.slack.arguments import Arguments
from relance_sandbox.slack.conversations import Conversation, Message
from relance_sandbox.slack.messages import (
    Content,
    content_of,
    message_json,
    parent_of,
    replace,
    said_by_app,
)
from relance_sandbox.slack.methods.method import Method
from relance_sandbox.slack.people import Json
from relance_sandbox.slack.refusal import Refusal
from relance_sandbox.slack.workspace import Workspace


def post_message(workspace: Workspace, arguments: Arguments) -> Json:
    conversation = addressed(workspace, arguments.need("channel"))
    content = content_of(arguments.given)
    thread_ts = parent_of(conversation, arguments.get("thread_ts"))
    broadcast = arguments.flag("reply_broadcast")
    message = said_by_app(workspace, content, thread_ts=thread_ts, broadcast=broadcast)
    workspace.post(conversation, message)
    return {
        "channel": conversation.id,
        "ts": message.ts,
        "message": message_json(workspace, conversation, message),
    }


def post_ephemeral(workspace: Workspace, arguments: Arguments) -> Json:
    conversation = addressed(workspace, arguments.need("channel"))
    member = workspace.member(arguments.need("user"))
    if member.id not in conversation.members:
        raise Refusal("user_not_in_channel")
    content = content_of(arguments.given)
    thread_ts = parent_of(conversation, arguments.get("thread_ts"))
    message = said_by_app(workspace, content, thread_ts=thread_ts, only_for=member.id)
    workspace.post(conversation, message, "ephemeral")
    return {"message_ts": message.ts}


def update(workspace: Workspace, arguments: Arguments) -> Json:
    conversation = joined(workspace, arguments.need("channel"))
    message = own_message(workspace, conversation, arguments.need("ts"), "cant_update_message")
    replace(workspace, conversation, message, updated_content(message, arguments))
    return {
        "channel": conversation.id,
        "ts": message.ts,
        "text": message.text,
        "message": message_json(workspace, conversation, message),
    }


def updated_content(message: Message, arguments: Arguments) -> Content:
    """Text alone takes the blocks away; neither keeps both, so metadata may change alone."""
    if arguments.get("text") is None and arguments.get("blocks") is None:
        if arguments.get("metadata") is None:
            raise Refusal("no_text")
        kept = {"text": message.text, "metadata": arguments.get("metadata")}
        return content_of(kept | ({"blocks": message.blocks} if message.blocks else {}))
    return content_of(arguments.given)


def delete(workspace: Workspace, arguments: Arguments) -> Json:
    conversation = joined(workspace, arguments.need("channel"))
    message = own_message(workspace, conversation, arguments.need("ts"), "cant_delete_message")
    conversation.remove(message)
    workspace.note("delete", message.author, "")
    return {"channel": conversation.id, "ts": message.ts}


def get_permalink(workspace: Workspace, arguments: Arguments) -> Json:
    conversation = joined(workspace, arguments.need("channel"))
    message = conversation.message(arguments.need("message_ts"))
    path = f"{conversation.id}/p{message.ts.replace('.', '')}"
    return {
        "channel": conversation.id,
        "permalink": f"{workspace.url}/archives/{path}",
    }


def own_message(workspace: Workspace, conversation: Conversation, ts: str, code: str) -> Message:
    message = conversation.message(ts)
    if message.only_for:
        raise Refusal("message_not_found", "an ephemeral message changes by its response_url only")
    if message.author != workspace.app.bot_user_id:
        raise Refusal(code)
    return message


def addressed(workspace: Workspace, channel: str) -> Conversation:
    """A conversation by its id, a person's id (their direct message) or `#name`."""
    if channel in workspace.members:
        return workspace.direct(workspace.app.bot_user_id, channel)
    by_name = {f"#{c.name}": c.id for c in workspace.conversations.values()}
    return joined(workspace, by_name.get(channel, channel))


def joined(workspace: Workspace, channel: str) -> Conversation:
    conversation = workspace.conversation(channel, workspace.app.bot_user_id)
    if workspace.app.bot_user_id not in conversation.members:
        raise Refusal("not_in_channel")
    return conversation


METHODS = {
    "chat.postMessage": Method(post_message, ("chat:write",), 4),
    "chat.postEphemeral": Method(post_ephemeral, ("chat:write",), 4),
    "chat.update": Method(update, ("chat:write",), 3),
    "chat.delete": Method(delete, ("chat:write",), 3),
    "chat.getPermalink": Method(get_permalink, (), 4),
}
