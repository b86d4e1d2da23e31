"""A plan as a plain document, the shape of its YAML file, and back (F2)."""

from collections.abc import Mapping
from datetime import date
from typing import Any, TypeAlias
from uuid import UUID

from relance.domain.documents.fields import read_fields, write_fields
from relance.domain.documents.plan_fields import PLAN_FIELDS
from relance.domain.documents.readings import Fault, Notes, Place
from relance.domain.ledger import Pause
from relance.domain.plans import Anchor, Phase, Plan, PlanKind, Step, Trigger

Document: TypeAlias = dict[str, Any]
# Values by the name of the attribute; what could not be read is not there.
Values: TypeAlias = dict[str, Any]

# What a step of a recap need not say.
_IN_A_RECAP: Values = {"phase": Phase.REMINDER, "trigger": Trigger(anchor=Anchor.RECURRENCE)}


class UnreadableDocument(Exception):
    """A stored document that is not a plan; the text lists every fault with its place."""


def plan_of(
    document: Mapping[str, Any],
    *,
    id: UUID,  # noqa: A002 - the attribute's own name
    version: int = 1,
    active: bool = True,
    pause: Pause | None = None,
    automatic_since: Mapping[str, date] | None = None,
) -> Plan:
    """The plan of a document that was checked; UnreadableDocument when it was not."""
    values, faults = read_document(document)
    if faults:
        raise UnreadableDocument("; ".join(f"{say_place(f.place)}: {f.message}" for f in faults))
    since = automatic_since or {}
    steps = tuple(
        Step(**(_IN_A_RECAP | step), automatic_since=since.get(step["key"]))
        for step in values.pop("steps", ())
    )
    return Plan(id=id, version=version, active=active, pause=pause, steps=steps, **values)


def document_of(plan: Plan) -> Document:
    """The document of a plan: JSON values only, what is usual left out where nobody misses it."""
    return write_fields(plan, PLAN_FIELDS, plain=plan.kind is not PlanKind.RECAP)


def read_document(document: object) -> tuple[Values, list[Fault]]:
    """The values that could be read, `steps` as a list of such, and every fault of a field.

    How fields go together is not looked at.
    """
    notes = Notes()
    return read_fields(document, PLAN_FIELDS, notes, "a plan"), notes.faults


def say_place(place: Place) -> str:
    """A place in words: steps[2].template, counting from 1."""
    said = "".join(f"[{p + 1}]" if isinstance(p, int) else f".{p}" for p in place)
    return said.removeprefix(".")
