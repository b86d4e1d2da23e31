"""From a checked template and facts to exactly what leaves: the preview is what is sent (F26)."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from babel import Locale

from relance.rendering import formats
from relance.rendering.checking import check
from relance.rendering.context import context
from relance.rendering.engine import EndlessTemplate, Page, Table, compiled
from relance.rendering.facts import MessageFacts, Organisation
from relance.rendering.forms import Form, common_form, form
from relance.rendering.layouts import Marked, Plain, Written, lines
from relance.rendering.markdown import escaped, escaped_lines
from relance.rendering.page import TITLE, Frame, as_html, filled, table_html
from relance.rendering.sms import typewritten
from relance.rendering.templates import Mistake, Template
from relance.rendering.wording import tidy

MOST_OUTPUT = 200_000
_MARKDOWN_CHANNELS = frozenset({"email", "letter"})
_BLANK_LINES = re.compile(r"\n{3,}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Style:
    """How a message looks: `locale` (fr_CA, en-US) gives the region of dates and money."""

    locale: str | None = None
    letterhead: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendered:
    """What leaves; `html` is empty for channels of plain text."""

    subject: str
    text: str
    html: str


class BadTemplate(Exception):
    """A template with mistakes was to be rendered: it should have been refused when saved."""

    def __init__(self, key: str, mistakes: Sequence[Mistake]) -> None:
        super().__init__(f"{key}: {'; '.join(str(mistake) for mistake in mistakes)}")
        self.key = key
        self.mistakes = tuple(mistakes)


_PLAIN_STYLE = Style()


def render(template: Template, facts: MessageFacts, style: Style = _PLAIN_STYLE) -> Rendered:
    """The message of a template. BadTemplate or EndlessTemplate when it is none to be sent."""
    if mistakes := check(template):
        raise BadTemplate(template.key, mistakes)
    locale = formats.locale_for(template.language, style.locale)
    subject = tidy(re.sub(r"\s+", " ", _filled(template.subject, facts, _plain(locale))))
    if template.channel not in _MARKDOWN_CHANNELS:
        text = _compact(_filled(template.body, facts, _plain(locale)))
        return Rendered(
            subject=subject, text=typewritten(text) if template.channel == "sms" else text, html=""
        )
    frame = _frame(facts.organisation, locale, style)
    marked = Marked()
    common = common_form(_filled(template.body, facts, Page(locale, marked)), frame)
    if common is not None:
        return _finished(subject, common, marked.tables, locale, marked.data)
    written = Written()
    own = form(_filled(template.body, facts, Page(locale, written)), frame)
    return _finished(subject, own, written.tables, locale)


def compose(
    *,
    channel: str,
    subject: str,
    text: str,
    organisation: Organisation,
    language: str,
    style: Style = _PLAIN_STYLE,
) -> Rendered:
    """The message a person wrote or edited: their words exactly, nothing in them is code or markup.

    Blank lines part paragraphs, and lines that begin with "- " become a list in HTML.
    """
    line = tidy(re.sub(r"\s+", " ", subject))
    words = _compact("\n".join(tidy(part) for part in re.split(r"\r\n|\r|\n", text)))
    if channel not in _MARKDOWN_CHANNELS:
        return Rendered(subject=line, text=words, html="")
    locale = formats.locale_for(language, style.locale)
    own = form(_as_markdown(words), _frame(organisation, locale, style))
    return Rendered(subject=line, text=words, html=_finished(line, own, [], locale).html)


def _finished(
    subject: str,
    known: Form,
    tables: Sequence[Table],
    locale: Locale,
    data: Sequence[str] = (),
) -> Rendered:
    """The message of a form: its words and tables in their places."""
    words = {f"w{number}": said for number, said in enumerate(data)}
    listed = {str(number): lines(table, locale) for number, table in enumerate(tables)}
    laid_out = {str(number): table_html(table, locale) for number, table in enumerate(tables)}
    html = {name: as_html(said) for name, said in words.items()} | laid_out
    return Rendered(
        subject=subject,
        text=_compact(filled(known.text, words | listed)),
        html=filled(known.html, html | {TITLE: as_html(subject)}),
    )


def _frame(organisation: Organisation, locale: Locale, style: Style) -> Frame:
    address = [tidy(part) for part in organisation.address.splitlines()]
    reach = " · ".join(tidy(part) for part in (organisation.phone, organisation.email) if part)
    name = tidy(organisation.name)
    footer = [part for part in (name, *address, reach) if part] if any(address) or reach else []
    return Frame(
        language=locale.language,
        letterhead=name if style.letterhead else "",
        footer=tuple(footer) if style.letterhead else (),
    )


def _filled(source: str, facts: MessageFacts, on: Page) -> str:
    """The source with its holes filled, stopped as soon as it grows past what may be sent."""
    pieces: list[str] = []
    length = 0
    known = compiled(source)
    for piece in known.template.generate(context(facts, on, known.names)):
        pieces.append(piece)
        length += len(piece)
        if length > MOST_OUTPUT:
            raise EndlessTemplate(f"it writes more than {MOST_OUTPUT:,} characters")
    return "".join(pieces)


def _plain(locale: Locale) -> Page:
    return Page(locale, Plain(locale))


def _compact(text: str) -> str:
    """Never more than one blank line, none around, no spaces at the end of lines."""
    trimmed = "\n".join(line.rstrip(" \t") for line in text.split("\n"))
    return _BLANK_LINES.sub("\n\n", trimmed).strip("\n")


def _as_markdown(text: str) -> str:
    groups = (
        (listed, list(group))
        for paragraph in text.split("\n\n")
        for listed, group in groupby(paragraph.split("\n"), lambda line: line.startswith("- "))
    )
    return "\n\n".join(
        "\n".join(f"- {escaped(line[2:].strip())}" for line in lines)
        if listed
        else escaped_lines(line.strip() for line in lines)
        for listed, lines in groups
    )
