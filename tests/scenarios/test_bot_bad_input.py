"""What nobody hopes for: gone actions, old modals, renamed customers, lost sockets, long pastes."""

import asyncio
import re
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from typing import Any

import pytest
import pytest_asyncio
import sqlalchemy as sa

from relance.store.tables import (
    action_items,
    action_owners,
    actions,
    cards,
    customers,
    decisions,
    members,
    requests,
)
from relance_sandbox import Acknowledged, Refused
from relance_sandbox.slack.deliveries import ask, interaction
from relance_sandbox.slack.workspace import Call
from tests.scenarios.agreeing import disagreements
from tests.scenarios.office import ADA, ALICE, BOB, LEA, Office, an_office, said
from tests.scenarios.test_bot_deciding import forged

pytestmark = pytest.mark.asyncio

Json = dict[str, Any]
NASTY = "<!channel> <@U0002> *bold* _i_ `c` ~s~ <https://evil.test|click> &amp; شركة 😀"


@pytest_asyncio.fixture
async def office(store_url: str) -> AsyncIterator[Office]:
    async with an_office(store_url) as office:
        yield office
        assert office.workspace.failures == []


@pytest.mark.parametrize("button", ["validate", "edit"])
async def test_the_card_of_an_action_that_is_gone_says_so_and_loses_its_buttons(
    office: Office, button: str
) -> None:
    action = await office.waiting()
    async with office.bots[0]._desk.database.write() as tx:
        await tx.execute(sa.delete(cards))
    async with office.world.database.write() as tx:
        for table in (action_items, action_owners):
            await tx.execute(sa.delete(table).where(table.c.action_id == action))
        await tx.execute(sa.delete(actions).where(actions.c.id == action))
    await office.press(button)
    await office.settle()
    told = office.whispers() or [said(office.modal()["blocks"])]
    assert told == ["This action no longer exists. Nothing has changed."]
    assert office.card().get("blocks", []) == []


async def test_a_modal_that_was_open_for_a_day_still_saves(office: Office) -> None:
    action = await office.waiting()
    await office.press("edit")
    office.world.clock.move_to(office.world.clock.now() + timedelta(days=1))
    await office.settle()
    await office.submit(body__0="I slept over it.")
    await office.settle()
    row = await office.world.row(actions, action)
    assert (row.edited_body, row.version) == ("I slept over it.", 2)
    assert "18 days late" in said(office.card()["blocks"])


async def test_a_modal_that_was_open_for_a_day_gives_its_text_back_if_the_action_went_on(
    office: Office,
) -> None:
    action = await office.waiting()
    await office.press("edit")
    now = office.world.clock.now() + timedelta(days=1)
    office.world.clock.move_to(now)
    await office.world.set(actions, action, state="expired", closed_at=now, version=2)
    await office.settle()
    await office.submit(body__0="I slept over it.")
    modal = office.modal()
    assert "This had already moved on" in said(modal["blocks"])
    [typed] = [b["element"]["initial_value"] for b in modal["blocks"] if b["type"] == "input"]
    assert "I slept over it." in typed


async def test_a_customer_renamed_meanwhile_is_edited_under_the_new_name(office: Office) -> None:
    action = await office.waiting()
    await office.press("edit")
    [customer] = await office.world.rows(customers)
    await office.world.set(customers, customer.id, name=f"ACME {NASTY}")
    await office.submit(body__0="Hello there.")
    await office.settle()
    assert (await office.world.row(actions, action)).edited_body == "Hello there."
    assert "*bold*" in said(office.card()["blocks"])
    assert await disagreements(office) == []


async def test_a_text_of_forty_thousand_characters_is_refused_at_its_field(office: Office) -> None:
    action = await office.waiting()
    await office.press("edit")
    pasted = "x" * 40_000
    payload = submission(office, pasted)
    outcome = await ask(office.workspace, ALICE, "interactive", payload, "pasted")
    assert isinstance(outcome, Acknowledged)
    assert outcome.payload == {
        "response_action": "errors",
        "errors": {"body-0": "This is longer than 30,000 characters."},
    }
    await office.settle()
    assert (await office.world.row(actions, action)).version == 1


async def test_a_long_text_that_comes_too_late_is_given_back_to_the_last_word(
    office: Office,
) -> None:
    action = await office.waiting()
    await office.press("edit")
    long = "\n".join(f"Line {number:04} <of> many & more" for number in range(800))
    payload = submission(office, long)
    await office.world.set(actions, action, version=2)
    outcome = await ask(office.workspace, ALICE, "interactive", payload, "late")
    assert isinstance(outcome, Acknowledged)
    assert outcome.payload is not None
    blocks = outcome.payload["view"]["blocks"]
    typed = [b["element"]["initial_value"] for b in blocks if b["type"] == "input"]
    assert long in "".join(typed)


async def test_a_long_text_overtaken_in_the_queue_is_given_back_to_the_last_word(
    office: Office,
) -> None:
    action = await office.waiting()
    await office.press("edit")
    long = "\n".join(f"Line {number:04} <of> many & more" for number in range(800))
    await ask(office.workspace, ALICE, "interactive", submission(office, long), "overtaken")
    await office.world.set(actions, action, version=5)
    await office.settle()
    whispers = office.whispers()
    assert len(whispers) > 5
    got = "".join(w.rpartition("What you had written:\n")[2] for w in whispers)
    assert long in got.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def submission(office: Office, body: str) -> Json:
    """The open edit modal, submitted with more than its fields take."""
    view = office.modal()
    view.pop("errors")
    for name in [name for name in view["state"]["values"] if name.startswith("body-")]:
        del view["state"]["values"][name]
    held = {"type": "plain_text_input", "value": body}
    view["state"]["values"]["body-0"] = {"value": held}
    return interaction(office.workspace, ALICE, "view_submission") | {"view": view}


