"""What Slack shows follows what happened, whatever Slack does meanwhile."""

from collections.abc import AsyncIterator
from datetime import timedelta
from time import monotonic
from uuid import UUID

import pytest
import pytest_asyncio
import sqlalchemy as sa

from relance.messaging.carrier import InProcessCarrier
from relance.store.database import Database
from relance.store.tables import action_owners, actions, attempts, cards, decisions, members
from relance.store.tables import history as history_table
from relance.store.types import new_id
from relance_bot.tokens import SlackRefused
from relance_bot.wiring import build
from tests.scenarios.office import (
    ALICE,
    BOB,
    LEA,
    Office,
    a_bot,
    an_office,
    buttons,
    said,
    settings_of,
)

pytestmark = pytest.mark.asyncio


@pytest_asyncio.fixture
async def office(sqlite_store_url: str) -> AsyncIterator[Office]:
    async with an_office(sqlite_store_url) as office:
        yield office
        assert office.workspace.failures == []


def calls(office: Office, method: str) -> int:
    return sum(call.method == method for call in office.workspace.calls)


def later(office: Office, **much: int) -> None:
    office.world.clock.move_to(office.world.clock.now() + timedelta(**much))


async def test_a_card_whose_bell_was_lost_is_posted_all_the_same(office: Office) -> None:
    world = office.world
    customer = await world.customer("ACME")
    await world.action(customer, [await world.invoice(customer, "10.00")])
    await office.settle()
    assert len(office.cards(ALICE)) == 1


async def test_an_unchanged_card_is_not_touched(office: Office) -> None:
    action = await office.waiting()
    await office.changed(action)
    await office.changed(action)
    assert calls(office, "chat.update") == 0
    assert calls(office, "chat.postMessage") == 1


async def test_lateness_is_brought_up_to_date_on_the_next_day(office: Office) -> None:
    await office.waiting()
    later(office, days=2)
    await office.settle()
    assert "19 days late" in said(office.card()["blocks"])
    assert calls(office, "chat.update") == 1


async def test_slack_that_asks_to_wait_is_waited_for(office: Office) -> None:
    office.workspace.faults.plan("chat.postMessage", "ratelimited", status=429, retry_after=1)
    await office.waiting()
    assert len(office.cards(ALICE)) == 1


async def test_a_card_that_slack_refused_is_posted_later_and_only_once(office: Office) -> None:
    office.workspace.faults.plan("chat.postMessage", "internal_error")
    await office.waiting()
    assert office.cards(ALICE) == []
    [row] = await office.world.rows(cards)
    assert row.problem == "internal_error"
    later(office, minutes=1)
    await office.settle()
    await office.settle()
    assert len(office.cards(ALICE)) == 1


async def test_a_change_that_slack_refused_is_made_later(office: Office) -> None:
    await office.waiting()
    office.workspace.faults.plan("chat.update", "internal_error", times=9)
    await office.press("validate")
    await office.settle()
    assert "Validated" not in said(office.card()["blocks"])
    office.workspace.faults.planned.clear()
    later(office, minutes=1)
    await office.settle()
    assert "Validated by Alice" in said(office.card()["blocks"])


async def test_a_card_that_somebody_deleted_comes_again(office: Office) -> None:
    action = await office.waiting()
    card = office.card()
    conversation = office.workspace.conversation(card["channel"])
    conversation.remove(conversation.message(card["ts"]))
    await office.world.set(actions, action, version=2)
    await office.changed(action)
    later(office, minutes=1)
    await office.settle()
    assert office.card()["ts"] != card["ts"]


async def test_an_owner_who_is_not_in_slack_gets_the_card_once_they_are(office: Office) -> None:
    ghost = await office.world.member("Ghost", slack_team=None, slack_user=None)
    await office.waiting(owners=(ghost,))
    [row] = await office.world.rows(cards)
    assert (row.ts, row.problem) == (None, "unreached")
    await office.world.set(members, ghost, slack_team="T1", slack_user="U0099")
    later(office, minutes=20)
    await office.settle()
    assert len(office.cards("U0099")) == 1


async def test_an_action_decided_before_it_was_shown_is_not_posted(office: Office) -> None:
    office.workspace.faults.plan("chat.postMessage", "internal_error")
    action = await office.waiting()
    now = office.world.clock.now()
    await office.world.set(actions, action, state="cancelled", closed_at=now, version=2)
    later(office, minutes=1)
    await office.settle()
    assert office.cards(ALICE) == []


