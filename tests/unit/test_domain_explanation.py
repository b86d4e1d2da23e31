"""Why something is or is not due, one line per cause, in English and French (F43)."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from relance.domain.evaluation.acts import Rest
from relance.domain.evaluation.eligibility import Obstacle
from relance.domain.explanation import Cause, CauseKind, explain
from relance.domain.ledger import Family, Item, Pause
from relance.domain.plans import (
    Anchor,
    Channel,
    ConditionKind,
    Every,
    Logic,
    Mode,
    Plan,
    PlanKind,
    Recurrence,
    Scope,
)
from relance.domain.wording import long_date, reason, say
from tests.scenarios.diary import (
    Diary,
    credit,
    day,
    invoice,
    notice,
    payment,
    plan_of,
    reminders,
    step,
)
from tests.unit.planner import Planner
from tests.unit.script import random_story


def lines(diary: Diary, language: str = "en") -> list[str]:
    causes = explain(diary.case, diary.plan, diary.calendar, diary.now)
    return [say(cause, language).replace("\u00a0", " ").replace("\u202f", " ") for cause in causes]


def diary_of(plan: Plan, *items: Item, on: str = "2025-06-02", **more: Any) -> Diary:
    return Diary(plan, on, items, holidays=frozenset({date(2025, 6, 9)}), more=more)


LATE = invoice("F-1", "2025-05-16")
PLAN = plan_of(*reminders(1, 8, 13))


def test_the_next_step_with_its_slot() -> None:
    diary = diary_of(PLAN, LATE).until("2025-06-02 10:00")
    assert lines(diary) == [
        "“R1” is newly automatic here: at the earliest on 3 June 2025.",
        "F-1: “R1” is due on 17 May 2025 and leaves on 3 June 2025 at 08:30.",
    ]
    assert lines(diary, "fr") == [
        "« R1 » vient de passer en automatique : au plus tôt le 3 juin 2025.",
        "F-1 : « R1 » est prévue le 17 mai 2025 et part le 3 juin 2025 à 08:30.",
    ]


def test_the_contact_delay_the_weekend_and_the_holiday() -> None:
    diary = diary_of(PLAN, LATE).until("2025-06-03 10:00")
    assert lines(diary) == [
        "“R2” waits for the contact delay until 8 June 2025.",
        "Nothing leaves on 8 June 2025.",
        "F-1: “R2” is due on 24 May 2025 and leaves on 10 June 2025 at 08:30.",
    ]
    diary.becomes(last_contact_on=day("2025-06-04"))
    assert "9 June 2025 is a public holiday." in lines(diary)


def test_what_is_due_at_this_very_moment() -> None:
    diary = diary_of(PLAN, LATE)
    diary.now = diary.instant("2025-06-03 08:40")
    diary.case = replace(diary.case, enrolled_on=day("2025-06-02"))
    diary.look()
    undone = replace(diary.case, runs=tuple(replace(r, taken=()) for r in diary.case.runs))
    causes = explain(undone, diary.plan, diary.calendar, diary.now)
    assert [cause.kind for cause in causes] == [CauseKind.DUE_NOW]


def test_an_action_that_waits_for_its_owner() -> None:
    plan = plan_of(*reminders(1, mode=Mode.MANUAL, channel=Channel.CALL))
    diary = diary_of(plan, LATE).until("2025-06-10")
    assert lines(diary) == [
        "“R1” has waited for its owner’s decision since 2 June 2025; nothing else is made before."
    ]
    contextual = replace(plan_of(*reminders(1, 40, mode=Mode.MANUAL)), logic=Logic.CONTEXTUAL)
    diary = diary_of(contextual, LATE).until("2025-06-10")
    assert lines(diary)[1:] == ["“R1” expires on 25 June 2025 if nobody decides it."]


def test_an_action_that_is_on_its_way_and_the_end_of_the_plan() -> None:
    diary = diary_of(plan_of(*reminders(1)), LATE)
    diary.dispatcher_off = True
    assert lines(diary.until("2025-06-04")) == ["“R1” is on its way since 3 June 2025."]
    diary.decide("R1")
    assert lines(diary) == ["F-1: the plan is finished, no step is left."]


def test_a_person_s_step_goes_to_its_owner() -> None:
    plan = plan_of(*reminders(1, mode=Mode.CONFIRM))
    diary = diary_of(plan, LATE).until("2025-06-02 08:00")
    assert lines(diary) == [
        "F-1: “R1” is due on 17 May 2025 and goes to its owner on 2 June 2025 at 08:30."
    ]


def test_a_notice_that_comes_too_late() -> None:
    diary = diary_of(plan_of(notice("N", -2), *reminders(1)), invoice("F-1", "2025-06-06"))
    diary.becomes(last_contact_on=day("2025-06-02"))
    assert lines(diary)[0] == "“N” will not be made: its time is over on 6 June 2025."


@pytest.mark.parametrize(
    ("state", "line"),
    [
        ({"archived": True}, "The customer is archived."),
        ({"enabled": False}, "Reminders are not switched on for this customer."),
        ({"pauses": (Pause(),)}, "Paused."),
        ({"pauses": (Pause(until=day("2025-07-01")),)}, "Paused until 1 July 2025."),
    ],
)
def test_what_holds_the_whole_customer(state: dict[str, Any], line: str) -> None:
    assert lines(diary_of(PLAN, LATE, **state).until("2025-06-03")) == [line]


def test_every_hold_is_told_not_only_the_first() -> None:
    diary = diary_of(replace(PLAN, active=False), LATE, archived=True, enabled=False)
    assert len(lines(diary)) == 3


def test_a_plan_by_hand_and_a_plan_without_an_active_step() -> None:
    assert lines(diary_of(plan_of(by_hand_only=True), LATE)) == [
        "The plan is by hand only: nothing leaves by itself, on purpose."
    ]
    assert lines(diary_of(plan_of(*reminders(1, active=False)), LATE)) == [
        "The plan has no active step."
    ]
    assert lines(diary_of(PLAN)) == ["no item can be reminded."]


def test_balances_floors_and_credits_with_their_amounts() -> None:
    floor = replace(PLAN, floors={"EUR": Decimal(2500)})
    dear = invoice("F-1", "2025-05-16", "1234.5")
    assert lines(diary_of(floor, dear)) == [
        "EUR: 1,234.50 EUR is under the plan’s floor of 2,500.00 EUR."
    ]
    assert lines(diary_of(floor, dear), "fr") == [
        "EUR : 1 234,50 EUR est sous le minimum du plan, 2 500,00 EUR."
    ]
    assert lines(diary_of(PLAN, LATE, credit("C", "100", "2025-06-01"))) == [
        "EUR: nothing is owed on balance (0.00 EUR)."
    ]
    covered = diary_of(
        PLAN, LATE, invoice("F-2", "2025-12-31"), payment("P", "100", "2025-06-01")
    ).until("2025-06-03 08:40")
    assert lines(covered) == ["EUR: open credits cover all that “R1” would ask for."]


FLAWS = [
    ({"issued": False}, "F-1: draft, not counted."),
    ({"sent": False}, "F-1: not sent to the customer yet, not counted."),
    ({"due_on": None}, "F-1: no due date, not counted."),
    ({"family": Family.DISPUTE}, "F-1: disputed."),
    ({"family": Family.LITIGATION}, "F-1: in litigation."),
    ({"in_specific_action": True}, "F-1: under a specific action."),
    ({"direct_debit": True}, "F-1: paid by direct debit."),
    ({"promised_for": day("2025-06-11")}, "F-1: promised, reminded again from 12 June 2025."),
    ({"pause": Pause()}, "F-1: paused."),
    ({"pause": Pause(until=day("2025-06-11"))}, "F-1: paused until 11 June 2025."),
]


@pytest.mark.parametrize(("flaw", "line"), FLAWS)
def test_an_item_left_out_is_reported_not_dropped(flaw: dict[str, object], line: str) -> None:
    item = replace(LATE, **flaw)  # type: ignore[arg-type]  # a field each, of its own type
    assert lines(diary_of(PLAN, item, invoice("F-2", "2025-05-20")))[-1] == line


def test_two_runs_that_are_ready_at_once() -> None:
    plan = replace(plan_of(*reminders(1, 8, mode=Mode.CONFIRM)), scope=Scope.ITEM, contact_delay=4)
    items = [LATE, invoice("F-2", "2025-05-30")]
    diary = diary_of(plan, *items).until("2025-06-02 08:00")
    diary.case = replace(
        diary.case,
        runs=tuple(replace(run, after="R1") if run.number == 1 else run for run in diary.case.runs),
    )
    diary.now = diary.instant("2025-06-02 08:30")
    assert "“R1” waits: another contact goes first, so not before 6 June 2025." in lines(diary)
    kinds = [c.kind for c in explain(diary.case, diary.plan, diary.calendar, diary.now)]
    assert kinds == [CauseKind.DUE_NOW, CauseKind.ANOTHER_FIRST, CauseKind.IS_POSTED]


def test_a_statement_of_account() -> None:
    plan = plan_of(
        step("S", 0, anchor=Anchor.RECURRENCE),
        kind=PlanKind.RECAP,
        recurrence=Recurrence(every=Every.MONTH, on=1),
    )
    diary = diary_of(plan, LATE).until("2025-06-05")
    assert lines(diary)[-1] == "“S” is due on 1 July 2025 and leaves on 1 July 2025 at 08:30."


def test_dates_in_words() -> None:
    assert long_date(date(2025, 8, 1), "fr-CA") == "1er août 2025"
    assert long_date(date(2025, 8, 1), "de") == "1 August 2025"


@pytest.mark.parametrize("language", ["en", "fr"])
def test_every_cause_and_every_reason_has_its_words(language: str) -> None:
    assert all(say(Cause(kind=kind), language) for kind in CauseKind)
    keys = [kind.value for kind in (*Obstacle, *ConditionKind)]
    assert all(reason(key, language) for key in [*keys, "past_due", "payment_cancelled", "ceiling"])


@settings(max_examples=max(150, settings().max_examples))
@given(seed=st.integers(0, 2**48))
def test_the_explanation_agrees_with_the_evaluation(seed: int) -> None:
    story = random_story(Random(seed))
    planner = Planner(story)
    planner.play()
    names = {step.key: step.name for step in story.plan.steps}
    for now, case, act in planner.acts:
        causes = explain(case, story.plan, story.calendar, now)
        due = {cause.step for cause in causes if cause.kind is CauseKind.DUE_NOW}
        assert {names[new.step] for new in act.make} <= due
    for now, case, outcome in planner.outcomes:
        causes = explain(case, story.plan, story.calendar, now)
        kinds = {cause.kind for cause in causes}
        assert causes
        assert CauseKind.DUE_NOW not in kinds
        assert all(say(cause, "fr") for cause in causes)
        if isinstance(outcome, Rest):
            assert outcome.reason in kinds | {"blocked"}
            assert reason(outcome.reason, "en")
            assert not kinds & {CauseKind.LEAVES, CauseKind.IS_POSTED}
