"""Actions as rows of a table, one for each action and currency, and as a CSV file (F42)."""

import csv
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import TextIO

from relance.domain.plans import Channel, Mode

COLUMNS = ("date", "customer", "plan", "step", "channel", "mode", "items", "amount", "currency")
# A cell that begins with one of these is a formula to a spreadsheet (the wide ones to some).
_FORMULA = "=+-@\t\r\n＝＋－＠"
_MARK = "'"


class WrongRows(Exception):
    """A file that does not hold such rows; the text says where and why."""


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class ActionRow:
    """What one action asks for in one currency, on the organisation's day on which it is made.

    `items` are the numbers of the invoices asked for, as `item_name` writes them. `amount` is
    what it asks for, open credits taken off; of a thank-you, which asks for nothing and lists
    no items, what was paid. `customer` is the reference, `plan` and `step` are keys.
    """

    date: date
    customer: str
    plan: str
    step: str
    channel: Channel
    mode: Mode
    items: tuple[str, ...]
    amount: Decimal
    currency: str


def item_name(number: str, part: int) -> str:
    """An invoice's number; an instalment adds its part: F-12#2."""
    return f"{number}#{part}" if part else number


def write_rows(file: TextIO, rows: Iterable[ActionRow]) -> None:
    """Writes the rows as CSV, which `read_rows` reads; open the file with newline=""."""
    file.write(_line(COLUMNS))
    file.writelines(_line(_cells(row)) for row in rows)


def read_rows(file: TextIO) -> Iterator[ActionRow]:
    """The rows of such a file; WrongRows where it holds something else."""
    reader = csv.reader(file, strict=True)
    try:
        header = tuple(next(reader, ()))
        if header != COLUMNS:
            raise WrongRows(f"the first line should read {','.join(COLUMNS)}")
        for cells in reader:
            yield _row(cells, reader.line_num)
    except csv.Error as error:
        raise WrongRows(f"line {reader.line_num}: {error}") from error


def _line(cells: Iterable[str]) -> str:
    """Before Python 3.13 the writer quotes a lone carriage return only where lines end with one."""
    line = io.StringIO(newline="")
    csv.writer(line, lineterminator="\r\n").writerow(cells)
    return line.getvalue().removesuffix("\r\n") + "\n"


def _cells(row: ActionRow) -> tuple[str, ...]:
    return (
        row.date.isoformat(),
        _neutral(row.customer),
        _neutral(row.plan),
        _neutral(row.step),
        row.channel,
        row.mode,
        _neutral(";".join(map(_escaped, row.items))),
        f"{row.amount:f}",
        row.currency,
    )


def _row(cells: list[str], line: int) -> ActionRow:
    if len(cells) != len(COLUMNS):
        raise WrongRows(f"line {line}: {len(cells)} cells where {len(COLUMNS)} belong")
    day, customer, plan, step, channel, mode, items, amount, currency = cells
    try:
        return ActionRow(
            date=date.fromisoformat(day),
            customer=_plain(customer),
            plan=_plain(plan),
            step=_plain(step),
            channel=Channel(channel),
            mode=Mode(mode),
            items=_split(_plain(items)),
            amount=Decimal(amount),
            currency=currency,
        )
    except (ValueError, InvalidOperation) as error:
        raise WrongRows(f"line {line}: {error}") from error


def _neutral(text: str) -> str:
    """Marked with an apostrophe where it would be a formula; what begins with one is marked too."""
    return _MARK + text if text[:1] and text[0] in _FORMULA + _MARK else text


def _plain(cell: str) -> str:
    return cell.removeprefix(_MARK)


def _escaped(item: str) -> str:
    return item.replace("\\", "\\\\").replace(";", "\\;")


def _split(cell: str) -> tuple[str, ...]:
    """The parts between semicolons; a backslash takes the next character as it is."""
    if not cell:
        return ()
    parts, rest = [""], iter(cell)
    for character in rest:
        if character == ";":
            parts.append("")
        else:
            parts[-1] += next(rest, "") if character == "\\" else character
    return tuple(parts)