async def test_delivery_is_told_on_the_card_and_in_its_thread(office: Office) -> None:
    action = await office.waiting()
    await office.press("validate")
    await office.settle()
    await sent(office, action)
    await office.changed(action)
    assert "Sent to pay@acme.test" in said(office.card()["blocks"])
    firsts = [line.partition(",")[0] for line in office.thread()]
    assert firsts == ["Validated by Alice", "Sent to pay@acme.test"]


async def sent(office: Office, action: UUID) -> None:
    """As dispatcher and scheduler leave it."""
    world, now = office.world, office.world.clock.now()
    dispatcher = Database(world.database.engine.url.render_as_string(), service="dispatcher")
    async with dispatcher.write() as tx:
        row = {
            "id": new_id(),
            "action_id": action,
            "number": 1,
            "channel": "email",
            "action_version": 2,
            "token": new_id(),
            "claimed_at": now,
            "lease_until": now,
            "message_id": "m",
            "recipients": ["pay@acme.test"],
            "outcome": "delivered",
            "recorded_at": now,
        }
        await tx.execute(sa.insert(attempts).values(row))
    await dispatcher.close()
    async with world.database.write() as tx:
        line = {"id": new_id(), "action_id": action, "at": now, "event": "sent", "detail": {}}
        await tx.execute(sa.insert(history_table).values(line))
    await world.set(actions, action, state="executed", closed_at=now, version=3)


async def test_a_lead_reassigns_and_the_old_owners_card_loses_its_content(office: Office) -> None:
    action = await office.waiting()
    lea = office.at(LEA)
    await lea.open_home()
    await office.taken_in()
    home = lea.home()
    assert home is not None
    text = said(home["blocks"])
    assert "*First reminder* · Alice" in text
    assert "ACME" not in text
    assert "1,200" not in text
    await lea.press_home("reassign")
    await office.taken_in()
    await office.submit(LEA, new_owner=office.bob.hex)
    await office.settle()
    owners = await office.world.rows(action_owners, action_owners.c.action_id == action)
    assert [row.member_id for row in owners] == [office.bob]
    old = said(office.card(ALICE)["blocks"])
    assert "It is now with Bob." in old
    assert "ACME" not in old
    assert "ACME" in said(office.card(BOB)["blocks"])


async def test_a_collector_cannot_reassign_by_a_forged_click(office: Office) -> None:
    action = await office.waiting()
    alice = office.at(LEA)
    await alice.open_home()
    await office.taken_in()
    await alice.press_home("reassign")
    await office.taken_in()
    await office.world.set(members, office.lea, roles=["collector"])
    await office.submit(LEA, new_owner=office.bob.hex)
    await office.settle()
    assert "Only a lead or an administrator" in said(office.modal(LEA)["blocks"])
    assert (await office.world.row(actions, action)).version == 1


async def test_home_is_the_worklist_and_follows_every_decision(office: Office) -> None:
    await office.waiting()
    alice = office.at(ALICE)
    await alice.open_home()
    await office.taken_in()
    home = alice.home()
    assert home is not None
    text = said(home["blocks"])
    assert "1 action waits for you" in text
    assert "€1,200.00 × 17 days late" in text
    assert "Waiting for others" not in text
    await office.press("validate")
    await office.settle()
    home = alice.home()
    assert home is not None
    assert "Nothing waits for you" in said(home["blocks"])


async def test_from_home_one_reviews_and_validates(office: Office) -> None:
    action = await office.waiting()
    alice = office.at(ALICE)
    await alice.open_home()
    await office.taken_in()
    await alice.press_home("review")
    await office.taken_in()
    text = said(office.modal()["blocks"])
    assert "To: pay@acme.test" in text
    await alice.press_modal("validate")
    await office.settle()
    assert (await office.world.row(actions, action)).state == "queued"
    assert buttons(office.modal()["blocks"]) == []


async def test_an_edit_from_the_review_closes_both(office: Office) -> None:
    action = await office.waiting()
    alice = office.at(ALICE)
    await alice.open_home()
    await office.taken_in()
    await alice.press_home("review")
    await office.taken_in()
    await alice.press_modal("edit")
    await office.taken_in()
    assert len(alice.modals()) == 2
    await office.submit(body__0="Other words")
    await office.settle()
    assert alice.modals() == []
    assert (await office.world.row(actions, action)).edited_body == "Other words"


async def test_a_stranger_sees_an_empty_home(office: Office) -> None:
    await office.waiting()
    nobody = office.at("U0099")
    await nobody.open_home()
    await office.taken_in()
    home = nobody.home()
    assert home is not None
    assert "I do not know you" in said(home["blocks"])


