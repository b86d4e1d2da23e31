"""Messages of the app: what is refused of them, and how they are handed back to it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from relance_sandbox.slack.blocks import check
from relance_sandbox.slack.conversations import Conversation, Message
from relance_sandbox.slack.people import Json
from relance_sandbox.slack.refusal import Refusal
from relance_sandbox.slack.workspace import Workspace, readers

LONGEST_TEXT = 40_000
LONGEST_MARKDOWN = 12_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """A message's text, blocks and files once checked; `blocks=None` means text alone."""

    text: str
    blocks: list[Json] | None = None
    metadata: Json | None = None
    files: list[Json] = field(default_factory=list)


def content_of(given: Mapping[str, Any]) -> Content:
    """What the app wants to say, or the Refusal that Slack would give.

    Stricter than Slack: blocks without a top-level text are refused, and so are attachments.
    """
    if given.get("attachments"):
        raise Refusal("invalid_attachments", "[ERROR] use blocks instead of attachments")
    if markdown := given.get("markdown_text"):
        return markdown_content(given, markdown)
    text = given.get("text")
    if not isinstance(text, str) or not text.strip():
        raise Refusal("no_text", "[ERROR] a top-level text is needed, with blocks too")
    if len(text) > LONGEST_TEXT:
        raise Refusal("msg_too_long")
    blocks = given.get("blocks")
    return Content(
        text=text,
        blocks=check.message_blocks(blocks) if blocks else None,
        metadata=metadata_of(given.get("metadata")),
    )


def markdown_content(given: Mapping[str, Any], markdown: str) -> Content:
    if given.get("text") or given.get("blocks"):
        raise Refusal("markdown_text_conflict")
    if len(markdown) > LONGEST_MARKDOWN:
        raise Refusal("msg_too_long")
    blocks = check.message_blocks([{"type": "markdown", "text": markdown}])
    return Content(text=markdown, blocks=blocks, metadata=metadata_of(given.get("metadata")))


def metadata_of(given: Any) -> Json | None:
    if given is None:
        return None
    if (
        not isinstance(given, dict)
        or not isinstance(given.get("event_type"), str)
        or not isinstance(given.get("event_payload"), dict)
    ):
        raise Refusal("invalid_metadata_format")
    return given


def said_by_app(
    workspace: Workspace,
    content: Content,
    *,
    thread_ts: str | None = None,
    only_for: str | None = None,
    broadcast: bool = False,
) -> Message:
    return Message(
        ts=workspace.next_ts(),
        author=workspace.app.bot_user_id,
        text=content.text,
        from_app=True,
        blocks=content.blocks,
        metadata=content.metadata,
        files=content.files,
        thread_ts=thread_ts,
        only_for=only_for,
        broadcast=broadcast,
    )


def parent_of(conversation: Conversation, thread_ts: Any) -> str | None:
    """The ts of an existing top-level message, or Refusal: a reply is no parent."""
    if not thread_ts:
        return None
    try:
        parent = conversation.message(thread_ts)
    except Refusal:
        raise Refusal("thread_not_found", f"no message {thread_ts} to reply to") from None
    if parent.is_reply or parent.only_for:
        raise Refusal("cannot_reply_to_message", "use the parent's ts, not a reply's")
    return parent.ts


def replace(
    workspace: Workspace, conversation: Conversation, message: Message, content: Content
) -> None:
    message.text, message.blocks = content.text, content.blocks
    message.metadata = content.metadata or message.metadata
    message.edited_ts = workspace.next_ts()
    what = " ".join(content.text.split())[:140]
    workspace.note("edit", message.author, what, "", readers(conversation, message))


def message_json(workspace: Workspace, conversation: Conversation, message: Message) -> Json:
    """A message as conversations.history and interaction payloads hold it."""
    answer: Json = {
        "type": "message",
        "user": message.author,
        "text": message.text,
        "ts": message.ts,
        "team": workspace.team_id,
    }
    if message.from_app:
        answer |= {"bot_id": workspace.app.bot_id, "app_id": workspace.app.id}
    if message.blocks is not None:
        answer["blocks"] = message.blocks
    if message.deleted:
        answer["subtype"] = "tombstone"
    if message.files:
        answer["files"] = message.files
    if message.edited_ts:
        answer["edited"] = {"user": message.author, "ts": message.edited_ts}
    if message.metadata:
        answer["metadata"] = message.metadata
    if message.thread_ts:
        answer["thread_ts"] = message.thread_ts
    return answer | thread_json(conversation, message)


def thread_json(conversation: Conversation, message: Message) -> Json:
    replies = conversation.replies(message.ts)
    if not replies:
        return {}
    return {
        "thread_ts": message.ts,
        "reply_count": len(replies),
        "reply_users": list(dict.fromkeys(reply.author for reply in replies)),
        "latest_reply": replies[-1].ts,
    }
