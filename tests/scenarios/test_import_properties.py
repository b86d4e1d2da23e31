"""Whatever the files say: twice is once, and a stock leaves exactly what it names open."""

import asyncio
import shutil
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import URL

from relance.store.tables import allocations, items
from relance_scheduler.ledger.importing import Imported
from tests.real import postgres
from tests.scenarios.import_desk import Desk, a_desk

CUSTOMERS = "reference,name\nC0,Anne\nC1,Bruno\n"
Run = Callable[[Callable[[Desk], Coroutine[Any, Any, None]]], None]


@dataclass(frozen=True, slots=True)
class Books:
    """An accounting system's present state, from which its files are written."""

    invoices: dict[str, int]  # number -> cents
    payments: dict[str, int]
    links: dict[tuple[str, str], int]  # payment, invoice -> cents

    def open_amounts(self) -> dict[str, int]:
        left = dict(self.invoices) | dict(self.payments)
        for (payment, invoice), cents in self.links.items():
            left[payment] -= cents
            left[invoice] -= cents
        return left

    def files(self) -> dict[str, str]:
        return {
            "items": "customer,number,issued_on,due_on,currency,amount\n"
            + "".join(
                f"{of(n)},{n},2026-10-01,2026-10-31,EUR,{Decimal(cents) / 100:.2f}\n"
                for n, cents in self.invoices.items()
            ),
            "payments": "customer,payment,paid_on,currency,amount\n"
            + "".join(
                f"{of(n)},{n},2026-11-01,EUR,{Decimal(cents) / 100:.2f}\n"
                for n, cents in self.payments.items()
            ),
            "links": "customer,source,target,currency,amount,allocated_on\n"
            + "".join(
                f"{of(p)},{p},{f},EUR,{Decimal(cents) / 100:.2f},2026-11-0{1 + cents % 9}\n"
                for (p, f), cents in self.links.items()
            ),
        }


def of(number: str) -> str:
    """The customer whose number it is."""
    return f"C{int(number[1:]) % 2}"


@st.composite
def two_books(draw: st.DrawFn) -> tuple[Books, Books]:
    """The same books on two days. An invoice that is gone was settled, by what nobody tells."""
    first = draw(some_books(frozenset()))
    return first, draw(some_books(frozenset(invoice for _, invoice in first.links)))


@st.composite
def some_books(draw: st.DrawFn, still_there: frozenset[str]) -> Books:
    """Up to six invoices and payments; nothing is allocated beyond what there is."""
    numbers = st.integers(0, 5)
    cents = st.integers(0, 5_000)
    invoices = draw(st.dictionaries(numbers.map("F{}".format), cents, min_size=1))
    invoices |= {number: draw(cents) for number in sorted(still_there)}
    payments = draw(st.dictionaries(numbers.map("P{}".format), cents))
    left = invoices | payments
    links = {}
    for payment in payments:
        for invoice in invoices:
            most = min(left[payment], left[invoice])
            if of(payment) == of(invoice) and most and draw(st.booleans()):
                links[payment, invoice] = part = draw(st.integers(1, most))
                left[payment] -= part
                left[invoice] -= part
    return Books(invoices, payments, links)


async def check(desk: Desk, books: Books) -> None:
    """The ledger's open items are those of the books, and each settled item has its day."""
    rows = await desk.world.rows(items)
    wanted = books.open_amounts()
    for row in rows:
        assert row.open == wanted.get(row.number, 0), row.number
        assert (row.settled_on is None) == (row.open > 0), row.number
    assert {row.number for row in rows} >= set(wanted)
    names = {row.id: row.number for row in rows}
    found = {
        (names[row.source_id], names[row.target_id]): row.amount
        for row in await desk.world.rows(allocations)
        if names[row.target_id] in books.invoices and names[row.source_id] in books.payments
    }
    assert found.items() >= books.links.items()


async def twice_is_once(desk: Desk, first: Books, second: Books) -> None:
    await desk.take(customers=CUSTOMERS)
    for books in (first, second):
        outcome = await desk.stock(**books.files(), most_settled=1.0)
        assert isinstance(outcome, Imported), outcome
        await check(desk, books)
        before = await desk.everything()
        again = await desk.stock(**books.files(), most_settled=1.0)
        assert isinstance(again, Imported)
        assert again.changes.none
        delta = await desk.take(**books.files())
        assert isinstance(delta, Imported)
        assert delta.changes.none
        assert await desk.everything() == before


def on(url: str, story: Callable[[Desk], Coroutine[Any, Any, None]]) -> None:
    async def tell() -> None:
        async with a_desk(url) as desk:
            await story(desk)

    asyncio.run(tell())


@settings(max_examples=20)
@given(books=two_books())
def test_twice_is_once_and_a_stock_is_the_whole_truth_on_sqlite(
    sqlite_template: Path, books: tuple[Books, Books]
) -> None:
    with TemporaryDirectory() as folder:
        shutil.copy(sqlite_template, Path(folder) / "relance.db")
        url = f"sqlite+aiosqlite:///{folder}/relance.db"
        on(url, lambda desk: twice_is_once(desk, *books))


@pytest.mark.postgresql
@settings(max_examples=6)
@given(books=two_books())
def test_twice_is_once_and_a_stock_is_the_whole_truth_on_postgresql(
    postgres_server: URL, postgres_template: str, books: tuple[Books, Books]
) -> None:
    with postgres.fresh_database(postgres_server, template=postgres_template) as url:
        text = url.render_as_string(hide_password=False)
        on(text, lambda desk: twice_is_once(desk, *books))
