"""What stands in a cell, read strictly: a cell that may mean two things means neither."""

import re
import unicodedata
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from functools import cache
from math import isfinite
from typing import TypeAlias, TypeVar
from zoneinfo import available_timezones

from babel import Locale, UnknownLocaleError
from babel.numbers import list_currencies
from email_validator import SPECIAL_USE_DOMAIN_NAMES, EmailNotValidError, validate_email

from relance.domain.money import minor_digits
from relance_scheduler.ledger.fields import FLAGS

Answer = TypeVar("Answer")
Cell: TypeAlias = str | bool | int | float | date | datetime | time | timedelta

LONGEST_TEXT = 2_000  # characters
MOST_DIGITS = 15  # before the decimal mark: minor units must fit 64 bits
_YEARS = range(1900, 2101)
# Day 0 of the serial numbers of spreadsheets; right from 1 March 1900 on.
_SERIAL_ZERO = date(1899, 12, 30)
_SERIALS = range(61, 73_415)

_PARTS = re.compile(r"(\d{1,4})\D(\d{1,2})\D(\d{1,4})")
_ISO = re.compile(r"(\d{4})-(\d{2})-(\d{2})(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?Z?)?")
_DIGITS = re.compile(r"[0-9]+(?:\.([0-9]+))?")
# Three decimals could be thousands, where nobody says which mark is which.
_PLAIN = re.compile(r"[0-9]+(?:\.([0-9]{1,2}))?")
# So written, and too short for any part to be too long, an address is what it should be, unless
# its top-level domain is reserved; the library takes 50 times as long to say so.
_PLAIN_EMAIL = re.compile(
    r"(?=.{,60}\Z)[a-z0-9]+(?:[._+-][a-z0-9]+)*@(?:[a-z0-9]+(?:-[a-z0-9]+)*\.)+([a-z]{2,})"
)
_RESERVED = {name.rpartition(".")[2] for name in SPECIAL_USE_DOMAIN_NAMES} - {"test"}
_MOST_KEPT = 50_000  # texts of which a reader knows the answer
_ISO_ORDER = "year/month/day"
_DECLARE_DATES = "declare in the mapping “dates: day/month/year” or “dates: month/day/year”"


class BadCell(Exception):
    """The cell cannot be read as its field; the text says why and how to mend it."""


def read_text(cell: Cell) -> str:
    """One line without stray blanks; invisible characters are left out."""
    if isinstance(cell, str) and len(cell) <= LONGEST_TEXT and cell.isprintable():
        return " ".join(cell.split()) if " " in cell else cell
    text = _plain(cell)
    if not text.isprintable():
        text = "".join(sign for sign in text if unicodedata.category(sign) != "Cf")
    text = " ".join(text.split())
    if len(text) > LONGEST_TEXT:
        raise BadCell(f"{len(text):,} characters; at most {LONGEST_TEXT:,} are kept")
    if not text.isprintable():
        raise BadCell("holds a control character: remove it")
    return text


def read_key(cell: Cell) -> str:
    """A text that must say something."""
    text = read_text(cell)
    if not text:
        raise BadCell("empty")
    if len(text) > 200:
        raise BadCell(f"{len(text):,} characters; at most 200 make a reference")
    return text


def read_flag(cell: Cell) -> bool:
    """Yes or no; empty is no."""
    answer = FLAGS.get(read_text(cell).casefold())
    if answer is None:
        raise BadCell(f"“{_short(cell)}” is neither yes nor no: translate it under “values”")
    return answer


def read_whole(cell: Cell) -> int:
    """A whole number from 0 on; empty is 0."""
    text = read_text(cell) or "0"
    if not (text.isascii() and text.isdecimal()) or len(text) > 9:
        raise BadCell(f"“{_short(cell)}” is no whole number")
    return int(text)


def read_email(cell: Cell) -> str:
    """An address that may exist, or nothing."""
    text = read_text(cell)
    if not text:
        return ""
    if (plain := _PLAIN_EMAIL.fullmatch(text)) and plain[1] not in _RESERVED:
        return text
    try:
        # `.test` names nobody's domain, and is what trials and demonstrations write to.
        return validate_email(text, check_deliverability=False, test_environment=True).normalized
    except EmailNotValidError:
        raise BadCell("not an e-mail address") from None


def read_language(cell: Cell) -> str:
    """A language such as fr or en-GB, or nothing."""
    text = read_text(cell).replace("_", "-")
    if not text:
        return ""
    try:
        return str(Locale.parse(text, sep="-")).replace("_", "-")
    except (UnknownLocaleError, ValueError):
        raise BadCell(f"“{_short(cell)}” is no language: write fr, en, de-AT") from None


