"""The plans that ship, as files that one may read, keep and change."""

from importlib.resources import files

PRESETS = ("standard-7", "standard-9", "recap-monthly", "by-hand-only")
LANGUAGES = ("en", "fr")


def preset(name: str, language: str = "en") -> str:
    """The text of a preset's file; KeyError for a name or a language that does not ship."""
    if name not in PRESETS or language not in LANGUAGES:
        raise KeyError(f"{language}/{name}")
    file = files("relance") / "presets" / "plans" / language / f"{name}.yaml"
    return file.read_text("utf-8")
