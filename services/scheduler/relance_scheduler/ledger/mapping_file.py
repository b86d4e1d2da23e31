"""Reads the YAML of a mapping file and lists all its mistakes, each with its line."""

import codecs
from collections.abc import Callable, Iterator
from datetime import datetime
from importlib.resources import files
from pathlib import Path
from typing import Any

import yaml

from relance_scheduler.ledger.fields import FIELDS, FLAGS, KINDS, Field, Form, Table, needed
from relance_scheduler.ledger.mapping import Mapping, Origin, WrongMapping, close, wrong
from relance_scheduler.ledger.records import Problem, Severity

_SHIPPED = files("relance") / "presets" / "mappings"
LARGEST = 200_000  # characters
WORDS = frozenset({"day", "month", "year"})
_ORIGIN_KEYS = {"column", "constant", "values"}
# Only these forms have words of ours to translate to; a text may become any other.
_TRANSLATED = {Form.KIND: set(KINDS), Form.FLAG: set(FLAGS) - {""}}


def load_mapping(name_or_path: str) -> Mapping | WrongMapping:
    """A mapping file, or one that we ship by its name without ending."""
    path = Path(name_or_path)
    try:
        if path.suffix in (".yaml", ".yml") or path.exists():
            return read_mapping(path.read_text(encoding="utf-8-sig"), path.name)
        shipped = _SHIPPED / f"{path.name}.yaml"
        if path.name == name_or_path and shipped.is_file():
            return read_mapping(shipped.read_text(encoding="utf-8"), shipped.name)
    except UnicodeDecodeError:
        return wrong(path.name, "this mapping file is not written in UTF-8: save it as UTF-8")
    except OSError as error:
        return wrong(path.name, f"this mapping file cannot be read: {error.strerror}")
    return wrong(
        name_or_path,
        f"no such mapping file, nor one that we ship{close(name_or_path, shipped_mappings())}",
    )


def shipped_mappings() -> list[str]:
    """The names of the mapping files that come with the product."""
    return sorted(
        entry.name.removesuffix(".yaml")
        for entry in _SHIPPED.iterdir()
        if entry.name.endswith(".yaml")
    )


def read_mapping(text: str, name: str) -> Mapping | WrongMapping:
    """The mapping that the YAML says, or everything that is wrong with it."""
    reader = _Reader(name)
    if len(text) > LARGEST:
        reader.wrong(0, "", f"longer than {LARGEST:,} characters: no mapping is that long")
    elif (root := reader.compose(text)) is not None:
        options = reader.options(root)
        if not reader.mistakes:
            return Mapping(name=name, **options)
    return WrongMapping(mistakes=tuple(reader.mistakes))


