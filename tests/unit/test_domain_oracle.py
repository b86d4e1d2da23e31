"""Waking only as asked does what looking at everybody every day does (the naive oracle)."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from random import Random

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from relance.domain.plans import OnReferenceSettled, Scope
from tests.unit.oracle import Clerk
from tests.unit.planner import Planner
from tests.unit.script import Story, random_story


def differ(story: Story, planner: Planner) -> bool:
    return sorted(planner.play()) != sorted(Clerk(story).play())


@settings(max_examples=max(500, settings().max_examples))
@given(seed=st.integers(0, 2**48))
@example(seed=5)
def test_waking_as_asked_does_what_looking_twice_a_day_does(seed: int) -> None:
    story = random_story(Random(seed))
    assert sorted(Planner(story).play()) == sorted(Clerk(story).play())


def test_the_stories_are_worth_telling() -> None:
    """A hundred of them hold every kind of line, and waking costs a fraction of looking."""
    lines: list[str] = []
    looks = 0
    for seed in range(100):
        planner = Planner(random_story(Random(seed)))
        lines += planner.play()
        looks += planner.looks
    deeds = {word for line in lines for word in line.split()[1:3]}
    assert {"begin", "make", "pass", "expire", "finish", "withdraw", "shrink"} <= deeds
    assert len(lines) > 500
    assert looks < 100 * 75 * 2 / 3


MISTAKES: dict[str, Callable[[Story], Planner]] = {
    "wakes a day late": lambda s: Planner(s, late=timedelta(days=1)),
    "ignores the contact delay": lambda s: Planner(s, plan=replace(s.plan, contact_delay=0)),
    "keeps a day too much between contacts": lambda s: Planner(
        s, plan=replace(s.plan, contact_delay=s.plan.contact_delay + 1)
    ),
    "begins anew with each reference": lambda s: Planner(
        s, plan=replace(s.plan, on_reference_settled=OnReferenceSettled.RESTART)
    ),
    "knows no floor": lambda s: Planner(s, plan=replace(s.plan, floors={})),
    "knows no ceiling": lambda s: Planner(s, plan=replace(s.plan, ceilings={})),
    "gives each item its run": lambda s: Planner(s, plan=replace(s.plan, scope=Scope.ITEM)),
    "sends on holidays": lambda s: Planner(
        replace(s, calendar=replace(s.calendar, holidays=frozenset()))
    ),
    "never looks at the first run": lambda s: Planner(
        replace(s, enrolled_on=s.enrolled_on - timedelta(days=1))
    ),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_the_oracle_catches_a_planner_that(mistake: str) -> None:
    stories = (random_story(Random(seed)) for seed in range(200))
    assert any(differ(story, MISTAKES[mistake](story)) for story in stories)
