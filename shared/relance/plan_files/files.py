"""Reading, checking and writing the YAML file of a plan."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

import yaml
from typing_extensions import override

from relance.domain.documents import Document, document_of, plan_of, read_document, say_place
from relance.domain.documents.readings import Fault, Notes
from relance.plan_files.draft import Draft, Surroundings
from relance.plan_files.marked import Flaw, Mark, Marked, decoded, marked
from relance.plan_files.rules import note_breaches

_NO_ID = UUID(int=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mistake:
    """What is wrong in a file, where (lines and columns count from 1), and how to mend it.

    `path` is the place in words, such as steps[2].template. A `warning` forbids nothing.
    """

    line: int
    column: int
    path: str
    message: str
    mend: str = ""
    warning: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """The canonical document, None where a mistake forbids it, and all mistakes, by place."""

    document: Document | None
    mistakes: tuple[Mistake, ...] = ()


def check(
    source: str | bytes,
    known_templates: Mapping[str, Collection[str]] | None = None,
    known_members: Collection[str] | None = None,
) -> tuple[Mistake, ...]:
    """Every mistake of a plan's file; see `read_plan`."""
    return read_plan(source, known_templates, known_members).mistakes


def read_plan(
    source: str | bytes,
    known_templates: Mapping[str, Collection[str]] | None = None,
    known_members: Collection[str] | None = None,
) -> Reading:
    """The document of a plan's file, or every mistake at once.

    `known_templates` gives the keys of each channel, `known_members` addresses; None: not checked.
    """
    text = decoded(source) if isinstance(source, bytes) else source
    if isinstance(text, Flaw):
        return Reading(document=None, mistakes=(_flaw(text),))
    found = marked(text)
    around = Surroundings(templates=known_templates, members=known_members)
    broken = found.value is None and found.flaws
    faults = () if broken else faults_of(found.value, around)
    mistakes = {*map(_flaw, found.flaws), *(_mistake(fault, found) for fault in faults)}
    ordered = tuple(sorted(mistakes, key=lambda m: (m.line, m.column, m.path, m.message)))
    if any(not mistake.warning for mistake in ordered):
        return Reading(document=None, mistakes=ordered)
    return Reading(document=canonical(found.value), mistakes=ordered)


def canonical(document: Any) -> Document:
    """The one way to write what a checked document says."""
    return document_of(plan_of(document, id=_NO_ID))


def write_plan(document: Document) -> str:
    """The YAML text of a plan's document; reading it gives the same document."""
    return yaml.dump(
        _with_numbers(document),
        Dumper=_Writer,
        allow_unicode=True,
        sort_keys=False,
        default_flow_style=False,
        width=10_000,
    )


def faults_of(document: object, around: Surroundings) -> list[Fault]:
    """Every fault of a document, of its fields and of how they go together."""
    if document is None:
        return [Fault(place=(), message="the file is empty", mend="begin with “plan: a-key”")]
    values, faults = read_document(document)
    if isinstance(document, Mapping):
        note_breaches(Draft(plan=values, written=document, around=around), Notes(faults))
    return faults


def _flaw(flaw: Flaw) -> Mistake:
    mark = flaw.mark
    return Mistake(
        line=mark.line, column=mark.column, path="", message=flaw.message, mend=flaw.mend
    )


def _mistake(fault: Fault, found: Marked) -> Mistake:
    mark = _mark(fault, found)
    return Mistake(
        line=mark.line,
        column=mark.column,
        path=say_place(fault.place),
        message=fault.message,
        mend=fault.mend,
        warning=fault.warning,
    )


def _mark(fault: Fault, found: Marked) -> Mark:
    if fault.at_key and fault.place in found.names:
        return found.names[fault.place]
    near = (found.values.get(fault.place[:end]) for end in range(len(fault.place), -1, -1))
    return next((mark for mark in near if mark), Mark(1, 1))


class _Writer(yaml.SafeDumper):
    """Indents the steps under “steps:” and writes exact amounts as numbers."""

    @override
    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        return super().increase_indent(flow, False)  # noqa: FBT003 - PyYAML's


def _represent_amount(writer: yaml.SafeDumper, amount: Decimal) -> yaml.Node:
    return writer.represent_scalar("tag:yaml.org,2002:float", f"{amount:f}")


_Writer.add_representer(Decimal, _represent_amount)


def _with_numbers(document: Document) -> Document:
    amounts = {
        name: {
            currency: Decimal(amount) if isinstance(amount, str) else amount
            for currency, amount in document[name].items()
        }
        for name in ("floors", "ceilings")
        if name in document
    }
    return document | amounts
