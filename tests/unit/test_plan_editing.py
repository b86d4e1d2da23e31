"""Changes to a plan's document, and two people's changes brought together."""

from typing import Any

from relance.domain.documents.editing import (
    moved,
    switched,
    with_new_step,
    with_step,
    without_step,
)
from relance.domain.documents.merging import merged

Json = dict[str, Any]


def step(key: str, when: str, phase: str = "reminder", **more: Any) -> Json:
    return {"key": key, "name": key, "phase": phase, "when": when, **more}


def plan(*steps: Json, **fields: Any) -> Json:
    return {"plan": "p", "name": "P", **fields, "steps": list(steps)}


def keys(document: Json) -> list[str]:
    return [step["key"] for step in document["steps"]]


A, B = step("a", "1 day after due date"), step("b", "8 days after due date")
THANKS = step("thanks", "1 day after payment", "thank_you")
PLAN = plan(A, B, THANKS)


def test_a_new_step_stands_where_its_day_wants_it_with_a_key_of_its_own() -> None:
    for when, phase, place in (
        ("7 days before due date", "pre_due", 0),
        ("4 days after due date", "reminder", 1),
        ("30 days after due date", "reminder", 2),
        ("3 days after payment", "thank_you", 3),
    ):
        new = {"name": "A ÉTAPE!", "phase": phase, "when": when}
        assert keys(with_new_step(PLAN, new)).index("a-etape") == place
    twice = with_new_step(PLAN, {"name": "a", "phase": "reminder", "when": "on the due date"})
    assert keys(twice) == ["a-2", "a", "b", "thanks"]


def test_a_form_that_comes_twice_adds_its_step_once() -> None:
    new = {"name": "New", "phase": "reminder", "when": "4 days after due date"}
    once = with_new_step(PLAN, new)
    assert with_new_step(once, new) == once
    assert keys(with_new_step(once, {**new, "when": "5 days after due date"})).count("new-2") == 1


def test_a_step_moves_only_where_its_day_has_changed() -> None:
    assert keys(with_step(PLAN, "a", {"name": "Other"})) == ["a", "b", "thanks"]
    assert keys(with_step(PLAN, "a", {"when": "9 days after due date"})) == ["b", "a", "thanks"]
    assert keys(with_step(PLAN, "b", {"when": "5 days after previous step"})) == keys(PLAN)


def test_a_step_among_those_whose_days_do_not_tell_stays_where_it_is() -> None:
    after = [step(key, "5 days after previous step") for key in ("x", "y", "z")]
    document = plan(A, *after)
    assert keys(with_step(document, "x", {"when": "12 days after due date"})) == keys(document)


def test_a_step_is_moved_switched_and_removed() -> None:
    assert keys(moved(PLAN, "b", -1)) == ["b", "a", "thanks"]
    assert keys(moved(PLAN, "a", -1)) == keys(PLAN)
    assert keys(without_step(PLAN, "b")) == ["a", "thanks"]
    off = switched(PLAN, "a")
    assert off["steps"][0]["active"] is False
    assert switched(off, "a") == PLAN


def test_changes_to_different_fields_both_stand() -> None:
    theirs = plan({**A, "mode": "automatic"}, B, THANKS, contact_delay=9)
    mine = plan({**A, "name": "First"}, B, THANKS)
    both = merged(PLAN, theirs, mine)
    assert both["contact_delay"] == 9
    assert both["steps"][0] == {**A, "mode": "automatic", "name": "First"}


def test_where_both_changed_one_field_mine_stands() -> None:
    theirs, mine = plan({**A, "name": "Theirs"}, B), plan({**A, "name": "Mine"}, B)
    assert merged(plan(A, B), theirs, mine)["steps"][0]["name"] == "Mine"


def test_a_step_that_one_removed_goes_unless_the_other_changed_it() -> None:
    assert keys(merged(PLAN, plan(A, THANKS), PLAN)) == ["a", "thanks"]
    assert keys(merged(PLAN, PLAN, plan(A, THANKS))) == ["a", "thanks"]
    changed = plan(A, {**B, "name": "Last"}, THANKS)
    assert keys(merged(PLAN, plan(A, THANKS), changed)) == ["a", "b", "thanks"]
    assert keys(merged(PLAN, changed, plan(A, THANKS))) == ["a", "b", "thanks"]


def test_steps_that_both_added_stand_where_each_had_them() -> None:
    x, y = step("x", "2 days after due date"), step("y", "20 days after due date")
    assert keys(merged(PLAN, plan(A, x, B, THANKS), plan(A, B, y, THANKS))) == [
        "a",
        "x",
        "b",
        "y",
        "thanks",
    ]


def test_an_order_that_one_changed_is_kept() -> None:
    turned = plan(B, A, THANKS)
    assert keys(merged(PLAN, turned, PLAN)) == ["b", "a", "thanks"]
    assert keys(merged(PLAN, PLAN, turned)) == ["b", "a", "thanks"]


def test_a_field_that_one_took_away_is_gone() -> None:
    base = plan({**A, "condition": "no reply"}, B)
    assert "condition" not in merged(base, base, plan(A, B))["steps"][0]
    assert "condition" not in merged(base, plan(A, B), base)["steps"][0]
