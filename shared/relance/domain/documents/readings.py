"""Reading the values of a plain document, noting every fault with its place.

Values come from YAML (where each is text) or from JSON; a reader takes both.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import time
from decimal import Decimal
from difflib import get_close_matches
from enum import StrEnum
from typing import TypeAlias, TypeVar

from relance.domain.documents.phrases import plainly
from relance.domain.money import minor_digits

Place: TypeAlias = tuple[str | int, ...]
Choice = TypeVar("Choice", bound=StrEnum)
Value = TypeVar("Value")

_KEY = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_WHOLE = re.compile(r"[+-]?\d{1,9}", re.ASCII)
_AMOUNT = re.compile(r"-?\d{1,15}(\.\d{1,6})?", re.ASCII)
_TIME = re.compile(r"(?P<hour>\d{1,2})[:hH](?P<minute>\d\d)", re.ASCII)
_TRUE = frozenset({"true", "yes", "on", "oui"})
_FALSE = frozenset({"false", "no", "off", "non"})
_LONGEST = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """What is wrong, where in the document, and how to mend it.

    `at_key`: the name is at fault, not its value. A `warning` does not forbid the document.
    """

    place: Place
    message: str
    mend: str = ""
    at_key: bool = False
    warning: bool = False


@dataclass(frozen=True, slots=True)
class Notes:
    """Collects the faults found below one place."""

    faults: list[Fault] = field(default_factory=list)
    place: Place = ()

    def at(self, *more: str | int) -> "Notes":
        """The same collection, for a value further down."""
        return Notes(self.faults, (*self.place, *more))

    def fault(self, message: str, mend: str = "") -> None:
        self.faults.append(Fault(place=self.place, message=message, mend=mend))

    def key_fault(self, message: str, mend: str = "") -> None:
        self.faults.append(Fault(place=self.place, message=message, mend=mend, at_key=True))

    def warning(self, message: str, mend: str = "") -> None:
        self.faults.append(Fault(place=self.place, message=message, mend=mend, warning=True))


def meant(word: str, known: Iterable[str]) -> str:
    """ "did you mean …?", or nothing when no known word is near."""
    near = get_close_matches(word.casefold(), list(known), n=1)
    return f"did you mean “{near[0]}”?" if near else ""


def read_text(value: object, notes: Notes) -> str | None:
    """One line of text that every database and every message can hold."""
    if not isinstance(value, str):
        notes.fault(f"must be text, not {_kind(value)}")
    elif not value.strip():
        notes.fault("is empty", "write a text or remove the line")
    elif any(unicodedata.category(c) in ("Cc", "Cs") for c in value):
        notes.fault("must be one line of printable text", "remove line breaks and control codes")
    elif len(value) > _LONGEST:
        notes.fault(f"is longer than {_LONGEST} characters")
    else:
        return value.strip()
    return None


def read_key(value: object, notes: Notes) -> str | None:
    """A name for ever: letters, digits, “-”, “_” and “.”."""
    text = read_text(value, notes)
    if text is not None and not _KEY.fullmatch(text):
        notes.fault(
            f"“{text}” is not a key",
            "use up to 64 letters without accents, digits, “-”, “_” and “.”, no spaces",
        )
        return None
    return text


def read_whole(value: object, notes: Notes) -> int | None:
    """A whole number."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if isinstance(value, str) and _WHOLE.fullmatch(value):
        return int(value)
    shown = f"“{value}”" if isinstance(value, str) else _kind(value)
    notes.fault(f"must be a whole number, not {shown}")
    return None


def read_yes_no(value: object, notes: Notes) -> bool | None:
    """True or false."""
    if isinstance(value, bool):
        return value
    said = plainly(value) if isinstance(value, str) else ""
    if said in _TRUE | _FALSE:
        return said in _TRUE
    notes.fault(f"must be true or false, not {_kind(value)}", "write true or false")
    return None


def read_choice(choices: type[Choice]) -> Callable[[object, Notes], Choice | None]:
    """A reader of the words of an enumeration; “pre-due” and “pre due” are pre_due."""
    words = [choice.value for choice in choices]

    def read(value: object, notes: Notes) -> Choice | None:
        said = re.sub("[ -]", "_", plainly(value)) if isinstance(value, str) else ""
        if said in words:
            return choices(said)
        shown = f"“{value}”" if isinstance(value, str) else _kind(value)
        notes.fault(
            f"{shown} is not one of {', '.join(words)}",
            meant(said, words) or f"use one of {', '.join(words)}",
        )
        return None

    return read


def read_time(value: object, notes: Notes) -> time | None:
    """An hour of the day such as 08:30."""
    if isinstance(value, time):
        return value
    if isinstance(value, str) and (found := _TIME.fullmatch(value.strip())):
        hour, minute = int(found["hour"]), int(found["minute"])
        if hour < 24 and minute < 60:
            return time(hour, minute)
    notes.fault(f"“{value}” is not an hour of the day", "write it as 08:30")
    return None


def read_said(
    said: Callable[[str], Value | None], what: str, examples: tuple[str, ...]
) -> Callable[[object, Notes], Value | None]:
    """A reader of sentences; `said` answers None to those it does not understand."""

    def read(value: object, notes: Notes) -> Value | None:
        understood = said(value) if isinstance(value, str) else None
        if understood is None:
            shown = f"“{value}”" if isinstance(value, str) else _kind(value)
            notes.fault(f"{shown} is not {what}", f"write it like one of: {'; '.join(examples)}")
        return understood

    return read


def read_several(value: object, notes: Notes) -> tuple[str, ...] | None:
    """A list of texts, or one text alone."""
    if isinstance(value, str):
        text = read_text(value, notes)
        return None if text is None else (text,)
    if not isinstance(value, list | tuple):
        notes.fault(f"must be a list of texts, not {_kind(value)}", "write it as [one, two]")
        return None
    read = [read_text(one, notes.at(index)) for index, one in enumerate(value)]
    return tuple(text for text in read if text is not None)


def read_amounts(value: object, notes: Notes) -> dict[str, Decimal] | None:
    """Amounts by currency, such as {EUR: 10}; whether a code exists is for others to know."""
    if not isinstance(value, Mapping):
        notes.fault(f"must be amounts by currency, not {_kind(value)}", "write it as {EUR: 10}")
        return None
    amounts = {}
    for currency, amount in value.items():
        if not re.fullmatch("[A-Z]{3}", str(currency)):
            notes.at(currency).key_fault(
                f"“{currency}” is not a currency code", "write three capital letters, such as EUR"
            )
        elif (read := _amount(amount, str(currency), notes.at(currency))) is not None:
            amounts[str(currency)] = read
    return amounts


def _amount(value: object, currency: str, notes: Notes) -> Decimal | None:
    text = str(value).strip() if isinstance(value, str | int | Decimal) else ""
    if isinstance(value, bool) or not _AMOUNT.fullmatch(text):
        notes.fault(f"“{value}” is not an amount", "write digits and a point, such as 1250.50")
        return None
    amount, digits = Decimal(text), minor_digits(currency)
    if amount < 0:
        notes.fault("an amount cannot be negative", "write 0 or more")
    elif amount != round(amount, digits):
        notes.fault(f"{text} has more decimals than {currency} has ({digits})")
    else:
        return amount
    return None


def _kind(value: object) -> str:
    match value:
        case None:
            return "nothing"
        case str():
            return f"“{value}”"
        case bool():
            return str(value).lower()
        case Mapping():
            return "a group of fields"
        case list() | tuple():
            return "a list"
        case _:
            return str(value)
