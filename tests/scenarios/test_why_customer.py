"""`why` says what holds a customer back, each cause in a line, in both languages."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest
import pytest_asyncio

from relance.reporting.why import Explained, Nobody, Several, WhyAnswer, sentences, why
from tests.world import World, a_world

AFTERNOON = datetime(2026, 11, 23, 14, 0, tzinfo=UTC)


@pytest_asyncio.fixture
async def world(store_url: str) -> AsyncIterator[World]:
    async with a_world(store_url, AFTERNOON) as world:
        yield world


async def asked(world: World, query: str, language: str = "en") -> WhyAnswer:
    async with world.database.read() as tx:
        return await why(tx, world.organisation, query, world.clock.now(), language)


async def lines(world: World, query: str = "ACME", language: str = "en") -> tuple[str, ...]:
    answer = await asked(world, query, language)
    assert isinstance(answer, Explained)
    return answer.lines


async def a_late_customer(world: World, *, address: str = "a@acme.test") -> None:
    customer = await world.customer("ACME")
    await world.contact(customer, address)
    await world.invoice(customer, "100.00", number="F-1")
    await world.case(customer, await world.plan())


@pytest.mark.asyncio
async def test_the_next_step_is_named_with_its_date(world: World) -> None:
    await a_late_customer(world)
    [plan, begins] = await lines(world)
    assert plan == "Plan: Standard."
    assert "F-1" in begins


@pytest.mark.asyncio
async def test_the_kill_switch_and_stale_data_come_first(world: World) -> None:
    await a_late_customer(world)
    await world.set_organisation(kill_switch=True, fresh_within_hours=24)
    assert (await lines(world))[:2] == (
        "The kill switch is on: nothing leaves for anybody.",
        "The ledger has never been imported completely, so nothing automatic leaves.",
    )
    await world.imported(AFTERNOON - timedelta(hours=25))
    [_, stale, *_] = await lines(world, language="fr")
    assert stale.startswith("Les données sont périmées : dernier import le 22 novembre 2026")
    await world.imported(AFTERNOON - timedelta(hours=1))
    assert not any("stale" in line for line in await lines(world))


@pytest.mark.asyncio
async def test_a_customer_who_was_never_enabled_and_one_without_a_plan(world: World) -> None:
    await world.customer("Never", enabled=False)
    await world.customer("Planless")
    await world.customer("Gone", archived=True)
    assert await lines(world, "Never") == (
        "Reminders have never been switched on for this customer.",
    )
    [planless] = await lines(world, "Planless")
    assert planless.startswith("The customer is under no plan")
    assert await lines(world, "Gone") == ("The customer is archived.",)


@pytest.mark.asyncio
async def test_an_open_action_names_who_has_it_and_since_when(world: World) -> None:
    customer = await world.customer("ACME")
    bob = await world.member("Bob")
    case = await world.case(customer, await world.plan())
    invoice = await world.invoice(customer, "100.00")
    until = world.today + timedelta(days=3)
    both = [world.alice, bob]
    await world.action(customer, [invoice], owners=both, case=case, snoozed_until=until)
    assert (
        "“First reminder” waits for Alice, Bob since 23 November 2026,"
        " put off until 26 November 2026." in await lines(world)
    )
    assert not any("owner’s decision" in line for line in await lines(world))


@pytest.mark.asyncio
@pytest.mark.parametrize(("state", "word"), [("queued", "is queued"), ("uncertain", "or not")])
async def test_what_is_under_way_is_said(world: World, state: str, word: str) -> None:
    customer = await world.customer("ACME")
    case = await world.case(customer, await world.plan())
    invoice = await world.invoice(customer, "100.00")
    await world.action(customer, [invoice], case=case, state=state, mode="automatic")
    assert any(word in line for line in await lines(world))


@pytest.mark.asyncio
async def test_a_next_step_without_anybody_to_write_to_is_said(world: World) -> None:
    customer = await world.customer("ACME")
    await world.contact(customer, "a@acme.test", email_invalid="550 no such user")
    invoice = await world.invoice(customer, "100.00")
    case = await world.case(customer, await world.plan())
    await world.action(
        customer, [invoice], case=case, state="executed", closed_at=AFTERNOON - timedelta(days=1)
    )
    said = await lines(world)
    assert "“Second reminder” has nobody to go to" in said[-1]
    assert any("Second reminder" in line and "November 2026" in line for line in said)


@pytest.mark.asyncio
async def test_a_disputed_item_and_a_plan_by_hand_are_causes(world: World) -> None:
    customer = await world.customer("ACME")
    await world.invoice(customer, "100.00", number="F-7", family="dispute")
    document = {"plan": "hand", "name": "By hand", "by_hand_only": True, "steps": []}
    await world.case(customer, await world.plan(document))
    said = await lines(world)
    assert "F-7: disputed." in said
    assert any("by hand only" in line for line in said)


@pytest.mark.asyncio
async def test_customers_are_found_by_reference_name_or_part_of_it(world: World) -> None:
    for name, reference in (("Café Rémy", "C1"), ("Café du Port", "C10"), ("Dupont", "C2")):
        await world.customer(name, reference=reference)
    assert isinstance(await asked(world, "c1"), Explained)
    assert isinstance(await asked(world, "remy"), Explained)
    several = await asked(world, "café")
    assert isinstance(several, Several)
    assert sentences(several, "en") == (
        "Several customers match “café”:",
        "Café du Port (C10)",
        "Café Rémy (C1)",
    )
    nobody = await asked(world, "Dupond")
    assert isinstance(nobody, Nobody)
    assert "Dupont (C2)" in sentences(nobody, "fr")
    assert sentences(await asked(world, "  "), "en") == ("No customer matches “  ”.",)
