"""Slack refuses, call by call: nothing is lost, and afterwards it shows what the database says."""

import re
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import pytest_asyncio
from slack_sdk.http_retry.builtin_interval_calculators import FixedValueRetryIntervalCalculator
from structlog.testing import capture_logs

from relance.store.tables import action_owners, actions, decisions, organisations
from relance_sandbox import Acknowledged
from tests.scenarios.agreeing import disagreements
from tests.scenarios.office import ADA, ALICE, BOB, LEA, Office, an_office, said

pytestmark = pytest.mark.asyncio

BOT = Path(__file__).parents[2] / "services/bot/relance_bot"
METHODS = (
    "chat.postEphemeral",
    "chat.postMessage",
    "chat.update",
    "conversations.open",
    "response_url",
    "users.info",
    "users.lookupByEmail",
    "views.open",
    "views.publish",
    "views.push",
    "views.update",
)
ERRORS: dict[str, dict[str, Any]] = {
    "429": {"error": "ratelimited", "status": 429, "retry_after": 0},
    "500": {"error": "internal_error", "status": 500},
    "a proxy's page": {"error": "page", "status": 502, "page": "<html>Bad gateway</html>"},
    "a proxy's words": {
        "error": "words",
        "status": 503,
        "page": "upstream connect error",
        "page_type": "text/plain",
    },
    "a proxy's welcome": {"error": "welcome", "page": "Please log in", "page_type": "text/plain"},
    "no answer": {"error": "lost", "lost": True},
    "msg_too_long": {"error": "msg_too_long"},
    "channel_not_found": {"error": "channel_not_found"},
    "user_not_found": {"error": "user_not_found"},
}
# What Slack says of a person or a place for good is believed, and followed by nothing more.
BELIEVED = {
    ("users.info", "user_not_found"),
    ("chat.postEphemeral", "user_not_found"),
    ("views.publish", "user_not_found"),
    ("conversations.open", "user_not_found"),
}
# The card was there all the same, and another was posted.
DOUBLED = {
    ("chat.postMessage", "no answer"),
    ("chat.postMessage", "channel_not_found"),
    ("chat.update", "channel_not_found"),
}
MY_TEXT = "My careful text, which must not be lost."


@pytest_asyncio.fixture
async def office(sqlite_store_url: str) -> AsyncIterator[Office]:
    async with an_office(sqlite_store_url) as office:
        # Neither pauses between tries nor tracebacks in colour: a hundred mornings are to pass.
        for handler in office.bots[0]._slack.client.retry_handlers:
            handler.interval_calculator = FixedValueRetryIntervalCalculator(0)
        with capture_logs():
            yield office
        assert office.workspace.failures == []