def read_zone(cell: Cell) -> str:
    """A time zone of the IANA database, or nothing."""
    text = read_text(cell)
    if text and text not in _zones():
        raise BadCell(f"“{_short(cell)}” is no time zone: write Europe/Paris")
    return text


def read_currency(cell: Cell) -> str:
    """An ISO 4217 code, or nothing."""
    text = read_text(cell).upper()
    if text and text not in _currencies():
        raise BadCell(f"“{_short(cell)}” is no currency: write its ISO 4217 code, such as EUR")
    return text


def date_reader(formats: tuple[str, ...]) -> Callable[[Cell], date | None]:
    """Reads dates in these formats, ISO dates besides; None for an empty cell."""

    def read(cell: Cell) -> date | None:
        if isinstance(cell, str):
            return _written_date(read_text(cell), formats)
        return _native_date(cell)

    return remembering(read)


def remembering(read: Callable[[Cell], Answer]) -> Callable[[Cell], Answer]:
    """The same reader for columns in which the same texts stand again and again."""
    return _Remembered(read).__getitem__


class _Remembered(dict[Cell, Answer]):
    """Answers by text, up to so many; only texts, as 1, 1.0 and True are one key."""

    def __init__(self, read: Callable[[Cell], Answer]) -> None:
        super().__init__()
        self._read = read

    def __missing__(self, cell: Cell) -> Answer:
        answer = self._read(cell)
        if isinstance(cell, str):
            if len(self) >= _MOST_KEPT:
                self.clear()
            self[cell] = answer
        return answer


def amount_reader(
    decimal_mark: str | None, thousands_mark: str | None
) -> Callable[[Cell, str], Decimal]:
    """Reads an amount of a currency, which may be negative."""
    plain = _DIGITS if decimal_mark == "." else _PLAIN
    may_be_plain = decimal_mark != "," and thousands_mark != "."

    def read(cell: Cell, currency: str) -> Decimal:
        if isinstance(cell, str):
            is_plain = plain.fullmatch(cell) if may_be_plain else None
            if is_plain and _is_surely_right(is_plain, currency):
                return Decimal(cell)
            amount = Decimal(cell if is_plain else _number(cell, currency))
        elif isinstance(cell, int | float) and not isinstance(cell, bool) and isfinite(cell):
            # 15 digits are what a spreadsheet keeps: 0.1 + 0.2 is 0.3 there.
            amount = Decimal(f"{cell:.15g}")
        else:
            raise BadCell(f"“{_short(cell)}” is no amount")
        return _checked(amount, currency)

    def _number(cell: str, currency: str) -> str:
        text = "".join(cell.split()).replace("\u2212", "-")
        text, negative = _unsigned(_without_currency(text, currency))
        digits = _decimal_point(text.replace("'", "").replace("’", ""), cell)
        if not _DIGITS.fullmatch(digits):
            raise BadCell(f"“{_short(cell)}” is no amount")
        return f"-{digits}" if negative else digits

    def _decimal_point(text: str, cell: str) -> str:
        mark = decimal_mark or _guessed_mark(text, cell, thousands_mark)
        other = "," if mark == "." else "."
        whole, _, fraction = text.partition(mark)
        if other in whole:
            whole = _ungrouped(whole, other, cell)
        return f"{whole or '0'}.{fraction}" if fraction else whole

    return read


@cache
def _currencies() -> frozenset[str]:
    return frozenset(list_currencies())


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())


def _plain(cell: Cell) -> str:
    if isinstance(cell, str):
        return cell
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float):
        return f"{cell:.15g}"
    return cell.isoformat() if isinstance(cell, date) else str(cell)


def _short(cell: Cell) -> str:
    text = " ".join(_plain(cell).split())
    return text if len(text) <= 40 else text[:39] + "…"


def _native_date(cell: Cell) -> date:
    if isinstance(cell, datetime):
        day = cell.date()
    elif isinstance(cell, date):
        day = cell
    elif isinstance(cell, int | float) and not isinstance(cell, bool) and int(cell) in _SERIALS:
        day = _SERIAL_ZERO + timedelta(days=int(cell))
    else:
        raise BadCell(f"“{_short(cell)}” is no date")
    return _believable(day, cell)


def _written_date(text: str, formats: tuple[str, ...]) -> date | None:
    if not text:
        return None
    if iso := _ISO.fullmatch(text):
        return _day((iso[1], iso[2], iso[3]), _ISO_ORDER, text)
    if not formats:
        return _undeclared(text)
    for form in formats:
        if (day := _in_format(text, form, last=form == formats[-1])) is not None:
            return day
    raise BadCell(f"“{_short(text)}” is no date as {' or '.join(formats)}")


