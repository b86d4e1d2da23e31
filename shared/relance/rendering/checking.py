"""What is wrong with a template, all of it at once: nothing else is ever compiled (rules §9)."""

import re
from collections.abc import Iterator
from functools import lru_cache

from jinja2 import TemplateSyntaxError, nodes

from relance.rendering import hashtags
from relance.rendering.engine import environment
from relance.rendering.expressions import Reader
from relance.rendering.templates import CHANNELS, Mistake, Template
from relance.rendering.wording import CLOSE_MARK, OPEN_MARK

MOST_BODY, MOST_SUBJECT = 20_000, 300
_MARKDOWN_CHANNELS = frozenset({"email", "letter"})
_TOO_DEEP = "The template is nested too deeply."
_DEEPEST = 60  # Python itself gives up at a hundred
# Never across another opening: an unclosed one must not be searched to the end, again and again.
_TAG = re.compile(r"\{\{(?:(?!\{[{%]).)*?\}\}|\{%(?:(?!\{[{%]).)*?%\}", re.DOTALL)
_CONDITION = re.compile(r"\{%-?\s*(?:el)?if\b(.*?)-?%\}", re.DOTALL)
_LOOP = re.compile(r"\{%-?\s*for\b.*?%\}", re.DOTALL)
_LOOP_NAME = re.compile(r"\{%-?\s*for\s+([A-Za-z]\w*)\s+in\b")
_IMAGE = re.compile(r"!\[[^\]]*\]\(")
_HTML = re.compile(r"</?[A-Za-z][^>]*>")
_FOREIGN_LINK = re.compile(r"\]\(\s*(?!https?:|mailto:|tel:|\{\{|\\?#)([A-Za-z][\w+.-]*:|//|/)")
_CONSTRUCTS = (
    (_IMAGE, "Images cannot be shown in messages: remove this one."),
    (_HTML, "HTML is not understood here: write Markdown, such as **bold** or [text](address)."),
    (_FOREIGN_LINK, "A link must begin with https://, http://, mailto: or tel:."),
)


@lru_cache(maxsize=1024)
def check(template: Template) -> tuple[Mistake, ...]:
    """Every mistake of a template, in the order of its lines; none means it can be rendered."""
    found = [*_of_the_whole(template), *_subject(template), *_body(template)]
    return tuple(sorted(set(found), key=lambda one: (one.part != "subject", one.line, one.message)))


def _of_the_whole(template: Template) -> Iterator[Mistake]:
    if template.channel not in CHANNELS:
        yield Mistake(line=1, message=f"There is no channel {template.channel!r}.")
    if template.channel in {"email", "letter"} and not template.subject.strip():
        yield Mistake(line=1, message="A subject is missing.", part="subject")
    if not template.body.strip():
        yield Mistake(line=1, message="The text is missing.")


def _subject(template: Template) -> Iterator[Mistake]:
    if len(template.subject) > MOST_SUBJECT:
        message = f"The subject is longer than {MOST_SUBJECT} characters."
        yield Mistake(line=1, message=message, part="subject")
        return
    if "\n" in template.subject or "\r" in template.subject:
        yield Mistake(line=1, message="A subject is one line.", part="subject")
    for mistake in mistakes_in(template.subject, tables=False):
        yield Mistake(
            line=mistake.line, column=mistake.column, message=mistake.message, part="subject"
        )


def _body(template: Template) -> Iterator[Mistake]:
    if len(template.body) > MOST_BODY:
        yield Mistake(line=1, message=f"The text is longer than {MOST_BODY:,} characters.")
        return
    yield from mistakes_in(template.body)
    if template.channel in _MARKDOWN_CHANNELS:
        words = _TAG.sub(lambda tag: re.sub(r"[^\n]", "\x00", tag[0]), template.body)
        for pattern, message in _CONSTRUCTS:
            for found in pattern.finditer(words):
                yield _at(template.body, found.start(), message)


