"""Markdown in, HTML and readable text out; data escaped so that it can never be markup."""

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache

import nh3
from markdown_it import MarkdownIt
from markdown_it.token import Token

_PUNCTUATION = re.compile(r"([!-/:-@\[-`{-~])")
_SPACES = re.compile(r" {2,}")
_SCHEMES = {"http", "https", "mailto", "tel"}
_TAGS = {
    "p", "br", "strong", "em", "s", "a", "ul", "ol", "li", "h1", "h2", "h3", "h4", "h5", "h6",
    "blockquote", "hr", "table", "thead", "tbody", "tr", "th", "td",
}  # fmt: skip


def escaped(words: str) -> str:
    """The words as Markdown that reads as exactly these words, on one line."""
    return _PUNCTUATION.sub(r"\\\1", _SPACES.sub(" ", words))


def escaped_lines(lines: Iterable[str]) -> str:
    """Several lines of one paragraph."""
    return "\\\n".join(escaped(line) for line in lines)


@lru_cache(maxsize=1)
def _parser() -> MarkdownIt:
    # Without code, raw HTML, images and bare autolinks, a backslash escapes data everywhere.
    rules = ["code", "fence", "html_block", "backticks", "html_inline", "image", "autolink"]
    return (
        MarkdownIt("commonmark", {"html": False, "linkify": False, "typographer": False})
        .enable(["table", "strikethrough"])
        .disable([*rules, "reference"])
    )


def parse(markdown: str) -> list[Token]:
    """The syntax tokens of a checked and rendered template."""
    return _parser().parse(markdown)


def to_html(tokens: Sequence[Token]) -> str:
    """Clean HTML of the tokens: no attribute but a link's address and a cell's class."""
    parser = _parser()
    for token in tokens:
        if token.type in {"th_open", "td_open"}:
            right = "text-align:right" in str(token.attrs.pop("style", ""))
            token.attrs = {"class": "figure"} if right else {}
    return nh3.clean(
        str(parser.renderer.render(tokens, parser.options, {})),
        tags=_TAGS,
        attributes={"a": {"href"}, "th": {"class"}, "td": {"class"}},
        url_schemes=_SCHEMES,
        link_rel="noopener noreferrer",
    )


def to_text(tokens: Sequence[Token]) -> str:
    """The tokens as a person would type them in a plain message."""
    return "\n\n".join(block for block in _blocks(tokens) if block.strip())


def _blocks(tokens: Sequence[Token]) -> Iterator[str]:
    position = 0
    while position < len(tokens):
        end = _closing(tokens, position)
        inner = tokens[position + 1 : end]
        yield _block(tokens[position], inner)
        position = end + 1


def _closing(tokens: Sequence[Token], start: int) -> int:
    """Where the block that begins at `start` ends: itself for a block without content."""
    if tokens[start].nesting != 1:
        return start
    return next(
        position
        for position in range(start + 1, len(tokens))
        if tokens[position].level == tokens[start].level and tokens[position].nesting == -1
    )


def _block(head: Token, inner: Sequence[Token]) -> str:
    match head.type:
        case "inline":
            return _line(head.children or ())
        case "heading_open" if head.tag == "h1":
            return to_text(inner).upper()
        case "hr":
            return "-" * 12
        case "blockquote_open":
            return "\n".join(f"> {line}" for line in to_text(inner).split("\n"))
        case "bullet_list_open":
            return _items(inner, ("- " for _ in inner))
        case "ordered_list_open":
            first = int(head.attrs.get("start", 1))
            return _items(inner, (f"{number}. " for number, _ in enumerate(inner, first)))
        case "table_open":
            return _table(inner)
        case _:
            return to_text(inner)


def _items(tokens: Sequence[Token], marks: Iterator[str]) -> str:
    lines = []
    for text, mark in zip(_blocks(tokens), marks, strict=False):
        lines.append(mark + text.replace("\n\n", "\n").replace("\n", "\n" + " " * len(mark)))
    return "\n".join(lines)


def _table(tokens: Sequence[Token]) -> str:
    """A line for each row: its first cell, then each other one after its column's head."""
    rows: list[list[str]] = []
    for token in tokens:
        if token.type == "tr_open":
            rows.append([])
        elif token.type == "inline":
            rows[-1].append(_line(token.children or ()))
    heads, *body = rows
    return "\n".join(f"- {_row(heads, cells)}" for cells in body)


def _row(heads: Sequence[str], cells: Sequence[str]) -> str:
    first, *others = cells
    named = (
        f"{head} {cell}".strip() for head, cell in zip(heads[1:], others, strict=False) if cell
    )
    return " · ".join([first, *named])


def _line(children: Sequence[Token]) -> str:
    words, links = "", list[tuple[int, str]]()
    for token in children:
        match token.type:
            case "softbreak" | "hardbreak":
                words += "\n"
            case "link_open":
                links.append((len(words), str(token.attrs.get("href", ""))))
            case "link_close":
                start, address = links.pop()
                words += _address(words[start:], address)
            case _:
                words += token.content
    return words


def _address(label: str, address: str) -> str:
    bare = address.removeprefix("mailto:").removeprefix("tel:")
    return "" if bare in label or not bare else f" ({bare})"
