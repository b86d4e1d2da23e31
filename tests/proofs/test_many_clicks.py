"""A thousand clicks on one card at once: one effect, one line of history, everybody is answered."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pytest

from relance.domain.actions import Decision, Edit, Verb
from relance.store.tables import decision_answers, history
from relance_bot.blocks.card import CardView
from relance_bot.blocks.values import Target
from relance_bot.deciding import Deciding, No
from tests.proofs.company import Company, a_company
from tests.proofs.stage import Door, Immortal
from tests.scenarios.office import ALICE, an_office

CLICKS, EDITS = 1_000, 100
PRESSES = 40  # through Slack's protocol
BOTS, SCHEDULERS = 3, 2
LISTENERS = 8  # of a bot at a time: fewer than its connections

pytestmark = pytest.mark.asyncio


@dataclass(kw_only=True)
class Hands:
    """Clicks on the one card there is, through several bots, while schedulers decide."""

    company: Company
    verb: Verb
    follows: bool = False  # the button carries the version as it is, not as it was seen
    seen: Target | None = None
    clicked: int = 0
    taken: int = 0
    told: list[str] = field(default_factory=list)

    async def click(self, times: int) -> None:
        """Every listener of every bot has a click in hand until none is left; all is answered."""
        self.seen = self.seen or self._target()
        numbers = iter(range(self.clicked, self.clicked + times))
        self.clicked += times
        bots = [self.company.bot(Immortal()) for _ in range(BOTS)]
        services = [relay.tick for _, relay in bots]
        for _ in range(SCHEDULERS):
            scheduler = self.company.scheduler(Immortal())
            services += [scheduler.relay.tick, scheduler.inbox.tick]
        clicks = asyncio.gather(
            *(self._listen(deciding, numbers) for deciding, _ in bots for _ in range(LISTENERS))
        )
        idle = False
        while not (clicks.done() and idle):
            done = sum([await tick() for tick in services]) + await self._ring()
            idle = clicks.done() and not done
            await asyncio.sleep(0.01)
        await clicks

    async def _listen(self, deciding: Deciding, numbers: Iterator[int]) -> None:
        for number in numbers:
            target = self._target() if self.follows or self.seen is None else self.seen
            await self._one(deciding, target, f"click {number}")

    async def _one(self, deciding: Deciding, target: Target, origin: str) -> None:
        """As a listener does it, but for what it tells Slack."""
        alice = self.company.alice
        edit = Edit(note="Vu.") if self.verb is Verb.EDIT else None
        decision = Decision(verb=self.verb, version=target.version, edit=edit)
        found = await deciding.look(target, self.verb, alice, origin)
        if isinstance(found, CardView):
            if await deciding.take(target.action, decision, alice, origin, {}):
                self.taken += 1
                return
            found = await deciding.look(target, self.verb, alice, origin)
        if isinstance(found, No):
            self.told.append(found.text)

    async def _ring(self) -> int:
        """Bells go to the schedulers in turn, at once."""
        broker = self.company.broker
        bells = list(broker.bells)
        for number, bell in enumerate(bells):
            known = broker.consumers[bell.kind]
            await broker.ring(bell, *known[number % len(known)])
        return len(bells)

    def _target(self) -> Target:
        found = self.company.action_of("ann")
        assert found is not None
        return Target(action=found[0], version=found[1])


@asynccontextmanager
async def a_card(url: str) -> AsyncIterator[Company]:
    """That waits for Alice."""
    async with a_company(url) as company:
        await company.begin({"ann": "waiting"})
        yield company


async def judge(hands: Hands, clicks: int) -> None:
    """One was accepted; the others were refused, or told at once what had happened."""
    world = hands.company.world
    answers = Counter(row.accepted for row in await world.rows(decision_answers))
    lines = [row for row in await world.rows(history) if row.member_id]
    assert answers[True] == len(lines) == 1, f"{answers[True]} effects, {len(lines)} lines"
    assert answers.total() == hands.taken
    assert len(hands.told) + answers[False] == clicks - 1
    assert all(hands.told)


@pytest.mark.parametrize(("verb", "times"), [(Verb.VALIDATE, CLICKS), (Verb.EDIT, EDITS)])
async def test_a_thousand_clicks_have_one_effect_and_each_is_answered(
    store_url: str, quiet: None, verb: Verb, times: int
) -> None:
    async with a_card(store_url) as company:
        hands = Hands(company=company, verb=verb)
        await hands.click(times - 10)
        await hands.click(10)  # by people who have not seen it change
        await judge(hands, times)
        door = Door(company.provider, Immortal())
        await company.dispatcher(Immortal(), door)[0].tick()
        assert len(company.provider.takings) == (verb is Verb.VALIDATE)


async def test_a_button_that_carries_the_present_version_is_found_out(
    sqlite_store_url: str, quiet: None
) -> None:
    async with a_card(sqlite_store_url) as company:
        hands = Hands(company=company, verb=Verb.EDIT, follows=True)
        for _ in range(10):  # as many rounds as it takes: on a busy machine one may not do
            await hands.click(30)
            if len(await company.world.rows(history)) > 1:
                break
        with pytest.raises(AssertionError, match="effects"):
            await judge(hands, hands.clicked)


async def test_many_presses_in_slack_have_one_effect_and_each_is_answered(store_url: str) -> None:
    async with an_office(store_url, bots=2) as office:
        action = await office.waiting()
        card, alice = office.card(), office.at(ALICE)
        presses = [alice.press(card["channel"], card["ts"], "validate") for _ in range(PRESSES)]
        await asyncio.gather(*presses)
        await office.settle()
        lines = await office.world.rows(history, history.c.action_id == action)
        assert [line.event for line in lines] == ["validated"]
        assert len(office.whispers()) == PRESSES - 1
