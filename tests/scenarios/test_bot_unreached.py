"""Owners who are not in Slack: a lead is told within minutes, once, and may reassign."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest
import pytest_asyncio

from relance.store.tables import action_owners, actions, cards, members
from relance.store.unreached import claim_unseen
from relance_bot.blocks.limits import check_message
from relance_bot.blocks.unreached import unreached
from relance_bot.blocks.words import LANGUAGES, Language
from tests.scenarios.agreeing import disagreements
from tests.scenarios.office import ADA, ALICE, BOB, LEA, Office, an_office, said
from tests.unit.slack_values import BOB as BOB_HERE
from tests.unit.slack_values import HOSTILE, NOW
from tests.unit.slack_values import action as shown_action

pytestmark = pytest.mark.asyncio


@pytest_asyncio.fixture
async def office(store_url: str) -> AsyncIterator[Office]:
    async with an_office(store_url) as office:
        yield office
        assert office.workspace.failures == []


async def after(office: Office, **much: float) -> None:
    office.world.clock.move_to(office.world.clock.now() + timedelta(**much))
    await office.settle()


async def a_ghost(office: Office, name: str = "Ghost") -> UUID:
    return await office.world.member(name, slack_team=None, slack_user=None)


async def test_a_lead_is_told_within_minutes_and_only_once(office: Office) -> None:
    ghost = await a_ghost(office)
    await office.waiting(owners=(ghost,))
    assert office.cards(LEA) == []
    await after(office, minutes=2)
    text = said(office.card(LEA)["blocks"])
    assert "1 action waits unseen" in text
    assert "First reminder* · Ghost" in text
    assert "ACME" not in text
    assert office.cards(ADA) == []
    for _ in range(8):
        await after(office, hours=3)
    assert len(office.cards(LEA)) == 1


async def test_the_lead_reassigns_from_there(office: Office) -> None:
    action = await office.waiting(owners=(await a_ghost(office),))
    await after(office, minutes=2)
    await office.press("reassign", LEA)
    await office.submit(LEA, new_owner=office.world.alice.hex)
    await office.settle()
    [row] = await office.world.rows(action_owners, action_owners.c.action_id == action)
    assert row.member_id == office.world.alice
    assert "Reassigned by Lea" in said(office.card(ALICE)["blocks"])
    await after(office, hours=2)
    assert len(office.cards(LEA)) == 1
    assert await disagreements(office) == []


async def test_sixty_actions_are_one_message(office: Office) -> None:
    ghosts = [await a_ghost(office), await a_ghost(office, "<!channel>")]
    customer = await office.world.customer("ACME")
    async with office.world.at_once():
        for number in range(60):
            await office.world.action(customer, owners=(ghosts[number % 2],))
    await office.settle()
    await after(office, minutes=2)
    card = office.card(LEA)
    text = said(card["blocks"])
    assert "60 actions wait unseen" in text
    assert "40 more" in text
    assert "&lt;!channel&gt;" in text


async def test_a_french_lead_reads_french(office: Office) -> None:
    await office.world.set(members, office.lea, active=False)
    await office.world.set(members, office.bob, roles=["collector", "lead"])
    await office.waiting(owners=(await a_ghost(office),))
    await after(office, minutes=2)
    assert "1 action attend sans être vue" in said(office.card(BOB)["blocks"])


async def test_without_a_lead_an_admin_is_told(office: Office) -> None:
    await office.world.set(members, office.lea, active=False)
    await office.waiting(owners=(await a_ghost(office),))
    await after(office, minutes=2)
    assert len(office.cards(ADA)) == 1


async def test_without_anybody_it_is_tried_until_somebody_is_there(office: Office) -> None:
    await office.world.set(members, office.lea, slack_user=None, slack_team=None, email="l@x.test")
    await office.world.set(members, office.ada, roles=["collector"])
    await office.waiting(owners=(await a_ghost(office),))
    await after(office, minutes=2)
    [row] = await office.world.rows(cards)
    assert row.problem == "unreached"
    await office.world.set(members, office.lea, slack_user=LEA, slack_team="T1")
    await after(office, minutes=1)
    assert len(office.cards(LEA)) == 1


async def test_nobody_is_told_while_another_owner_sees_it(office: Office) -> None:
    await office.waiting(owners=(await a_ghost(office), office.world.alice))
    await after(office, minutes=2)
    assert len(office.cards(ALICE)) == 1
    assert office.cards(LEA) == []


async def test_whoever_comes_within_the_minute_is_shown_it_and_nobody_is_told(
    office: Office,
) -> None:
    ghost = await a_ghost(office)
    await office.waiting(owners=(ghost,))
    await office.world.set(members, ghost, slack_team="T1", slack_user="U0099")
    await after(office, minutes=2)
    assert len(office.cards("U0099")) == 1
    assert office.cards(LEA) == []


async def test_somebody_who_was_removed_from_slack_is_noticed_at_the_next_change(
    office: Office,
) -> None:
    action = await office.waiting()
    people = office.workspace.members
    people[ALICE] = replace(people[ALICE], deleted=True)
    office.bots[0]._people._profiles.clear()
    await office.world.set(actions, action, note="Changed", version=2)
    await office.changed(action)
    await after(office, minutes=2)
    assert "First reminder* · Alice" in said(office.card(LEA)["blocks"])


async def test_an_owner_who_was_switched_off_is_shown_nothing_and_a_lead_is_told(
    office: Office,
) -> None:
    await office.world.set(members, office.world.alice, active=False)
    await office.waiting()
    await after(office, minutes=2)
    assert office.cards(ALICE) == []
    assert "First reminder* · Alice" in said(office.card(LEA)["blocks"])


async def test_what_is_over_or_is_somebody_else_s_by_then_is_told_to_nobody(
    office: Office,
) -> None:
    ghost = await a_ghost(office)
    action = await office.waiting(owners=(ghost,))
    now = office.world.clock.now()
    await office.world.set(actions, action, state="cancelled", closed_at=now, version=2)
    await after(office, minutes=2)
    await after(office, minutes=20)
    assert office.cards(LEA) == []
    [row] = await office.world.rows(cards)
    assert row.settled


async def test_a_lead_whom_slack_refuses_is_told_later(office: Office) -> None:
    await office.waiting(owners=(await a_ghost(office),))
    office.workspace.faults.plan("chat.postMessage", "internal_error", times=2)
    await after(office, minutes=2)
    assert office.cards(LEA) == []
    await after(office, minutes=1)
    await after(office, minutes=1)
    assert len(office.cards(LEA)) == 1


async def test_of_two_bots_one_tells(sqlite_store_url: str) -> None:
    async with an_office(sqlite_store_url, bots=2) as office:
        await office.waiting(owners=(await a_ghost(office),))
        await after(office, minutes=2)
        await after(office, minutes=20)
        assert len(office.cards(LEA)) == 1


async def test_a_bot_that_dies_while_it_tells_is_made_up_for(office: Office) -> None:
    await office.waiting(owners=(await a_ghost(office),))
    later = office.world.clock.now() + timedelta(minutes=2)
    async with office.bots[0]._desk.database.write() as tx:
        await claim_unseen(tx, office.world.organisation, later)
    office.world.clock.move_to(later)
    await office.settle()
    assert office.cards(LEA) == []
    await after(office, minutes=2)
    await after(office, minutes=20)
    assert len(office.cards(LEA)) == 1


@pytest.mark.parametrize("language", LANGUAGES)
async def test_the_message_keeps_every_limit(language: Language) -> None:
    owners = tuple(replace(BOB_HERE, name=name * 200) for name in HOSTILE if name)
    many = [
        shown_action(id=UUID(int=number), step_name=HOSTILE[number % 7] or "x", owners=owners)
        for number in range(300)
    ]
    names = [owner.name for owner in owners]
    assert check_message(unreached(many, names, language, NOW)) == []
