"""A member at work: what the page's buttons and the tests' lines do alike."""

from typing import Any

from relance_sandbox.slack.blocks.inputs import block_of, element_at, mistakes
from relance_sandbox.slack.conversations import Conversation, Message
from relance_sandbox.slack.deliveries import (
    announce,
    ask,
    follow_submission,
    interaction,
    options_of,
)
from relance_sandbox.slack.messages import content_of, parent_of, said_by_app
from relance_sandbox.slack.outcomes import Acknowledged, Outcome, Refused
from relance_sandbox.slack.people import Json
from relance_sandbox.slack.refusal import Refusal
from relance_sandbox.slack.seeing import Seeing
from relance_sandbox.slack.speech import events_of, linked, slash_command
from relance_sandbox.slack.surfaces import (
    Surface,
    Typed,
    filled,
    of_message,
    of_view,
    pressed,
)


class Acting(Seeing):
    """Everything a member can do; each deed waits for the app and returns an Outcome."""

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
        if "app_home_opened" not in self.workspace.app.events:
            return Acknowledged()
        home = self.workspace.views.homes.get(self.member.id)
        event = {
            "type": "app_home_opened",
            "user": self.member.id,
            "channel": self.direct(),
            "tab": "home",
            "event_ts": self.workspace.next_ts(),
        }
        return await self.announce(event | ({"view": self.view_json(home)} if home else {}))

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
        payload = slash_command(workspace, self.member.id, conversation, name, text)
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
            block = block_of(surface.blocks, element)
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


def refused(refusal: Refusal) -> Refused:
    return Refused(code=refusal.code, message="; ".join(refusal.messages))
