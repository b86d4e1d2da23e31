"""YAML as plain values with the place of each: every scalar is text, as it was written.

Only what a plan needs is read: aliases, tags and several documents are refused, so that no file
can grow while it is read or make anything but text, lists and groups.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TypeAlias

import yaml

from relance.domain.documents.readings import Place

Value: TypeAlias = "str | list[Value] | dict[str, Value] | None"

_MOST_BYTES = 200_000
_DEEPEST = 12
_NOTHING = frozenset({"", "~", "null", "Null", "NULL"})
_MENDS = {
    "\\t": "indent with spaces, never with tabs",
    "mapping values": "put a text that holds “: ” in quotes, and check the indentation",
    "expected <block end>": "check the indentation: the fields of a group begin in one column",
    "could not find expected ':'": "write “field: value”",
    "while scanning a quoted": "close the quotes",
}


@dataclass(frozen=True, slots=True, order=True)
class Mark:
    """A place in the text; lines and columns count from 1."""

    line: int
    column: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Flaw:
    """What keeps the text from being plain YAML."""

    mark: Mark
    message: str
    mend: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Marked:
    """The plain value, where its values and names stand, and its flaws; with flaws, in part."""

    value: Value = None
    values: dict[Place, Mark] = field(default_factory=dict)
    names: dict[Place, Mark] = field(default_factory=dict)
    flaws: tuple[Flaw, ...] = ()


def decoded(source: bytes) -> str | Flaw:
    """The text of a file's bytes: UTF-8, or UTF-16 where a byte-order mark says so."""
    wide = source.startswith((b"\xff\xfe", b"\xfe\xff"))
    try:
        return source.decode("utf-16" if wide else "utf-8-sig")
    except UnicodeDecodeError as error:
        before = source[: error.start].decode("latin-1")
        return Flaw(
            mark=_mark_after(before),
            message="the text is not UTF-8",
            mend="save the file in the encoding UTF-8",
        )


def marked(text: str) -> Marked:
    """The values of a YAML text with their marks."""
    if len(text.encode("utf-8", "replace")) > _MOST_BYTES:
        return _flawed(Mark(1, 1), f"the file has more than {_MOST_BYTES:,} bytes")
    text = text.removeprefix("\ufeff")
    if odd := yaml.reader.Reader.NON_PRINTABLE.search(text):
        code = f"U+{ord(odd[0]):04X}"
        return _flawed(
            _mark_after(text[: odd.start()]),
            f"the text holds the control code {code}",
            "remove it: is this a text file?",
        )
    composing = _Composing()
    try:
        value = composing.document(iter(yaml.parse(text, Loader=yaml.SafeLoader)))
    except yaml.MarkedYAMLError as error:
        value = None
        composing.flaws.append(_flaw_of(error))
    except _TooDeep as error:
        value = None
        composing.flaws.append(Flaw(mark=error.mark, message="this is nested too deeply"))
    return Marked(
        value=value,
        values=composing.values,
        names=composing.names,
        flaws=tuple(composing.flaws),
    )


class _TooDeep(Exception):
    """Groups in groups, further than any plan goes; holds the mark."""

    def __init__(self, mark: Mark) -> None:
        super().__init__()
        self.mark = mark


class _Composing:
    """Builds plain values from the parser's events and remembers where each stood."""

    def __init__(self) -> None:
        self.values: dict[Place, Mark] = {}
        self.names: dict[Place, Mark] = {}
        self.flaws: list[Flaw] = []

    def document(self, events: Iterator[yaml.Event]) -> Value:
        value: Value = None
        seen = False
        for event in events:
            if isinstance(event, yaml.DocumentStartEvent) and seen:
                self._flaw(event, "a second document begins here", "keep one plan to a file")
                break
            if isinstance(event, yaml.NodeEvent):
                seen = True
                value = self._value(event, events, ())
        return value

    def _value(self, event: yaml.Event, events: Iterator[yaml.Event], place: Place) -> Value:
        self.values.setdefault(place, _mark(event))
        if len(place) > _DEEPEST:
            raise _TooDeep(_mark(event))
        if isinstance(event, yaml.AliasEvent):
            self._flaw(event, f"“*{event.anchor}” is an alias", "write the value out")
            return None
        tag = getattr(event, "tag", None)
        if tag not in (None, "!"):
            self._flaw(event, f"the tag “{tag}” has no meaning here", "remove it")
        match event:
            case yaml.ScalarEvent():
                nothing = event.style is None and event.value in _NOTHING
                return None if nothing else str(event.value)
            case yaml.SequenceStartEvent():
                return self._list(events, place)
            case _:
                return self._group(events, place)

    def _list(self, events: Iterator[yaml.Event], place: Place) -> Value:
        found: list[Value] = []
        while not isinstance(event := next(events), yaml.SequenceEndEvent):
            found.append(self._value(event, events, (*place, len(found))))
        return found

    def _group(self, events: Iterator[yaml.Event], place: Place) -> Value:
        found: dict[str, Value] = {}
        while not isinstance(event := next(events), yaml.MappingEndEvent):
            name = self._name(event, events, place)
            below = (*place, name)
            if name in found:
                first = self.names[below].line
                self._flaw(event, f"“{name}” is written twice", f"it stands in line {first} too")
                below = (*place, f"{name} again")  # its values keep out of the first one's places
            else:
                self.names[below] = _mark(event)
            value = self._value(next(events), events, below)
            found.setdefault(name, value)
        return found

    def _name(self, event: yaml.Event, events: Iterator[yaml.Event], place: Place) -> str:
        if isinstance(event, yaml.ScalarEvent):
            return str(event.value)
        self._flaw(event, "a field's name must be a word", "write “name: value”")
        self._value(event, events, (*place, "?"))
        return "?"

    def _flaw(self, event: yaml.Event, message: str, mend: str) -> None:
        self.flaws.append(Flaw(mark=_mark(event), message=message, mend=mend))


def _flaw_of(error: yaml.MarkedYAMLError) -> Flaw:
    mark = error.problem_mark or error.context_mark
    problem = " ".join(part for part in (error.context, error.problem) if part)
    mend = next((mend for sign, mend in _MENDS.items() if sign in problem), "")
    return Flaw(
        mark=Mark(mark.line + 1, mark.column + 1) if mark else Mark(1, 1),
        message=f"this is not YAML: {problem}",
        mend=mend,
    )


def _flawed(mark: Mark, message: str, mend: str = "") -> Marked:
    return Marked(flaws=(Flaw(mark=mark, message=message, mend=mend),))


def _mark(event: yaml.Event) -> Mark:
    mark = event.start_mark
    return Mark(mark.line + 1, mark.column + 1) if mark else Mark(1, 1)


def _mark_after(before: str) -> Mark:
    line = before.rfind("\n") + 1
    return Mark(before.count("\n") + 1, len(before) - line + 1)
