"""The sandbox refuses what Slack refuses, with Slack's codes; and a little more."""

import copy
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from relance_sandbox import Refused, Sandbox, app_of_manifest
from tests.contract.sandbox_app import (
    CHANNELS,
    Clock,
    actions,
    button,
    modal,
    option,
    plain,
    sandbox_of,
    section,
    text_input,
)

pytestmark = pytest.mark.asyncio

Json = dict[str, Any]


@pytest_asyncio.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    async with sandbox_of() as running:
        yield running


@pytest.fixture
def client(sandbox: Sandbox) -> AsyncWebClient:
    return AsyncWebClient(token=sandbox.bot_token, base_url=sandbox.slack_api_url)


def select(count: int, **more: Any) -> Json:
    options = [option(str(n)) for n in range(count)]
    return {"type": "static_select", "action_id": "s", "options": options, **more}


def header(text: str) -> Json:
    return {"type": "header", "text": plain(text)}


def context(count: int) -> Json:
    return {"type": "context", "elements": [plain("x")] * count}


def table(rows: int, columns: int, text: str = "x") -> Json:
    return {"type": "table", "rows": [[{"type": "raw_text", "text": text}] * columns] * rows}


def confirm(**more: Any) -> Json:
    texts = {"title": plain("Sure?"), "text": plain("x"), "confirm": plain("y"), "deny": plain("n")}
    return {"confirm": {**texts, **more}}


ALLOWED: dict[str, list[Json]] = {
    "50 blocks": [section("x")] * 50,
    "a section of 3000": [section("x" * 3000)],
    "10 fields": [{"type": "section", "fields": [plain("x" * 100)] * 10}],
    "a header of 150": [header("x" * 150)],
    "25 elements": [actions(*(button(f"b{n}") for n in range(25)))],
    "10 context elements": [context(10)],
    "a button of 75": [actions(button("b", "x" * 75, value="v" * 2000))],
    "100 options": [actions(select(100))],
    "a table of 100 by 20": [table(100, 20)],
    "12000 of markdown": [{"type": "markdown", "text": "x" * 6000}] * 2,
    "the same action in two blocks": [
        actions(button("b"), block_id="1"),
        actions(button("b"), block_id="2"),
    ],
}