def _in_format(text: str, form: str, *, last: bool) -> date | None:
    if "%" in form:
        try:
            day = datetime.strptime(text, form).date()  # noqa: DTZ007 - a date, not an instant
        except ValueError:
            return None
        return _believable(day, text)
    parts = _PARTS.fullmatch(text)
    if not parts:
        return None
    try:
        return _day((parts[1], parts[2], parts[3]), form, text)
    except BadCell:
        if last:
            raise
        return None


def _undeclared(text: str) -> date:
    """A date in an order that nobody declared: taken only when it can be read in one way."""
    parts = _PARTS.fullmatch(text)
    if not parts:
        raise BadCell(
            f"“{_short(text)}” is no date that can be told: {_DECLARE_DATES}, or a format"
        )
    groups = (parts[1], parts[2], parts[3])
    if len(groups[0]) == 4:
        return _day(groups, _ISO_ORDER, text)
    if len(groups[2]) != 4:
        raise BadCell(f"“{_short(text)}” may be read in several ways: {_DECLARE_DATES}")
    first, second = int(groups[0]), int(groups[1])
    if first <= 12 and second <= 12 and first != second:
        raise BadCell(
            f"“{_short(text)}” may be day {first} of month {second} or day {second} of month "
            f"{first}: {_DECLARE_DATES}"
        )
    return _day(groups, "day/month/year" if second <= 12 else "month/day/year", text)


def _day(groups: tuple[str, str, str], order: str, text: str) -> date:
    by_word = dict(zip(order.split("/"), groups, strict=True))
    if len(by_word["year"]) not in (2, 4) or len(by_word["day"]) > 2:
        raise BadCell(f"“{_short(text)}” is no date as {order}")
    year, month, day = (int(by_word[word]) for word in ("year", "month", "day"))
    try:
        found = date(year + 2000 if len(by_word["year"]) == 2 else year, month, day)
    except ValueError:
        raise BadCell(f"“{_short(text)}” does not exist (read as {order})") from None
    return _believable(found, text)


def _believable(day: date, cell: Cell) -> date:
    if day.year not in _YEARS:
        raise BadCell(f"“{_short(cell)}”: the year {day.year} cannot be right")
    return day


def _without_currency(text: str, currency: str) -> str:
    if text[:3].isalpha() or text[-3:].isalpha():
        code = text[:3] if text[:3].isalpha() else text[-3:]
        if code.upper() != currency:
            raise BadCell(f"“{_short(text)}” is not in {currency}")
        text = text.removeprefix(code).removesuffix(code)
    return "".join(sign for sign in text if unicodedata.category(sign) != "Sc")


def _unsigned(text: str) -> tuple[str, bool]:
    if text.startswith("(") and text.endswith(")"):
        return text[1:-1], True
    if text.startswith("-") or text.endswith("-"):
        return text.strip("-"), True
    return text.removeprefix("+"), False


def _guessed_mark(text: str, cell: str, thousands_mark: str | None) -> str:
    if thousands_mark in (".", ","):
        return "," if thousands_mark == "." else "."
    points, commas = text.count("."), text.count(",")
    if points and commas:
        return "." if text.rfind(".") > text.rfind(",") else ","
    if not points and not commas:
        return "."
    mark = "." if points else ","
    if points + commas > 1:
        return "," if points else "."
    whole, _, fraction = text.partition(mark)
    if len(fraction) == 3 and 1 <= len(whole) <= 3 and whole != "0":
        raise BadCell(
            f"“{_short(cell)}” may mean thousands or decimals: declare in the mapping "
            "“decimal_mark: .” or “decimal_mark: ,”"
        )
    return mark


def _ungrouped(whole: str, mark: str, cell: str) -> str:
    first, *rest = whole.split(mark)
    # Groups of two stand before the last three digits in India.
    if not 1 <= len(first) <= 3 or any(len(g) not in (2, 3) for g in rest) or len(rest[-1]) != 3:
        raise BadCell(f"“{_short(cell)}” is no amount: “{mark}” stands where no thousands are")
    return first + "".join(rest)


def _is_surely_right(plain: re.Match[str], currency: str) -> bool:
    """What `_checked` would find of most amounts, at a tenth of its cost."""
    return plain.end() <= MOST_DIGITS and len(plain[1] or "") <= minor_digits(currency)


def _checked(amount: Decimal, currency: str) -> Decimal:
    if amount.adjusted() >= MOST_DIGITS:
        raise BadCell(f"more than {MOST_DIGITS} digits: no such amount")
    digits = minor_digits(currency)
    places = -int(amount.as_tuple().exponent)
    if places > digits:
        if (rounded := round(amount, digits)) != amount:
            raise BadCell(f"{amount} has more decimals than {currency} allows ({digits})")
        amount = rounded
    return amount
