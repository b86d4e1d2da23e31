"""`#customer_name` means `{{ customer.name }}`, wherever a template has words (rules §9)."""

import difflib
import re
from collections.abc import Iterator

from relance.rendering.templates import Mistake
from relance.rendering.variables import BY_HASHTAG, PREFIXES

# Not after a letter, & or /: an address with a fragment and an entity keep their #.
_HASHTAG = re.compile(r"(?<![\w&/#])#([A-Za-z][A-Za-z0-9_]*)")
_CODE = re.compile(
    r"\{\{(?:(?!\{[{%#]).)*?\}\}|\{%(?:(?!\{[{%#]).)*?%\}|\{#(?:(?!\{#).)*?#\}", re.DOTALL
)


def expand(source: str) -> str:
    """The source with every known hashtag as braces; lines stay where they are."""
    return "".join(
        piece if code else _HASHTAG.sub(_braces, piece) for code, _, piece in _pieces(source)
    )


def unknown(source: str) -> Iterator[Mistake]:
    """Hashtags that look like ours and are none; any other stays a word with a #."""
    for code, start, piece in _pieces(source):
        if code:
            continue
        for found in _HASHTAG.finditer(piece):
            word = found[1].lower()
            if word not in BY_HASHTAG and word.startswith(PREFIXES):
                yield _mistake(source, start + found.start(), found[1])


def _mistake(source: str, position: int, word: str) -> Mistake:
    near = difflib.get_close_matches(word.lower(), BY_HASHTAG, n=1)
    hint = f" Did you mean #{near[0]}?" if near else ""
    before = source[:position]
    return Mistake(
        line=before.count("\n") + 1,
        column=position - (before.rfind("\n") + 1) + 1,
        message=f"There is no #{word}.{hint}",
    )


def _braces(found: re.Match[str]) -> str:
    variable = BY_HASHTAG.get(found[1].lower())
    return found[0] if variable is None else "{{ " + variable.name + " }}"


def _pieces(source: str) -> Iterator[tuple[bool, int, str]]:
    """The source in turn: whether it is code, where it begins, what it says."""
    position = 0
    for code in _CODE.finditer(source):
        yield False, position, source[position : code.start()]
        yield True, code.start(), code[0]
        position = code.end()
    yield False, position, source[position:]