REFUSED: dict[str, tuple[list[Json], str]] = {
    "51 blocks": ([section("x")] * 51, "no more than 50 items allowed [json-pointer:/blocks]"),
    "a section of 3001": (
        [section("x" * 3001)],
        "must be less than 3001 characters [json-pointer:/blocks/0/text/text]",
    ),
    "an empty section text": ([section("")], "must be more than 0 characters"),
    "a section of nothing": ([{"type": "section"}], "either text or fields must be provided"),
    "11 fields": ([{"type": "section", "fields": [plain("x")] * 11}], "no more than 10 items"),
    "a field of 2001": ([{"type": "section", "fields": [plain("x" * 2001)]}], "2001 characters"),
    "a header of 151": ([header("x" * 151)], "must be less than 151 characters"),
    "a header in mrkdwn": (
        [{"type": "header", "text": {"type": "mrkdwn", "text": "x"}}],
        "unsupported type: mrkdwn",
    ),
    "26 elements": ([actions(*(button(f"b{n}") for n in range(26)))], "no more than 25 items"),
    "11 context elements": ([context(11)], "no more than 10 items"),
    "a button of 76": ([actions(button("b", "x" * 76))], "must be less than 76 characters"),
    "a value of 2001": ([actions(button("b", value="v" * 2001))], "2001 characters"),
    "a label of 76 for readers": ([actions(button("b", accessibility_label="x" * 76))], "76"),
    "an action_id of 256": ([actions(button("b" * 256))], "must be less than 256 characters"),
    "a block_id of 256": ([actions(button("b"), block_id="x" * 256)], "256 characters"),
    "one action_id twice in a block": (
        [actions(button("b"), button("b"))],
        "action_id b already exists",
    ),
    "one block_id twice": (
        [actions(button("a")), actions(button("b"))],
        "block_id buttons already exists",
    ),
    "101 options": ([actions(select(101))], "no more than 100 items"),
    "an option of 76": ([actions(select(1, options=[option("x" * 76)]))], "76 characters"),
    "no options": ([actions(select(0))], "no fewer than 1 items"),
    "options and groups": (
        [actions(select(1, option_groups=[{"label": plain("g"), "options": [option("0")]}]))],
        "needs either options or option_groups",
    ),
    "an initial option not offered": (
        [actions(select(2, initial_option=option("9")))],
        "initial option is not one of the options",
    ),
    "option values twice": (
        [actions(select(1, options=[option("1"), option("1")]))],
        "option values must be unique",
    ),
    "6 options in an overflow": (
        [
            actions(
                {
                    "type": "overflow",
                    "action_id": "o",
                    "options": [option(str(n)) for n in range(6)],
                }
            )
        ],
        "no more than 5 items",
    ),
    "a confirm title of 101": (
        [actions(button("b", **confirm(title=plain("x" * 101))))],
        "101 characters",
    ),
    "a confirm text of 301": (
        [actions(button("b", **confirm(text=plain("x" * 301))))],
        "301 characters",
    ),
    "a confirm button of 31": (
        [actions(button("b", **confirm(deny=plain("x" * 31))))],
        "31 characters",
    ),
    "an input of its own in actions": (
        [actions({"type": "plain_text_input", "action_id": "i"})],
        "unsupported type: plain_text_input",
    ),
    "a placeholder of 151": (
        [text_input("i", placeholder=plain("x" * 151))],
        "must be less than 151 characters",
    ),
    "an initial text of 3001": (
        [text_input("i", initial_value="x" * 3001)],
        "must be less than 3001 characters",
    ),
    "an unknown block": ([{"type": "carousel_of_dreams"}], "unsupported type"),
    "an unknown element": ([actions({"type": "slider", "action_id": "s"})], "unsupported type"),
    "an unknown field": ([section("x", colour="red")], "unknown field: colour"),
    "an unknown style": ([actions(button("b", style="loud"))], "must be one of primary, danger"),
    "101 rows": ([table(101, 1)], "no more than 100 items"),
    "21 columns": ([table(1, 21)], "no more than 20 items"),
    "two tables": ([table(1, 1), table(1, 1)], "only one table allowed"),
    "a table of 10001": ([table(100, 1, "x" * 101)], "no more than 10000 characters in a table"),
    "12001 of markdown": (
        [{"type": "markdown", "text": "x" * 6001}] * 2,
        "no more than 12000 characters of markdown",
    ),
    "an alert in a message": ([{"type": "alert", "text": plain("x")}], "unsupported type: alert"),
    "a link that is none": ([actions(button("b", url="javascript:x"))], "must be an http(s) URL"),
    "a date that is none": (
        [actions({"type": "datepicker", "action_id": "d", "initial_date": "2026-02-30"})],
        "must be a date",
    ),
}


@pytest.mark.parametrize("name", ALLOWED)
async def test_what_just_fits_is_posted(client: AsyncWebClient, name: str) -> None:
    await client.chat_postMessage(channel="C1", text="x", blocks=copy.deepcopy(ALLOWED[name]))


@pytest.mark.parametrize("name", REFUSED)
async def test_what_is_too_much_is_refused_with_its_place(
    client: AsyncWebClient, name: str
) -> None:
    blocks, why = REFUSED[name]
    with pytest.raises(SlackApiError) as refused:
        await client.chat_postMessage(channel="C1", text="x", blocks=copy.deepcopy(blocks))
    assert refused.value.response["error"] == "invalid_blocks"
    [first, *_] = refused.value.response["response_metadata"]["messages"]
    assert first.startswith("[ERROR] ")
    assert why in first


