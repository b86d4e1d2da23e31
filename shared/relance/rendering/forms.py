"""What all messages of one text have in common: read, cleaned and styled once, data left out.

What a template prints is words on one line, and Markdown without them is read the same as with
them: then a mark stands for each, and the sanitiser sees the very tags that leave. Data come into
the places of their marks as text, escaped. Where words could matter to what is around them (within
a link, its address, a heading in capitals) there is no form, and the whole is read with its words.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from html.parser import HTMLParser
from itertools import pairwise

from markdown_it.token import Token
from typing_extensions import override

from relance.rendering.markdown import parse, to_html, to_text
from relance.rendering.page import TITLE, Frame, Pieces, page, pieces
from relance.rendering.wording import OPEN_MARK


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """A message without its data: `words` are marked w0, w1 …, tables 0, 1 …"""

    text: Pieces
    html: Pieces


def form(markdown: str, frame: Frame) -> Form:
    """The form of a text whose words are in place: its tables alone are marked."""
    tokens = parse(markdown)
    return Form(text=pieces(to_text(tokens)), html=pieces(page(to_html(tokens), frame)))


@lru_cache(maxsize=512)
def common_form(markdown: str, frame: Frame) -> Form | None:
    """The form of a text with marks for words; None where it must be read with its words."""
    tokens = parse(markdown)
    if any(OPEN_MARK in words for words in _particular(tokens)):
        return None
    html = page(to_html(tokens), frame)
    made = Form(text=pieces(to_text(tokens)), html=pieces(html))
    marks = sorted(pieces(markdown)[1::2])
    seen = sorted(mark for mark in pieces(_Words(html).found)[1::2] if mark != TITLE)
    return made if marks == seen == sorted(made.text[1::2]) else None


def _particular(tokens: Sequence[Token]) -> Iterable[str]:
    """Words that the text part compares or changes: of links, of headings in capitals."""
    for head, token in pairwise(tokens):
        if head.tag == "h1":
            yield token.content
        within = 0
        for child in token.children or ():
            within += child.nesting if child.type in {"link_open", "link_close"} else 0
            if within:
                yield child.content


class _Words(HTMLParser):
    """What stands between the tags of a document: a mark in an attribute is not among it."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found = ""
        self.feed(html)
        self.close()

    @override
    def handle_data(self, data: str) -> None:
        self.found += data
