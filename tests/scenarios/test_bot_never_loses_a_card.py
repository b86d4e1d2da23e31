"""What a bell that was lost, a crowd or somebody's zone must not keep from its owner."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
import pytest_asyncio
import sqlalchemy as sa
from sqlalchemy import event

from relance.domain.actions import Verb
from relance.service import drain
from relance.store.cards import due_cards
from relance.store.tables import action_owners, actions, members, organisations
from relance.store.types import new_id
from relance_bot.blocks.home import home
from relance_bot.blocks.values import Target
from relance_bot.deciding import No
from relance_bot.people import Colleague, Identity
from relance_scheduler.reconsider import reconsider
from tests.scenarios.office import ALICE, BOB, LEA, TEAM, Office, an_office, said
from tests.world import a_world

pytestmark = pytest.mark.asyncio


@pytest_asyncio.fixture
async def office(store_url: str) -> AsyncIterator[Office]:
    async with an_office(store_url) as office:
        yield office
        assert office.workspace.failures == []


async def hand_over(office: Office, action: UUID, to: UUID, version: int) -> None:
    """As the scheduler leaves a reassignment, but for its bell."""
    owned = action_owners.c.action_id == action
    async with office.world.database.write() as tx:
        await tx.execute(sa.update(action_owners).where(owned).values(member_id=to))
    await office.world.set(actions, action, version=version)


async def test_a_lead_who_takes_an_action_over_gets_its_card_though_the_bell_was_lost(
    office: Office,
) -> None:
    action = await office.waiting()
    await office.bots[0]._desk.redraw(action, office.lea, None)  # as after a reassignment from Home
    await hand_over(office, action, office.lea, 2)
    await office.settle()
    assert "ACME" in said(office.card(LEA)["blocks"])


async def test_what_comes_back_to_a_second_owner_is_posted_though_the_bell_was_lost(
    office: Office,
) -> None:
    office.workspace.faults.plan("chat.postMessage", "internal_error", times=2)
    action = await office.waiting(owners=(office.world.alice, office.bob))
    now = office.world.clock.now()
    await office.world.set(actions, action, state="queued", version=2)
    office.world.clock.move_to(now.replace(minute=55))
    await office.settle()
    assert office.cards(BOB) == []
    await office.world.set(actions, action, state="waiting", problem="rejected", version=3)
    await office.settle()
    assert len(office.cards(ALICE)) == 1
    assert len(office.cards(BOB)) == 1


async def test_one_person_s_many_cards_keep_nobody_else_waiting(store_url: str) -> None:
    async with a_world(store_url) as world:
        bob = await world.member("Bob")
        customer = await world.customer("ACME")
        async with world.at_once():
            for _ in range(30):
                await world.action(customer)
            action = await world.action(customer, owners=(bob,))
        now = world.clock.now()
        async with world.database.read() as tx:
            due = await due_cards(tx, now, now, limit=20)
        assert (action, bob) in [(card.action, card.member) for card in due]


async def test_another_company_s_action_does_not_exist_for_a_lead(office: Office) -> None:
    action = await office.waiting()
    row = dict((await office.world.rows(organisations))[0]._mapping)
    elsewhere = row | {"id": new_id(), "name": "Elsewhere"}
    async with office.world.database.write() as tx:
        await tx.execute(sa.insert(organisations).values(elsewhere))
    await office.world.set(members, office.lea, organisation_id=elsewhere["id"])
    desk = office.bots[0]._desk
    who = await desk.people.who(Identity(team=TEAM, user=LEA, home_team=TEAM))
    assert isinstance(who, Colleague)
    found = await desk.deciding.look(Target(action=action, version=1), Verb.REASSIGN, who)
    assert isinstance(found, No)


async def test_another_company_s_wrong_time_zone_keeps_no_card_back(office: Office) -> None:
    row = dict((await office.world.rows(organisations))[0]._mapping)
    async with office.world.database.write() as tx:
        wrong = row | {"id": new_id(), "name": "Nowhere", "zone": "Mars/Olympus"}
        await tx.execute(sa.insert(organisations).values(wrong))
    await office.waiting()
    assert len(office.cards(ALICE)) == 1
    await office.press("validate")
    await office.settle()
    assert (await office.world.rows(actions))[0].state == "queued"


async def test_a_part_payment_shows_on_the_card_at_once(office: Office) -> None:
    world = office.world
    customer = await world.customer("ACME")
    await world.contact(customer, "pay@acme.test")
    invoice = await world.invoice(customer, "1200.00", late=17)
    case = await world.case(customer, await world.plan())
    await office.changed(await world.action(customer, [invoice], case=case))
    assert "1,200" in said(office.card()["blocks"])
    await world.pay(invoice, "200.00")
    async with world.database.write() as tx:
        await reconsider(tx, [customer], world.clock.now())
    await drain(office.scheduler.relay.tick, office.bots[0].tick)
    assert "1,000" in said(office.card()["blocks"])


async def test_items_left_out_after_the_text_was_written_do_not_bring_it_back(
    office: Office,
) -> None:
    world = office.world
    customer = await world.customer("ACME")
    await world.contact(customer, "pay@acme.test")
    first, second = [await world.invoice(customer, amount) for amount in ("100.00", "50.00")]
    action = await world.action(customer, [first, second])
    await office.changed(action)
    await office.press("edit")
    await office.submit(body__0="Please pay.")
    await office.settle()
    await office.press("edit")
    await office.submit(items__0=[second.hex])
    await office.settle()
    row = await world.row(actions, action)
    assert (row.version, row.edited_amounts) == (3, {str(second): 5000})


async def test_an_amount_that_moves_while_one_leaves_items_out_is_said_before_saving(
    office: Office,
) -> None:
    world = office.world
    customer = await world.customer("ACME")
    await world.contact(customer, "pay@acme.test")
    first, second = [await world.invoice(customer, amount) for amount in ("100.00", "50.00")]
    action = await world.action(customer, [first, second])
    await office.changed(action)
    await office.press("edit")
    await office.submit(body__0="Please pay 50 euros.")
    await office.settle()
    await office.press("edit")
    await world.pay(second, "20.00")
    await office.submit(items__0=[second.hex])
    assert "An amount has changed while you were writing" in said(office.modal()["blocks"])
    await office.submit(items__0=[second.hex])
    await office.settle()
    assert (await world.row(actions, action)).edited_amounts == {str(second): 3000}


async def test_a_lead_s_home_reads_no_more_of_the_others_work_than_it_shows(office: Office) -> None:
    """PostgreSQL takes 65,535 values in a statement; so many may wait."""
    world = office.world
    customer = await world.customer("ACME")
    async with world.at_once():
        for _ in range(60):
            await world.action(customer)
    sizes: list[int] = []

    def note(_connection: object, _cursor: object, _sql: str, values: Any, *_rest: object) -> None:
        sizes.append(len(values))

    bot = office.bots[0]
    who = await bot._desk.people.who(Identity(team=TEAM, user=LEA, home_team=TEAM))
    assert isinstance(who, Colleague)
    event.listen(bot._desk.database.engine.sync_engine, "before_cursor_execute", note)
    view = await bot._homes.view(who)
    assert max(sizes) <= 35
    shown = said(home(view, who.language, world.clock.now())["blocks"])
    assert shown.count("*First reminder* · Alice") == 30
    assert "30 more" in shown


async def test_a_snooze_that_is_over_is_no_longer_on_the_card(office: Office) -> None:
    world = office.world
    await office.waiting(snoozed_until=world.today + timedelta(days=2))
    assert "nooze" in said(office.card()["blocks"])
    world.clock.move_to(world.clock.now() + timedelta(days=2))
    await office.settle()
    assert "nooze" not in said(
        [block for block in office.card()["blocks"] if block["type"] != "actions"]
    )