CALLS: dict[str, tuple[str, Json, str]] = {
    "no text": ("chat.postMessage", {"channel": "C1"}, "no_text"),
    "blocks without a text": (
        "chat.postMessage",
        {"channel": "C1", "blocks": [section("x")]},
        "no_text",
    ),
    "a text of 40001": (
        "chat.postMessage",
        {"channel": "C1", "text": "x" * 40_001},
        "msg_too_long",
    ),
    "13201 characters in blocks": (
        "chat.postMessage",
        {"channel": "C1", "text": "x", "blocks": [section("x" * 2641)] * 5},
        "msg_blocks_too_long",
    ),
    "attachments": (
        "chat.postMessage",
        {"channel": "C1", "text": "x", "attachments": [{"text": "y"}]},
        "invalid_attachments",
    ),
    "an unknown channel": ("chat.postMessage", {"channel": "C9", "text": "x"}, "channel_not_found"),
    "a private channel without the app": (
        "chat.postMessage",
        {"channel": "C3", "text": "x"},
        "channel_not_found",
    ),
    "a channel without the app": (
        "chat.postMessage",
        {"channel": "C2", "text": "x"},
        "not_in_channel",
    ),
    "a thread of nothing": (
        "chat.postMessage",
        {"channel": "C1", "text": "x", "thread_ts": "1.000001"},
        "thread_not_found",
    ),
    "an update by a person's id": (
        "chat.update",
        {"channel": "U1", "ts": "1.1", "text": "x"},
        "channel_not_found",
    ),
    "an update of nothing": (
        "chat.update",
        {"channel": "C1", "ts": "1.1", "text": "x"},
        "message_not_found",
    ),
    "an ephemeral for someone elsewhere": (
        "chat.postEphemeral",
        {"channel": "C1", "user": "U3", "text": "x"},
        "user_not_in_channel",
    ),
    "a direct message to nobody": ("conversations.open", {"users": "U9"}, "user_not_found"),
    "a direct message to someone gone": ("conversations.open", {"users": "U3"}, "user_disabled"),
    "an unknown person": ("users.info", {"user": "U9"}, "user_not_found"),
    "an unknown address": ("users.lookupByEmail", {"email": "no@example.org"}, "users_not_found"),
    "history of a channel without the app": (
        "conversations.history",
        {"channel": "C2"},
        "not_in_channel",
    ),
    "an invented trigger": (
        "views.open",
        {"trigger_id": "1.2.3", "view": modal(section("x"))},
        "invalid_trigger_id",
    ),
    "a view without a trigger": ("views.open", {"view": modal(section("x"))}, "invalid_arguments"),
    "a view that is closed": (
        "views.update",
        {"view_id": "V9", "view": modal(section("x"))},
        "not_found",
    ),
    "a Home for nobody": (
        "views.publish",
        {"user_id": "U9", "view": {"type": "home", "blocks": []}},
        "user_not_found",
    ),
    "an unknown method": ("chat.shout", {}, "unknown_method"),
    "a bot's token for a connection": ("apps.connections.open", {}, "not_allowed_token_type"),
}


@pytest.mark.parametrize("name", CALLS)
async def test_a_wrong_call_gets_slacks_code(client: AsyncWebClient, name: str) -> None:
    method, arguments, code = CALLS[name]
    with pytest.raises(SlackApiError) as refused:
        await client.api_call(method, json=copy.deepcopy(arguments))
    assert refused.value.response["error"] == code


VIEWS: dict[str, tuple[Json, str]] = {
    "a title of 25": (modal(section("x"), title=plain("x" * 25)), "/view/title"),
    "a submit of 25": (modal(section("x"), submit=plain("x" * 25)), "/view/submit"),
    "101 blocks": (modal(*[section("x")] * 101), "no more than 100 items"),
    "metadata of 3001": (modal(section("x"), private_metadata="x" * 3001), "private_metadata"),
    "a callback of 256": (modal(section("x"), callback_id="x" * 256), "callback_id"),
    "an input without submit": (
        {name: held for name, held in modal(text_input("x")).items() if name != "submit"},
        "submit is required",
    ),
    "markdown in a modal": (modal({"type": "markdown", "text": "x"}), "unsupported type: markdown"),
    "a table in a modal": (modal(table(1, 1)), "unsupported type: table"),
    "a Home as a modal": ({"type": "home", "blocks": []}, "must be a modal view"),
    "a label of 2001": (
        modal({**text_input("x"), "label": plain("x" * 2001)}),
        "must be less than 2001 characters",
    ),
    "inputs of the same name": (
        modal(text_input("x"), text_input("x")),
        "block_id x already exists",
    ),
}


@pytest.mark.parametrize("name", VIEWS)
async def test_a_wrong_view_is_refused_with_its_place(
    sandbox: Sandbox, client: AsyncWebClient, name: str
) -> None:
    view, why = VIEWS[name]
    with pytest.raises(SlackApiError) as refused:
        await client.views_open(trigger_id=sandbox.workspace.triggers.issue("U1"), view=view)
    assert refused.value.response["error"] == "invalid_arguments"
    assert why in refused.value.response["response_metadata"]["messages"][0]


