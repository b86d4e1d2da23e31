"""A real Bolt app, by Socket Mode, in the sandbox: members act, the app answers."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from slack_sdk.errors import SlackApiError
from slack_sdk.http_retry.builtin_async_handlers import AsyncRateLimitErrorRetryHandler
from slack_sdk.web.async_client import AsyncWebClient

from relance_sandbox import Acknowledged, Late, Refused, Sandbox
from tests.contract.sandbox_app import (
    APP,
    Clock,
    actions,
    bolt_app,
    button,
    connected,
    option,
    sandbox_of,
    section,
)

pytestmark = pytest.mark.asyncio


@pytest_asyncio.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    async with sandbox_of(Clock()) as running:
        yield running


@pytest.fixture
def client(sandbox: Sandbox) -> AsyncWebClient:
    return AsyncWebClient(token=sandbox.bot_token, base_url=sandbox.slack_api_url)


async def test_a_button_is_acknowledged_and_its_message_changes_in_place(sandbox: Sandbox) -> None:
    app = bolt_app(sandbox)

    @app.action("go")
    async def go(ack: Any, body: Any, client: Any) -> None:
        await ack()
        await client.chat_update(
            channel=body["channel"]["id"], ts=body["message"]["ts"], text="Done by Alice"
        )

    async with connected(sandbox, app):
        alice = sandbox.as_member("U1")
        posted = await app.client.chat_postMessage(
            channel="U1", text="A card", blocks=[section("*A card*"), actions(button("go"))]
        )
        outcome = await alice.press(posted["channel"], posted["ts"], "go")
        assert isinstance(outcome, Acknowledged)
        await sandbox.workspace.until(lambda: alice.messages()[-1]["text"] == "Done by Alice")
    message = alice.messages()[-1]
    assert "blocks" not in message
    assert message["edited"]["user"] == APP.bot_user_id
    assert sandbox.workspace.failures == []


async def test_a_late_acknowledgement_is_a_failure_even_when_it_comes_after_all(
    sandbox: Sandbox,
) -> None:
    app = bolt_app(sandbox)
    sandbox.workspace.timers.acknowledge = 0.2

    @app.action("go")
    async def go(ack: Any) -> None:
        await asyncio.sleep(0.4)
        await ack()

    async with connected(sandbox, app):
        posted = await app.client.chat_postMessage(
            channel="U1", text="A card", blocks=[actions(button("go", "Validate"))]
        )
        outcome = await sandbox.as_member("U1").press(posted["channel"], posted["ts"], "go")
        assert outcome == Late(what="Validate")
        [failure] = sandbox.workspace.failures
        assert (failure.kind, failure.member) == ("late", "U1")
        await sandbox.workspace.until(lambda: failure.acknowledged_after is not None)
    assert failure.acknowledged_after is not None
    assert failure.acknowledged_after > 0.2


async def test_without_a_connection_a_click_fails_at_once(
    sandbox: Sandbox, client: AsyncWebClient
) -> None:
    posted = await client.chat_postMessage(
        channel="U1", text="A card", blocks=[actions(button("go"))]
    )
    outcome = await sandbox.as_member("U1").press(posted["channel"], posted["ts"], "go")
    assert isinstance(outcome, Refused)
    assert outcome.code == "no_connection"
    assert [failure.kind for failure in sandbox.workspace.failures] == ["no_connection"]


async def test_a_repeated_envelope_reaches_both_processes_of_the_app(sandbox: Sandbox) -> None:
    heard: list[tuple[str, str]] = []
    first, second = bolt_app(sandbox), bolt_app(sandbox)
    for name, app in (("first", first), ("second", second)):
        app.action("go")(listener(heard, name))
    sandbox.workspace.sockets.repeat = True
    async with connected(sandbox, first), connected(sandbox, second):
        posted = await first.client.chat_postMessage(
            channel="U1", text="A card", blocks=[actions(button("go"))]
        )
        outcome = await sandbox.as_member("U1").press(posted["channel"], posted["ts"], "go")
        assert isinstance(outcome, Acknowledged)
        await sandbox.workspace.until(lambda: len(heard) == 2)
    assert {name for name, _ in heard} == {"first", "second"}
    assert len({trigger for _, trigger in heard}) == 1


def listener(heard: list[tuple[str, str]], name: str) -> Any:
    async def go(ack: Any, body: Any) -> None:
        await ack()
        heard.append((name, body["trigger_id"]))

    return go


async def test_the_rate_limit_handler_waits_and_posts_once(
    sandbox: Sandbox, client: AsyncWebClient
) -> None:
    sandbox.workspace.pace.on = True
    await client.chat_postMessage(channel="C1", text="one")
    with pytest.raises(SlackApiError, match="ratelimited") as stopped:
        await client.chat_postMessage(channel="C1", text="two")
    assert stopped.value.response.status_code == 429
    assert stopped.value.response.headers["Retry-After"] == "1"
    client.retry_handlers.append(AsyncRateLimitErrorRetryHandler(max_retry_count=3))
    await client.chat_postMessage(channel="C1", text="two")
    await client.chat_postMessage(channel="U1", text="elsewhere at once")
    assert [m["text"] for m in sandbox.as_member("U1").messages("C1")] == ["one", "two"]


async def test_a_planned_fault_is_answered_as_often_as_asked(
    sandbox: Sandbox, client: AsyncWebClient
) -> None:
    sandbox.workspace.faults.plan("chat.postMessage", "internal_error", status=500)
    with pytest.raises(SlackApiError, match="internal_error"):
        await client.chat_postMessage(channel="C1", text="one")
    await client.chat_postMessage(channel="C1", text="one")


async def test_an_ephemeral_message_is_seen_by_one_person_only(
    sandbox: Sandbox, client: AsyncWebClient
) -> None:
    sent = await client.chat_postEphemeral(channel="C1", user="U1", text="Only you")
    assert [m["text"] for m in sandbox.as_member("U1").ephemerals()] == ["Only you"]
    assert sandbox.as_member("U2").messages("C1") == []
    history = await client.conversations_history(channel="C1")
    assert history["messages"] == []
    with pytest.raises(SlackApiError, match="message_not_found"):
        await client.chat_update(channel="C1", ts=sent["message_ts"], text="Changed")
    outcome = await sandbox.as_member("U2").press("C1", sent["message_ts"], "go")
    assert outcome == Refused(code="message_not_found")


async def test_a_direct_message_is_read_by_its_two_members_only(
    sandbox: Sandbox, client: AsyncWebClient
) -> None:
    posted = await client.chat_postMessage(channel="U1", text="For Alice")
    alice, bruno = sandbox.as_member("U1"), sandbox.as_member("U2")
    assert [m["text"] for m in alice.messages(posted["channel"])] == ["For Alice"]
    assert posted["channel"] not in {held.id for held in bruno.conversations()}
    outcome = await bruno.say(posted["channel"], "May I?")
    assert isinstance(outcome, Refused)
    assert outcome.code == "channel_not_found"


async def test_a_response_url_replaces_its_message_and_answers_five_times(
    sandbox: Sandbox,
) -> None:
    app = bolt_app(sandbox)
    answers: list[int] = []
    done = asyncio.Event()

    @app.action("go")
    async def go(ack: Any, respond: Any) -> None:
        await ack()
        for count in range(6):
            answer = await respond(text=f"Answer {count}", replace_original=count == 0)
            answers.append(answer.status_code)
        done.set()

    async with connected(sandbox, app):
        sent = await app.client.chat_postEphemeral(
            channel="C1", user="U1", text="Sure?", blocks=[actions(button("go"))]
        )
        alice = sandbox.as_member("U1")
        await alice.press("C1", sent["message_ts"], "go")
        await asyncio.wait_for(done.wait(), 5)
    assert answers == [200, 200, 200, 200, 200, 404]
    assert [m["text"] for m in alice.ephemerals()] == [f"Answer {n}" for n in range(5)]
    assert sandbox.as_member("U2").messages("C1") == []


async def test_an_old_response_url_has_expired(sandbox: Sandbox) -> None:
    app = bolt_app(sandbox)
    urls: list[Any] = []

    @app.command("/do")
    async def do(ack: Any, respond: Any) -> None:
        await ack()
        urls.append(respond)

    async with connected(sandbox, app):
        await sandbox.as_member("U1").command("/do")
        await sandbox.workspace.until(lambda: bool(urls))
        sandbox.workspace.response_urls.expire()
        answer = await urls[0](text="Too late")
    assert (answer.status_code, "expired_url" in answer.body) == (404, True)


async def test_a_slash_command_answers_privately_in_its_channel(sandbox: Sandbox) -> None:
    app = bolt_app(sandbox)
    heard: list[Any] = []

    @app.command("/do")
    async def do(ack: Any, command: Any) -> None:
        heard.append(command)
        await ack(f"You said {command['text']}")

    async with connected(sandbox, app):
        alice = sandbox.as_member("U1")
        await alice.command("/do", "why A & B @bruno", channel="C1")
        unknown = await alice.command("/dance")
        in_thread = await alice.command("/do", channel="C1", thread_ts="1.2")
    assert heard[0]["text"] == "why A &amp; B <@U2>"
    assert heard[0]["channel_id"] == "C1"
    [answer] = alice.ephemerals("C1")
    assert answer["text"] == "You said why A &amp; B <@U2>"
    assert isinstance(unknown, Refused)
    assert unknown.code == "unknown_command"
    assert isinstance(in_thread, Refused)
    assert in_thread.code == "not_in_threads"


async def test_an_external_select_offers_what_the_app_finds_and_nothing_else(
    sandbox: Sandbox,
) -> None:
    app = bolt_app(sandbox)
    chosen: list[Any] = []

    @app.options("customer")
    async def customers(ack: Any, payload: Any) -> None:
        await ack(options=[option(f"{payload['value']}-{n}") for n in range(2)])

    @app.action("customer")
    async def choose(ack: Any, action: Any) -> None:
        await ack()
        chosen.append(action["selected_option"]["value"])

    async with connected(sandbox, app):
        select = {"type": "external_select", "action_id": "customer", "min_query_length": 1}
        posted = await app.client.chat_postMessage(
            channel="U1", text="Choose", blocks=[actions(select)]
        )
        place = (posted["channel"], posted["ts"])
        alice = sandbox.as_member("U1")
        refused = await alice.press(*place, "customer", value="acme-1")
        assert isinstance(refused, Refused)
        assert refused.code == "not_an_option"
        offered = await alice.suggest("acme", "customer", channel=place[0], ts=place[1])
        assert isinstance(offered, list)
        assert [held["value"] for held in offered] == ["acme-0", "acme-1"]
        typed = {offered_in(posted): {"customer": "acme-1"}}
        await alice.press(*place, "customer", value="acme-1", typed=typed)
        await sandbox.workspace.until(lambda: chosen == ["acme-1"])


async def test_messages_and_mentions_come_as_events_with_their_thread(sandbox: Sandbox) -> None:
    app = bolt_app(sandbox)
    heard: list[tuple[str, str, str | None]] = []

    @app.event("message")
    async def message(event: Any) -> None:
        heard.append((event["channel_type"], event["text"], event.get("thread_ts")))

    @app.event("app_mention")
    async def mention(event: Any) -> None:
        heard.append(("mention", event["text"], event.get("thread_ts")))

    async with connected(sandbox, app):
        alice = sandbox.as_member("U1")
        posted = await app.client.chat_postMessage(channel="C1", text="A dispute")
        await alice.say(alice.direct(), "hello")
        await alice.say("C1", "@example it is <late>", thread_ts=posted["ts"])
        await sandbox.workspace.until(lambda: len(heard) == 3)
        replies = await app.client.conversations_replies(channel="C1", ts=posted["ts"])
    assert sorted(heard) == [
        ("channel", "<@U0SANDBOX> it is &lt;late&gt;", posted["ts"]),
        ("im", "hello", None),
        ("mention", "<@U0SANDBOX> it is &lt;late&gt;", posted["ts"]),
    ]
    assert [held["user"] for held in replies["messages"]] == ["U0SANDBOX", "U1"]
    assert replies["messages"][0]["reply_count"] == 1


async def test_an_event_nobody_acknowledges_comes_again_with_its_attempt(sandbox: Sandbox) -> None:
    app = bolt_app(sandbox)
    sandbox.workspace.timers.acknowledge = 0.1
    sandbox.workspace.timers.event_retries = (0.0, 0.1, 10.0)
    attempts: list[Any] = []

    @app.middleware
    async def deaf(body: Any, next: Any) -> None:  # noqa: A002 - Bolt's name
        attempts.append(body["event_id"])

    async with connected(sandbox, app):
        assert isinstance(await sandbox.as_member("U1").open_home(), Late)
        await sandbox.workspace.until(lambda: len(attempts) == 3)
    assert len(set(attempts)) == 1


async def test_a_refreshed_connection_comes_back_by_itself(sandbox: Sandbox) -> None:
    app = bolt_app(sandbox)

    @app.action("go")
    async def go(ack: Any) -> None:
        await ack()

    async with connected(sandbox, app):
        posted = await app.client.chat_postMessage(
            channel="U1", text="A card", blocks=[actions(button("go"))]
        )
        await sandbox.workspace.sockets.refresh()
        sockets = sandbox.workspace.sockets
        await sandbox.workspace.until(lambda: bool(sockets.connections), within=15)
        sandbox.workspace.timers.acknowledge = 1.0
        place = (posted["channel"], posted["ts"])
        outcomes = [await sandbox.as_member("U1").press(*place, "go") for _ in range(3)]
    assert isinstance(outcomes[-1], Acknowledged)


async def test_a_click_on_a_card_that_has_changed_meanwhile_is_still_delivered(
    sandbox: Sandbox,
) -> None:
    app = bolt_app(sandbox)
    heard: list[Any] = []

    @app.action("go")
    async def go(ack: Any, action: Any) -> None:
        await ack()
        heard.append(action["value"])

    async with connected(sandbox, app):
        posted = await app.client.chat_postMessage(
            channel="U1", text="A card", blocks=[actions(button("go", value="7:1"))]
        )
        alice = sandbox.as_member("U1")
        [before] = alice.messages()
        await app.client.chat_update(channel=posted["channel"], ts=posted["ts"], text="Decided")
        now_gone = await alice.press(posted["channel"], posted["ts"], "go")
        assert isinstance(now_gone, Refused)
        await alice.press(posted["channel"], posted["ts"], "go", seen=before["blocks"])
        await sandbox.workspace.until(lambda: heard == ["7:1"])


async def test_inputs_in_a_message_send_their_state_with_each_action(sandbox: Sandbox) -> None:
    app = bolt_app(sandbox)
    states: list[Any] = []

    @app.action("pick")
    async def pick(ack: Any, body: Any) -> None:
        await ack()
        states.append(body["state"]["values"])

    select = {
        "type": "static_select",
        "action_id": "pick",
        "options": [option("a"), option("b")],
        "initial_option": option("a"),
    }
    boxes = {
        "type": "checkboxes",
        "action_id": "boxes",
        "options": [option("x"), option("y")],
    }
    async with connected(sandbox, app):
        posted = await app.client.chat_postMessage(
            channel="U1", text="Choose", blocks=[actions(select, boxes, block_id="row")]
        )
        await sandbox.as_member("U1").press(
            posted["channel"],
            posted["ts"],
            "pick",
            value="b",
            typed={"row": {"boxes": ["x"]}},
        )
        await sandbox.workspace.until(lambda: bool(states))
    row = states[0]["row"]
    assert row["pick"]["selected_option"]["value"] == "b"
    assert [held["value"] for held in row["boxes"]["selected_options"]] == ["x"]


async def test_message_times_follow_the_sandboxs_clock_and_never_meet() -> None:
    clock = Clock()
    async with sandbox_of(clock) as sandbox:
        client = AsyncWebClient(token=sandbox.bot_token, base_url=sandbox.slack_api_url)
        stamps = [(await client.chat_postMessage(channel="C1", text="x"))["ts"] for _ in range(3)]
        clock.move(days=1)
        stamps.append((await client.chat_postMessage(channel="C1", text="x"))["ts"])
    assert stamps == sorted(set(stamps), key=float)
    assert float(stamps[3]) - float(stamps[0]) == pytest.approx(86_400)


async def test_an_upload_shows_its_file_in_the_conversation(
    sandbox: Sandbox, client: AsyncWebClient
) -> None:
    image = b"\x89PNG\r\n\x1a\n" + bytes(40)
    done = await client.files_upload_v2(
        channel="C1", filename="chart.png", content=image, title="Chart", initial_comment="Look"
    )
    [message] = sandbox.as_member("U1").messages("C1")
    assert message["files"][0]["title"] == "Chart"
    assert sandbox.workspace.uploads[done["file"]["id"]] == image


def offered_in(posted: Any) -> str:
    """The block that Slack names when the app did not."""
    block_id: str = posted["message"]["blocks"][0]["block_id"]
    return block_id