async def test_a_command_in_a_channel_to_which_nobody_invited_the_bot_is_answered_privately(
    office: Office,
) -> None:
    office.workspace.faults.plan("response_url", "gone", status=404, page="", times=9)
    for code in ("not_in_channel", "is_archived", "channel_not_found"):
        before = len(office.whispers(ADA))
        office.workspace.faults.plan("chat.postEphemeral", code)
        await office.at(ADA).command("/relance", "help")
        await office.settle()
        assert len(office.whispers(ADA)) == before + 1


async def test_two_bots_that_get_everything_twice_do_everything_once(sqlite_store_url: str) -> None:
    async with an_office(sqlite_store_url, bots=2) as office:
        office.workspace.sockets.repeat = True
        action = await office.waiting()
        await office.at(LEA).open_home()
        await office.press("edit")
        assert office.modal()["callback_id"] == "edit"
        await office.at(ALICE).press_modal("value", "channel", "call")
        await office.taken_in()
        await office.submit(body__0="Call them.")
        await office.at(ADA).command("/relance", "pause all")
        await office.settle()
        row = await office.world.row(actions, action)
        assert (row.version, row.channel) == (2, "call")
        assert len(await office.world.rows(decisions)) == 1
        assert len(await office.world.rows(requests)) == 1
        assert len(office.whispers(ADA)) == 1
        assert len(office.thread()) == 1
        assert await disagreements(office) == []
        assert office.workspace.failures == []


async def test_a_heavy_morning_goes_on_while_the_socket_is_lost(sqlite_store_url: str) -> None:
    async with an_office(sqlite_store_url) as office:
        world = office.world
        office.bots[0]._socket.ping_interval = 0.5  # ten seconds in earnest
        early = await office.waiting()
        office.workspace.faults.plan("apps.connections.open", status=500, times=1_000)
        await office.workspace.sockets.close()
        customer = await world.customer("Busy")
        async with world.at_once():
            for number in range(60):
                owner = world.alice if number % 2 else office.bob
                await world.action(customer, owners=(owner,))
        world.clock.move_to(world.clock.now() + timedelta(minutes=10))
        await office.settle()
        assert (len(office.cards(ALICE)), len(office.cards(BOB))) == (31, 30)
        card = office.cards(ALICE)[0]
        at = office.at(ALICE)
        assert isinstance(await at.press(card["channel"], card["ts"], "validate"), Refused)
        office.workspace.faults.planned.clear()
        async with asyncio.timeout(60):
            while not office.workspace.sockets.connections:  # noqa: ASYNC110 - the client's pace
                await asyncio.sleep(0.1)
        await at.press(card["channel"], card["ts"], "validate")
        await office.settle()
        assert (await world.row(actions, early)).state == "queued"
        assert await disagreements(office) == []
        assert {failure.kind for failure in office.workspace.failures} == {"no_connection"}


async def test_what_customers_and_colleagues_are_called_marks_nothing_up(office: Office) -> None:
    world = office.world
    [member] = [row for row in await world.rows(members) if row.slack_user == BOB]
    await world.set(members, member.id, name=NASTY)
    customer = await world.customer(NASTY)
    await world.contact(customer, "pay@acme.test", name=NASTY, position=NASTY)
    invoice = await world.invoice(customer, "10.00", number=NASTY)
    action = await world.action(
        customer, [invoice], step_name=NASTY, owners=(world.alice, office.bob), note=NASTY
    )
    await office.changed(action)
    for user in (ALICE, BOB, LEA):
        await office.at(user).open_home()
    await office.press("skip", BOB)
    await office.submit(BOB, reason=NASTY)
    await office.press("validate")
    await office.settle()
    for words in (f"why {NASTY}", f"customer {NASTY}", f"history {NASTY}", NASTY):
        await office.at(ADA).command("/relance", words)
    await office.settle()
    marked = [text for call in office.workspace.calls for text in marked_up(call)]
    assert [text for text in marked if re.search(r"<[!@#h]", text)] == []
    assert any("&lt;!channel&gt;" in text for text in marked)


def marked_up(call: Call) -> Iterator[str]:
    """Every text of the call in which Slack looks for markup; dates are the bot's own."""
    for held in (call.arguments, call.arguments.get("view")):
        for text in _marked(held):
            yield re.sub(r"<!date\^[^>]*>", "", text)


def _marked(held: Any) -> Iterator[str]:
    if isinstance(held, list):
        for inner in held:
            yield from _marked(inner)
    elif isinstance(held, dict):
        if isinstance(held.get("text"), str) and held.get("type") in (None, "mrkdwn"):
            yield held["text"]
        for inner in held.values():
            yield from _marked(inner)


async def test_a_press_by_somebody_who_has_no_card_makes_none(office: Office) -> None:
    await office.waiting()
    before = await office.world.rows(cards)
    await forged(office, LEA)
    assert await office.world.rows(cards) == before
