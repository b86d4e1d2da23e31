"""Modals, three deep and one stack a person, and App Home tabs."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from relance_sandbox.slack.blocks import check
from relance_sandbox.slack.blocks.inputs import State, carried_over, first_state
from relance_sandbox.slack.people import App, Json
from relance_sandbox.slack.refusal import Refusal

DEEPEST = 3


@dataclass(slots=True, kw_only=True)
class View:
    """A view as one member has it; `body` is what the app gave, `errors` is block_id -> text."""

    id: str
    member: str
    body: Json
    hash: str
    state: State
    root_id: str
    previous_id: str | None = None
    errors: dict[str, str] = field(default_factory=dict)

    @property
    def blocks(self) -> list[Json]:
        blocks: list[Json] = self.body["blocks"]
        return blocks


@dataclass(slots=True)
class Views:
    """Every open modal and published Home; `new_id` gives identifiers by prefix."""

    new_id: Callable[[str], str]
    modals: dict[str, list[View]] = field(default_factory=dict)
    homes: dict[str, View] = field(default_factory=dict)

    def open(self, member: str, given: Any) -> View:
        body = self.checked(given, "modal")
        self.modals[member] = []
        return self.on_top(member, body)

    def push(self, member: str, given: Any) -> View:
        stack = self.modals.get(member, [])
        if not stack:
            raise Refusal("no_view_to_push_on", "views.push needs an open modal")
        if len(stack) >= DEEPEST:
            raise Refusal("push_limit_reached")
        return self.on_top(member, self.checked(given, "modal"))

    def update(self, view: View, given: Any, seen_hash: str | None = None) -> View:
        """Replace a view's body; what was typed stays in the fields that keep their ids."""
        body = self.checked(given, view.body["type"], view)
        if seen_hash not in (None, view.hash):
            raise Refusal("hash_conflict")
        view.body, view.hash, view.errors = body, self.new_id("h"), {}
        view.state = carried_over(view.blocks, view.state)
        return view

    def publish(self, member: str, given: Any, seen_hash: str | None = None) -> View:
        held = self.homes.get(member)
        if held is not None:
            return self.update(held, given, seen_hash)
        self.homes[member] = self.made(member, self.checked(given, "home"), None)
        return self.homes[member]

    def on_top(self, member: str, body: Json) -> View:
        stack = self.modals[member]
        stack.append(self.made(member, body, stack[-1] if stack else None))
        return stack[-1]

    def made(self, member: str, body: Json, below: View | None) -> View:
        view_id = self.new_id("V")
        return View(
            id=view_id,
            member=member,
            body=body,
            hash=self.new_id("h"),
            state=first_state(body["blocks"]),
            root_id=below.root_id if below else view_id,
            previous_id=below.id if below else None,
        )

    def checked(self, given: Any, kind: str, same: View | None = None) -> Json:
        body = check.view(given, kind)
        external_id = body.get("external_id")
        if external_id and self.by_external_id(external_id) not in (None, same):
            raise Refusal("duplicate_external_id")
        return body

    def every(self) -> list[View]:
        return [*self.homes.values(), *(v for stack in self.modals.values() for v in stack)]

    def by_id(self, view_id: str) -> View:
        for view in self.every():
            if view.id == view_id:
                return view
        raise Refusal("not_found")

    def by_external_id(self, external_id: str) -> View | None:
        return next((v for v in self.every() if v.body.get("external_id") == external_id), None)

    def close(self, view: View) -> None:
        """Take a modal and those above it away."""
        stack = self.modals.get(view.member, [])
        if view in stack:
            del stack[stack.index(view) :]

    def top(self, member: str) -> View | None:
        stack = self.modals.get(member)
        return stack[-1] if stack else None


def view_json(view: View, app: App, team_id: str) -> Json:
    """A view as Slack hands it to the app."""
    answer: Json = {
        "id": view.id,
        "team_id": team_id,
        "private_metadata": "",
        "callback_id": "",
        "external_id": "",
        "title": None,
        "submit": None,
        "close": None,
        "clear_on_close": False,
        "notify_on_close": False,
        **view.body,
        "state": {"values": view.state},
        "hash": view.hash,
        "root_view_id": view.root_id,
        "previous_view_id": view.previous_id,
        "app_id": app.id,
        "app_installed_team_id": team_id,
        "bot_id": app.bot_id,
    }
    return answer