async def test_two_bots_in_one_workspace_post_once_and_decide_once(sqlite_store_url: str) -> None:
    async with an_office(sqlite_store_url, bots=2) as office:
        office.workspace.sockets.repeat = True
        action = await office.waiting()
        assert len(office.cards(ALICE)) == 1
        await office.press("validate")
        await office.settle()
        assert (await office.world.row(actions, action)).version == 2
        assert len(await office.world.rows(decisions)) == 1
        assert len(office.thread()) == 1
        assert "Validated by Alice" in said(office.card()["blocks"])


async def test_a_bot_that_comes_back_finds_what_it_missed(sqlite_store_url: str) -> None:
    async with an_office(sqlite_store_url) as office:
        await office.waiting()
        carrier = InProcessCarrier()
        await office.bots[0].stop()
        await office.world.set(
            actions, (await office.world.rows(actions))[0].id, version=2, note="Call first"
        )
        async with a_bot(sqlite_store_url, office.sandbox, carrier, office.world) as second:
            await second.tick()
        assert "Note: Call first" in said(office.card()["blocks"])


async def test_content_that_breaks_markup_is_shown_as_it_is(office: Office) -> None:
    world = office.world
    name = "<!channel> & Söhne شركة 😀 " + "x" * 200
    customer = await world.customer(name)
    await world.contact(customer, "pay@acme.test")
    many = [await world.invoice(customer, "1.00") for _ in range(60)]
    await office.changed(await world.action(customer, many))
    card = office.card()
    assert "and 45 more items" in said(card["blocks"])
    assert "&lt;!channel&gt; &amp; Söhne" in card["text"]
    assert "<!channel>" not in card["text"]


@pytest.mark.parametrize(
    ("setting", "value", "sentence"),
    [
        ("SLACK_BOT_TOKEN", "", "SLACK_BOT_TOKEN: not set"),
        ("SLACK_BOT_TOKEN", "xapp-wrong-one", "SLACK_BOT_TOKEN: not a bot token"),
        ("SLACK_BOT_TOKEN", "xoxb-unknown", "SLACK_BOT_TOKEN: invalid_auth"),
        ("SLACK_APP_TOKEN", "", "SLACK_APP_TOKEN: not set"),
        ("SLACK_APP_TOKEN", "xapp-unknown", "SLACK_APP_TOKEN: invalid_auth"),
        ("SLACK_API_URL", "http://127.0.0.1:9/api/", "Slack cannot be reached"),
    ],
)
async def test_a_bad_token_is_told_with_what_to_do(
    office: Office, sqlite_store_url: str, setting: str, value: str, sentence: str
) -> None:
    settings = settings_of(office.sandbox, **{setting: value})
    database = Database(sqlite_store_url, service="bot")
    with pytest.raises(SlackRefused) as refused:
        await build(settings, database, InProcessCarrier(), office.world.clock).start()
    await database.close()
    assert str(refused.value).startswith(sentence)
    assert "xox" not in str(refused.value).replace("xoxb-;", "")


async def test_cards_are_posted_at_the_pace_slack_asks_for(sqlite_store_url: str) -> None:
    async with an_office(sqlite_store_url, pace_seconds=1.1) as office:
        office.workspace.pace.on = True
        customer = await office.world.customer("ACME")
        for _ in range(3):
            await office.world.action(customer, [await office.world.invoice(customer, "10.00")])
        began = monotonic()
        await office.settle()
        assert monotonic() - began > 2 * 1.1
        assert len(office.cards(ALICE)) == 3


async def test_a_database_that_fails_is_told_privately_and_nothing_is_done(
    office: Office,
) -> None:
    action = await office.waiting()
    async with office.world.database.write() as tx:  # as if a migration were under way
        await tx.execute(sa.text("alter table decisions rename to elsewhere"))
    await office.press("validate")
    assert "Something went wrong on our side" in office.whispers()[0]
    async with office.world.database.write() as tx:
        await tx.execute(sa.text("alter table elsewhere rename to decisions"))
    assert (await office.world.row(actions, action)).version == 1


async def test_an_edit_that_could_not_be_written_is_given_back(office: Office) -> None:
    await office.waiting()
    await office.press("edit")
    async with office.world.database.write() as tx:
        await tx.execute(
            sa.text(
                "create trigger full before insert on outbox "
                "begin select raise(abort, 'disk full'); end"
            )
        )
    await office.submit(body__0="My careful text")
    assert any("My careful text" in whisper for whisper in office.whispers())
    assert await office.world.rows(decisions) == []
