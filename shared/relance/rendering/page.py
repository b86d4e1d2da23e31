"""The HTML part as a letter: styles inlined, nothing fetched, narrow and dark screens minded.

Parsing and styling a page costs more than all else in a message. So pages and tables are made once,
with marks where data belong, and each message fills in its own.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from itertools import product
from typing import TypeAlias

import css_inline
from babel import Locale
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from relance.rendering import layouts
from relance.rendering.engine import Table
from relance.rendering.wording import CLOSE_MARK, OPEN_MARK, mark

Pieces: TypeAlias = tuple[str, ...]  # what stands, and the names of marks, in turn
TITLE = "title"
_MARK = re.compile(f"{OPEN_MARK}([a-z0-9]+){CLOSE_MARK}")
_ALONE = re.compile(f"<p>({OPEN_MARK}[0-9]+{CLOSE_MARK})</p>")
_SPECIAL = re.compile("[&<>\xa0]")
_OPTIONAL = ("note", "late", "part")


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """What is around the words of a message: the letterhead and the lines of the footer."""

    language: str
    letterhead: str
    footer: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Grid:
    """A table of items in its parts; rows by whether there are a note, a delay and a part paid."""

    opening: str
    rows: Mapping[tuple[bool, ...], Pieces]
    first_sum: Pieces
    further_sum: Pieces
    closing: str


def pieces(text: str) -> Pieces:
    """The text parted at its marks."""
    return tuple(_MARK.split(text))


def filled(parted: Pieces, data: Mapping[str, str]) -> str:
    """The text with the data in the place of their marks."""
    found = list(parted)
    found[1::2] = [data[name] for name in found[1::2]]
    return "".join(found)


def as_html(words: str) -> str:
    """The words as they stand between tags."""
    if not _SPECIAL.search(words):
        return words
    known = words.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return known.replace("\xa0", "&nbsp;")


def page(body: str, frame: Frame) -> str:
    """The whole document around clean HTML, a mark for its title; marks for tables stand alone."""
    html = (
        _environment()
        .get_template("page.html.j2")
        .render(
            language=frame.language,
            title=mark(TITLE),
            style=_style(),
            letterhead=frame.letterhead,
            footer=frame.footer,
            content=Markup(_ALONE.sub(r"\1", body)),  # noqa: S704 - nh3 or an autoescape made it
        )
    )
    return str(_inliner().inline(html))


def table_html(table: Table, locale: Locale) -> str:
    """The table as it stands in a page."""
    shown = layouts.cells(table, locale)
    grid = _grid(shown.heads, shown.total)
    lines = [grid.opening]
    for row in shown.rows:
        data = {name: as_html(words) for name, words in row.items()}
        lines.append(filled(grid.rows[tuple(bool(row[name]) for name in _OPTIONAL)], data))
    for number, amount in enumerate(shown.totals):
        parted = grid.further_sum if number else grid.first_sum
        lines.append(filled(parted, {"sum": as_html(amount)}))
    return "\n".join([*lines, grid.closing])


@lru_cache(maxsize=16)
def _grid(heads: tuple[str, str, str], total: str) -> _Grid:
    """Every kind of row in one table, styled within a page, each on a line of its own."""
    kinds = list(product((False, True), repeat=len(_OPTIONAL)))
    always = {name: mark(name) for name in ("number", "date", "open")}
    table = (
        _environment()
        .get_template("table.html.j2")
        .render(
            heads=heads,
            rows=[always | _optional(kind) for kind in kinds],
            total=total,
            totals=[mark("sum")] * 2,
        )
    )
    frame = Frame(language="en", letterhead="", footer=())
    around = page(mark("begin") + table + mark("end"), frame)
    styled = around.partition(mark("begin"))[2].partition(mark("end"))[0]
    opening, rest = styled.split("<tbody>\n")
    lines = rest.split("\n")
    rows, (first, further, *closing) = lines[: len(kinds)], lines[len(kinds) :]
    return _Grid(
        opening=opening + "<tbody>",
        rows={kind: pieces(row) for kind, row in zip(kinds, rows, strict=True)},
        first_sum=pieces(first),
        further_sum=pieces(further),
        closing="\n".join(closing),
    )


def _optional(kind: Sequence[bool]) -> dict[str, str]:
    return {name: mark(name) if there else "" for name, there in zip(_OPTIONAL, kind, strict=True)}


@lru_cache(maxsize=1)
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("relance.rendering", ""),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


@lru_cache(maxsize=1)
def _style() -> Markup:
    text = (files("relance.rendering") / "page.css").read_text("utf-8")
    return Markup(text)  # noqa: S704 - our own file


@lru_cache(maxsize=1)
def _inliner() -> css_inline.CSSInliner:
    return css_inline.CSSInliner(load_remote_stylesheets=False, keep_at_rules=True)
