"""What holds for every case, whatever the plan and the ledger (design, first seam)."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from relance.domain.calendar import is_allowed, local_day, slot_on
from relance.domain.cases import Case, StepState
from relance.domain.evaluation import evaluate
from relance.domain.evaluation.acts import Act, NewAction, Rest, Wait
from relance.domain.evaluation.eligibility import asked, is_credit, is_eligible
from relance.domain.ledger import Item
from relance.domain.plans import CONTACT_CHANNELS, Phase, PlanKind
from tests.unit.planner import Planner
from tests.unit.script import Story, random_story

SEEDS = st.integers(0, 2**48)
EXAMPLES = settings(max_examples=max(150, settings().max_examples))  # each a whole story


def played(seed: int) -> tuple[Story, Planner]:
    story = random_story(Random(seed))
    planner = Planner(story)
    planner.play()
    return story, planner


def made(planner: Planner) -> Iterator[tuple[datetime, date, Case, NewAction]]:
    for now, case, act in planner.acts:
        for new in act.make:
            yield now, local_day(planner.story.calendar, now), case, new


@EXAMPLES
@given(seed=SEEDS)
def test_nothing_is_due_before_the_wake_up(seed: int) -> None:
    story, planner = played(seed)
    rng = Random(seed)
    for now, case, outcome in planner.outcomes:
        if isinstance(outcome, Wait):
            assert outcome.until > now
            span = outcome.until - now
            for moment in (now, now + span * rng.random(), outcome.until - timedelta(seconds=1)):
                assert evaluate(case, story.plan, story.calendar, moment) == outcome


@EXAMPLES
@given(seed=SEEDS)
def test_rest_is_for_ever(seed: int) -> None:
    story, planner = played(seed)
    rng = Random(seed)
    for now, case, outcome in planner.outcomes:
        if isinstance(outcome, Rest):
            for _ in range(4):
                day = local_day(story.calendar, now) + timedelta(days=rng.randrange(1, 1000))
                later = slot_on(story.calendar, day).start
                answer = evaluate(case, story.plan, story.calendar, later)
                assert not isinstance(answer, Act)


@EXAMPLES
@given(seed=SEEDS)
def test_the_order_of_rows_does_not_matter(seed: int) -> None:
    story, planner = played(seed)
    rng = Random(seed)
    for now, case, outcome in planner.outcomes:
        assert evaluate(shuffled(rng, case), story.plan, story.calendar, now) == outcome
    for now, case, act in planner.acts:
        again = evaluate(shuffled(rng, case), story.plan, story.calendar, now)
        assert again == act


def shuffled(rng: Random, case: Case) -> Case:
    items, runs = list(case.items), list(case.runs)
    rng.shuffle(items)
    rng.shuffle(runs)
    return replace(case, items=tuple(items), runs=tuple(runs))


@EXAMPLES
@given(seed=SEEDS)
def test_actions_are_made_inside_slots_only(seed: int) -> None:
    story, planner = played(seed)
    for now, day, _, _ in made(planner):
        slot = slot_on(story.calendar, day)
        assert is_allowed(story.calendar, day)
        assert slot.start <= now < slot.end


@EXAMPLES
@given(seed=SEEDS)
def test_no_contact_is_made_inside_the_contact_delay(seed: int) -> None:
    story, planner = played(seed)
    channels = {step.key: step.channel for step in story.plan.steps}
    for _, day, case, new in made(planner):
        if channels[new.step] not in CONTACT_CHANNELS:
            continue
        contacts = [
            taken.on
            for run in case.runs
            for taken in run.taken
            if taken.contact
            and (taken.state is StepState.EXECUTED or (is_open(taken.state) and not taken.waiting))
        ]
        if case.last_contact_on:
            contacts.append(case.last_contact_on)
        assert all((day - contact).days >= story.plan.contact_delay for contact in contacts)


def is_open(state: StepState) -> bool:
    return state is StepState.OPEN


@EXAMPLES
@given(seed=SEEDS)
def test_one_contact_a_day_where_there_is_a_delay(seed: int) -> None:
    story, planner = played(seed)
    channels = {step.key: step.channel for step in story.plan.steps}
    for _, day, case, new in made(planner):
        if story.plan.contact_delay and channels[new.step] in CONTACT_CHANNELS:
            posted = [taken for run in case.runs for taken in run.taken if is_open(taken.state)]
            assert not any(taken.contact and taken.on == day for taken in posted)


@EXAMPLES
@given(seed=SEEDS)
def test_only_eligible_items_are_asked_for_and_more_than_nothing(seed: int) -> None:
    story, planner = played(seed)
    phases = {step.key: step.phase for step in story.plan.steps}
    for _, day, case, new in made(planner):
        items, reliefs = named(case, new.items), named(case, new.credits)
        assert all(is_eligible(item, day) for item in items)
        assert all(is_credit(credit) for credit in reliefs)
        assert all(amount > 0 for amount in asked(items, reliefs).values())
        match phases[new.step]:
            case Phase.PRE_DUE:
                assert not reliefs
                assert all(item.due_on and item.due_on > day for item in items)
            case Phase.THANK_YOU:
                assert not items
            case Phase.REMINDER if story.plan.kind is PlanKind.ESCALATION:
                assert items
                assert {reach.item for reach in new.reaches} <= set(new.items)
            case Phase.REMINDER:
                assert items


def named(case: Case, ids: tuple[object, ...]) -> list[Item]:
    return [item for item in case.items if item.id in ids]


@EXAMPLES
@given(seed=SEEDS)
def test_a_run_reaches_a_step_once(seed: int) -> None:
    _, planner = played(seed)
    for run in planner.case.runs:
        reached = [(taken.step, taken.occurrence) for taken in run.taken]
        assert len(reached) == len(set(reached))
    for _, case, act in planner.acts:
        before = {(r.item, t.step, t.occurrence) for r in case.runs for t in r.taken}
        for new in act.make:
            for reach in new.reaches:
                assert (reach.item, reach.step, reach.occurrence) not in before


@EXAMPLES
@given(seed=SEEDS)
def test_currencies_are_never_added(seed: int) -> None:
    """A thousand times the yen changes nothing where no threshold is in yen."""
    story = random_story(Random(seed))
    dear = replace(
        story,
        pages=tuple(
            replace(page, items=tuple(dearer(item) for item in page.items)) for page in story.pages
        ),
    )
    assert Planner(dear).play() == Planner(story).play()


def dearer(item: Item) -> Item:
    if item.currency != "JPY":
        return item
    return replace(item, amount=item.amount * 1000, open=item.open * 1000)


@EXAMPLES
@given(seed=SEEDS)
def test_the_end_of_a_run_is_said_once(seed: int) -> None:
    _, planner = played(seed)
    ends = [item for _, _, act in planner.acts for item in act.finish]
    assert len(ends) == len(set(ends))
