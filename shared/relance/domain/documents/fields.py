"""A field of a document, and reading and writing a group of them by their table."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import MISSING, dataclass, fields
from typing import Any

from relance.domain.documents.readings import Notes, meant


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One line of a document: its name there, the attribute it gives, how to read and write it.

    `write` None: the value goes into the document as it is. `plain`: written even where usual.
    """

    name: str
    attribute: str
    read: Callable[[object, Notes], object | None]
    write: Callable[[Any], object] | None = None
    says: str
    required: bool = False
    plain: bool = False


def read_fields(value: object, known: Sequence[Field], notes: Notes, what: str) -> dict[str, Any]:
    """The values that could be read, by attribute; every fault of a field goes to the notes."""
    if not isinstance(value, Mapping):
        notes.fault(f"{what} is a group of fields, such as “name: …”")
        return {}
    names = [f.name for f in known]
    for name in value:
        if name not in names:
            mend = meant(str(name), names) or f"the fields of {what} are {', '.join(names)}"
            notes.at(name).key_fault(f"{what} has no field “{name}”", mend)
    read = {}
    for one in known:
        if value.get(one.name) is not None:
            found = one.read(value[one.name], notes.at(one.name))
            if found is not None:
                read[one.attribute] = found
        elif one.required:
            notes.fault(f"{what} needs the field “{one.name}”", one.says)
    return read


def write_fields(
    source: object, known: Sequence[Field], *, plain: bool = True
) -> dict[str, object]:
    """The document of a dataclass; `plain` False leaves out all that is usual."""
    usual = {
        f.name: f.default_factory() if f.default_factory is not MISSING else f.default
        for f in fields(source)  # type: ignore[arg-type]  # a dataclass of ours, seen as object
    }
    document = {}
    for one in known:
        value = getattr(source, one.attribute)
        if (plain and one.plain) or value != usual[one.attribute]:
            document[one.name] = one.write(value) if one.write else value
    return document