class _Reader:
    """Holds the mistakes found on the way."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.mistakes: list[Problem] = []

    def wrong(self, line: int, key: str, reason: str) -> None:
        self.mistakes.append(
            Problem(severity=Severity.FILE, file=self.name, line=line, column=key, reason=reason)
        )

    def compose(self, text: str) -> yaml.MappingNode | None:
        try:
            # BaseLoader makes no types: `Yes` must stay the text that stands in the file's cells.
            root = yaml.compose(text, Loader=yaml.BaseLoader)
        except yaml.MarkedYAMLError as error:
            line = error.problem_mark.line + 1 if error.problem_mark else 0
            self.wrong(line, "", f"not YAML: {error.problem or error.context or 'unreadable'}")
            return None
        except (yaml.YAMLError, RecursionError):
            self.wrong(0, "", "not YAML: it holds characters or a nesting that YAML does not allow")
            return None
        if isinstance(root, yaml.MappingNode):
            return root
        self.wrong(1, "", "a mapping file has keys with values: see docs/import.md for an example")
        return None

    def options(self, root: yaml.MappingNode) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key, node in self.entries(root, ""):
            if key == "tables":
                found["tables"] = self.tables(node)
            elif key in _OPTIONS:
                option, read = _OPTIONS[key]
                found[option] = self.option(key, node, read)
            else:
                known = {"tables", *_OPTIONS}
                self.wrong(_line(node), key, f"no such key{close(key, known)}")
        if "tables" not in found:
            self.wrong(1, "tables", f"missing: say which tables the file fills ({_or(Table)})")
        if found.get("decimal_mark") and found["decimal_mark"] == found.get("thousands_mark"):
            self.wrong(_line(root), "thousands_mark", "the same as decimal_mark")
        return found

    def option(self, key: str, node: yaml.Node, read: Callable[[str], Any]) -> Any:
        try:
            if isinstance(node, yaml.SequenceNode) and key == "dates":
                return tuple(form for one in node.value for form in read(self.text(one, key)))
            return read(self.text(node, key))
        except ValueError as error:
            self.wrong(_line(node), key, str(error))
            return None

    def tables(self, node: yaml.Node) -> dict[Table, dict[str, Origin]]:
        found: dict[Table, dict[str, Origin]] = {}
        for key, value in self.entries(node, "tables"):
            if key in set(Table):
                found[Table(key)] = self.table(Table(key), value)
            else:
                self.wrong(_line(value), f"tables.{key}", f"no such table{close(key, list(Table))}")
        if not found and not self.mistakes:
            self.wrong(_line(node), "tables", f"empty: name at least one of {_or(Table)}")
        return found

    def table(self, table: Table, node: yaml.Node) -> dict[str, Origin]:
        fields, place = FIELDS[table], f"tables.{table}"
        found: dict[str, Origin] = {}
        before = len(self.mistakes)
        for key, value in self.entries(node, place):
            if key in fields:
                found[key] = self.origin(fields[key], value, f"{place}.{key}")
            else:
                self.wrong(_line(value), f"{place}.{key}", f"no such field{close(key, [*fields])}")
        for name in needed(table):
            if name not in found:
                self.wrong(_line(node), f"{place}.{name}", "missing: this field is needed")
        if len(self.mistakes) == before and table is Table.CONTACTS:
            self.contact_has_a_key(found, node)
        return found

    def contact_has_a_key(self, found: dict[str, Origin], node: yaml.Node) -> None:
        if not found.keys() & {"contact", "email", "phone", "contact_name"}:
            self.wrong(_line(node), "tables.contacts", "needs one of contact, email, phone")

    def origin(self, field: Field, node: yaml.Node, place: str) -> Origin:
        if isinstance(node, yaml.ScalarNode):
            if not node.value.strip():
                self.wrong(_line(node), place, "empty: give the column's name")
            return Origin(column=node.value, line=_line(node))
        parts: dict[str, Any] = {}
        for key, value in self.entries(node, place):
            if key == "values":
                parts["values"] = self.values(field, value, f"{place}.values")
            elif key in _ORIGIN_KEYS:
                parts[key] = self.text(value, f"{place}.{key}")
            else:
                hint = close(key, _ORIGIN_KEYS)
                self.wrong(_line(value), f"{place}.{key}", f"no such key{hint}")
        if ("column" in parts) == ("constant" in parts):
            self.wrong(_line(node), place, "give either column or constant")
        elif "constant" in parts:
            self.check_word(field, parts["constant"], node, place)
        return Origin(line=_line(node), **parts)

    def values(self, field: Field, node: yaml.Node, place: str) -> dict[str, str]:
        found: dict[str, str] = {}
        for key, value in self.entries(node, place):
            found[key.strip().casefold()] = text = self.text(value, f"{place}.{key}")
            self.check_word(field, text, value, f"{place}.{key}")
        return found

    def check_word(self, field: Field, word: str, node: yaml.Node, place: str) -> None:
        known = _TRANSLATED.get(field.form)
        if known and word.strip().casefold() not in known:
            self.wrong(_line(node), place, f"“{word}” is no {field.form}{close(word, known)}")

    def text(self, node: yaml.Node, place: str) -> str:
        if isinstance(node, yaml.ScalarNode):
            return str(node.value)
        self.wrong(_line(node), place, "a single text is expected here")
        return ""

    def entries(self, node: yaml.Node, place: str) -> Iterator[tuple[str, yaml.Node]]:
        if not isinstance(node, yaml.MappingNode):
            self.wrong(_line(node), place, "keys with values are expected here")
            return
        seen: set[str] = set()
        for key_node, value in node.value:
            key = self.text(key_node, place)
            if key in seen:
                self.wrong(_line(key_node), f"{place}.{key}".lstrip("."), "given twice")
            seen.add(key)
            yield key, value


def _line(node: yaml.Node) -> int:
    return int(node.start_mark.line) + 1


def _or(names: type[Table]) -> str:
    return ", ".join(names)


def _dates(text: str) -> tuple[str, ...]:
    words = tuple(text.casefold().replace("-", "/").replace(".", "/").split("/"))
    if set(words) == WORDS and len(words) == len(WORDS) and words[1] != "year":
        return ("/".join(words),)
    if "%" in text:
        sample = datetime(2001, 12, 31)  # noqa: DTZ001 - a date to try the format on
        try:
            if datetime.strptime(sample.strftime(text), text).date() == sample.date():  # noqa: DTZ007
                return (text,)
        except ValueError:
            pass
    raise ValueError(
        f"“{text}” is no date format: write the order of the parts, as day/month/year, or a format "
        "with day, month and year such as %d.%m.%Y"
    )


def _mark(*allowed: str) -> Callable[[str], str]:
    def read(text: str) -> str:
        if text not in allowed:
            raise ValueError(f"“{text}” is none of {' '.join(f'“{mark}”' for mark in allowed)}")
        return text

    return read


def _delimiter(text: str) -> str:
    text = {"tab": "\t", "\\t": "\t"}.get(text, text)
    if len(text) != 1 or text.isalnum() or text in '"\r\n\0':
        raise ValueError("the delimiter is one character, such as “;”, or the word tab")
    return text


def _encoding(text: str) -> str:
    try:
        "a".encode(text)
    except (LookupError, ValueError):
        raise ValueError(f"no such encoding as “{text}”: try utf-8, cp1252, iso-8859-15") from None
    return codecs.lookup(text).name


def _header_line(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 1000:
        raise ValueError("the number of the line that names the columns, 1 for the first")
    return int(text)


def _choice(word: str, other: str) -> Callable[[str], bool]:
    def read(text: str) -> bool:
        if text not in (word, other):
            raise ValueError(f"“{text}” is neither {word} nor {other}")
        return text == word

    return read


_OPTIONS: dict[str, tuple[str, Callable[[str], Any]]] = {
    "dates": ("dates", _dates),
    "decimal_mark": ("decimal_mark", _mark(".", ",")),
    "thousands_mark": ("thousands_mark", _mark(",", ".", " ", "'", "’")),
    "delimiter": ("delimiter", _delimiter),
    "encoding": ("encoding", _encoding),
    "sheet": ("sheet", str),
    "header_line": ("header_line", _header_line),
    "negative": ("negative_is_credit_note", _choice("credit_note", "refuse")),
    "instalments": ("by_due_date", _choice("by_due_date", "by_part")),
}
