"""Changes to a plan's document, one at a time (F39). A document under way need not be right yet."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from relance.domain.documents import Document
from relance.domain.documents.phrases import plainly, trigger_said
from relance.domain.plans import Anchor, Phase, PlanKind, Trigger

_LONGEST_KEY = 40
_PHASES = [Phase.PRE_DUE, Phase.REMINDER, Phase.THANK_YOU]


def steps_of(document: Mapping[str, Any]) -> list[Document]:
    """Its steps, in order."""
    return [dict(step) for step in document.get("steps", ())]


def step_of(document: Mapping[str, Any], key: str) -> Document | None:
    """The step of that key."""
    return next((step for step in steps_of(document) if step["key"] == key), None)


def with_fields(document: Mapping[str, Any], fields: Mapping[str, Any]) -> Document:
    """The document, or a step, with these fields; None takes one away."""
    changed = {**document, **fields}
    return {name: value for name, value in changed.items() if value is not None}


def with_step(document: Mapping[str, Any], key: str, fields: Mapping[str, Any]) -> Document:
    """The step with these fields; it moves only where its new day wants it elsewhere."""
    steps = steps_of(document)
    at = next(index for index, step in enumerate(steps) if step["key"] == key)
    before, step = steps[at], with_fields(steps[at], fields)
    others = steps[:at] + steps[at + 1 :]
    if before.get("when") == step.get("when"):
        return {**document, "steps": [*others[:at], step, *others[at:]]}
    return {**document, "steps": _placed(others, step, at)}


def with_new_step(document: Mapping[str, Any], fields: Mapping[str, Any]) -> Document:
    """One step more, with a key of its own, where its day wants it; no second one just like it.

    A form that arrives twice adds its step once.
    """
    steps = steps_of(document)
    key = _new_key(str(fields["name"]), {step["key"] for step in steps})
    step = with_fields({"key": key}, fields)
    if any({**other, "key": key} == step for other in steps):
        return {**document}
    return {**document, "steps": _placed(steps, step, len(steps))}


def without_step(document: Mapping[str, Any], key: str) -> Document:
    """All steps but that one."""
    return {**document, "steps": [s for s in steps_of(document) if s["key"] != key]}


def moved(document: Mapping[str, Any], key: str, by: int) -> Document:
    """The step further down by so many places, or up where it is negative."""
    steps = steps_of(document)
    at = next(index for index, step in enumerate(steps) if step["key"] == key)
    step = steps.pop(at)
    steps.insert(min(max(at + by, 0), len(steps)), step)
    return {**document, "steps": steps}


def switched(document: Mapping[str, Any], key: str) -> Document:
    """The step off where it was on, and on where it was off; it stays where it is."""
    steps = [
        with_fields(step, {"active": None if step.get("active") is False else False})
        if step["key"] == key
        else step
        for step in steps_of(document)
    ]
    return {**document, "steps": steps}


def phase_of(trigger: Trigger, before: str | None = None) -> Phase:
    """The phase that a step of that day belongs to; where several would do, the one `before`."""
    match trigger.anchor:
        case Anchor.PAYMENT_DATE:
            return Phase.THANK_YOU
        case Anchor.DUE_DATE:
            return Phase.PRE_DUE if trigger.days < 0 else Phase.REMINDER
        case _:
            kept = Phase(before) if before in tuple(Phase) else Phase.REMINDER
            return Phase.REMINDER if kept is Phase.THANK_YOU else kept


def is_recap(document: Mapping[str, Any]) -> bool:
    """Whether its steps come at a recurrence, and have no days of their own."""
    return document.get("kind") == PlanKind.RECAP


def _placed(others: Sequence[Document], step: Document, at: int) -> list[Document]:
    """At its place where its day fits there; else before the first step that is to leave later."""
    fits = not any(_is_later(other, step) for other in others[:at]) and not any(
        _is_later(step, other) for other in others[at:]
    )
    later = (i for i, other in enumerate(others) if _is_later(other, step))
    here = at if fits else next(later, len(others))
    return [*others[:here], step, *others[here:]]


def _is_later(other: Document, step: Document) -> bool:
    its, mine = _rank(other), _rank(step)
    return its is not None and mine is not None and its > mine


def _rank(step: Document) -> tuple[int, int] | None:
    """What steps are ordered by; None where a step's day does not tell."""
    trigger, phase = trigger_said(str(step.get("when", ""))), step.get("phase")
    if trigger is None or phase not in _PHASES:
        return None
    if trigger.anchor is Anchor.PREVIOUS_STEP or trigger.end_of_month:
        return None
    return _PHASES.index(Phase(phase)), trigger.days


def _new_key(name: str, taken: set[str]) -> str:
    plain = re.sub(r"[^a-z0-9]+", "-", plainly(name)).strip("-")[:_LONGEST_KEY] or "step"
    numbered = (f"{plain}-{number}" for number in range(2, len(taken) + 3))
    return next(key for key in (plain, *numbered) if key not in taken)