async def test_a_view_of_more_than_250_kilobytes_is_too_large(
    sandbox: Sandbox, client: AsyncWebClient
) -> None:
    view = modal(*[section("x" * 3000) for _ in range(90)])
    with pytest.raises(SlackApiError, match="view_too_large"):
        await client.views_open(trigger_id=sandbox.workspace.triggers.issue("U1"), view=view)


async def test_an_alert_belongs_in_a_modal(sandbox: Sandbox, client: AsyncWebClient) -> None:
    view = modal({"type": "alert", "level": "warning", "text": plain("Mind the gap")})
    await client.views_open(trigger_id=sandbox.workspace.triggers.issue("U1"), view=view)


@pytest.mark.parametrize(
    ("token", "code"),
    [
        ("", "not_authed"),
        ("xoxb-wrong", "invalid_auth"),
        ("xapp-sandbox", "not_allowed_token_type"),
    ],
)
async def test_a_wrong_token_is_refused(sandbox: Sandbox, token: str, code: str) -> None:
    client = AsyncWebClient(token=token or None, base_url=sandbox.slack_api_url)
    with pytest.raises(SlackApiError, match=code):
        await client.chat_postMessage(channel="C1", text="x")


async def test_an_app_installed_from_its_manifest_may_do_what_it_asked_for_only() -> None:
    app = app_of_manifest(
        {
            "display_information": {"name": "Example"},
            "features": {"slash_commands": [{"command": "/do", "description": "Does"}]},
            "oauth_config": {"scopes": {"bot": ["chat:write", "users:read"]}},
            "settings": {"event_subscriptions": {"bot_events": ["app_home_opened"]}},
        }
    )
    async with sandbox_of(app=app) as sandbox:
        client = AsyncWebClient(token=sandbox.bot_token, base_url=sandbox.slack_api_url)
        await client.chat_postMessage(channel="C1", text="x")
        person = await client.users_info(user="U1")
        assert "email" not in person["user"]["profile"]
        with pytest.raises(SlackApiError) as refused:
            await client.users_lookupByEmail(email="alice@example.org")
        assert refused.value.response["error"] == "missing_scope"
        assert refused.value.response["needed"] == "users:read.email"
        assert (await sandbox.as_member("U1").say("C1", "nobody listens")) is not None
        unknown = await sandbox.as_member("U1").command("/other")
    assert isinstance(unknown, Refused)
    assert sandbox.workspace.failures == []


async def test_a_text_without_blocks_takes_the_blocks_away_and_blocks_need_a_text(
    client: AsyncWebClient,
) -> None:
    posted = await client.chat_postMessage(channel="C1", text="x", blocks=[section("x")])
    with pytest.raises(SlackApiError, match="no_text"):
        await client.api_call(
            "chat.update", json={"channel": "C1", "ts": posted["ts"], "blocks": [section("y")]}
        )
    changed = await client.chat_update(channel="C1", ts=posted["ts"], text="z")
    assert "blocks" not in changed["message"]


async def test_a_reply_is_no_parent(client: AsyncWebClient) -> None:
    parent = await client.chat_postMessage(channel="C1", text="x")
    reply = await client.chat_postMessage(channel="C1", text="y", thread_ts=parent["ts"])
    with pytest.raises(SlackApiError, match="cannot_reply_to_message"):
        await client.chat_postMessage(channel="C1", text="z", thread_ts=reply["ts"])
    history = await client.conversations_history(channel="C1")
    assert [held["text"] for held in history["messages"]] == ["x"]


async def test_lists_come_in_pages(client: AsyncWebClient) -> None:
    for count in range(5):
        await client.chat_postMessage(channel="C1", text=str(count))
    first = await client.conversations_history(channel="C1", limit=3)
    cursor = first["response_metadata"]["next_cursor"]
    rest = await client.conversations_history(channel="C1", limit=3, cursor=cursor)
    texts = [held["text"] for held in [*first["messages"], *rest["messages"]]]
    assert texts == ["4", "3", "2", "1", "0"]


async def test_a_person_has_a_locale_and_a_zone_with_its_offset_of_the_day(
    client: AsyncWebClient,
) -> None:
    person = (await client.users_info(user="U2", include_locale=True))["user"]
    assert (person["locale"], person["tz"], person["tz_offset"]) == ("fr-FR", "Europe/Paris", 3600)


async def test_a_channel_naming_a_stranger_is_refused_at_once() -> None:
    with pytest.raises(ValueError, match="channel C1 lists U1, who is no member"):
        Sandbox(now=Clock(), members=(), channels=CHANNELS)
