"""Channels, direct messages and what is said in them."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Literal

from relance_sandbox.slack.people import Channel, Json
from relance_sandbox.slack.refusal import Refusal

Kind = Literal["channel", "im", "mpim"]


@dataclass(slots=True, kw_only=True)
class Message:
    """A message as it stands; `only_for` makes it ephemeral, `author` is a member's id."""

    ts: str
    author: str
    text: str
    from_app: bool = False
    blocks: list[Json] | None = None
    thread_ts: str | None = None
    broadcast: bool = False
    edited_ts: str | None = None
    only_for: str | None = None
    deleted: bool = False
    files: list[Json] = field(default_factory=list)
    metadata: Json | None = None

    @property
    def is_reply(self) -> bool:
        return self.thread_ts is not None and self.thread_ts != self.ts


@dataclass(slots=True, kw_only=True)
class Conversation:
    """A channel or a direct message; `read` is the last ts each member has seen."""

    id: str
    kind: Kind
    name: str
    members: list[str]
    is_private: bool = False
    purpose: str = ""
    messages: list[Message] = field(default_factory=list)
    read: dict[str, str] = field(default_factory=dict)

    def message(self, ts: str) -> Message:
        for message in self.messages:
            if message.ts == ts and not message.deleted:
                return message
        raise Refusal("message_not_found")

    def top_level(self, viewer: str) -> list[Message]:
        return [m for m in self.seen_by(viewer) if not m.is_reply or m.broadcast]

    def thread(self, ts: str, viewer: str) -> list[Message]:
        """The parent and its replies, oldest first; Refusal(thread_not_found)."""
        found = [m for m in self.seen_by(viewer) if ts in (m.ts, m.thread_ts)]
        if not any(m.ts == ts for m in found):
            raise Refusal("thread_not_found")
        return found

    def seen_by(self, viewer: str) -> Iterable[Message]:
        return (m for m in self.messages if m.only_for in (None, viewer))

    def replies(self, ts: str) -> list[Message]:
        return [m for m in self.messages if m.thread_ts == ts and m.is_reply and not m.only_for]

    def unread(self, viewer: str) -> int:
        since = self.read.get(viewer, "")
        return sum(m.ts > since and m.author != viewer for m in self.seen_by(viewer))

    def remove(self, message: Message) -> None:
        """Gone, or, where replies hang on it, an empty place that keeps its thread."""
        if self.replies(message.ts):
            message.deleted, message.text, message.blocks = True, "", None
        else:
            self.messages.remove(message)


def conversation_of(channel: Channel, app_user: str) -> Conversation:
    return Conversation(
        id=channel.id,
        kind="channel",
        name=channel.name,
        members=[*channel.members, *([app_user] if channel.with_app else [])],
        is_private=channel.is_private,
        purpose=channel.purpose,
    )


@dataclass(slots=True)
class Stamps:
    """Message ids: the clock's time, always later than the last one given."""

    last: int = 0

    def next(self, now: datetime) -> str:
        micros = int(now.astimezone(UTC).timestamp() * 1_000_000)
        self.last = max(micros, self.last + 1)
        return f"{self.last // 1_000_000}.{self.last % 1_000_000:06d}"


def instant_of(ts: str) -> datetime:
    return datetime.fromtimestamp(float(ts), UTC)


def conversation_json(conversation: Conversation, app_user: str) -> Json:
    """A conversation as conversations.* gives it to the app."""
    if conversation.kind == "im":
        other = next(m for m in conversation.members if m != app_user)
        return {"id": conversation.id, "is_im": True, "user": other, "is_archived": False}
    return {
        "id": conversation.id,
        "name": conversation.name,
        "is_channel": conversation.kind == "channel" and not conversation.is_private,
        "is_group": conversation.is_private,
        "is_mpim": conversation.kind == "mpim",
        "is_im": False,
        "is_private": conversation.is_private,
        "is_archived": False,
        "is_member": app_user in conversation.members,
        "num_members": len(conversation.members),
        "purpose": {"value": conversation.purpose, "creator": "", "last_set": 0},
        "topic": {"value": "", "creator": "", "last_set": 0},
    }
