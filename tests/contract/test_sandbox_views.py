"""Modals and Home tabs of a real Bolt app in the sandbox."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from relance_sandbox import Acknowledged, Refused, Sandbox
from tests.contract.sandbox_app import (
    Clock,
    bolt_app,
    connected,
    modal,
    sandbox_of,
    section,
    text_input,
)

pytestmark = pytest.mark.asyncio


@pytest_asyncio.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    async with sandbox_of(Clock()) as running:
        yield running


@pytest.fixture
def client(sandbox: Sandbox) -> AsyncWebClient:
    return AsyncWebClient(token=sandbox.bot_token, base_url=sandbox.slack_api_url)


async def test_a_modal_shows_errors_at_their_field_and_keeps_what_was_typed(
    sandbox: Sandbox,
) -> None:
    app = bolt_app(sandbox)
    submitted: list[Any] = []

    @app.command("/do")
    async def do(ack: Any, body: Any, client: Any) -> None:
        await ack()
        view = modal(
            text_input("subject", initial_value="Reminder"), text_input("note", optional=True)
        )
        await client.views_open(trigger_id=body["trigger_id"], view=view)

    @app.view("form")
    async def form(ack: Any, view: Any) -> None:
        values = view["state"]["values"]
        submitted.append(values)
        if values["note"]["text"]["value"] == "bad":
            await ack(response_action="errors", errors={"note": "Not this word"})
        else:
            await ack()

    async with connected(sandbox, app):
        alice = sandbox.as_member("U1")
        await alice.command("/do", "it")
        await sandbox.workspace.until(lambda: alice.modal() is not None)
        await alice.submit(values={"note": {"text": "bad"}})
        shown = alice.modal()
        assert shown is not None
        assert shown["errors"] == {"note": "Not this word"}
        assert shown["state"]["values"]["note"]["text"]["value"] == "bad"
        assert isinstance(await alice.submit(values={"note": {"text": "good"}}), Acknowledged)
    assert alice.modal() is None
    assert submitted[-1]["subject"]["text"] == {"type": "plain_text_input", "value": "Reminder"}


async def test_a_required_field_left_empty_never_reaches_the_app(sandbox: Sandbox) -> None:
    alice = sandbox.as_member("U1")
    trigger = sandbox.workspace.triggers.issue("U1")
    client = AsyncWebClient(token=sandbox.bot_token, base_url=sandbox.slack_api_url)
    await client.views_open(trigger_id=trigger, view=modal(text_input("subject")))
    assert await alice.submit() == Refused(
        code="invalid_input", message="some fields are wrong", fields={"subject": "required"}
    )


async def test_a_view_submission_can_push_update_and_clear(sandbox: Sandbox) -> None:
    app = bolt_app(sandbox)

    @app.view("form")
    async def form(ack: Any, view: Any) -> None:
        kind = view["private_metadata"]
        if kind == "clear":
            await ack(response_action="clear")
        else:
            next_view = modal(text_input("x", optional=True), private_metadata="clear")
            await ack(response_action=kind, view=next_view)

    async with connected(sandbox, app):
        for kind, depth in (("push", 2), ("update", 1)):
            view = modal(text_input("x", optional=True), private_metadata=kind)
            trigger = sandbox.workspace.triggers.issue("U1")
            await app.client.views_open(trigger_id=trigger, view=view)
            alice = sandbox.as_member("U1")
            await alice.submit()
            assert len(alice.modals()) == depth
            await alice.submit()
            assert alice.modals() == []


async def test_errors_for_a_field_that_is_not_there_are_the_apps_failure(sandbox: Sandbox) -> None:
    app = bolt_app(sandbox)

    @app.view("form")
    async def form(ack: Any) -> None:
        await ack(response_action="errors", errors={"nowhere": "Wrong"})

    async with connected(sandbox, app):
        trigger = sandbox.workspace.triggers.issue("U1")
        await app.client.views_open(trigger_id=trigger, view=modal(text_input("x", optional=True)))
        outcome = await sandbox.as_member("U1").submit()
    assert isinstance(outcome, Refused)
    assert outcome.code == "invalid_errors"
    assert [failure.kind for failure in sandbox.workspace.failures] == ["bad_answer"]


async def test_a_modal_closed_by_its_member_is_told_where_asked_for(sandbox: Sandbox) -> None:
    app = bolt_app(sandbox)
    closed: list[Any] = []

    @app.view_closed("form")
    async def form(ack: Any, body: Any) -> None:
        closed.append(body)
        await ack()

    async with connected(sandbox, app):
        for told in (True, False):
            trigger = sandbox.workspace.triggers.issue("U1")
            view = modal(section("Hi"), notify_on_close=told)
            await app.client.views_open(trigger_id=trigger, view=view)
            await sandbox.as_member("U1").close()
    assert [body["is_cleared"] for body in closed] == [False]


async def test_a_trigger_opens_one_view_once_within_three_seconds(
    sandbox: Sandbox, client: AsyncWebClient
) -> None:
    trigger = sandbox.workspace.triggers.issue("U1")
    await client.views_open(trigger_id=trigger, view=modal(section("Hi")))
    with pytest.raises(SlackApiError, match="exchanged_trigger_id"):
        await client.views_open(trigger_id=trigger, view=modal(section("Hi")))
    late = sandbox.workspace.triggers.issue("U1")
    await asyncio.sleep(3.05)
    with pytest.raises(SlackApiError, match="expired_trigger_id"):
        await client.views_open(trigger_id=late, view=modal(section("Hi")))


async def test_a_refused_view_leaves_its_trigger_unused(
    sandbox: Sandbox, client: AsyncWebClient
) -> None:
    trigger = sandbox.workspace.triggers.issue("U1")
    with pytest.raises(SlackApiError, match="invalid_arguments"):
        await client.views_open(trigger_id=trigger, view=modal(section("")))
    await client.views_open(trigger_id=trigger, view=modal(section("Hi")))


async def test_only_three_modals_lie_on_each_other(
    sandbox: Sandbox, client: AsyncWebClient
) -> None:
    issue = sandbox.workspace.triggers.issue
    await client.views_open(trigger_id=issue("U1"), view=modal(section("1")))
    await client.views_push(trigger_id=issue("U1"), view=modal(section("2")))
    await client.views_push(trigger_id=issue("U1"), view=modal(section("3")))
    with pytest.raises(SlackApiError, match="push_limit_reached"):
        await client.views_push(trigger_id=issue("U1"), view=modal(section("4")))
    assert sandbox.as_member("U2").modals() == []


async def test_an_update_with_an_old_hash_is_refused_and_typed_text_survives_a_good_one(
    sandbox: Sandbox, client: AsyncWebClient
) -> None:
    opened = await client.views_open(
        trigger_id=sandbox.workspace.triggers.issue("U1"),
        view=modal(
            text_input("kept", initial_value="first"),
            {**text_input("also"), "dispatch_action": True},
        ),
    )
    alice = sandbox.as_member("U1")
    await alice.press_modal("text", "also", "typed", typed={"kept": {"text": "typed too"}})
    view = modal(text_input("kept", initial_value="second"), text_input("new"))
    first = await client.views_update(
        view_id=opened["view"]["id"], hash=opened["view"]["hash"], view=view
    )
    assert first["view"]["state"]["values"]["kept"]["text"]["value"] == "typed too"
    assert first["view"]["state"]["values"]["new"]["text"]["value"] is None
    with pytest.raises(SlackApiError, match="hash_conflict"):
        await client.views_update(
            view_id=opened["view"]["id"], hash=opened["view"]["hash"], view=view
        )


async def test_opening_the_home_tab_asks_for_it_and_shows_what_is_published(
    sandbox: Sandbox,
) -> None:
    app = bolt_app(sandbox)

    @app.event("app_home_opened")
    async def opened(event: Any, client: Any) -> None:
        view = {"type": "home", "blocks": [section(f"To do for <@{event['user']}>")]}
        await client.views_publish(user_id=event["user"], view=view)

    async with connected(sandbox, app):
        bruno = sandbox.as_member("U2")
        assert bruno.home() is None
        assert isinstance(await bruno.open_home(), Acknowledged)
        await sandbox.workspace.until(lambda: bruno.home() is not None)
    assert sandbox.as_member("U1").home() is None
    assert sandbox.workspace.failures == []
