"""What becomes of an open action when payments, disputes, pauses and credits come in (rules §5)."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from relance.domain.calendar import local_day
from relance.domain.cases import Case
from relance.domain.evaluation.acts import Reach
from relance.domain.ledger import Family, Item, Pause
from relance.domain.plans import Phase, Plan, PlanKind, Scope
from relance.domain.revision import (
    Cancel,
    Keep,
    OpenAction,
    Revision,
    Shrink,
    revise,
    revise_specific,
)
from tests.scenarios.diary import credit, invoice, payment, plan_of, reminders, uid
from tests.unit.planner import Planner
from tests.unit.script import random_story

TODAY = date(2025, 6, 10)
PLAN = plan_of(*reminders(1, 8))
A, B, C = (invoice(number, "2025-06-01") for number in "ABC")
DOLLARS = invoice("D", "2025-06-01", "70", "USD")


def case_of(*items: Item, **more: Any) -> Case:
    return Case(
        id=uid("case"),
        customer=uid("customer"),
        enrolled_on=date(2025, 1, 1),
        items=items,
        **more,
    )


def action_on(
    references: Iterable[Item],
    items: Iterable[Item] = (),
    credits_shown: Iterable[Item] = (),
    phase: Phase = Phase.REMINDER,
) -> OpenAction:
    return OpenAction(
        phase=phase,
        reaches=tuple(Reach(item=item.id, step="R1") for item in references),
        items=tuple(item.id for item in items),
        credits=tuple(item.id for item in credits_shown),
    )


def revised(action: OpenAction, *items: Item, plan: Plan = PLAN, **more: Any) -> Revision:
    return revise(action, case_of(*items, **more), plan, TODAY)


def what_is_left(revision: Revision) -> tuple[set[object], set[object]]:
    assert isinstance(revision, Shrink)
    return {reach.item for reach in revision.reaches}, set(revision.items)


ALL = action_on([A], [A, B, C])
PER_ITEM = replace(PLAN, scope=Scope.ITEM)


def test_nothing_happened() -> None:
    assert revised(ALL, A, B, C) == Keep()


def test_a_part_payment_keeps_it_and_only_the_amount_is_read_again() -> None:
    assert revised(ALL, replace(A, open=Decimal(1)), B, C) == Keep()


def test_an_item_that_is_paid_drops_out() -> None:
    assert what_is_left(revised(ALL, A, C)) == ({A.id}, {A.id, C.id})


def test_a_payment_of_the_reference_cancels_it_though_others_are_open() -> None:
    assert revised(ALL, B, C) == Cancel(reason="settled")


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"open": Decimal(0)}, "settled"),
        ({"issued": False}, "draft"),
        ({"family": Family.DISPUTE}, "disputed"),
        ({"family": Family.LITIGATION}, "litigation"),
        ({"promised_for": TODAY}, "promised"),
        ({"pause": Pause()}, "paused"),
        ({"in_specific_action": True}, "specific_action"),
        ({"direct_debit": True}, "direct_debit"),
    ],
)
def test_the_reason_is_what_happened_to_the_reference(change: dict[str, Any], reason: str) -> None:
    assert revised(ALL, replace(A, **change), B, C) == Cancel(reason=reason)


@pytest.mark.parametrize(
    ("customer", "reason"),
    [
        ({"enabled": False}, "disabled"),
        ({"archived": True}, "archived"),
        ({"pauses": (Pause(until=date(2025, 6, 11)),)}, "paused"),
    ],
)
def test_a_customer_who_must_not_be_contacted(customer: dict[str, Any], reason: str) -> None:
    assert revised(ALL, A, B, C, **customer) == Cancel(reason=reason)


def test_a_pause_that_is_over_cancels_nothing() -> None:
    assert revised(ALL, A, B, C, pauses=(Pause(until=TODAY),)) == Keep()


def test_a_paused_plan_and_a_plan_switched_off() -> None:
    assert revised(ALL, A, B, C, plan=replace(PLAN, pause=Pause())) == Cancel(reason="paused")
    assert revised(ALL, A, B, C, plan=replace(PLAN, active=False)) == Cancel(reason="plan_inactive")


def test_a_balance_that_falls_to_zero_or_under_the_floor() -> None:
    floor = replace(PLAN, floors={"EUR": Decimal(200)})
    assert revised(ALL, A, B, C, credit("N", "300", "2025-06-09")) == Cancel(reason="balance")
    assert revised(ALL, A, plan=floor) == Cancel(reason="under_floor")


def test_credits_that_cover_what_it_asks_for() -> None:
    later = invoice("Z", "2025-12-31", "500")
    covering = payment("P", "100", "2025-06-09")
    assert revised(action_on([A], [A]), A, later, covering) == Cancel(reason="covered")


def test_a_credit_that_came_in_since_is_shown_and_one_left_out_stays_out() -> None:
    new = payment("P", "30", "2025-06-09")
    left = revised(ALL, A, B, C, new)
    assert isinstance(left, Shrink)
    assert left.credits == (new.id,)
    assert revised(replace(ALL, left_out=frozenset({new.id})), A, B, C, new) == Keep()


def test_one_currency_leaves_and_the_other_stays() -> None:
    both = action_on([A, DOLLARS], [A, B, DOLLARS])
    assert what_is_left(revised(both, B, DOLLARS)) == ({DOLLARS.id}, {DOLLARS.id})
    disputed = replace(DOLLARS, family=Family.DISPUTE)
    assert what_is_left(revised(both, A, B, disputed)) == ({A.id}, {A.id, B.id})


def test_in_a_plan_per_item_each_item_stands_for_itself() -> None:
    both = action_on([A, B], [A, B])
    assert what_is_left(revised(both, B, plan=PER_ITEM)) == ({B.id}, {B.id})
    assert revised(both, plan=PER_ITEM) == Cancel(reason="settled")


def test_a_notice_is_not_sent_once_the_due_date_has_come() -> None:
    today, tomorrow = invoice("A", "2025-06-10"), invoice("B", "2025-06-11")
    both = action_on([today, tomorrow], [today, tomorrow], phase=Phase.PRE_DUE)
    assert what_is_left(revised(both, today, tomorrow)) == ({tomorrow.id}, {tomorrow.id})
    alone = action_on([today], [today], phase=Phase.PRE_DUE)
    assert revised(alone, today) == Cancel(reason="past_due")


def test_a_notice_takes_no_notice_of_credits_but_of_the_balance() -> None:
    due_later = invoice("A", "2025-06-20")
    alone = action_on([due_later], [due_later], phase=Phase.PRE_DUE)
    assert revised(alone, due_later, credit("N", "99", "2025-06-09")) == Keep()
    assert revised(alone, due_later, credit("N", "100", "2025-06-09")) == Cancel(reason="balance")


def test_a_thank_you_leaves_with_its_payment_only() -> None:
    paid = replace(payment("P", "100", "2025-06-04", open="0"), settled_on=TODAY)
    other = replace(payment("Q", "100", "2025-06-04", open="0"), settled_on=TODAY)
    both = action_on([paid, other], phase=Phase.THANK_YOU)
    assert revised(both, paid, other) == Keep()
    assert what_is_left(revised(both, other)) == ({other.id}, set())
    assert revised(both) == Cancel(reason="payment_cancelled")
    assert revised(both, paid, other, enabled=False) == Cancel(reason="disabled")


def test_a_statement_is_sent_while_anything_is_owed() -> None:
    plan = replace(PLAN, kind=PlanKind.RECAP)
    statement = OpenAction(
        phase=Phase.REMINDER,
        reaches=(Reach(item=None, step="S", occurrence="2025-06-01"),),
        items=(A.id, B.id),
    )
    assert revised(statement, A, B, plan=plan) == Keep()
    assert what_is_left(revised(statement, B, plan=plan)) == ({None}, {B.id})
    assert revised(statement, plan=plan) == Cancel(reason="settled")
    paid = credit("N", "200", "2025-06-09")
    assert revised(statement, A, B, paid, plan=plan) == Cancel(reason="balance")


def test_a_specific_action_stands_until_its_items_are_settled_disputed_or_not() -> None:
    disputed = replace(A, family=Family.DISPUTE, in_specific_action=True)
    assert revise_specific([A.id, B.id], case_of(disputed, B)) == Keep()
    assert revise_specific([A.id, B.id], case_of(disputed)) == Shrink(reaches=(), items=(A.id,))
    assert revise_specific([A.id, B.id], case_of(C)) == Cancel(reason="settled")


@settings(max_examples=max(150, settings().max_examples))
@given(seed=st.integers(0, 2**48))
def test_what_evaluation_has_just_made_is_kept(seed: int) -> None:
    story = random_story(Random(seed))
    planner = Planner(story)
    planner.play()
    phases = {step.key: step.phase for step in story.plan.steps}
    for now, case, act in planner.acts:
        for new in act.make:
            action = OpenAction(
                phase=phases[new.step], reaches=new.reaches, items=new.items, credits=new.credits
            )
            assert revise(action, case, story.plan, local_day(story.calendar, now)) == Keep()
