"""Templates as values and as files: `<language>/<key>.md`, Markdown under a YAML front matter."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any

import yaml

CHANNELS = ("email", "sms", "letter", "call", "task", "other")
LANGUAGES = ("fr", "en")
_FRONT = re.compile(r"---\n(.*?\n)---\n(.*)", re.DOTALL)
_KEY = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_FIELDS = frozenset({"channel", "subject"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """A text with holes. E-mails and letters are Markdown, the other channels plain text."""

    key: str
    channel: str
    language: str
    subject: str = ""
    body: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Mistake:
    """Something to mend, counted from 1 in the part ("subject", "body" or "file") it stands in."""

    line: int
    column: int | None = None
    message: str
    part: str = "body"

    def __str__(self) -> str:
        place = f"line {self.line}" if self.part == "body" else f"{self.part}, line {self.line}"
        return f"{place}: {self.message}"


def load(text: str, *, key: str, language: str) -> Template | tuple[Mistake, ...]:
    """The template a file holds, or what is wrong with its front matter."""
    found = _FRONT.fullmatch(text.removeprefix("\ufeff").replace("\r\n", "\n"))
    if found is None:
        return (_in_file(1, "The file must begin with a line ---, its fields, and a line ---."),)
    try:
        fields = yaml.safe_load(found[1])
    except yaml.YAMLError as mistake:
        mark = getattr(mistake, "problem_mark", None)
        line = mark.line + 2 if mark is not None else 1
        return (_in_file(line, "The fields between the --- lines are not valid YAML."),)
    if not isinstance(fields, dict):
        return (_in_file(2, "Between the --- lines, write fields such as `channel: email`."),)
    wrong = tuple(_field_mistakes(fields, key=key, language=language))
    if wrong:
        return wrong
    return Template(
        key=key,
        channel=fields["channel"],
        language=language,
        subject=fields.get("subject", ""),
        body=found[2],
    )


def in_file(mistakes: Iterable[Mistake], text: str) -> tuple[Mistake, ...]:
    """The mistakes `check` found, counted in the lines of the file the template was loaded from."""
    lines = text.replace("\r\n", "\n").split("\n")
    body = lines.index("---", 1) + 1
    subject = next((at for at, line in enumerate(lines) if line.startswith("subject:")), 0)
    return tuple(
        _in_file(subject + 1, mistake.message)
        if mistake.part == "subject"
        else Mistake(
            line=body + mistake.line, column=mistake.column, message=mistake.message, part="file"
        )
        for mistake in mistakes
    )


def dump(template: Template) -> str:
    """The file of a template; loading it gives the same template."""
    fields = {"channel": template.channel}
    if template.subject:
        fields["subject"] = template.subject
    front = yaml.safe_dump(fields, allow_unicode=True, sort_keys=False, width=10_000)
    return f"---\n{front}---\n{template.body}"


def load_folder(folder: Traversable) -> tuple[tuple[Template, ...], dict[str, tuple[Mistake, ...]]]:
    """Every template of a folder, and by path the mistakes of the files that hold none."""
    templates: list[Template] = []
    mistakes: dict[str, tuple[Mistake, ...]] = {}
    for within in sorted(_folders(folder), key=lambda found: found.name):
        for file in sorted(within.iterdir(), key=lambda found: found.name):
            if not file.name.endswith(".md"):
                continue
            key = file.name.removesuffix(".md")
            loaded = load(file.read_text("utf-8"), key=key, language=within.name)
            if isinstance(loaded, Template):
                templates.append(loaded)
            else:
                mistakes[f"{within.name}/{file.name}"] = loaded
    return tuple(templates), mistakes


def shipped() -> tuple[Template, ...]:
    """The library that comes with Relance, French and English."""
    templates, mistakes = load_folder(files("relance") / "presets" / "templates")
    if mistakes:
        raise ValueError(f"shipped templates cannot be read: {', '.join(mistakes)}")
    return templates


def choose(templates: Iterable[Template], key: str, *languages: str) -> Template | None:
    """The template in the first language that has it, then English: fr-CA counts as fr."""
    by_language: Mapping[str, Template] = {
        found.language: found for found in templates if found.key == key
    }
    wanted = (re.split("[-_]", language)[0].lower() for language in (*languages, "en"))
    return next((by_language[code] for code in wanted if code in by_language), None)


def _folders(folder: Traversable) -> Iterable[Traversable]:
    return (found for found in folder.iterdir() if found.is_dir() and len(found.name) == 2)


def _field_mistakes(fields: dict[Any, Any], *, key: str, language: str) -> Iterable[Mistake]:
    if not _KEY.fullmatch(key):
        yield _in_file(1, f"The key {key!r} may hold small letters, digits and single hyphens.")
    if not re.fullmatch("[a-z]{2}", language):
        yield _in_file(1, f"The language {language!r} must be a code of two letters, such as fr.")
    if fields.get("channel") not in CHANNELS:
        yield _in_file(2, f"The field channel must be one of {', '.join(CHANNELS)}.")
    if not isinstance(fields.get("subject", ""), str):
        yield _in_file(2, "The field subject must be a text in quotation marks.")
    for name in fields:
        if name not in _FIELDS:
            yield _in_file(2, f"There is no field {name!r}: only channel and subject.")


def _in_file(line: int, message: str) -> Mistake:
    return Mistake(line=line, message=message, part="file")
