"""The bot's words: one catalogue per language, the same keys in each.

A sentence is a str, or a pair (one, many) chosen by `n`. Values for mrkdwn come escaped.
"""

from collections.abc import Mapping
from typing import Literal, TypeAlias, get_args

from relance.rendering.formats import locale_for, plural
from relance_bot.blocks.words.en import ENGLISH
from relance_bot.blocks.words.fr import FRENCH

Language: TypeAlias = Literal["en", "fr"]
LANGUAGES: tuple[Language, ...] = get_args(Language)
CATALOGUES: Mapping[Language, Mapping[str, str | tuple[str, str]]] = {
    "en": ENGLISH,
    "fr": FRENCH,
}


def say(language: Language, key: str, /, n: int = 0, **values: object) -> str:
    """The sentence; KeyError for an unknown key or a missing value."""
    sentence = CATALOGUES[language][key]
    if isinstance(sentence, tuple):
        sentence = plural(n, *sentence, locale_for(language))
    return sentence.format(n=n, **values)


def knows(key: str) -> bool:
    """Whether there is a sentence of that name."""
    return key in ENGLISH


def language_of(locale: str | None) -> Language:
    """The language for a locale such as fr-FR; English for those we do not speak."""
    return "fr" if (locale or "").lower().startswith("fr") else "en"
