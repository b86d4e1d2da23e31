"""Two catalogues with the same keys, the same values, and French typography."""

import re
import string

import pytest

from relance_bot.blocks.words import CATALOGUES, LANGUAGES, language_of, say
from relance_bot.blocks.words.en import ENGLISH
from relance_bot.blocks.words.fr import FRENCH


def names_in(sentence: str | tuple[str, str]) -> set[str | None]:
    pieces = sentence if isinstance(sentence, tuple) else (sentence,)
    return {name for piece in pieces for _, name, _, _ in string.Formatter().parse(piece) if name}


def test_both_catalogues_say_the_same_things() -> None:
    assert list(ENGLISH) == list(FRENCH)


@pytest.mark.parametrize("key", ENGLISH)
def test_both_languages_use_the_same_values(key: str) -> None:
    assert names_in(ENGLISH[key]) == names_in(FRENCH[key])
    assert isinstance(ENGLISH[key], tuple) == isinstance(FRENCH[key], tuple)


def test_nought_is_singular_in_french_and_plural_in_english() -> None:
    assert say("fr", "home.counters", n=0) == "0 action vous attend"
    assert say("en", "home.counters", n=0) == "0 actions wait for you"


def test_french_double_punctuation_never_begins_a_line() -> None:
    said = [s for v in FRENCH.values() for s in (v if isinstance(v, tuple) else (v,))]
    assert [s for s in said if re.search(r" [:;?!»]|« ", s)] == []


def test_every_sentence_says_something() -> None:
    assert all(all(v) for language in LANGUAGES for v in CATALOGUES[language].values())


@pytest.mark.parametrize(
    ("locale", "language"),
    [("fr-FR", "fr"), ("fr_CA", "fr"), ("en-US", "en"), ("de-DE", "en"), (None, "en"), ("", "en")],
)
def test_a_person_is_spoken_to_in_their_language(locale: str | None, language: str) -> None:
    assert language_of(locale) == language
