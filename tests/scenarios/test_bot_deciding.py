"""Owners decide on their cards: real Bolt, real scheduler, the sandbox in Slack's place."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
import pytest_asyncio
import sqlalchemy as sa

from relance.store.tables import (
    action_items,
    actions,
    decision_answers,
    decisions,
    history,
    items,
    members,
)
from relance_sandbox import Acknowledged
from relance_sandbox.slack.deliveries import ask, interaction
from tests.scenarios.office import ADA, ALICE, BOB, LEA, Office, an_office, buttons, said

pytestmark = pytest.mark.asyncio


@pytest_asyncio.fixture
async def office(store_url: str) -> AsyncIterator[Office]:
    async with an_office(store_url) as office:
        yield office
        assert office.workspace.failures == []


async def state_of(office: Office, action: UUID) -> tuple[str, int]:
    row = await office.world.row(actions, action)
    return row.state, row.version


async def events_of(office: Office, action: UUID) -> list[str]:
    return [row.event for row in await office.world.rows(history, history.c.action_id == action)]


async def test_a_waiting_action_is_shown_to_its_owner_and_to_nobody_else(office: Office) -> None:
    await office.waiting()
    card = office.card()
    text = said(card["blocks"])
    assert "First reminder · ACME" in text
    assert "*€1,200.00* owed, 17 days late" in text
    assert "To: pay@acme.test" in text
    assert "il reste 1 200,00 €" in text.replace("\u202f", " ").replace("\xa0", " ")
    assert buttons(card["blocks"]) == ["validate", "edit", "skip"]
    assert office.cards(BOB) == office.cards(ADA) == []


async def test_an_owner_reads_the_card_in_their_own_language(office: Office) -> None:
    await office.waiting(owners=(office.bob,))
    assert "17 jours de retard" in said(office.card(BOB)["blocks"])


async def test_an_automatic_action_is_not_posted(office: Office) -> None:
    await office.waiting(state="queued", mode="automatic")
    assert office.cards(ALICE) == []


async def test_validating_queues_it_and_the_card_says_who_did(office: Office) -> None:
    action = await office.waiting()
    await office.press("validate")
    assert "Validating… (decided by Alice)" in said(office.card()["blocks"])
    await office.settle()
    row = await office.world.row(actions, action)
    assert (row.state, row.version, row.released_by) == ("queued", 2, office.world.alice)
    card = office.card()
    assert "Validated by Alice" in said(card["blocks"])
    assert buttons(card["blocks"]) == []
    assert [line.partition(",")[0] for line in office.thread()] == ["Validated by Alice"]
    assert await events_of(office, action) == ["validated"]


async def test_skipping_asks_for_a_reason_and_keeps_it(office: Office) -> None:
    action = await office.waiting()
    await office.press("skip")
    await office.submit(reason="They <pay> tomorrow & more")
    await office.settle()
    assert await state_of(office, action) == ("skipped", 2)
    assert "They &lt;pay&gt; tomorrow &amp; more" in said(office.card()["blocks"])


async def test_an_edit_with_a_mistake_shows_it_at_its_field_and_keeps_what_was_typed(
    office: Office,
) -> None:
    action = await office.waiting()
    await office.press("edit")
    assert office.modal()["callback_id"] == "edit"
    typed = {"body__0": "Merci de payer.", "to_typed__email": "nonsense"}
    await office.submit(**typed)
    assert office.modal()["errors"] == {"to_typed-email": "“nonsense” is not an e-mail address."}
    state = office.modal()["state"]["values"]
    assert state["body-0"]["value"]["value"] == "Merci de payer."
    await office.submit(**typed | {"to_typed__email": "other@acme.test"})
    assert office.at(ALICE).modal() is None
    await office.settle()
    row = await office.world.row(actions, action)
    assert (row.state, row.version) == ("waiting", 2)
    assert row.edited_body == "Merci de payer."
    assert row.to == ["pay@acme.test", "other@acme.test"]
    text = said(office.card()["blocks"])
    assert "Merci de payer." in text
    assert "Edited by Alice" in text
    assert buttons(office.card()["blocks"]) == ["validate", "edit", "skip"]


@pytest.mark.parametrize(
    ("fields", "place", "mistake"),
    [
        ({"body__0": ""}, "body-0", "Please write a text."),
        ({"subject": "", "body__0": "New"}, "subject", "Please write a subject."),
        ({"items__0": []}, "items-0", "Please keep at least one item."),
        ({"to__email": []}, "to_typed-email", "Please choose or type at least one recipient."),
    ],
)
async def test_each_mistake_stands_at_its_field(
    office: Office, fields: dict[str, Any], place: str, mistake: str
) -> None:
    await office.waiting()
    await office.press("edit")
    await office.submit(**fields)
    assert office.modal()["errors"] == {place: mistake}


async def test_saving_an_edit_modal_untouched_changes_nothing(office: Office) -> None:
    action = await office.waiting()
    await office.press("edit")
    await office.submit()
    await office.settle()
    assert await state_of(office, action) == ("waiting", 1)
    assert await office.world.rows(decisions) == []


async def test_another_channel_asks_for_other_fields_and_history_shows_the_change(
    office: Office,
) -> None:
    action = await office.waiting()
    await office.press("edit")
    await office.at(ALICE).press_modal("value", "channel", "call")
    await office.taken_in()
    names = {block["block_id"] for block in office.modal()["blocks"]}
    assert "subject" not in names
    await office.submit(body__0="Ask Paul about the delay.")
    await office.settle()
    row = await office.world.row(actions, action)
    assert (row.channel, row.edited_body) == ("call", "Ask Paul about the delay.")
    assert buttons(office.card()["blocks"]) == ["log_call", "edit", "skip"]
    [line] = await office.world.rows(history)
    assert line.detail["edit"]["channel"] == "call"


async def test_items_can_be_left_out(office: Office) -> None:
    world = office.world
    customer = await world.customer("ACME")
    await world.contact(customer, "pay@acme.test")
    first, second = [await world.invoice(customer, amount) for amount in ("100.00", "50.00")]
    action = await world.action(customer, [first, second])
    await office.changed(action)
    await office.press("edit")
    await office.submit(items__0=[second.hex])
    await office.settle()
    left_in = [r.item_id for r in await world.rows(action_items) if r.included]
    assert left_in == [second]
    text = said(office.card()["blocks"])
    assert "*€50.00* owed" in text
    assert "1 item left out" in text


async def test_an_amount_that_moves_while_one_writes_is_said_before_saving(office: Office) -> None:
    action = await office.waiting()
    await office.press("edit")
    [invoice] = await office.world.rows(items)
    await office.world.pay(invoice.id, "200.00")
    await office.submit(body__0="You owe us 1200 euros.")
    modal = office.modal()
    assert "An amount has changed while you were writing" in said(modal["blocks"])
    assert modal["state"]["values"]["body-0"]["value"]["value"] == "You owe us 1200 euros."
    await office.submit(body__0="You owe us 1000 euros.")
    await office.settle()
    row = await office.world.row(actions, action)
    assert row.edited_body == "You owe us 1000 euros."


async def test_a_call_needs_an_outcome(office: Office) -> None:
    action = await office.waiting(channel="call", template=None)
    await office.press("log_call")
    await office.submit(outcome="voicemail", note="Try again on Friday")
    await office.settle()
    row = await office.world.row(actions, action)
    assert (row.state, row.call_outcome, row.note) == (
        "executed",
        "voicemail",
        "Try again on Friday",
    )
    assert "Left a message" in said(office.card()["blocks"])


async def test_a_task_is_done_with_a_note(office: Office) -> None:
    action = await office.waiting(channel="task", template=None)
    await office.press("done")
    await office.submit(note="Talked to sales")
    await office.settle()
    row = await office.world.row(actions, action)
    assert (row.state, row.note) == ("executed", "Talked to sales")
    assert "Done by Alice" in said(office.card()["blocks"])


async def test_a_snooze_wants_a_day_ahead(office: Office) -> None:
    action = await office.waiting()
    await office.press("more", value=next(iter(snoozing(office))))
    today = office.world.today
    await office.submit(until=today.isoformat())
    assert office.modal()["errors"] == {"until": "Please choose a day after today."}
    await office.submit(until=(today + timedelta(days=3)).isoformat())
    await office.settle()
    row = await office.world.row(actions, action)
    assert row.snoozed_until == today + timedelta(days=3)
    assert "Snoozed until 27 Nov 2026" in said(office.card()["blocks"])


def snoozing(office: Office) -> list[str]:
    [menu] = [
        element
        for block in office.card()["blocks"]
        if block["type"] == "actions"
        for element in block["elements"]
        if element["type"] == "overflow"
    ]
    return [option["value"] for option in menu["options"]]


async def test_a_modal_submitted_too_late_says_what_happened_and_gives_the_text_back(
    office: Office,
) -> None:
    action = await office.waiting(owners=(office.world.alice, office.bob))
    await office.press("edit")
    await office.press("validate", BOB)
    await office.settle()
    await office.submit(body__0="My careful text")
    modal = office.modal()
    assert modal["title"]["text"] == "Nothing has changed"
    assert "Validated by Bob" in said(modal["blocks"])
    typed = [b["element"]["initial_value"] for b in modal["blocks"] if b["type"] == "input"]
    assert "My careful text" in "".join(typed)
    assert await state_of(office, action) == ("queued", 2)


async def test_a_modal_overtaken_between_submission_and_application_is_answered_privately(
    office: Office,
) -> None:
    await office.waiting()
    await office.press("edit")
    await office.submit(body__0="My careful text")
    await office.world.set(actions, (await office.world.rows(actions))[0].id, version=5)
    await office.settle()
    [whisper] = office.whispers()
    assert "This had already moved on" in whisper
    assert "My careful text" in whisper
    assert buttons(office.card()["blocks"]) == ["validate", "edit", "skip"]


async def test_ten_clicks_at_once_make_one_decision(office: Office) -> None:
    action = await office.waiting()
    card = office.card()
    acting = office.at(ALICE)
    outcomes = await asyncio.gather(
        *(acting.press(card["channel"], card["ts"], "validate") for _ in range(10))
    )
    assert all(isinstance(outcome, Acknowledged) for outcome in outcomes)
    await office.settle()
    assert await state_of(office, action) == ("queued", 2)
    answers = await office.world.rows(decision_answers)
    assert [answer.accepted for answer in answers].count(True) == 1
    assert await events_of(office, action) == ["validated"]
    assert len(office.whispers()) == 9
    assert "Validated by Alice" in said(office.card()["blocks"])


async def test_of_two_owners_the_first_decides_and_the_other_is_told_by_whom(
    office: Office,
) -> None:
    action = await office.waiting(owners=(office.world.alice, office.bob))
    assert "Also for Alice and Bob" in said(office.card(ALICE)["blocks"])
    seen = office.card(ALICE)
    await office.press("validate", BOB)
    await office.settle()
    assert "Validated by Bob" in said(office.card(ALICE)["blocks"])
    await office.at(ALICE).press(seen["channel"], seen["ts"], "validate", seen=seen["blocks"])
    await office.settle()
    [whisper] = office.whispers(ALICE)
    assert "Validated by Bob" in whisper
    assert await state_of(office, action) == ("queued", 2)


async def test_a_click_on_yesterdays_card_changes_nothing_and_says_what_happened(
    office: Office,
) -> None:
    action = await office.waiting()
    yesterday = office.card()
    await office.press("skip")
    await office.submit(reason="")
    await office.settle()
    office.world.clock.move_to(office.world.clock.now() + timedelta(days=1))
    await office.at(ALICE).press(
        yesterday["channel"], yesterday["ts"], "validate", seen=yesterday["blocks"]
    )
    await office.settle()
    assert await state_of(office, action) == ("skipped", 2)
    [whisper] = office.whispers()
    assert "Skipped by Alice" in whisper


async def forged(office: Office, user: str, **identity: Any) -> None:
    """The payload of Alice's Validate button, with another person's name on it."""
    card = office.card(ALICE)
    [validate] = [
        element
        for block in card["blocks"]
        if block["type"] == "actions"
        for element in block["elements"]
        if element["action_id"] == "validate"
    ]
    payload = interaction(office.workspace, user, "block_actions")
    payload["user"] |= identity
    payload |= {
        "container": {"type": "message", "message_ts": card["ts"], "channel_id": card["channel"]},
        "channel": {"id": card["channel"], "name": "directmessage"},
        "message": card,
        "actions": [{**validate, "block_id": "decide-1", "action_ts": office.workspace.next_ts()}],
    }
    await ask(office.workspace, user, "interactive", payload, "forged")
    await office.settle()


@pytest.mark.parametrize("user", [BOB, ADA, LEA])
async def test_who_is_no_owner_is_refused_privately_even_an_admin(
    office: Office, user: str
) -> None:
    action = await office.waiting()
    before = office.card()
    await forged(office, user)
    assert await state_of(office, action) == ("waiting", 1)
    assert await office.world.rows(decisions) == []
    [whisper] = office.whispers(user)
    assert "Alice" in whisper
    assert office.whispers(ALICE) == []
    assert office.card() == before
    assert office.cards(user) == []


@pytest.mark.parametrize("user", ["U0099", "U0098"])
async def test_strangers_and_guests_are_refused_privately(office: Office, user: str) -> None:
    action = await office.waiting()
    await forged(office, user)
    assert await state_of(office, action) == ("waiting", 1)
    assert len(office.whispers(user)) == 1


async def test_nobody_acts_from_another_workspace(office: Office) -> None:
    action = await office.waiting()
    await forged(office, ALICE, team_id="T2")
    assert await state_of(office, action) == ("waiting", 1)
    assert await office.world.rows(decisions) == []


async def test_a_member_who_was_switched_off_is_refused(office: Office) -> None:
    action = await office.waiting()
    await office.world.set(members, office.world.alice, active=False)
    await office.press("validate")
    await office.settle()
    assert await state_of(office, action) == ("waiting", 1)
    assert "switched off" in office.whispers()[0]


async def test_a_button_with_a_strange_value_does_nothing(office: Office) -> None:
    await office.waiting()
    card = office.card()
    for block in card["blocks"]:
        for element in block.get("elements", []):
            if element.get("action_id") == "validate":
                element["value"] = "'; drop table actions"
    await office.at(ALICE).press(card["channel"], card["ts"], "validate", seen=card["blocks"])
    await office.settle()
    assert "older version" in office.whispers()[0]
    assert await office.world.rows(decisions) == []


async def test_repeated_delivery_of_everything_makes_one_decision(office: Office) -> None:
    office.workspace.sockets.repeat = True
    action = await office.waiting()
    await office.press("skip")
    await office.submit(reason="Once")
    await office.settle()
    assert await state_of(office, action) == ("skipped", 2)
    assert len(await office.world.rows(decisions)) == 1
    assert office.whispers() == []


async def test_what_may_have_left_is_asked_about(office: Office) -> None:
    action = await office.waiting(state="uncertain")
    assert buttons(office.card()["blocks"]) == ["mark_sent", "send_again"]
    await office.press("mark_sent")
    await office.settle()
    assert (await state_of(office, action))[0] == "executed"
    assert "Marked as sent by Alice" in said(office.card()["blocks"])


async def test_a_member_known_by_address_alone_may_act(office: Office) -> None:
    await office.world.set(
        members, office.world.alice, slack_team=None, slack_user=None, email="Alice@atelier.test"
    )
    action = await office.waiting()
    await office.press("validate")
    await office.settle()
    assert (await state_of(office, action))[0] == "queued"


async def test_a_decision_is_written_with_the_click_that_made_it(office: Office) -> None:
    await office.waiting()
    await office.press("validate")
    [row] = await office.world.rows(decisions)
    assert row.origin.startswith(f"T1/{ALICE}/")
    assert (row.verb, row.version, row.member_id) == ("validate", 1, office.world.alice)
    async with office.world.database.read() as tx:
        assert await tx.scalar(sa.select(sa.func.count()).select_from(decisions)) == 1
