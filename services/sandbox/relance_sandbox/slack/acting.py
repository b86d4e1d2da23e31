"""A member at work: what the page's buttons and the tests' lines do alike."""

import html
import re
from typing import Any

from relance_sandbox.slack.blocks.inputs import element_at, mistakes
from relance_sandbox.slack.conversations import Conversation, Message
from relance_sandbox.slack.deliveries import (
    announce,
    ask,
    follow_submission,
    interaction,
    options_of,
)
from relance_sandbox.slack.messages import content_of, message_json, parent_of, said_by_app
from relance_sandbox.slack.outcomes import Acknowledged, Outcome, Refused
from relance_sandbox.slack.people import Json
from relance_sandbox.slack.refusal import Refusal
from relance_sandbox.slack.surfaces import (
    Surface,
    Typed,
    filled,
    of_message,
    of_view,
    pressed,
    shown_name,
)
from relance_sandbox.slack.views import View, view_json
from relance_sandbox.slack.workspace import Workspace


class Acting:
    """Everything a member can do; each deed waits for the app and returns an Outcome."""

    def __init__(self, workspace: Workspace, member_id: str) -> None:
        self.workspace = workspace
        self.member = workspace.member(member_id)

    # What the member sees

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

    # What the member does

    async def press(
        self,
        channel: str,
        ts: str,
        action_id: str,
        block_id: str | None = None,
        value: Any = None,
        *,
        typed: Typed | None = None,
        seen: list[Json] | None = None,
    ) -> Outcome:
        """Use an element of a message; `seen` are its blocks when an older version is on screen."""
        try:
            conversation = self.conversation(channel)
            surface = of_message(
                self.workspace, conversation, self.visible(conversation, ts), self.member.id, seen
            )
            return await self.use(surface, action_id, block_id, value, typed)
        except Refusal as refusal:
            return refused(refusal)

    async def press_modal(
        self,
        action_id: str,
        block_id: str | None = None,
        value: Any = None,
        *,
        typed: Typed | None = None,
        view_id: str | None = None,
    ) -> Outcome:
        """Use an element of the modal on top (or of the one named)."""
        try:
            surface = of_view(self.workspace, self.own_view(view_id))
            return await self.use(surface, action_id, block_id, value, typed)
        except Refusal as refusal:
            return refused(refusal)

    async def press_home(
        self,
        action_id: str,
        block_id: str | None = None,
        value: Any = None,
        *,
        typed: Typed | None = None,
    ) -> Outcome:
        """Use an element of the Home tab."""
        home = self.workspace.views.homes.get(self.member.id)
        if home is None:
            return Refused(code="not_found", message="the Home tab is empty: open it first")
        return await self.press_modal(action_id, block_id, value, typed=typed, view_id=home.id)

    async def submit(self, view_id: str | None = None, values: Typed | None = None) -> Outcome:
        """Submit a modal; inputs left out of `values` are sent with what they hold already."""
        try:
            view = self.own_view(view_id)
            surface = of_view(self.workspace, view)
            state = filled(surface, values or {})
        except Refusal as refusal:
            return refused(refusal)
        if wrong := mistakes(view.blocks, state):
            return Refused(code="invalid_input", message="some fields are wrong", fields=wrong)
        payload = interaction(self.workspace, self.member.id, "view_submission")
        payload |= {"view": surface.context["view"], "response_urls": []}
        title = view.body["title"]["text"]
        view.errors = {}
        outcome = await self.deliver("interactive", payload, title, "submit")
        if isinstance(outcome, Acknowledged):
            return follow_submission(self.workspace, view, outcome.payload) or outcome
        return outcome

    async def close(self, view_id: str | None = None, *, everything: bool = False) -> Outcome:
        """Cancel a modal, or with `everything` the whole stack (the cross)."""
        try:
            view = self.own_view(view_id)
        except Refusal as refusal:
            return refused(refusal)
        stack = self.workspace.views.modals[self.member.id]
        everything = everything or bool(view.body.get("clear_on_close"))
        gone = stack[:] if everything else stack[stack.index(view) :]
        self.workspace.views.close(gone[0])
        self.workspace.changed()
        outcome: Outcome = Acknowledged()
        for closed in reversed(gone):
            if closed.body.get("notify_on_close"):
                payload = interaction(self.workspace, self.member.id, "view_closed")
                payload |= {"view": self.view_json(closed), "is_cleared": everything}
                outcome = await self.deliver(
                    "interactive", payload, closed.body["title"]["text"], "close"
                )
        return outcome

    async def open_home(self) -> Outcome:
        """Open the app's Home tab."""
        home = self.home()
        event = {
            "type": "app_home_opened",
            "user": self.member.id,
            "channel": self.direct(),
            "tab": "home",
            "event_ts": self.workspace.next_ts(),
        }
        return await self.announce(event | ({"view": home} if home else {}))

    async def command(
        self, name: str, text: str = "", channel: str | None = None, thread_ts: str | None = None
    ) -> Outcome:
        """Type a slash command (in the app's direct message by default)."""
        workspace = self.workspace
        if name not in {command.name for command in workspace.app.commands}:
            return Refused(code="unknown_command", message=f"{name} is not a valid command")
        if thread_ts:
            return Refused(code="not_in_threads", message=f"{name} is not supported in threads")
        try:
            conversation = self.conversation(channel)
        except Refusal as refusal:
            return refused(refusal)
        url = workspace.response_urls.issue(conversation.id, self.member.id)
        payload = {
            "token": "sandbox",
            "team_id": workspace.team_id,
            "team_domain": "sandbox",
            "channel_id": conversation.id,
            "channel_name": shown_name(conversation),
            "user_id": self.member.id,
            "user_name": self.member.name,
            "command": name,
            "text": linked(workspace, text),
            "api_app_id": workspace.app.id,
            "is_enterprise_install": "false",
            "response_url": f"{workspace.url}/answers/{url}",
            "trigger_id": workspace.triggers.issue(self.member.id),
        }
        outcome = await self.deliver("slash_commands", payload, f"{name} {text}".strip(), "command")
        if isinstance(outcome, Acknowledged) and outcome.payload:
            return self.show_answer(conversation, outcome)
        return outcome

    async def say(self, channel: str, text: str, thread_ts: str | None = None) -> Outcome:
        """Write a message; `@name` and `#channel` become links as Slack's composer makes them."""
        workspace = self.workspace
        try:
            conversation = self.joined(channel)
            parent = parent_of(conversation, thread_ts)
        except Refusal as refusal:
            return refused(refusal)
        message = Message(
            ts=workspace.next_ts(),
            author=self.member.id,
            text=linked(workspace, text),
            thread_ts=parent,
        )
        workspace.post(conversation, message)
        outcome: Outcome = Acknowledged()
        for event in events_of(workspace, conversation, message):
            outcome = await self.announce(event)
        return outcome

    async def suggest(
        self,
        typed: str,
        action_id: str,
        block_id: str | None = None,
        *,
        channel: str | None = None,
        ts: str | None = None,
        view_id: str | None = None,
    ) -> list[Json] | Outcome:
        """Type into an external select (of the modal on top by default): the options offered."""
        try:
            surface = self.surface(channel, ts, view_id)
            element = element_at(surface.blocks, block_id, action_id)
            block = next(b for b in surface.blocks if element in held_by(b))
        except Refusal as refusal:
            return refused(refusal)
        payload = interaction(self.workspace, self.member.id, "block_suggestion")
        payload |= surface.context | {
            "action_id": action_id,
            "block_id": block["block_id"],
            "value": typed,
        }
        outcome = await self.deliver("interactive", payload, typed, "")
        if not isinstance(outcome, Acknowledged):
            return outcome
        try:
            options = options_of(outcome.payload)
        except Refusal as refusal:
            self.workspace.fail(
                "bad_answer", self.member.id, "block_suggestion", "; ".join(refusal.messages)
            )
            return refused(refusal)
        surface.suggested.setdefault(action_id, []).extend(options)
        return options

    # Within

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

    async def use(
        self,
        surface: Surface,
        action_id: str,
        block_id: str | None,
        value: Any,
        typed: Typed | None,
    ) -> Outcome:
        workspace = self.workspace
        state = filled(surface, typed or {})
        element = element_at(surface.blocks, block_id, action_id)
        action = pressed(surface, state, action_id, block_id, value, workspace.next_ts())
        payload = interaction(workspace, self.member.id, "block_actions")
        payload |= surface.context | {"actions": [action]}
        if surface.view is None:
            payload["state"] = {"values": state}
        label = element.get("text", {}).get("text") or value or action_id
        return await self.deliver("interactive", payload, str(label), "press")

    async def deliver(self, kind: str, payload: Json, what: str, deed: str) -> Outcome:
        """Send an interaction; `deed` is its kind in the activity strip, none when empty."""
        if deed:
            self.workspace.note(deed, self.member.id, what)
        return await ask(self.workspace, self.member.id, kind, payload, what)

    async def announce(self, event: Json) -> Outcome:
        return await announce(self.workspace, self.member.id, event)

    def show_answer(self, conversation: Conversation, outcome: Acknowledged) -> Outcome:
        """Show what a command's acknowledgement says: privately unless it says in_channel."""
        answer = outcome.payload or {}
        try:
            content = content_of(answer)
        except Refusal as refusal:
            self.workspace.fail(
                "bad_answer", self.member.id, refusal.code, "; ".join(refusal.messages)
            )
            return refused(refusal)
        only_for = None if answer.get("response_type") == "in_channel" else self.member.id
        message = said_by_app(self.workspace, content, only_for=only_for)
        self.workspace.post(conversation, message, "ephemeral" if only_for else "message")
        return outcome


