"""From a checked template and facts to exactly what leaves: the preview is what is sent (F26)."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from babel import Locale

from relance.rendering import formats, hashtags
from relance.rendering.checking import check
from relance.rendering.context import context
from relance.rendering.engine import EndlessTemplate, Page, Table, compiled
from relance.rendering.facts import MessageFacts, Organisation
from relance.rendering.layouts import Marked, Plain, lines
from relance.rendering.markdown import escaped, escaped_lines, parse, to_html, to_text
from relance.rendering.page import page
from relance.rendering.sms import typewritten
from relance.rendering.templates import Mistake, Template
from relance.rendering.wording import CLOSE_MARK, OPEN_MARK, tidy

MOST_OUTPUT = 200_000
_MARKDOWN_CHANNELS = frozenset({"email", "letter"})
_MARK = re.compile(f"{OPEN_MARK}([0-9]+){CLOSE_MARK}")
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
    marked = Marked()
    markdown = _filled(template.body, facts, Page(locale=locale, layout=marked, markdown=True))
    return _finished(subject, markdown, marked.tables, locale, facts.organisation, style)


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
    finished = _finished(line, _as_markdown(words), [], locale, organisation, style)
    return Rendered(subject=line, text=words, html=finished.html)


def _finished(
    subject: str,
    markdown: str,
    tables: Sequence[Table],
    locale: Locale,
    organisation: Organisation,
    style: Style,
) -> Rendered:
    tokens = parse(markdown)
    text = _MARK.sub(lambda mark: lines(tables[int(mark[1])], locale), to_text(tokens))
    address = [tidy(part) for part in organisation.address.splitlines()]
    reach = " · ".join(tidy(part) for part in (organisation.phone, organisation.email) if part)
    html = page(
        to_html(tokens),
        tables,
        locale,
        title=subject,
        letterhead=tidy(organisation.name) if style.letterhead else "",
        footer=[part for part in (tidy(organisation.name), *address, reach) if part]
        if style.letterhead and (any(address) or reach)
        else [],
    )
    return Rendered(subject=subject, text=_compact(text), html=html)


def _filled(source: str, facts: MessageFacts, on: Page) -> str:
    """The source with its holes filled, stopped as soon as it grows past what may be sent."""
    pieces: list[str] = []
    length = 0
    for piece in compiled(hashtags.expand(source)).generate(context(facts, on)):
        pieces.append(piece)
        length += len(piece)
        if length > MOST_OUTPUT:
            raise EndlessTemplate(f"it writes more than {MOST_OUTPUT:,} characters")
    return "".join(pieces)


def _plain(locale: Locale) -> Page:
    return Page(locale=locale, layout=Plain(locale), markdown=False)


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
