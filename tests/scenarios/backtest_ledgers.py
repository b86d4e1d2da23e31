"""Ledgers for back-tests: files of the shape that foreign software exports, made up here."""

import csv
from collections.abc import Iterable
from datetime import date, timedelta
from pathlib import Path
from random import Random

HEADER = (
    "customerID countryCode invoiceNumber InvoiceDate DueDate InvoiceAmount Disputed SettledDate"
)
FIRST = date(2025, 3, 3)  # a Monday
Line = tuple[str, str, str, date, date, str, str, date | None]


def line(
    customer: str,
    number: str,
    issued: str,
    due: str,
    settled: str | None = None,
    *,
    amount: str = "100.00",
    disputed: str = "No",
) -> Line:
    paid = date.fromisoformat(settled) if settled else None
    dates = date.fromisoformat(issued), date.fromisoformat(due)
    return (customer, "391", number, *dates, amount, disputed, paid)


def write(file: Path, lines: Iterable[Line]) -> Path:
    """As the mapping `ibm-accounts-receivable` reads it: month/day/year, no currency."""
    with file.open("w", encoding="utf-8", newline="") as opened:
        writer = csv.writer(opened)
        writer.writerow(HEADER.split())
        for row in lines:
            writer.writerow([_cell(value) for value in row])
    return file


def _cell(value: str | date | None) -> str:
    if isinstance(value, date):
        return f"{value.month}/{value.day}/{value.year}"
    return value or ""


def random_lines(seed: int, customers: int = 6, months: int = 6) -> list[Line]:
    """Invoices at 30 days, most paid about their due date, some late, some disputed or never."""
    chance = Random(seed)
    lines: list[Line] = []
    for number in range(customers * months):
        issued = FIRST + timedelta(days=chance.randint(0, months * 30))
        paid = issued + timedelta(days=max(0, round(chance.gauss(38, 22))))
        lines.append(
            (
                f"C-{chance.randint(1, customers):02}",
                "391",
                f"N{number:04}",
                issued,
                issued + timedelta(days=30),
                f"{chance.randint(500, 90_000) / 100:.2f}",
                "Yes" if chance.random() < 0.2 else "No",
                paid if chance.random() < 0.9 else None,
            )
        )
    return lines
