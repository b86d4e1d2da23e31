"""What people ask for by slash command: granted by the scheduler, told to whoever asked."""

from collections.abc import AsyncIterator
from datetime import date, timedelta
from typing import Any

import pytest
import pytest_asyncio
import sqlalchemy as sa

from relance.contracts.messages import RequestsTaken
from relance.domain.requests import PauseEverything
from relance.messaging.outbox import post
from relance.store.database import Database
from relance.store.tables import history, inbox, members, organisations, request_answers, requests
from relance.store.types import new_id
from relance_bot.blocks.words import knows
from relance_bot.resting import REST
from relance_scheduler.overdue import PATIENCE
from relance_scheduler.requests.granting import GRANTS
from tests.scenarios.office import ADA, ALICE, Office, an_office

pytestmark = pytest.mark.asyncio


@pytest_asyncio.fixture
async def office(store_url: str) -> AsyncIterator[Office]:
    async with an_office(store_url) as office:
        yield office
        assert office.workspace.failures == []


async def ask(office: Office, text: str, user: str = ADA) -> list[str]:
    """Everything that was said to them since, when all has been taken in."""
    before = len(office.whispers(user))
    await office.at(user).command("/relance", text)
    await office.settle()
    return office.whispers(user)[before:]


async def house(office: Office) -> Any:
    return await office.world.row(organisations, office.world.organisation)


async def test_an_admin_stops_everything_and_lets_it_go_on(office: Office) -> None:
    said = await ask(office, "pause all until 2026-12-24 year <end>")
    assert said == ["Nothing automatic leaves any more, until 24 Dec 2026."]
    row = await house(office)
    assert (row.paused, row.paused_until) == (True, date(2026, 12, 24))
    assert row.paused_reason == "year <end>"
    assert await ask(office, "resume all") == ["Reminders leave again, by their plans."]
    assert not (await house(office)).paused
    assert await ask(office, "resume all") == ["Nothing was paused."]
    lines = await office.world.rows(history)
    assert [(line.event, line.member_id) for line in lines] == [
        ("paused", office.ada),
        ("resumed", office.ada),
    ]


async def test_without_a_day_it_lasts_until_it_is_resumed(office: Office) -> None:
    said = await ask(office, "pause all")
    assert said == ["Nothing automatic leaves any more, until you resume."]


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("pause", "/relance pause all"),
        ("pause everything", "/relance pause all"),
        ("resume", "/relance resume all"),
        ("pause all until tomorrow", "“tomorrow” is no day ahead"),
        ("pause all until 2026-11-24", "Please choose a day after today."),
    ],
)
async def test_what_cannot_be_meant_changes_nothing(office: Office, text: str, answer: str) -> None:
    [said] = await ask(office, text)
    assert answer in said
    assert not (await house(office)).paused


async def test_who_is_no_admin_hears_who_is_one(office: Office) -> None:
    assert await ask(office, "pause all", ALICE) == ["Only an admin may do this. Ask Ada."]
    assert await office.world.rows(requests) == []


async def test_a_role_lost_between_the_words_and_their_reading_counts(office: Office) -> None:
    await office.at(ADA).command("/relance", "pause all")
    await office.taken_in()
    await office.world.set(members, office.ada, roles=["collector"])
    await office.settle()
    assert office.whispers(ADA) == ["Your role does not allow this. Nothing has changed."]
    assert not (await house(office)).paused
    [line] = await office.world.rows(history)
    assert (line.event, line.detail) == ("refused", {"kind": "pause_everything"})


async def test_a_lost_bell_is_made_up_for(office: Office) -> None:
    await office.at(ADA).command("/relance", "pause all")
    await office.taken_in()
    office.world.clock.move_to(office.world.clock.now() + PATIENCE + timedelta(seconds=1))
    assert await office.scheduler.overdue.tick() == 1
    assert (await house(office)).paused
    await office.settle()
    assert len(await office.world.rows(request_answers)) == 1


async def test_what_another_release_asks_and_answers_is_left_to_it_and_stops_nothing(
    office: Office, store_url: str
) -> None:
    world, asked, now = office.world, new_id(), office.world.clock.now()
    whose = {"organisation_id": world.organisation, "member_id": office.ada}
    row = {"id": asked, **whose, "kind": "of_the_next_release", "taken_at": now}
    other = Database(store_url, service="bot")
    async with other.write() as tx:
        await tx.execute(sa.insert(requests).values(row))
        await post(tx, "bot", RequestsTaken, [asked], now)
    await other.close()
    await office.settle()
    assert [taken.done for taken in await world.rows(inbox)] == [True]
    assert await world.rows(request_answers) == []
    answer = {"request_id": asked, "granted": True, "answered_at": now}
    async with world.database.write() as tx:
        await tx.execute(sa.insert(request_answers).values(answer))
    said = await ask(office, "pause all")
    assert said == ["Nothing automatic leaves any more, until you resume."]


@pytest.mark.parametrize("method", ["chat.postEphemeral", "users.info"])
async def test_an_answer_that_slack_did_not_take_is_told_later(office: Office, method: str) -> None:
    await office.at(ADA).command("/relance", "pause all")
    await office.taken_in()
    office.bots[0]._people._profiles.clear()  # remembered for ten minutes
    office.workspace.faults.plan(method, "internal_error", times=50)
    await office.settle()
    assert office.whispers(ADA) == []
    office.workspace.faults.planned.clear()
    office.world.clock.move_to(office.world.clock.now() + REST)
    await office.settle()
    assert office.whispers(ADA) == ["Nothing automatic leaves any more, until you resume."]


async def test_every_request_has_its_handler_and_its_words() -> None:
    assert [kind.kind for kind in GRANTS if not knows(f"asked.{kind.kind}")] == []
    assert PauseEverything in GRANTS
