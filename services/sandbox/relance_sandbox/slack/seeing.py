"""A member's eyes: the conversations, modals and Home that one person has on screen."""

from relance_sandbox.slack.conversations import Conversation, Message
from relance_sandbox.slack.messages import message_json
from relance_sandbox.slack.people import Json
from relance_sandbox.slack.refusal import Refusal
from relance_sandbox.slack.surfaces import Surface, of_message, of_view
from relance_sandbox.slack.views import View, view_json
from relance_sandbox.slack.workspace import Workspace


class Seeing:
    """What one member sees; a place that is not theirs is a Refusal."""

    def __init__(self, workspace: Workspace, member_id: str) -> None:
        self.workspace = workspace
        self.member = workspace.member(member_id)

    def direct(self) -> str:
        """The id of the member's direct message with the app."""
        return self.workspace.direct(self.member.id, self.workspace.app.bot_user_id).id

    def messages(self, channel: str | None = None, thread_ts: str | None = None) -> list[Json]:
        """The messages the member sees (the app's direct message by default), oldest first."""
        conversation = self.conversation(channel)
        found = (
            conversation.thread(thread_ts, self.member.id)
            if thread_ts
            else conversation.top_level(self.member.id)
        )
        return [self.seen(conversation, message) for message in found]

    def ephemerals(self, channel: str | None = None) -> list[Json]:
        """Those "only visible to you", in one conversation or in all."""
        held = [self.conversation(channel)] if channel else self.conversations()
        return [
            self.seen(conversation, message)
            for conversation in held
            for message in conversation.messages
            if message.only_for == self.member.id
        ]

    def conversations(self) -> list[Conversation]:
        """Channels the member may read and their direct messages."""
        return [
            held
            for held in self.workspace.conversations.values()
            if self.member.id in held.members or (held.kind == "channel" and not held.is_private)
        ]

    def home(self) -> Json | None:
        """The app's Home tab as published for the member."""
        return self.shown(self.workspace.views.homes.get(self.member.id))

    def modal(self) -> Json | None:
        """The modal on top; its `errors` are those shown at the fields."""
        return self.shown(self.workspace.views.top(self.member.id))

    def modals(self) -> list[Json]:
        """The whole stack, the lowest first."""
        stack = self.workspace.views.modals.get(self.member.id, [])
        return [view for held in stack if (view := self.shown(held))]

    def conversation(self, channel: str | None) -> Conversation:
        return self.workspace.conversation(channel or self.direct(), self.member.id)

    def joined(self, channel: str) -> Conversation:
        conversation = self.conversation(channel)
        if self.member.id not in conversation.members:
            raise Refusal("not_in_channel", "join the channel before writing in it")
        return conversation

    def visible(self, conversation: Conversation, ts: str) -> Message:
        message = conversation.message(ts)
        if message.only_for not in (None, self.member.id):
            raise Refusal("message_not_found")
        return message

    def seen(self, conversation: Conversation, message: Message) -> Json:
        told = message_json(self.workspace, conversation, message)
        return told | {"channel": conversation.id, "is_ephemeral": message.only_for is not None}

    def view_json(self, view: View) -> Json:
        return view_json(view, self.workspace.app, self.workspace.team_id)

    def shown(self, view: View | None) -> Json | None:
        return self.view_json(view) | {"errors": dict(view.errors)} if view else None

    def own_view(self, view_id: str | None) -> View:
        view = (
            self.workspace.views.by_id(view_id)
            if view_id
            else self.workspace.views.top(self.member.id)
        )
        if view is None or view.member != self.member.id:
            raise Refusal("not_found", "no such modal is open")
        return view

    def surface(self, channel: str | None, ts: str | None, view_id: str | None) -> Surface:
        if channel and ts:
            conversation = self.conversation(channel)
            message = self.visible(conversation, ts)
            return of_message(self.workspace, conversation, message, self.member.id)
        return of_view(self.workspace, self.own_view(view_id))
