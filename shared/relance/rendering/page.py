"""The HTML part as a letter: styles inlined, nothing fetched, narrow and dark screens minded."""

import re
from collections.abc import Sequence
from functools import lru_cache
from importlib.resources import files
from typing import Any

import css_inline
from babel import Locale
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from relance.rendering import layouts
from relance.rendering.engine import Table
from relance.rendering.wording import CLOSE_MARK, OPEN_MARK

_MARK = re.compile(f"(?:<p>)?{OPEN_MARK}([0-9]+){CLOSE_MARK}(?:</p>)?")


def page(
    body: str,
    tables: Sequence[Table],
    locale: Locale,
    *,
    title: str,
    letterhead: str,
    footer: Sequence[str],
) -> str:
    """The whole document around clean HTML, its marks replaced by the tables they stand for."""
    content = _MARK.sub(lambda mark: _table(tables[int(mark[1])], locale), body)
    html = (
        _environment()
        .get_template("page.html.j2")
        .render(
            language=locale.language,
            title=title,
            style=_style(),
            letterhead=letterhead,
            footer=list(footer),
            content=Markup(content),  # noqa: S704 - nh3 made it, or the autoescaped table did
        )
    )
    return str(_inliner().inline(html))


def _table(table: Table, locale: Locale) -> str:
    shown: dict[str, Any] = layouts.cells(table, locale)
    return _environment().get_template("table.html.j2").render(shown)


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
