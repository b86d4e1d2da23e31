"""Items laid out: lines that read well anywhere, and a table for HTML that fits a telephone."""

from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

from babel import Locale

from relance.domain.money import totals
from relance.rendering import formats
from relance.rendering.engine import Table
from relance.rendering.formats import Sum
from relance.rendering.wording import CLOSE_MARK, OPEN_MARK, credit_heads, tidy, words_in


@dataclass(slots=True)
class Plain:
    """Tables as lines, where the output is the message."""

    locale: Locale

    def table(self, table: Table) -> str:
        """One line for each item."""
        return "\n" + lines(table, self.locale) + "\n"


@dataclass(slots=True)
class Marked:
    """Tables as marks, to be replaced once Markdown has been read."""

    tables: list[Table] = field(default_factory=list)

    def table(self, table: Table) -> str:
        """A paragraph of its own that holds nothing but the mark."""
        if not table:
            return ""
        self.tables.append(table)
        return f"\n\n{OPEN_MARK}{len(self.tables) - 1}{CLOSE_MARK}\n\n"


def lines(table: Table, locale: Locale) -> str:
    """`- F-12 of 12 April 2025, due 12 May 2025, 34 days late: €800.00 (of €2,000.00)`."""
    return "\n".join(f"- {_line(row, locale, credit=table.credit)}" for row in table.rows)


def cells(table: Table, locale: Locale) -> dict[str, Any]:
    """What the HTML layout prints: heads, rows of words, and the totals, one for each currency."""
    words = words_in(locale.language)
    heads = credit_heads(locale.language) if table.credit else (words.item, words.due, words.open)
    total = tuple(sorted(totals(part for row in table.rows for part in row.open.parts).items()))
    return {
        "heads": heads,
        "rows": [_cells(row, locale, credit=table.credit) for row in table.rows],
        "total": words.total,
        "totals": [_money(Sum((part,)), locale, credit=table.credit) for part in total]
        if len(table.rows) > 1
        else [],
    }


def _line(row: SimpleNamespace, locale: Locale, *, credit: bool) -> str:
    words = words_in(locale.language)
    label = row.number if row.kind == "invoice" else f"{row.number} ({row.label})"
    if row.issued_on:
        label += " " + words.dated.format(formats.day(row.issued_on, locale))
    said = [label]
    if row.due_on and not credit:
        said.append(words.due_on.format(formats.day(row.due_on, locale)))
    if row.days_late and not credit:
        said.append(words.late.format(formats.days(row.days_late, locale)))
    amount = _money(row.open, locale, credit=credit)
    if row.part_paid:
        amount += f" ({words.of_amount.format(formats.money(row.amount, locale))})"
    return f"{tidy(', '.join(said))}{words.colon} {amount}"


def _cells(row: SimpleNamespace, locale: Locale, *, credit: bool) -> dict[str, str]:
    words = words_in(locale.language)
    issued = formats.day(row.issued_on, locale, "medium") if row.issued_on else ""
    due = formats.day(row.due_on, locale, "medium") if row.due_on else ""
    notes = [] if row.kind == "invoice" else [row.label]
    if issued and not credit:
        notes.append(words.issued.format(issued))
    late = words.late.format(formats.days(row.days_late, locale)) if row.days_late else ""
    part = words.of_amount.format(formats.money(row.amount, locale)) if row.part_paid else ""
    return {
        "number": tidy(row.number),
        "note": tidy(", ".join(notes)),
        "date": issued if credit else due,
        "late": "" if credit else late,
        "open": _money(row.open, locale, credit=credit),
        "part": part,
    }


def _money(total: Sum, locale: Locale, *, credit: bool) -> str:
    if credit:
        total = Sum(tuple((currency, -amount) for currency, amount in total.parts))
    return formats.money(total, locale)
