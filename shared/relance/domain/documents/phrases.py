"""The short sentences of a plan's document: triggers, recurrences, conditions; English and French.

Both languages are read, English is written. A reader answers None when it does not understand.
"""

import re
import unicodedata
from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from relance.domain.plans import (
    Anchor,
    Condition,
    ConditionKind,
    Every,
    Recurrence,
    Trigger,
)

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_JOURS = ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")

TRIGGER_EXAMPLES = (
    "7 days before due date",
    "on the due date",
    "8 days after due date",
    "30 days after issue date",
    "5 days after previous step",
    "3 days after payment",
    "at the end of the month of 45 days after issue date",
)
RECURRENCE_EXAMPLES = ("week on monday", "month on 5", "14 days", "14 days from 2026-01-05")
CONDITION_EXAMPLES = ("no reply", "not opened", "amount above 1000 EUR, 1200 USD")

_ANCHORS = {
    Anchor.DUE_DATE: r"(the )?due date|(l'|la date d')?echeance",
    Anchor.ISSUE_DATE: (
        r"(the )?(issue|invoice) date|(l'|la date d')?emission|la date de (la )?facture"
    ),
    Anchor.PREVIOUS_STEP: r"(the )?previous step|(l')?etape precedente|(la )?relance precedente",
    Anchor.PAYMENT_DATE: (
        r"(the )?payment( date)?|(le )?(paiement|reglement)|la date (du|de) (paiement|reglement)"
    ),
}
_COUNTED = re.compile(
    r"(?P<number>\d{1,6}) (?P<unit>days?|weeks?|jours?|semaines?) "
    r"(?P<side>before|after|avant|apres) (?P<anchor>.+)"
)
_BY_LETTER = re.compile(r"[dj] ?(?P<sign>[+-]) ?(?P<number>\d{1,6})")  # D-7, J+8
_ON_THE_DAY = re.compile(r"(on the day of|on|le jour de|a) (?P<anchor>.+)")
_MONTH_END_FIRST = re.compile(
    r"(at )?(the )?end of (the )?month of (?P<en>.+)|(a )?(la )?fin du mois (de )?(?P<fr>.+)"
)
_MONTH_END_INSIDE = re.compile(r",? (end of month|fin de mois)\b")
_EACH_TIME = re.compile(r"at each recurrence|a chaque recurrence")
_WEEKLY = re.compile(r"(week on |semaine le )?(?P<day>[a-z]+)")
_MONTHLY = re.compile(
    r"(month on|mois le) (the )?(?P<day>\d{1,2})(st|nd|rd|th|er)?"
    r"|(the|le) (?P<nth>\d{1,2})(st|nd|rd|th|er)? (of the|of each|du|de chaque) (month|mois)"
)
_DAILY = re.compile(r"(?P<number>\d{1,4}) (days?|jours?)")
_START = re.compile(r"(?P<rhythm>.+?) (from|a partir du) (?P<start>\d{4}-\d\d-\d\d)")
_AMOUNT_ABOVE = re.compile(r"(amount above|montant superieur a) (?P<amounts>.+)")
_AMOUNT = re.compile(r"(?P<amount>\d{1,15}(\.\d{1,6})?) (?P<currency>[a-z]{3})")


def plainly(text: str) -> str:
    """Lower case, without accents, typographic signs or superfluous spaces."""
    flat = unicodedata.normalize("NFKD", text.replace("’", "'").replace("−", "-"))
    bare = "".join(c for c in flat if not unicodedata.combining(c))
    return " ".join(bare.casefold().rstrip(" .").split())


def trigger_said(text: str) -> Trigger | None:
    """The trigger of a sentence such as "7 days before due date" or "à l'échéance"."""
    said = plainly(text)
    if _EACH_TIME.fullmatch(said):
        return Trigger(anchor=Anchor.RECURRENCE)
    if whole := _MONTH_END_FIRST.fullmatch(said):
        inner = whole["en"] or whole["fr"]
        return _counted(inner, end_of_month=True) or _on_anchor(inner, end_of_month=True)
    rest, found = _MONTH_END_INSIDE.subn("", said, count=1)
    return _counted(rest, end_of_month=bool(found)) or _on_the_day(rest, end_of_month=bool(found))


def say_trigger(trigger: Trigger) -> str:
    """The sentence that `trigger_said` reads back."""
    if trigger.anchor is Anchor.RECURRENCE:
        return "at each recurrence"
    name = "payment" if trigger.anchor is Anchor.PAYMENT_DATE else _words(trigger.anchor)
    days = abs(trigger.days)
    side = "before" if trigger.days < 0 else "after"
    counted = f"{days} day{'' if days == 1 else 's'} {side} {name}" if days else ""
    if trigger.end_of_month:
        return f"at the end of the month of {counted or f'the {name}'}"
    return counted or _say_day_of(trigger.anchor)


