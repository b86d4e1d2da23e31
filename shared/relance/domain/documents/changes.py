"""What differs between two versions of a plan (F56)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from difflib import SequenceMatcher

from relance.domain.documents.fields import Field
from relance.domain.documents.plan_fields import PLAN_FIELDS, STEP_FIELDS
from relance.domain.plans import Mode, Plan, Step


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanChanges:
    """Steps by their keys; `fields`, and those of `changed` steps, by their names in a document.

    A step is moved when it changed its place among the steps that both versions have.
    """

    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    moved: tuple[str, ...] = ()
    changed: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    fields: tuple[str, ...] = ()


def changes_between(old: Plan, new: Plan) -> PlanChanges:
    """What the new version does otherwise."""
    before = {step.key: step for step in old.steps}
    after = {step.key: step for step in new.steps}
    differing = {
        key: _differing(before[key], step, STEP_FIELDS)
        for key, step in after.items()
        if key in before
    }
    fields = _differing(old, new, PLAN_FIELDS)
    return PlanChanges(
        added=tuple(key for key in after if key not in before),
        removed=tuple(key for key in before if key not in after),
        moved=_moved([k for k in before if k in after], [k for k in after if k in before]),
        changed={key: names for key, names in differing.items() if names},
        fields=tuple(name for name in fields if name != "steps"),
    )


def automatic_since(current: Plan, wanted: Plan, today: date) -> dict[str, date]:
    """Since when each step of the next version is automatic, where that is known (F12)."""
    before = {step.key: step.automatic_since for step in current.steps if _is_automatic(step)}
    days = {step.key: before.get(step.key, today) for step in wanted.steps if _is_automatic(step)}
    return {step: day for step, day in days.items() if day is not None}


def _is_automatic(step: Step) -> bool:
    return step.active and step.mode is Mode.AUTOMATIC


def _differing(old: object, new: object, fields: Sequence[Field]) -> tuple[str, ...]:
    return tuple(
        one.name for one in fields if getattr(old, one.attribute) != getattr(new, one.attribute)
    )


def _moved(before: list[str], after: list[str]) -> tuple[str, ...]:
    stayed: set[str] = set()
    for block in SequenceMatcher(a=before, b=after, autojunk=False).get_matching_blocks():
        stayed.update(after[block.b : block.b + block.size])
    return tuple(key for key in after if key not in stayed)