def held_by(block: Json) -> list[Any]:
    return [block.get("accessory"), block.get("element"), *block.get("elements", [])]


def refused(refusal: Refusal) -> Refused:
    return Refused(code=refusal.code, message="; ".join(refusal.messages))


def linked(workspace: Workspace, typed: str) -> str:
    """Typed text as Slack stores it: special characters escaped, known names made links."""
    text = html.escape(typed, quote=False)
    members = {member.name: member.id for member in workspace.members.values()}
    channels = {c.name: c.id for c in workspace.conversations.values() if c.kind == "channel"}

    def name(match: re.Match[str]) -> str:
        known = members if match["mark"] == "@" else channels
        held = known.get(match["name"])
        return f"<{match['mark']}{held}>" if held else match[0]

    return re.sub(r"(?P<mark>[@#])(?P<name>[\w.-]*\w)", name, text)


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
    kind = {"im": "im", "mpim": "mpim"}.get(
        conversation.kind, "group" if conversation.is_private else "channel"
    )
    found = []
    if f"message.{kind}s".replace("ims", "im") in app.events:
        found.append(event | {"type": "message", "channel_type": kind})
    if kind != "im" and f"<@{app.bot_user_id}>" in message.text and "app_mention" in app.events:
        found.append(event | {"type": "app_mention"})
    return found
