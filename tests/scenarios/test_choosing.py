"""A command whose words are missing asks for them in a modal; names complete themselves."""

from collections.abc import AsyncIterator
from datetime import date
from typing import Any

import pytest
import pytest_asyncio

from relance.store.plans import find_plan
from relance.store.tables import history, profiles
from relance.store.types import new_id
from relance_bot.blocks.limits import check_view
from tests.scenarios.office import ADA, ALICE, BOB, Office, an_office, said
from tests.world import DOCUMENT

pytestmark = pytest.mark.asyncio


@pytest_asyncio.fixture
async def office(store_url: str) -> AsyncIterator[Office]:
    async with an_office(store_url) as office:
        await office.world.plan()
        await office.world.plan({**DOCUMENT, "plan": "calm", "name": "Calm & kind"})
        yield office
        assert office.workspace.failures == []


async def ask(office: Office, text: str, user: str = ADA) -> None:
    await office.at(user).command("/relance", text)
    await office.settle()


def modal(office: Office, user: str = ADA) -> str:
    view = office.modal(user)
    assert check_view(view) == []
    return said(view["blocks"])


async def options(office: Office, typed: str, block: str, user: str = ADA) -> list[str]:
    found: Any = await office.at(user).suggest(typed, "value", block)
    return [option["value"] for option in found]


async def send(office: Office, user: str = ADA, **fields: Any) -> list[str]:
    before = len(office.whispers(user))
    await office.submit(user, **fields)
    await office.settle()
    return office.whispers(user)[before:]


async def test_a_plan_is_found_by_a_part_of_its_name_and_shown_in_the_modal(
    office: Office,
) -> None:
    await ask(office, "plan show", BOB)
    assert await options(office, "", "chosen_plan", BOB) == ["calm", "standard"]
    assert await options(office, "KIND", "chosen_plan", BOB) == ["calm"]
    assert await options(office, "<nothing>", "chosen_plan", BOB) == []
    await options(office, "calm", "chosen_plan", BOB)
    await send(office, BOB, chosen_plan="calm")
    assert "Calm & kind, version 1" in modal(office, BOB)
    assert "1 jour après l’échéance" in modal(office, BOB)


@pytest.mark.parametrize(
    ("word", "shown"), [("history", "Versions of Standard"), ("export", "plan: standard")]
)
async def test_its_versions_and_its_file_are_shown_there_too(
    office: Office, word: str, shown: str
) -> None:
    await ask(office, f"plan {word}", ALICE)
    await options(office, "standard", "chosen_plan", ALICE)
    await send(office, ALICE, chosen_plan="standard")
    assert shown in modal(office, ALICE)


async def test_the_plan_to_change_is_chosen_and_changed_in_the_same_modal(office: Office) -> None:
    await ask(office, "plan edit")
    await options(office, "sta", "chosen_plan")
    await send(office, chosen_plan="standard")
    assert "2. *First reminder* – 1 day after the due date" in modal(office)


async def test_a_pause_is_chosen_with_its_day_and_its_reason(office: Office) -> None:
    await ask(office, "plan pause")
    await options(office, "calm", "chosen_plan")
    told = await send(office, chosen_plan="calm", until="2026-12-24", reason="quiet <days>")
    assert told == ["The plan “calm” is paused until 24 Dec 2026."]
    async with office.world.database.read() as tx:
        plan = await find_plan(tx, office.world.organisation, "calm")
    assert plan is not None
    assert plan.pause is not None
    assert (plan.pause.until, plan.pause.reason) == (date(2026, 12, 24), "quiet <days>")
    await ask(office, "plan resume")
    await options(office, "calm", "chosen_plan")
    assert await send(office, chosen_plan="calm") == ["The plan “calm” goes on."]


async def test_a_plan_is_assigned_to_whom_one_has_found(office: Office) -> None:
    world = office.world
    for name in ("ACME & Co", "100 % Acme", "Dupont"):
        await world.customer(name)
    row = {"id": new_id(), "organisation_id": world.organisation, "name": "Big"}
    async with world.database.write() as tx:
        await tx.execute(profiles.insert().values(row))
    await ask(office, "plan assign")
    assert len(await options(office, "acme", "chosen_customer")) == 2
    assert len(await options(office, "0 %", "chosen_customer")) == 1
    assert len(await options(office, "acme & co", "chosen_customer")) == 1
    [reference] = await options(office, "dupont", "chosen_customer")
    await options(office, "calm", "chosen_plan")
    await send(office, chosen_plan="calm")
    [errors] = [view.errors for view in office.workspace.views.modals[ADA]]
    assert errors == {"chosen_customer": "Please choose a customer, or several at once."}
    await send(office, chosen_plan="calm", chosen_customer=reference)
    assert "• Dupont (" in modal(office)
    told = await send(office)
    assert told == ["“Calm &amp; kind” is assigned: 1 customer follows it now."]
    assert [row.event for row in await world.rows(history)][-1] == "plan_assigned"


async def test_who_is_no_admin_is_asked_nothing_that_they_may_not(office: Office) -> None:
    for word in ("edit", "pause", "resume", "assign"):
        await ask(office, f"plan {word}", ALICE)
        assert office.whispers(ALICE)[-1] == "Only an admin may do this. Ask Ada."
        assert office.at(ALICE).modal() is None
