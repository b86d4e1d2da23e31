"""`/relance plan …`: plans as people read them, and their pauses."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
import pytest_asyncio

from relance.store.plans import find_plan
from relance.store.tables import cases, history
from relance_bot.blocks.kit import Message
from relance_bot.blocks.limits import check_message
from relance_scheduler.plans import apply
from tests.scenarios.office import ADA, ALICE, BOB, Office, an_office, said
from tests.world import DOCUMENT

pytestmark = pytest.mark.asyncio


@pytest_asyncio.fixture
async def office(store_url: str) -> AsyncIterator[Office]:
    async with an_office(store_url) as office:
        await office.world.plan()
        yield office
        assert office.workspace.failures == []


async def answers(office: Office, text: str, user: str = ALICE) -> list[dict[str, Any]]:
    """What was said to them since, as messages, when all has been taken in."""
    before = len(office.at(user).ephemerals())
    await office.at(user).command("/relance", text)
    await office.settle()
    return list(office.at(user).ephemerals()[before:])


async def answer(office: Office, text: str, user: str = ALICE) -> str:
    [message] = await answers(office, text, user)
    return said(message.get("blocks", [])) or str(message["text"])


async def change(office: Office, **fields: Any) -> None:
    world = office.world
    async with world.database.write() as tx:
        document = {**DOCUMENT, **fields}
        await apply(tx, world.organisation, document, office.ada, world.clock.now())


async def test_all_plans_are_listed_with_how_many_follow_them(office: Office) -> None:
    world = office.world
    plan = await world.plan({**DOCUMENT, "plan": "calm", "name": "Calm & kind"})
    await world.case(await world.customer("ACME"), plan)
    text = await answer(office, "plan list")
    assert text.splitlines()[0] == "2 plans"
    assert "*Calm &amp; kind* (`calm`) · version 1 · 3 steps · 1 customer" in text
    assert "*Standard* (`standard`) · version 1 · 3 steps · 0 customers" in text


async def test_a_step_is_a_sentence(office: Office) -> None:
    text = await answer(office, "plan show standard")
    assert "Standard, version 1" in text
    assert (
        "1. *Notice* – 7 days before the due date · E-mail · automatic · account manager"
        " · template `notice`"
    ) in text
    assert "2. *First reminder* – 1 day after the due date" in text
    assert "3. *Second reminder* – 8 days after the due date · E-mail · to be confirmed" in text


async def test_it_is_shown_in_the_reader_s_language_and_by_its_name(office: Office) -> None:
    text = await answer(office, "plan show STANDARD", BOB)
    assert "1 jour après l’échéance · E-mail · automatique · chargé de compte" in text


async def test_each_version_says_who_changed_what(office: Office) -> None:
    first, *rest = DOCUMENT["steps"]
    await change(office, contact_delay=7, steps=[{**first, "name": "Early notice"}, *rest[1:]])
    text = await answer(office, "plan history standard")
    latest, earlier = text.index("*Version 2* · Ada"), text.index("*Version 1*")
    assert latest < earlier
    assert "Removed: First reminder" in text
    assert "Changed: days between two contacts" in text
    assert "Changed in Early notice: name" in text
    assert "The first version" in text


async def test_a_plan_is_shown_as_the_file_that_makes_it_again(office: Office) -> None:
    text = await answer(office, "plan export standard")
    assert "plan: standard" in text
    assert "when: 1 day after due date" in text


async def test_an_admin_pauses_a_plan_and_lets_it_go_on(office: Office) -> None:
    world = office.world
    said = await answer(office, "plan pause standard until 2026-12-24 <quiet> days", ADA)
    assert said == "The plan “standard” is paused until 24 Dec 2026."
    assert ":double_vertical_bar: Paused until 24 Dec 2026 (&lt;quiet&gt; days)" in await answer(
        office, "plan show standard"
    )
    assert await answer(office, "plan resume standard", ADA) == "The plan “standard” goes on."
    assert await answer(office, "plan resume standard", ADA) == "That plan was not paused."
    async with world.database.read() as tx:
        plan = await find_plan(tx, world.organisation, "standard")
    assert plan is not None
    assert plan.pause is None
    lines = [line for line in await world.rows(history) if line.member_id == office.ada]
    assert [(line.event, line.detail["plan"]) for line in lines] == [
        ("paused", "standard"),
        ("resumed", "standard"),
    ]


async def test_a_plan_called_like_a_day_is_no_day(office: Office) -> None:
    await office.world.plan({**DOCUMENT, "plan": "20261224"})
    said = await answer(office, "plan pause 20261224", ADA)
    assert said == "The plan “20261224” is paused until you resume it."


async def test_a_pause_holds_for_the_plan_s_customers_alone(office: Office) -> None:
    world = office.world
    other = await world.plan({**DOCUMENT, "plan": "other", "name": "Other"})
    async with world.database.read() as tx:
        mine = await find_plan(tx, world.organisation, "standard")
    assert mine is not None
    later = world.clock.now() + timedelta(days=9)
    held, free = [
        await world.case(await world.customer(name), plan, wake_at=later)
        for name, plan in (("ACME", mine.id), ("Dupont", other))
    ]
    await answer(office, "plan pause standard", ADA)
    woken = {row.id: row.wake_at for row in await world.rows(cases)}
    assert woken[held] != later
    assert woken[free] == later


@pytest.mark.parametrize(
    ("text", "reply"),
    [
        ("plan", "/relance plan list"),
        ("plan frobnicate standard", "/relance plan list"),
        ("plan show nothing", "There is no plan “nothing”. There are: `standard`."),
        ("plan pause nothing", "There is no plan “nothing”."),
        ("plan pause standard until <never>", "“&lt;never&gt;” is no day ahead"),
        ("plan pause standard until 2026-11-24", "Please choose a day after today."),
    ],
)
async def test_what_cannot_be_meant_changes_nothing(office: Office, text: str, reply: str) -> None:
    assert reply in await answer(office, text, ADA)
    async with office.world.database.read() as tx:
        plan = await find_plan(tx, office.world.organisation, "standard")
    assert plan is not None
    assert plan.pause is None


async def test_who_is_no_admin_may_look_and_not_pause(office: Office) -> None:
    assert await answer(office, "plan pause standard") == "Only an admin may do this. Ask Ada."


async def test_a_plan_of_many_long_steps_stays_within_slack_s_limits(office: Office) -> None:
    first = DOCUMENT["steps"][1]
    steps = [{**first, "key": f"s{n}", "name": "Ж" * 180 + f" {n}"} for n in range(60)]
    await change(office, name="🧾" * 150, steps=steps)
    for text in ("plan show standard", "plan history standard", "plan export standard"):
        [message] = await answers(office, text)
        assert check_message(Message(text=message["text"], blocks=tuple(message["blocks"]))) == []
