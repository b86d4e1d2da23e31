"""Items laid out: lines that read well anywhere, and a table for HTML that fits a telephone."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from types import SimpleNamespace

from babel import Locale
from typing_extensions import override

from relance.domain.money import totals
from relance.rendering import formats
from relance.rendering.engine import Table
from relance.rendering.formats import Sum
from relance.rendering.markdown import escaped, escaped_lines
from relance.rendering.wording import credit_heads, mark, tidy, words_in

_SPACES = re.compile(r" {2,}")


@dataclass(slots=True)
class Plain:
    """Words as they are, tables as lines, where the output is the message."""

    locale: Locale

    def words(self, words: str) -> str:
        return words

    def lines(self, lines: Sequence[str]) -> str:
        return "\n".join(lines)

    def link(self, address: str) -> str:
        return address

    def table(self, table: Table) -> str:
        """One line for each item."""
        return "\n" + lines(table, self.locale) + "\n"


@dataclass(slots=True)
class Written:
    """Words as Markdown of their own, tables as marks, to be replaced when Markdown is read."""

    tables: list[Table] = field(default_factory=list)

    def words(self, words: str) -> str:
        return escaped(words)

    def lines(self, lines: Sequence[str]) -> str:
        return escaped_lines(lines)

    def link(self, address: str) -> str:
        return escaped(address)

    def table(self, table: Table) -> str:
        """A paragraph of its own that holds nothing but the mark."""
        if not table:
            return ""
        self.tables.append(table)
        return f"\n\n{mark(str(len(self.tables) - 1))}\n\n"


@dataclass(slots=True)
class Marked(Written):
    """Words as marks too: what is left is the same for everybody who gets the same text."""

    data: list[str] = field(default_factory=list)

    @override
    def words(self, words: str) -> str:
        if not words:
            return ""
        self.data.append(_SPACES.sub(" ", words))
        return mark(f"w{len(self.data) - 1}")

    @override
    def lines(self, lines: Sequence[str]) -> str:
        return "\\\n".join(self.words(line) for line in lines)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cells:
    """What the HTML layout prints: heads, rows of words, and the totals, one for each currency."""

    heads: tuple[str, str, str]
    rows: list[dict[str, str]]
    total: str
    totals: list[str]


def lines(table: Table, locale: Locale) -> str:
    """`- F-12 of 12 April 2025, due 12 May 2025, 34 days late: €800.00 (of €2,000.00)`."""
    return "\n".join(f"- {_line(row, locale, credit=table.credit)}" for row in table.rows)


def cells(table: Table, locale: Locale) -> Cells:
    """The table's words in the locale's language."""
    words = words_in(locale.language)
    heads = credit_heads(locale.language) if table.credit else (words.item, words.due, words.open)
    total = tuple(sorted(totals(part for row in table.rows for part in row.open.parts).items()))
    return Cells(
        heads=heads,
        rows=[_cells(row, locale, credit=table.credit) for row in table.rows],
        total=words.total,
        totals=[_money(Sum((part,)), locale, credit=table.credit) for part in total]
        if len(table.rows) > 1
        else [],
    )


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
