"""Everything at once, in any order: the real services beside each other, at every boundary.

Hypothesis chooses who goes on, who dies, what the broker loses, when time goes by and what people
and books do meanwhile; what it finds, it shortens to the fewest steps. SQLite takes one writer at a
time, so between transactions is where orders differ there.
"""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from shutil import copy
from typing import cast

import pytest
from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    precondition,
    rule,
    run_state_machine_as_test,
)

from relance.domain.actions import Verb
from relance.domain.outcomes import Delivered, Outcome
from tests.proofs.broken import BROKEN
from tests.proofs.company import FACTS, Company, found
from tests.proofs.firm import AS_IT_IS, DISPATCHERS, SCHEDULERS, Firm, Make
from tests.proofs.sizes import so_many
from tests.proofs.stage import PUT_OFF, REFUSED, UNHEARD
from tests.proofs.turns import Turned, Turns

HISTORIES, IN_SOAK = 2_000, 100_000
SHARES = 4  # so that several of the machine's cores may work at it
STEPS = 20

CUSTOMERS: tuple[dict[str, str], ...] = (
    {"ann": "due"},
    {"ann": "queued"},
    {"ann": "waiting"},
    {"ann": "queued", "bob": "due to confirm"},
    {"ann": "queued"},
)
ANSWERS = (Delivered(response="OK"), PUT_OFF, REFUSED, UNHEARD)
VERBS = (Verb.VALIDATE, Verb.EDIT, Verb.SKIP, Verb.MARK_SENT, Verb.SEND_AGAIN)
TASKS = (
    *((name, "send") for name in DISPATCHERS for _ in range(4)),  # the most goes wrong there
    *((name, "relay") for name in DISPATCHERS),
    *((name, what) for name in SCHEDULERS for what in ("sweep", "relay", "inbox", "overdue")),
    ("bot", "relay"),
)
Until = tuple[str, str]
few = st.integers(0, 3)
# Where to stop: at the very next boundary, before that one, or only at the end; and to die there.
until = st.tuples(
    st.sampled_from(("end", "next", "write", "commit", "committed", "hand over", "answer")),
    st.sampled_from(("", "", "dies")),
)
PASSES = (5, 13, 31, 61)  # seconds: within a hand-over, past it, past a lease, past a poll
JUMPS = (-3_600, -40, 40, 3_600)


class AnyOrder(RuleBasedStateMachine):
    """One history."""

    def __init__(self, firm: Firm) -> None:
        super().__init__()
        self.firm = firm

    @initialize(
        customers=st.sampled_from(CUSTOMERS),
        answers=st.lists(st.sampled_from(ANSWERS), max_size=2),
        sent=st.sampled_from(("", "hand over", "answer", "end")),
    )
    def open(self, customers: dict[str, str], answers: list[Outcome], sent: str) -> None:
        """And the first dispatcher may have come so far with what is queued."""
        self.firm.open(customers)
        self.firm.company.provider.answers["ann@client.test"] = answers
        if sent:
            self.work(("dispatcher 1", "send"), (sent, ""))
        if sent == "end":
            self.work(("dispatcher 1", "relay"), (sent, ""))

    @rule(task=st.sampled_from(TASKS), until=until)
    def work(self, task: tuple[str, str], until: Until) -> None:
        name, what = task
        self.firm.work(name, what)
        self._go(self.firm.processes[name].life, until)

    @precondition(lambda self: self.firm.crossing.stops)
    @rule(number=few, until=until)
    def go_on(self, number: int, until: Until) -> None:
        self._go(self.firm.stopped(number), until)

    @precondition(lambda self: self.firm.company.broker.bells)
    @rule(number=few, whim=st.sampled_from(("ring", "ring", "lose", "double")), to=few, until=until)
    def bell(self, number: int, whim: str, to: int, until: Until) -> None:
        if whim == "lose":
            self.firm.lose(number)
        elif whim == "double":
            self.firm.double(number)
        elif consumer := self.firm.deliver(number, to):
            self._go(consumer, until)

    @rule(until=until)
    def leases_run_out(self, until: Until) -> None:
        """And the second dispatcher looks: both at once would be rare."""
        self.firm.company.time.go_by(max(PASSES))
        self.work(("dispatcher 2", "send"), until)

    @rule(seconds=st.sampled_from(PASSES), set_=st.sampled_from((0, 0, *JUMPS)))
    def time_goes_by(self, seconds: int, set_: int) -> None:
        """And perhaps the clock is set besides."""
        self.firm.company.time.go_by(seconds)
        self.firm.company.time.jump(set_)

    @rule(bob=st.booleans(), fact=st.sampled_from(sorted(FACTS)), until=until)
    def books_say(self, bob: bool, fact: str, until: Until) -> None:
        self._go(self.firm.note(self._name(bob), fact), until)

    @precondition(lambda self: self.firm.company.look("SELECT 1 FROM actions"))
    @rule(
        bob=st.booleans(),
        verb=st.sampled_from(VERBS),
        behind=st.integers(0, 1),
        again=st.booleans(),
        until=until,
    )
    def click(self, bob: bool, verb: Verb, behind: int, again: bool, until: Until) -> None:
        bot = self.firm.click(self._name(bob), verb, behind=behind, again=again)
        self._go(bot, until)

    def _go(self, life: Turned, until: Until) -> None:
        where, fate = until
        self.firm.go(life, where)
        if fate:
            self.firm.kill(life)

    def _name(self, bob: bool) -> str:
        return "bob" if bob and "bob" in self.firm.company.customers else "ann"

    def teardown(self) -> None:
        if self.firm.processes:
            wrong = self.firm.close()
            assert wrong == [], "; ".join(wrong)


@pytest.fixture
def stage(sqlite_template: Path, tmp_path: Path, quiet: None) -> Iterator[tuple[Company, Turns]]:
    copy(sqlite_template, tmp_path / "relance.db")
    loop = Turns()
    asyncio.set_event_loop(loop)
    company = loop.run_until_complete(found(f"sqlite+inline:///{tmp_path / 'relance.db'}"))
    try:
        yield company, loop
    finally:
        loop.run_until_complete(company.close())
        loop.close()
        asyncio.set_event_loop(None)


def play(stage: tuple[Company, Turns], make: Make, how: settings) -> None:
    company, loop = stage

    def one() -> AnyOrder:
        return AnyOrder(Firm(company=company, loop=loop, make=make))

    machine = cast("type[RuleBasedStateMachine]", one)  # Hypothesis calls it, and no more
    run_state_machine_as_test(machine, settings=settings(how, stateful_step_count=STEPS))


@pytest.mark.proof
@pytest.mark.parametrize("share", range(SHARES))
def test_in_any_order_nothing_is_sent_twice_lost_or_left_unsaid(
    stage: tuple[Company, Turns], share: int
) -> None:
    play(stage, AS_IT_IS, settings(max_examples=so_many(HISTORIES, IN_SOAK) // SHARES))


# Found within the same number of histories, the same ones each time; nobody reads the shortest.
ONCE = settings(max_examples=HISTORIES, phases=[Phase.generate], derandomize=True, database=None)


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_design_is_found_out(stage: tuple[Company, Turns], name: str) -> None:
    make, wrong = BROKEN[name]
    with pytest.raises(AssertionError, match=wrong):
        play(stage, make, ONCE)