def recurrence_said(text: str) -> Recurrence | None:
    """The recurrence of "month on 5", "week on monday", "14 days", perhaps "from" a date."""
    said = plainly(text).removeprefix("every ").removeprefix("chaque ")
    start = None
    if dated := _START.fullmatch(said):
        said = dated["rhythm"]
        try:
            start = date.fromisoformat(dated["start"])
        except ValueError:
            return None
    if (weekly := _WEEKLY.fullmatch(said)) and (day := weekday_said(weekly["day"])) is not None:
        return Recurrence(every=Every.WEEK, on=day, start=start)
    if monthly := _MONTHLY.fullmatch(said):
        day = int(monthly["day"] or monthly["nth"])
        return Recurrence(every=Every.MONTH, on=day, start=start) if 1 <= day <= 31 else None
    if (daily := _DAILY.fullmatch(said)) and 1 <= int(daily["number"]) <= 1000:
        return Recurrence(every=Every.DAYS, on=int(daily["number"]), start=start)
    return None


def say_recurrence(recurrence: Recurrence) -> str:
    """The sentence that `recurrence_said` reads back."""
    start = f" from {recurrence.start.isoformat()}" if recurrence.start else ""
    match recurrence.every:
        case Every.WEEK:
            return f"week on {WEEKDAYS[recurrence.on]}{start}"
        case Every.MONTH:
            return f"month on {recurrence.on}{start}"
        case Every.DAYS:
            return f"{recurrence.on} day{'' if recurrence.on == 1 else 's'}{start}"


def condition_said(text: str) -> Condition | None:
    """The condition of "no reply", "not opened", "amount above 1000 EUR, 1200 USD"."""
    said = plainly(text)
    if said in ("no reply", "sans reponse"):
        return Condition(kind=ConditionKind.NO_REPLY)
    if said in ("not opened", "non ouvert"):
        return Condition(kind=ConditionKind.NOT_OPENED)
    if not (above := _AMOUNT_ABOVE.fullmatch(said)):
        return None
    parts = [_AMOUNT.fullmatch(part.strip()) for part in above["amounts"].split(",")]
    amounts = {p["currency"].upper(): Decimal(p["amount"]) for p in parts if p}
    if len(amounts) != len(parts):
        return None
    return Condition(kind=ConditionKind.AMOUNT_ABOVE, amounts=amounts)


def say_condition(condition: Condition) -> str:
    """The sentence that `condition_said` reads back."""
    if condition.kind is not ConditionKind.AMOUNT_ABOVE:
        return _words(condition.kind)
    return f"amount above {_say_amounts(condition.amounts)}"


def weekday_said(text: str) -> int | None:
    """Monday 0 to Sunday 6, from an English or a French name."""
    said = plainly(text)
    for names in (WEEKDAYS, _JOURS):
        if said in names:
            return names.index(said)
    return None


def _counted(said: str, *, end_of_month: bool) -> Trigger | None:
    if letter := _BY_LETTER.fullmatch(said):
        days = int(letter["sign"] + letter["number"])
        return Trigger(anchor=Anchor.DUE_DATE, days=days, end_of_month=end_of_month)
    found = _COUNTED.fullmatch(said)
    if not found or (anchor := _anchor(found["anchor"])) is None:
        return None
    days = int(found["number"]) * (7 if found["unit"][0] in "ws" else 1)
    if found["side"] in ("before", "avant"):
        days = -days
    return Trigger(anchor=anchor, days=days, end_of_month=end_of_month)


def _on_the_day(said: str, *, end_of_month: bool) -> Trigger | None:
    said = re.sub(r"^le jour du ", "le jour de le ", said)
    found = _ON_THE_DAY.fullmatch(said)
    return _on_anchor(found["anchor"], end_of_month=end_of_month) if found else None


def _on_anchor(said: str, *, end_of_month: bool) -> Trigger | None:
    anchor = _anchor(re.sub(r"^du ", "le ", said))
    return Trigger(anchor=anchor, end_of_month=end_of_month) if anchor else None


def _anchor(said: str) -> Anchor | None:
    return next((a for a, pattern in _ANCHORS.items() if re.fullmatch(pattern, said)), None)


def _say_day_of(anchor: Anchor) -> str:
    match anchor:
        case Anchor.PREVIOUS_STEP:
            return "on the day of the previous step"
        case Anchor.PAYMENT_DATE:
            return "on the day of payment"
        case _:
            return f"on the {_words(anchor)}"


def _say_amounts(amounts: Mapping[str, Decimal]) -> str:
    return ", ".join(f"{amount:f} {currency}" for currency, amount in amounts.items())


def _words(name: str) -> str:
    return str(name).replace("_", " ")
