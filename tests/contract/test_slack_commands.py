"""/relance: answers only the asker sees, and usage for everything else."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field

import pytest
import pytest_asyncio

from relance_bot.listeners.questions import Asker
from tests.scenarios.office import ALICE, BOB, Office, an_office

pytestmark = pytest.mark.asyncio


@dataclass
class Desk:
    """Answers `why` and `forecast`, and remembers what it was asked."""

    asked: list[tuple[object, str]] = field(default_factory=list)

    async def why(self, customer: str, asker: Asker) -> Sequence[str]:
        self.asked.append((customer, asker.language))
        return [f"{customer}: <paused> until Monday"]

    async def forecast(self, days: int, asker: Asker) -> Sequence[str]:
        self.asked.append((days, asker.language))
        return [f"line {n} of what leaves" for n in range(1_000)] if days == 90 else []


@pytest_asyncio.fixture
async def desk() -> Desk:
    return Desk()


@pytest_asyncio.fixture
async def office(sqlite_store_url: str, desk: Desk) -> AsyncIterator[Office]:
    async with an_office(sqlite_store_url, why=desk.why, forecast=desk.forecast) as office:
        yield office
        assert office.workspace.failures == []


async def answer(office: Office, text: str, user: str = ALICE) -> str:
    await office.at(user).command("/relance", text)
    await office.taken_in()
    [said] = office.whispers(user)
    return "\n".join(block["text"]["text"] for block in said_blocks(office, user)) or said


def said_blocks(office: Office, user: str) -> list[dict[str, dict[str, str]]]:
    [message] = office.at(user).ephemerals()
    blocks: list[dict[str, dict[str, str]]] = message["blocks"]
    return blocks


@pytest.mark.parametrize("text", ["", "help", "HELP me"])
async def test_help_says_what_can_be_asked(office: Office, text: str) -> None:
    assert "/relance why CUSTOMER" in await answer(office, text)


async def test_an_unknown_word_is_answered_with_the_usage(office: Office) -> None:
    said = await answer(office, "<frobnicate> now")
    assert "I do not know “&lt;frobnicate&gt;”" in said
    assert "/relance forecast" in said


async def test_why_goes_to_whoever_knows_and_comes_back_escaped(office: Office, desk: Desk) -> None:
    assert await answer(office, "why Durand & Fils") == (
        "Durand &amp; Fils: &lt;paused&gt; until Monday"
    )
    assert desk.asked == [("Durand & Fils", "en")]


async def test_a_french_asker_is_answered_in_french(office: Office, desk: Desk) -> None:
    await answer(office, "pourquoi ACME", BOB)
    assert desk.asked == [("ACME", "fr")]


async def test_why_wants_a_customer(office: Office) -> None:
    assert "Which customer?" in await answer(office, "why")


async def test_a_forecast_is_for_thirty_days_unless_said_otherwise(
    office: Office, desk: Desk
) -> None:
    await answer(office, "forecast")
    assert desk.asked == [(30, "en")]


@pytest.mark.parametrize("days", ["0", "91", "-3", "soon", "1e9", "²"])
async def test_a_wrong_number_of_days_is_said(office: Office, desk: Desk, days: str) -> None:
    assert "is not a number of days" in await answer(office, f"forecast {days}")
    assert desk.asked == []


async def test_a_long_answer_is_cut_to_what_a_message_holds(office: Office) -> None:
    said = await answer(office, "forecast 90")
    assert said.startswith("line 0 of what leaves")
    assert said.endswith("…")


async def test_home_counts_what_waits(office: Office) -> None:
    await office.waiting()
    await office.at(ALICE).command("/relance", "home")
    await office.taken_in()
    assert office.whispers() == ["1 action waits for you."]


async def test_a_stranger_is_told_nothing_else(office: Office, desk: Desk) -> None:
    assert "I do not know you" in await answer(office, "why ACME", "U0099")
    assert desk.asked == []
