"""What differs between two versions of a plan."""

from dataclasses import replace
from uuid import UUID

from relance.domain.documents import plan_of
from relance.domain.documents.changes import PlanChanges, changes_between
from relance.domain.plans import Mode, Plan
from relance.plan_files import preset, read_plan


def standard() -> Plan:
    document = read_plan(preset("standard-7")).document
    assert document is not None
    return plan_of(document, id=UUID(int=1))


def test_the_same_plan_has_not_changed_whatever_the_database_knows_of_it() -> None:
    plan = standard()
    assert changes_between(plan, replace(plan, id=UUID(int=2), version=5)) == PlanChanges()


def test_a_step_that_comes_and_one_that_goes_move_nobody() -> None:
    old = standard()
    fresh = replace(old.steps[1], key="fresh")
    new = replace(old, steps=(fresh, *old.steps[:3], *old.steps[4:]))
    assert changes_between(old, new) == PlanChanges(added=("fresh",), removed=("call",))


def test_a_step_that_changes_its_place_is_moved_and_no_other() -> None:
    old = standard()
    one, two, three, *rest = old.steps
    moved = changes_between(old, replace(old, steps=(one, three, two, *rest))).moved
    assert len(moved) == 1
    assert moved[0] in (two.key, three.key)


def test_changes_are_named_as_in_the_file() -> None:
    old = standard()
    call = replace(old.steps[3], name="Ring them", mode=Mode.MANUAL)
    first = replace(old.steps[1], mode=Mode.MANUAL, trigger=old.steps[0].trigger)
    steps = (old.steps[0], first, old.steps[2], call, *old.steps[4:])
    assert changes_between(old, replace(old, contact_delay=7, steps=steps)) == PlanChanges(
        changed={"first-reminder": ("when", "mode"), "call": ("name",)}, fields=("contact_delay",)
    )
