"""Two people's changes to one plan brought together, field by field (F39, F56)."""

from collections.abc import Mapping, Sequence
from typing import Any

from relance.domain.documents import Document
from relance.domain.documents.editing import steps_of


def merged(base: Mapping[str, Any], theirs: Mapping[str, Any], mine: Mapping[str, Any]) -> Document:
    """Their version with what I changed since `base`; where both changed one field, mine stands."""
    fields = _merged({**base, "steps": None}, {**theirs, "steps": None}, {**mine, "steps": None})
    return {**fields, "steps": _steps(steps_of(base), steps_of(theirs), steps_of(mine))}


def _merged(
    base: Mapping[str, Any], theirs: Mapping[str, Any], mine: Mapping[str, Any]
) -> Document:
    names = dict.fromkeys([*theirs, *mine])
    chosen = {
        name: theirs.get(name) if mine.get(name) == base.get(name) else mine.get(name)
        for name in names
    }
    return {name: value for name, value in chosen.items() if value is not None}


def _steps(
    base: Sequence[Document], theirs: Sequence[Document], mine: Sequence[Document]
) -> list[Document]:
    """In my order where I changed it, else in theirs; what one removed and nobody changed goes."""
    was, its, own = ({step["key"]: step for step in of} for of in (base, theirs, mine))
    return [
        _merged(was.get(key, {}), its[key], own[key])
        if key in its and key in own
        else own.get(key) or its[key]
        for key in _order(list(was), list(its), list(own))
        if _stays(was.get(key), its.get(key), own.get(key))
    ]


def _stays(was: Document | None, theirs: Document | None, mine: Document | None) -> bool:
    if was is None:
        return True
    if mine is None:
        return theirs is not None and theirs != was
    return theirs is not None or mine != was


def _order(base: list[str], theirs: list[str], mine: list[str]) -> list[str]:
    """The steps of both: one's order, the other's own steps after the step they follow there."""
    common = [key for key in mine if key in base]
    first, second = (theirs, mine) if common == [k for k in base if k in mine] else (mine, theirs)
    order = list(first)
    for at, key in enumerate(second):
        if key not in order:
            before = next((k for k in reversed(second[:at]) if k in order), None)
            order.insert(order.index(before) + 1 if before else 0, key)
    return order
