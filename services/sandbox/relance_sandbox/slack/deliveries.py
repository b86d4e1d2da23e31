"""Payloads on their way to the app, and what is made of its answers."""

import asyncio
from collections.abc import Callable
from time import monotonic

from relance_sandbox.slack.blocks.elements import GROUP, OPTION
from relance_sandbox.slack.blocks.rules import listed
from relance_sandbox.slack.outcomes import Acknowledged, Failure, Late, Outcome, Refused
from relance_sandbox.slack.people import Json
from relance_sandbox.slack.refusal import Refusal
from relance_sandbox.slack.sockets import Envelope
from relance_sandbox.slack.views import View
from relance_sandbox.slack.workspace import Workspace


async def ask(
    workspace: Workspace, member: str, kind: str, payload: Json, what: str, *, attempt: int = 0
) -> Outcome:
    """Deliver a payload and wait for the acknowledgement; every failure is recorded."""
    answerable = kind != "events_api"
    sent = monotonic()
    try:
        envelope = await workspace.sockets.send(
            kind, payload, answerable=answerable, attempt=attempt
        )
    except Refusal as refusal:
        workspace.fail(refusal.code, member, what)
        return Refused(code=refusal.code, message="the app is not connected")
    try:
        answer = await workspace.sockets.answer(envelope)
    except TimeoutError:
        failure = workspace.fail("late", member, what)
        envelope.answer.add_done_callback(lambda _: came_late(envelope, failure))
        return Late(what=what)
    return Acknowledged(payload=answer or None, after=monotonic() - sent)


def came_late(envelope: Envelope, failure: Failure) -> None:
    failure.acknowledged_after = envelope.answered


async def announce(workspace: Workspace, member: str, event: Json) -> Outcome:
    """Send an event; one that is not acknowledged comes again, at once and later."""
    payload: Json = {
        "token": "sandbox",
        "team_id": workspace.team_id,
        "api_app_id": workspace.app.id,
        "event": event,
        "type": "event_callback",
        "event_id": workspace.new_id("Ev"),
        "event_time": int(workspace.now().timestamp()),
        "is_ext_shared_channel": False,
        "authorizations": [
            {
                "enterprise_id": None,
                "team_id": workspace.team_id,
                "user_id": workspace.app.bot_user_id,
                "is_bot": True,
                "is_enterprise_install": False,
            }
        ],
    }
    first = await ask(workspace, member, "events_api", payload, event["type"])
    if isinstance(first, Late):
        workspace.later(again(workspace, member, payload, event["type"]))
    return first


async def again(workspace: Workspace, member: str, payload: Json, what: str) -> None:
    for attempt, delay in enumerate(workspace.timers.event_retries, start=1):
        await asyncio.sleep(delay)
        outcome = await ask(workspace, member, "events_api", payload, what, attempt=attempt)
        if isinstance(outcome, Acknowledged):
            return


def interaction(workspace: Workspace, member_id: str, kind: str) -> Json:
    """What every interactive payload begins with; its trigger starts to run now."""
    member = workspace.member(member_id)
    return {
        "type": kind,
        "user": {
            "id": member.id,
            "username": member.name,
            "name": member.name,
            "team_id": workspace.team_id,
        },
        "api_app_id": workspace.app.id,
        "token": "sandbox",
        "team": {"id": workspace.team_id, "domain": "sandbox"},
        "enterprise": None,
        "is_enterprise_install": False,
        "trigger_id": workspace.triggers.issue(member.id),
    }


def follow_submission(workspace: Workspace, view: View, answer: Json | None) -> Refused | None:
    """Do what a view_submission's acknowledgement says; Refused when that makes no sense."""
    views = workspace.views
    action = (answer or {}).get("response_action")
    deeds: dict[str | None, Callable[[Json], object]] = {
        None: lambda _: views.close(view),
        "clear": lambda _: views.modals.pop(view.member, None),
        "update": lambda given: views.update(view, given.get("view")),
        "push": lambda given: views.push(view.member, given.get("view")),
        "errors": lambda given: show_errors(view, given.get("errors")),
    }
    try:
        deeds.get(action, no_such_action)(answer or {})
    except Refusal as refusal:
        detail = "; ".join(refusal.messages)
        workspace.fail("bad_answer", view.member, f"view_submission: {refusal.code}", detail)
        return Refused(code=refusal.code, message=detail)
    finally:
        workspace.changed()
    return None


def no_such_action(given: Json) -> None:
    action = given["response_action"]
    raise Refusal("invalid_response_action", f"unknown response_action {action!r}")


def show_errors(view: View, errors: object) -> None:
    """Errors by block_id of an input block, as Slack wants them, never empty."""
    inputs = {block["block_id"] for block in view.blocks if block["type"] == "input"}
    if not isinstance(errors, dict) or not errors or not set(errors) <= inputs:
        raise Refusal("invalid_errors", f"errors must be keyed by one of {sorted(inputs)}")
    if not all(isinstance(text, str) and 0 < len(text) <= 2000 for text in errors.values()):
        raise Refusal("invalid_errors", "each error must be a text of 1 to 2000 characters")
    view.errors = dict(errors)


def options_of(answer: Json | None) -> list[Json]:
    """The options of a block_suggestion's answer, groups flattened; Refusal when malformed."""
    given = answer or {}
    grouped = "option_groups" in given
    kind, rule = ("option_groups", GROUP) if grouped else ("options", OPTION)
    if found := list(listed(rule, 0, 100)(given.get(kind), f"/{kind}")):
        raise Refusal("invalid_options", *found)
    items: list[Json] = given[kind]
    return [option for group in items for option in group["options"]] if grouped else items
