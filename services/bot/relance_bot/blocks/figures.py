"""Amounts, dates, items and names as sentences in the reader's language."""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from babel.dates import format_datetime

from relance.domain.ledger import ItemKind
from relance.domain.money import Totals
from relance.domain.worklist import ItemLine, ShownAction, lateness, oldest_due, owed
from relance.rendering.formats import Sum, listed, locale_for, money
from relance.rendering.formats import day as day_said
from relance_bot.blocks import kit
from relance_bot.blocks.words import Language, say

MOST_CURRENCIES = 4
MOST_NAMES = 5
MOST_ROWS = 15


def today_of(action: ShownAction, now: datetime) -> date:
    """The organisation's date."""
    return now.astimezone(ZoneInfo(action.zone)).date()


def day(language: Language, when: date) -> str:
    """`3 Nov 2026`: the same for every reader, as a due date is."""
    return day_said(when, locale_for(language), "medium")


def moment(language: Language, zone: str, at: datetime) -> str:
    """An instant in the reader's own zone; for clients that cannot, in the organisation's."""
    local = at.astimezone(ZoneInfo(zone))
    return kit.moment(at, format_datetime(local, "medium", locale=locale_for(language)))


def amount(language: Language, value: Decimal, currency: str) -> str:
    """One amount in its currency."""
    return money(Sum(((currency, value),)), locale_for(language))


def amounts(language: Language, sums: Totals) -> str:
    """`€1,200.00 and $300.00`, the greatest first; a currency at zero is left out."""
    parts = sorted((-value, currency) for currency, value in sums.items() if value)
    said = [amount(language, -value, currency) for value, currency in parts[:MOST_CURRENCIES]]
    left = len(parts) - len(said)
    return listed(
        [*said, *([say(language, "sums.more", n=left)] if left else [])], locale_for(language)
    )


def names(language: Language, given: Sequence[str], most: int = 80) -> str:
    """`A, B and C` for mrkdwn, escaped; after some of them, how many more."""
    said = [kit.datum(name, most) for name in given[:MOST_NAMES]]
    left = len(given) - len(said)
    return listed(
        [*said, *([say(language, "names.more", n=left)] if left else [])], locale_for(language)
    )


def summary(language: Language, action: ShownAction, today: date) -> str:
    """What is owed and how late, in one line of mrkdwn."""
    sums = owed(action.items)
    if not any(sums.values()):
        return say(language, "summary.nothing")
    total = amounts(language, sums)
    if oldest_due(action.items) is None:
        return say(language, "summary.undated", owed=total)
    late = lateness(action.items, today)
    if late == 0:
        return say(language, "summary.today", owed=total)
    return say(language, "summary.late" if late > 0 else "summary.ahead", n=abs(late), owed=total)


def shown_items(action: ShownAction) -> list[ItemLine]:
    """The items left in, the oldest due first, credits last."""
    included = [item for item in action.items if item.included]
    return sorted(included, key=lambda i: (i.due_on is None, i.due_on or date.max, i.number))


def item_rows(language: Language, action: ShownAction, today: date) -> list[list[str]]:
    """The rows of the items' table, heading first, at most MOST_ROWS items."""
    heading = [say(language, f"table.{name}") for name in ("item", "due", "late", "open")]
    lines = [
        [
            item_name(language, item),
            day(language, item.due_on) if item.due_on else "-",
            _days(item, today),
            amount(language, _signed(item), item.currency),
        ]
        for item in shown_items(action)[:MOST_ROWS]
    ]
    return [heading, *lines]


def item_lines(language: Language, action: ShownAction, today: date) -> list[str]:
    """The same as lines of mrkdwn, for modals, where Slack has no tables."""
    rows = item_rows(language, action, today)[1:]
    late = say(language, "table.late")
    return [
        f"• {kit.datum(name, 60)} · {due}"
        + (f" · {late}: {days}" if days != "-" else "")
        + f" · {left}"
        for name, due, days, left in rows
    ]


def item_name(language: Language, item: ItemLine) -> str:
    """Its number, and what it is when it is no invoice."""
    number = kit.clip(" ".join(item.number.split()), 60)
    return (
        number
        if item.kind is ItemKind.INVOICE
        else f"{number} ({say(language, f'item.{item.kind}')})"
    )


def items_note(language: Language, action: ShownAction) -> str:
    """What the list does not show: further items, and those left out."""
    included = shown_items(action)
    more, out = len(included) - MOST_ROWS, len(action.items) - len(included)
    said = [
        *([say(language, "items.more", n=more)] if more > 0 else []),
        *([say(language, "items.left_out", n=out)] if out else []),
    ]
    return " · ".join(said)


def _signed(item: ItemLine) -> Decimal:
    return item.open if item.kind is ItemKind.INVOICE else -item.open


def _days(item: ItemLine, today: date) -> str:
    late = (today - item.due_on).days if item.due_on else 0
    return str(late) if late > 0 and item.kind is ItemKind.INVOICE else "-"