def mistakes_in(source: str, *, tables: bool = True) -> Iterator[Mistake]:
    """Mistakes of syntax, names and constructs in one source."""
    for mark in (OPEN_MARK, CLOSE_MARK):
        if mark in source:
            yield _at(source, source.index(mark), "There is an invisible sign here: remove it.")
    yield from hashtags.unknown(source)
    reader = Reader(source, tables=tables)
    try:
        tree = environment().parse(hashtags.expand(source))
    except TemplateSyntaxError as mistake:
        yield _syntax(mistake)
        yield from _piecewise(source, reader)
        return
    except RecursionError:
        yield Mistake(line=1, message=_TOO_DEEP)
        return
    if _depth(tree) > _DEEPEST:
        yield Mistake(line=1, message=_TOO_DEEP)
        return
    reader.read(tree)
    yield from reader.mistakes


def _depth(tree: nodes.Node) -> int:
    level, depth = [tree], 0
    while level:
        level = [child for node in level for child in node.iter_child_nodes()]
        depth += 1
    return depth


def _piecewise(source: str, reader: Reader) -> Iterator[Mistake]:
    """What can still be said of a source that does not hold together: each tag on its own."""
    reader.loop_names = {found[1] for found in _LOOP_NAME.finditer(source)}
    for tag in _TAG.finditer(source):
        alone = _standing_alone(tag[0])
        if alone is None:
            continue
        lines_before = source.count("\n", 0, tag.start())
        try:
            tree = environment().parse("\n" * lines_before + alone)
        except TemplateSyntaxError as mistake:
            yield _syntax(mistake)
            continue
        except RecursionError:
            yield Mistake(line=lines_before + 1, message=_TOO_DEEP)
            continue
        if _depth(tree) > _DEEPEST:
            yield Mistake(line=lines_before + 1, message=_TOO_DEEP)
        else:
            reader.read(tree)
    yield from reader.mistakes


def _standing_alone(tag: str) -> str | None:
    if tag.startswith("{{"):
        return tag
    if condition := _CONDITION.fullmatch(tag):
        return "{% if" + condition[1] + "%}{% endif %}"
    return tag + "{% endfor %}" if _LOOP.fullmatch(tag) else None


def _syntax(mistake: TemplateSyntaxError) -> Mistake:
    said = mistake.message or ""
    for pattern, plain in _PLAIN_WORDS:
        if found := re.search(pattern, said):
            return Mistake(line=mistake.lineno, message=found.expand(plain))
    return Mistake(line=mistake.lineno, message=f"This cannot be understood: {said}.")


_PLAIN_WORDS = (
    (
        r"expected token 'end of print statement', got '(.*)'",
        r"In {{ }} stands one name at a time: '\1' is not expected.",
    ),
    (
        r"expected token 'end of statement block', got '(.*)'",
        r"'\1' is not expected in this {% %}.",
    ),
    (r"Unexpected end of template.*'(endif|endfor)'", r"{% \1 %} is missing."),
    (r"Unexpected end of template.*'endfor' or 'else'", "{% endfor %} is missing."),
    (r"Unexpected end of template.*'elif' or 'else' or 'endif'", "{% endif %} is missing."),
    (
        r"Encountered unknown tag '(end\w+)'",
        r"{% \1 %} closes nothing: what it should close is missing or closed elsewhere.",
    ),
    (r"Encountered unknown tag '(\w+)'", r"There is no {% \1 %}: only if, elif, else and for."),
    (
        r"Expected an expression, got 'end of print statement'",
        "{{ }} is empty: write a name in it.",
    ),
    (r"unexpected char '#'", "Inside braces, write the name without #."),
    (r"unexpected '(.*)'", r"'\1' is not expected here."),
    (r"unexpected end of template", "}} or %} is missing."),
    (r"No filter named '(\w+)'", r"There is no |\1."),
)


def _at(source: str, position: int, message: str) -> Mistake:
    before = source[:position]
    return Mistake(
        line=before.count("\n") + 1,
        column=position - (before.rfind("\n") + 1) + 1,
        message=message,
    )
