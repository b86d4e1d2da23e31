"""The Jinja2 environment: sandboxed, strict, printing as the reader's language writes."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from types import SimpleNamespace
from typing import Any, Protocol, overload

from babel import Locale
from jinja2 import StrictUndefined, Template, meta, pass_context
from jinja2.runtime import Context
from jinja2.sandbox import ImmutableSandboxedEnvironment

from relance.rendering import formats, hashtags
from relance.rendering.formats import DateLength, Sum
from relance.rendering.wording import tidy

PAGE = "_page"  # unknown to checking, so that no template can name it
_MOST_TURNS = 100_000


class EndlessTemplate(Exception):
    """The template went round more often, or wrote more, than any message needs."""


@dataclass(frozen=True, slots=True)
class Lines:
    """Words over several lines."""

    text: str

    def __bool__(self) -> bool:
        return bool(self.text)


@dataclass(frozen=True, slots=True)
class Link:
    """A web address that has been checked; empty where there is none."""

    address: str

    def __bool__(self) -> bool:
        return bool(self.address)


@dataclass(frozen=True, slots=True)
class Table:
    """Items to lay out as the medium allows; `credit` ones count against the rest."""

    rows: Sequence[SimpleNamespace]
    credit: bool = False

    def __bool__(self) -> bool:
        return bool(self.rows)


class Layout(Protocol):
    """How a medium prints data, which is tidy already."""

    def words(self, words: str) -> str:
        """What stands for words on one line, perhaps none."""
        ...

    def lines(self, lines: Sequence[str]) -> str:
        """What stands for several lines."""
        ...

    def link(self, address: str) -> str:
        """What stands for a web address, in a link's round brackets and outside them."""
        ...

    def table(self, table: Table) -> str:
        """What stands for the table in the template's output."""
        ...


@dataclass(slots=True)
class Page:
    """One rendering: its language, its medium, and how many turns of loops are left to it."""

    locale: Locale
    layout: Layout
    turns: int = field(default=_MOST_TURNS)


class Rows(Sequence[SimpleNamespace]):
    """A list whose every turn is counted, whichever loop takes it."""

    def __init__(self, rows: Sequence[SimpleNamespace], page: Page) -> None:
        self._rows = rows
        self._page = page

    @overload
    def __getitem__(self, index: int) -> SimpleNamespace: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[SimpleNamespace]: ...
    def __getitem__(self, index: int | slice) -> SimpleNamespace | Sequence[SimpleNamespace]:
        return self._rows[index]

    def __len__(self) -> int:
        return len(self._rows)

    def __iter__(self) -> Iterator[SimpleNamespace]:
        for row in self._rows:
            self._page.turns -= 1
            if self._page.turns < 0:
                raise EndlessTemplate("its loops go round too often")
            yield row


@dataclass(frozen=True, slots=True)
class Compiled:
    """A template, and the variables that it names."""

    template: Template
    names: frozenset[str]


@lru_cache(maxsize=1024)
def compiled(source: str) -> Compiled:
    """The template of a checked source, compiled once."""
    found, expanded = environment(), hashtags.expand(source)
    names = meta.find_undeclared_variables(found.parse(expanded))
    return Compiled(found.from_string(expanded), frozenset(names))


@lru_cache(maxsize=1)
def environment() -> ImmutableSandboxedEnvironment:
    """The one environment; block lines leave no blank lines behind."""
    found = ImmutableSandboxedEnvironment(
        undefined=StrictUndefined,
        autoescape=False,
        finalize=_printed,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        cache_size=0,
    )
    found.globals = {}
    found.tests = {}
    found.filters = {
        "money": _money,
        "date": _date,
        "days": _days,
        "plural": _plural,
        "length": len,
        "numbers": _numbers,
        "upper": str.upper,
        "lower": str.lower,
        "default": _default,
    }
    return found


@pass_context
def _printed(context: Context, value: Any) -> str:
    page = _page(context)
    if isinstance(value, Table):
        return page.layout.table(value)
    if isinstance(value, Lines):
        lines = [tidy(line) for line in re.split(r"[\r\n\u2028\u2029]+", value.text)]
        return page.layout.lines([line for line in lines if line])
    if isinstance(value, Link):
        return page.layout.link(value.address)
    return page.layout.words(tidy(_words(value, page.locale)))


def _words(value: Any, locale: Locale) -> str:
    if isinstance(value, Sum):
        return formats.money(value, locale) if value.parts else ""
    if isinstance(value, date):
        return formats.day(value, locale)
    return "" if value is None else str(value)


def _page(context: Context) -> Page:
    page = context.parent[PAGE]
    assert isinstance(page, Page)  # noqa: S101 - for the type checker: rendering puts it there
    return page


@pass_context
def _money(context: Context, value: Sum) -> str:
    return _words(value, _page(context).locale)


@pass_context
def _date(context: Context, value: date | None, length: DateLength = "long") -> str:
    return formats.day(value, _page(context).locale, length) if value else ""


@pass_context
def _days(context: Context, value: int) -> str:
    return formats.days(value, _page(context).locale)


@pass_context
def _plural(context: Context, value: int | Rows, one: str, many: str) -> str:
    count = value if isinstance(value, int) else len(value)
    return formats.plural(count, one, many, _page(context).locale)


@pass_context
def _numbers(context: Context, value: Rows) -> str:
    return formats.listed([row.number for row in value], _page(context).locale)


def _default(value: str, otherwise: str) -> str:
    return value or otherwise
