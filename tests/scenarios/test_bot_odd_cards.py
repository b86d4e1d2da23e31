"""Cards posted twice, cut short, handed over: what their people see."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from relance.store.tables import actions, cards
from tests.scenarios.agreeing import disagreements
from tests.scenarios.office import ALICE, BOB, LEA, Office, an_office, buttons, said
from tests.scenarios.test_slack_refuses import recover

pytestmark = pytest.mark.asyncio


@pytest_asyncio.fixture
async def office(sqlite_store_url: str) -> AsyncIterator[Office]:
    async with an_office(sqlite_store_url) as office:
        yield office
        assert office.workspace.failures == []


async def test_of_a_card_posted_twice_the_one_that_is_pressed_says_where_to_look(
    office: Office,
) -> None:
    office.workspace.faults.plan("chat.postMessage", "lost", lost=True)
    action = await office.waiting()  # the library tries again: Slack has both
    stray, known = office.cards(ALICE)
    await office.at(ALICE).press(stray["channel"], stray["ts"], "validate")
    await office.settle()
    assert (await office.world.row(actions, action)).state == "queued"
    first, second = office.cards(ALICE)
    assert first["text"] == "This card was posted twice; the other one is followed."
    assert first.get("blocks", []) == []
    assert (second["ts"], "Validated by Alice" in said(second["blocks"])) == (known["ts"], True)
    assert await disagreements(office) == []


async def test_a_card_of_which_slack_never_said_that_it_took_it_is_followed_once_pressed(
    office: Office,
) -> None:
    office.workspace.faults.plan("chat.postMessage", "lost", lost=True, times=2)
    action = await office.waiting()
    _, last = office.cards(ALICE)
    [row] = await office.world.rows(cards)
    assert row.ts is None
    office.world.clock.move_to(row.leased_until)
    await office.at(ALICE).press(last["channel"], last["ts"], "validate")
    await office.settle()
    assert (await office.world.row(actions, action)).state == "queued"
    assert "Validated by Alice" in said(office.cards(ALICE)[1]["blocks"])
    assert len(office.cards(ALICE)) == 2
    assert (await office.world.rows(cards))[0].ts == last["ts"]


@pytest.mark.parametrize("code", ["msg_too_long", "msg_blocks_too_long", "invalid_blocks"])
async def test_of_a_card_that_slack_does_not_take_its_owner_sees_what_it_takes(
    office: Office, code: str
) -> None:
    office.workspace.faults.plan("chat.postMessage", code)
    action = await office.waiting()
    card = office.card()
    assert "Press Edit to see the whole text" in said(card["blocks"])
    assert buttons(card["blocks"]) == ["validate", "edit", "skip"]
    await office.press("edit")
    await office.submit(body__0="Shorter.")
    await recover(office)
    assert (await office.world.row(actions, action)).edited_body == "Shorter."
    assert "Shorter." in said(office.card()["blocks"])
    assert await disagreements(office) == []


async def test_one_person_whom_slack_keeps_waiting_keeps_nobody_else_waiting(
    office: Office,
) -> None:
    world = office.world
    customer = await world.customer("ACME")
    async with world.at_once():
        for _ in range(5):
            await world.action(customer)
    office.workspace.faults.plan("chat.postMessage", "internal_error", status=500, times=1_000)
    await office.bots[0].tick()
    refused = [call for call in office.workspace.calls if call.method == "chat.postMessage"]
    assert len(refused) == 1  # the other four are not asked for, one time-out after the other


async def test_a_card_whose_thread_is_gone_comes_again(office: Office) -> None:
    action = await office.waiting()
    card = office.card()
    conversation = office.workspace.conversation(card["channel"])
    await office.press("validate")
    await office.taken_in()
    conversation.remove(conversation.message(card["ts"]))
    office.workspace.faults.plan("chat.update", "edit_window_closed", times=9)
    await office.settle()
    await recover(office)
    assert office.cards(ALICE) == []  # decided: nothing is to be shown any more
    await office.world.set(actions, action, state="waiting", version=9)
    await office.changed(action)
    await recover(office)
    assert len(office.cards(ALICE)) == 1


async def test_a_card_handed_over_tells_both_people_each_in_their_language(office: Office) -> None:
    await office.waiting()
    await office.at(LEA).open_home()
    await office.taken_in()
    await office.at(LEA).press_home("reassign")
    await office.taken_in()
    await office.submit(LEA, new_owner=office.bob.hex)
    await office.settle()
    [told] = office.thread(ALICE)
    assert told.startswith("Given to Bob by Lea, ")
    assert "ACME" not in told
    assert "Réattribué par Lea" in said(office.card(BOB)["blocks"])


async def test_the_owner_who_came_second_reads_who_was_first_in_their_language(
    office: Office,
) -> None:
    await office.waiting(owners=(office.world.alice, office.bob))
    seen = office.card(BOB)
    await office.press("validate")
    await office.at(BOB).press(seen["channel"], seen["ts"], "validate", seen=seen["blocks"])
    await office.settle()
    await office.at(BOB).press(seen["channel"], seen["ts"], "skip", seen=seen["blocks"])
    await office.settle()
    pending, late = [*office.whispers(BOB), said(office.modal(BOB)["blocks"])]
    assert pending == "Alice vient de décider\u00a0; la décision est en cours."
    assert "Validé par Alice" in late
    assert office.thread(BOB)[0].startswith("Validé par Alice")