@dataclass(kw_only=True)
class Morning:
    """Five actions wait; then Slack fails, and people go on as far as they can."""

    office: Office
    to_validate: UUID
    to_edit: UUID
    to_hand_over: UUID
    overtaken: UUID
    of_both: UUID
    late: UUID | None = None

    @property
    def by_name(self) -> dict[str, UUID]:
        return {f"C-{name}": held for name, held in vars(self).items() if isinstance(held, UUID)}

    async def go_on(self) -> None:
        """Everything that people do at a desk, each deed tried once."""
        await self.home(LEA)
        await self.home(ALICE)
        self.late = await a_reminder(self.office, "late", await self.newcomer())
        await self.office.changed(self.late)
        await self.validate()
        await self.edit()
        await self.submit_too_late()
        await self.second_owner()
        await self.hand_over()
        await self.review_and_edit()
        await self.pause()
        await self.office.settle()

    async def newcomer(self) -> UUID:
        """A member known by address alone."""
        return await self.office.world.member(
            "Nobody", email="nobody@atelier.test", slack_team=None, slack_user=None
        )

    async def home(self, user: str) -> None:
        await self.office.at(user).open_home()
        await self.office.settle()

    async def validate(self) -> None:
        await self.press(self.to_validate, "validate")
        await self.office.settle()

    async def edit(self) -> None:
        """With a look at another channel before."""
        await self.press(self.to_edit, "edit")
        if self.opened("edit"):
            await self.office.at(ALICE).press_modal("value", "channel", "letter")
            await self.office.at(ALICE).press_modal("value", "channel", "email")
            await self.office.submit(body__0=MY_TEXT)
        await self.office.settle()

    async def submit_too_late(self) -> None:
        """Overtaken between submission and application: answered privately."""
        await self.press(self.overtaken, "edit")
        if self.opened("edit"):
            await self.office.submit(body__0=MY_TEXT)
            await self.office.world.set(actions, self.overtaken, version=5)
        await self.office.settle()

    async def second_owner(self) -> None:
        """Bob decides, and Alice presses the same button on what she still sees."""
        seen = self.message(self.of_both, ALICE)
        await self.press(self.of_both, "validate", BOB)
        await self.office.settle()
        if seen:
            at = self.office.at(ALICE)
            await at.press(seen["channel"], seen["ts"], "validate", seen=seen["blocks"])
        await self.office.settle()

    async def hand_over(self) -> None:
        home = self.office.at(LEA).home()
        rows = home["blocks"] if home else []
        block = next((b["block_id"] for b in rows if self.to_hand_over.hex in b["block_id"]), None)
        if block:
            await self.office.at(LEA).press_home("reassign", block)
            await self.office.taken_in()
        if self.opened("reassign", LEA):
            await self.office.submit(LEA, new_owner=self.office.bob.hex)
        await self.office.settle()

    async def review_and_edit(self) -> None:
        """From Home, two modals deep, and then not."""
        home = self.office.at(ALICE).home()
        rows = home["blocks"] if home else []
        block = next((b["block_id"] for b in rows if b["block_id"].startswith("own-")), None)
        if block:
            await self.office.at(ALICE).press_home("review", block)
            await self.office.taken_in()
        if self.opened("review"):
            await self.office.at(ALICE).press_modal("edit")
            await self.office.taken_in()
            await self.office.at(ALICE).close(everything=True)

    async def pause(self) -> None:
        await self.office.at(ADA).command("/relance", "help")
        await self.office.at(ADA).command("/relance", "pause all")
        await self.office.settle()

    async def press(self, action: UUID, name: str, user: str = ALICE) -> None:
        if card := self.message(action, user):
            outcome = await self.office.at(user).press(card["channel"], card["ts"], name)
            assert isinstance(outcome, Acknowledged) or not names_in(card, name)
            await self.office.taken_in()

    def message(self, action: UUID, user: str) -> Any:
        """The card as the person finds it: the last one that names the customer."""
        customer = next(name for name, held in self.by_name.items() if held == action)
        found = [m for m in self.office.cards(user) if customer in said(m["blocks"])]
        return found[-1] if found else None

    def opened(self, callback_id: str, user: str = ALICE) -> bool:
        modal = self.office.at(user).modal()
        return modal is not None and modal["callback_id"] == callback_id


def names_in(card: Any, name: str) -> bool:
    return name in {
        element["action_id"]
        for block in card["blocks"]
        if block["type"] == "actions"
        for element in block["elements"]
    }


async def a_reminder(office: Office, name: str, *owners: UUID) -> UUID:
    world = office.world
    customer = await world.customer(f"C-{name}")
    await world.contact(customer, f"{name.replace('_', '-')}@acme.test")
    invoice = await world.invoice(customer, "1200.00", late=17)
    return await world.action(customer, [invoice], owners=owners or None)


async def a_morning(office: Office) -> Morning:
    names = ("to_validate", "to_edit", "to_hand_over", "overtaken")
    made = {name: await a_reminder(office, name) for name in names}
    made["of_both"] = await a_reminder(office, "of_both", office.world.alice, office.bob)
    await office.settle()
    return Morning(office=office, **made)


def forget(office: Office) -> None:
    """What the bot remembers of people, as after a restart."""
    [bot] = office.bots
    bot._people._profiles.clear()
    bot._people._found.clear()
    bot._slack._direct.clear()


