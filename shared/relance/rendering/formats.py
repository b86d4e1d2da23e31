"""Money, dates and plurals as the reader's language writes them (Unicode CLDR, through Babel)."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Literal, TypeAlias

from babel import Locale, UnknownLocaleError
from babel.dates import format_date
from babel.lists import format_list
from babel.numbers import format_currency
from babel.units import format_unit

DateLength: TypeAlias = Literal["short", "medium", "long", "full"]
DATE_LENGTHS: tuple[DateLength, ...] = ("short", "medium", "long", "full")
_CURRENCY = re.compile(r"[A-Z]{3}")
_FRENCH_FIRST = re.compile(r"\b1(?= [a-zéû])")
_EXAMPLE = re.compile(
    r"(?P<before>[^0-9]*)1(?P<thousands>[^0-9]+)234(?P=thousands)567"
    r"(?:(?P<point>[^0-9]+)(?P<decimals>[0-9]+))?(?P<after>[^0-9]*)"
)
# A two-digit year in a letter about a debt invites mistakes: `short` keeps four digits.
_SHORT_YEAR = re.compile(r"(?<!y)yy(?!y)|(?<!y)y(?!y)")


@dataclass(frozen=True, slots=True)
class Sum:
    """Amounts in their currencies, never added across them; false when all are nought."""

    parts: tuple[tuple[str, Decimal], ...]

    def __bool__(self) -> bool:
        return any(amount for _, amount in self.parts)


@lru_cache(maxsize=64)
def locale_for(language: str, wanted: str | None = None) -> Locale:
    """The locale of a text in `language`; `wanted` (fr-CA, en_GB) gives the region if it agrees.

    English without a region is written the British way, day before month.
    """
    usual = "en_GB" if language == "en" else language
    for code in (wanted, usual):
        try:
            locale = Locale.parse((code or "").replace("-", "_"))
        except (ValueError, UnknownLocaleError):
            continue
        if locale.language == language and (locale.territory or code == usual):
            return locale
    return Locale.parse("en_GB")


@dataclass(frozen=True, slots=True)
class _Shape:
    """How a locale writes positive amounts of a currency, thousands in threes."""

    before: str
    after: str
    thousands: str
    point: str
    decimals: int


def money(total: Sum, locale: Locale) -> str:
    """`€1,200.00`, or `1 200,00 € + 300,00 $US` where there are several currencies."""
    shown = [part for part in total.parts if part[1]] or total.parts[:1]
    return " + ".join(_amount(amount, currency, locale) for currency, amount in shown)


def _amount(amount: Decimal, currency: str, locale: Locale) -> str:
    if not _CURRENCY.fullmatch(currency):
        return f"{amount} {currency}"
    shape = _shape(currency, locale)
    if shape is None or amount <= 0 or -shape.decimals != amount.as_tuple().exponent:
        return str(format_currency(amount, currency, locale=locale))
    whole, _, part = f"{amount:,}".partition(".")
    return "".join(
        (
            shape.before,
            whole.replace(",", shape.thousands),
            shape.point if part else "",
            part,
            shape.after,
        )
    )


@lru_cache(maxsize=256)
def _shape(currency: str, locale: Locale) -> _Shape | None:
    """Read off an example, as Babel works a pattern out anew at each call; None: it is unusual."""
    example = format_currency(Decimal("1234567.43210"), currency, locale=locale)
    found = _EXAMPLE.fullmatch(example)
    if found is None:
        return None
    before, thousands, point, decimals, after = found.groups(default="")
    return _Shape(before, after, thousands, point, len(decimals))


@lru_cache(maxsize=4096)
def day(when: date, locale: Locale, length: DateLength = "long") -> str:
    """A date; `long` is `12 May 2025`."""
    if length == "short":
        pattern = locale.date_formats["short"].pattern
        return format_date(when, format=_SHORT_YEAR.sub("yyyy", pattern), locale=locale)
    shown = format_date(when, format=length, locale=locale)
    # CLDR leaves out that French counts the first of a month as an ordinal.
    return _FRENCH_FIRST.sub("1er", shown) if locale.language == "fr" else shown


@lru_cache(maxsize=4096)
def days(count: int, locale: Locale) -> str:
    """`1 day`, `34 days`, as the language says it."""
    return format_unit(count, "duration-day", length="long", locale=locale)


def plural(count: int, one: str, many: str, locale: Locale) -> str:
    """`one` where the language uses the singular: nought and one in French, one in English."""
    return one if locale.plural_form(count) == "one" else many


def listed(words: Sequence[str], locale: Locale) -> str:
    """`A, B and C`."""
    return format_list(list(words), locale=locale)