async def recover(office: Office) -> None:
    """Slack is well again; everything that rested is tried."""
    office.workspace.faults.planned.clear()
    for _ in range(2):
        office.world.clock.move_to(office.world.clock.now() + timedelta(minutes=16))
        await office.settle()


async def undone(morning: Morning) -> set[str]:
    world = morning.office.world
    owners = {row.action_id: row.member_id for row in await world.rows(action_owners)}
    edited = await world.row(actions, morning.to_edit)
    done = {
        "validated": (await world.row(actions, morning.to_validate)).state == "queued",
        "edited": edited.edited_body == MY_TEXT,
        "decided by Bob": (await world.row(actions, morning.of_both)).state == "queued",
        "handed over": owners[morning.to_hand_over] == morning.office.bob,
        "paused": (await world.row(organisations, world.organisation)).paused,
    }
    return {name for name, is_done in done.items() if not is_done}


async def test_an_undisturbed_morning_calls_every_method_that_the_bot_knows(
    office: Office,
) -> None:
    morning = await a_morning(office)
    forget(office)
    await morning.go_on()
    assert await undone(morning) == set()
    assert await disagreements(office) == []
    called = {call.method for call in office.workspace.calls}
    assert called - {"auth.test", "apps.connections.open"} == set(METHODS)
    source = "\n".join(file.read_text("utf-8") for file in BOT.rglob("*.py"))
    named = set(re.findall(r"client\.((?:chat|conversations|users|views|files|auth)_\w+)", source))
    of_slack = {method.replace(".", "_") for method in (*METHODS, "auth.test")}
    assert named == of_slack - {"response_url"}


EVERY = [(method, error) for method in METHODS for error in ERRORS]
# Each method and each error are tried always, every method with every error in `make soak`.
ALWAYS = {
    (method, list(ERRORS)[number * 4 % len(ERRORS)]) for number, method in enumerate(METHODS)
} | {("chat.postMessage", "no answer"), ("chat.update", "channel_not_found")}


@pytest.mark.parametrize(
    ("method", "error"),
    [pytest.param(*pair, marks=[] if pair in ALWAYS else pytest.mark.soak) for pair in EVERY],
)
async def test_nothing_is_lost_when_slack_refuses(office: Office, method: str, error: str) -> None:
    morning = await a_morning(office)
    forget(office)
    office.workspace.faults.plan(method, **ERRORS[error] | {"times": 10_000})
    await morning.go_on()
    await recover(office)
    if (method, error) in BELIEVED:
        await morning.home(ALICE)
        await morning.home(LEA)
    assert await disagreements(office, strays=(method, error) in DOUBLED) == []
    await its_text_is_there(office, method, error)
    await try_again(morning, await undone(morning))
    assert await undone(morning) == set()
    assert await disagreements(office, strays=(method, error) in DOUBLED) == []
    await once_each(office)


async def its_text_is_there(office: Office, method: str, error: str) -> None:
    """Whatever was submitted is saved, or was given back to whoever wrote it."""
    taken = [row for row in await office.world.rows(decisions) if row.verb == "edit"]
    saved = [row for row in await office.world.rows(actions) if row.edited_body == MY_TEXT]
    given_back = [whisper for whisper in office.whispers() if MY_TEXT in whisper]
    if (method, error) not in BELIEVED:
        assert len(given_back) >= len(taken) - len(saved)


async def try_again(morning: Morning, missing: set[str]) -> None:
    """What people could not do, they do now."""
    office = morning.office
    for user in (ALICE, LEA):
        while office.at(user).modal():
            await office.at(user).close(everything=True)
        await morning.home(user)
    deeds = {
        "validated": morning.validate,
        "edited": morning.edit,
        "decided by Bob": morning.second_owner,
        "handed over": morning.hand_over,
        "paused": morning.pause,
    }
    for name in missing:
        await deeds[name]()


async def once_each(office: Office) -> None:
    """No decision was applied twice."""
    taken = Counter((r.action_id, r.version) for r in await office.world.rows(decisions))
    assert max(taken.values()) <= 2  # Bob's, and Alice's that came too late
    versions = {row.id: row.version for row in await office.world.rows(actions)}
    assert max(versions.values()) <= 5
