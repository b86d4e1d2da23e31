"""A stock names all that is open: what it leaves out is settled, and comes back with it."""

import pytest

from relance.store.tables import items
from relance_scheduler.ledger.delivery import BadLines
from tests.scenarios.import_desk import a_desk

pytestmark = pytest.mark.asyncio

HEADER = "customer,number,issued_on,due_on,currency,amount\n"
CUSTOMERS = "reference,name\nC1,Boulangerie Martin\nC2,Garage Leroy\n"


def stock_of(*numbers: int, extra: str = "") -> str:
    lines = (f"C1,F{n},2026-10-01,2026-10-31,EUR,10.00\n" for n in numbers)
    return HEADER + "".join(lines) + extra


async def test_absent_items_are_settled_and_reopened_when_they_are_back(store_url: str) -> None:
    async with a_desk(store_url) as desk:
        await desk.take(customers=CUSTOMERS, items=stock_of(1, 2))
        assert desk.counts(await desk.stock(items=stock_of(1))) == {"settled": 1}
        gone = await desk.item("F2")
        assert (gone.open, gone.absent, gone.settled_on) == (0, True, desk.world.today)
        assert await desk.names_of(desk.reconsidered) == {"C1"}
        assert desk.counts(await desk.stock(items=stock_of(1))) == {}
        assert desk.counts(await desk.stock(items=stock_of(1, 2))) == {"reopened": 1}
        back = await desk.item("F2")
        assert (back.open, back.absent, back.settled_on) == (1000, False, None)


async def test_a_delta_settles_nothing_by_absence(store_url: str) -> None:
    async with a_desk(store_url) as desk:
        await desk.take(customers=CUSTOMERS, items=stock_of(1, 2))
        assert desk.counts(await desk.take(items=stock_of(1))) == {}


async def test_a_half_empty_file_is_refused_with_the_numbers_and_the_way_out(
    store_url: str,
) -> None:
    async with a_desk(store_url) as desk:
        await desk.take(customers=CUSTOMERS, items=stock_of(*range(20)))
        before = await desk.everything()
        outcome = await desk.stock(items=stock_of(*range(13)))
        assert desk.refusal(outcome) == (
            "7 of 20 open items are absent (35%, more than 30%): is the file complete? If it is, "
            "allow it with --most-settled"
        )
        assert await desk.everything() == before
        *_, row = await desk.imports()
        assert (row.ended_at, list(row.counts)) == (None, ["refused"])
        assert desk.counts(await desk.stock(items=stock_of(*range(14)))) == {"settled": 6}
        outcome = await desk.stock(items=stock_of(1), most_settled=0.95)
        assert desk.counts(outcome) == {"settled": 13}


async def test_fewer_than_ten_open_items_may_all_be_settled(store_url: str) -> None:
    async with a_desk(store_url) as desk:
        await desk.take(customers=CUSTOMERS, items=stock_of(*range(9)))
        assert desk.counts(await desk.stock(items=stock_of(99))) == {"new": 1, "settled": 9}


async def test_a_stock_without_lines_is_refused_however_little_is_open(store_url: str) -> None:
    async with a_desk(store_url) as desk:
        await desk.take(customers=CUSTOMERS, items=stock_of(1))
        outcome = await desk.stock(items=HEADER)
        assert desk.refusal(outcome).startswith("there are no lines")
        assert desk.counts(await desk.take(items=HEADER)) == {}
        outcome = await desk.stock(items=HEADER, most_settled=1.0)
        assert desk.counts(outcome) == {"settled": 1}


async def test_a_stock_of_invoices_leaves_payments_and_credit_notes_alone(store_url: str) -> None:
    mapping = """
tables:
  items: {customer: customer, number: number, issued_on: issued_on, due_on: due_on, amount: amount}
"""
    async with a_desk(store_url) as desk:
        credit = HEADER.replace("amount", "amount,kind") + "C1,G1,2026-10-01,,EUR,3,credit_note\n"
        await desk.take(
            customers=CUSTOMERS,
            items=stock_of(1, 2),
            credits=credit,
            payments="customer,payment,paid_on,currency,amount\nC1,P1,2026-11-20,EUR,40\n",
        )
        assert desk.counts(await desk.stock(mapping, items=stock_of(1))) == {"settled": 1}
        assert await desk.open_amounts() == {"F1": 1000, "F2": 0, "G1": 300, "P1": 4000}


async def test_a_stock_of_payments_settles_the_absent_ones(store_url: str) -> None:
    header = "customer,payment,paid_on,currency,amount\n"
    async with a_desk(store_url) as desk:
        both = header + "C1,P1,2026-11-20,EUR,40\nC1,P2,2026-11-20,EUR,40\n"
        await desk.take(customers=CUSTOMERS, items=stock_of(1), payments=both)
        outcome = await desk.stock(items=stock_of(1), payments=header + "C1,P1,2026-11-20,EUR,40\n")
        assert desk.counts(outcome) == {"settled": 1}
        assert await desk.open_amounts() == {"F1": 1000, "P1": 4000, "P2": 0}


async def test_beside_bad_lines_nothing_is_settled_for_being_absent(store_url: str) -> None:
    async with a_desk(store_url) as desk:
        await desk.take(customers=CUSTOMERS, items=stock_of(1, 2))
        text = stock_of(1, extra="C1,F2,2026-10-01,2026-02-30,EUR,10.00\n")
        assert "1 line is bad" in desk.refusal(await desk.stock(items=text))
        outcome = await desk.stock(items=text, bad_lines=BadLines.KEEP_GOOD)
        assert desk.counts(outcome) == {}
        assert desk.reasons(outcome)[-1] == (
            0,
            "",
            "nothing was settled for being absent: a bad line may stand for what seems absent",
        )
        assert await desk.open_amounts() == {"F1": 1000, "F2": 1000}


async def test_open_amounts_given_by_the_file_hold(store_url: str) -> None:
    header = HEADER.replace("amount", "amount,open")
    async with a_desk(store_url) as desk:

        def text(left: str) -> str:
            return header + f"C1,F1,2026-10-01,2026-10-31,EUR,100.00,{left}\n"

        await desk.take(customers=CUSTOMERS, items=text("60"))
        assert await desk.open_amounts() == {"F1": 6000}
        assert desk.counts(await desk.stock(items=text("60"))) == {}
        assert desk.counts(await desk.stock(items=text("10"))) == {"changed": 1}
        assert desk.counts(await desk.stock(items=text("0"))) == {"settled": 1}
        assert (await desk.item("F1")).settled_on == desk.world.today
        assert desk.counts(await desk.stock(items=text("25.5"))) == {"reopened": 1}
        # A file that does not tell keeps what an earlier one told.
        plain = HEADER + "C1,F1,2026-10-01,2026-10-31,EUR,100.00\n"
        assert desk.counts(await desk.take(items=plain)) == {}
        assert await desk.open_amounts() == {"F1": 2550}


async def test_instalments_by_due_date_are_paid_one_by_one(store_url: str) -> None:
    mapping = """
instalments: by_due_date
tables:
  items: {customer: customer, number: number, issued_on: issued_on, due_on: due_on, amount: amount}
"""
    first = "C1,F1,2026-10-01,2026-10-31,EUR,50.00\n"
    second = "C1,F1,2026-10-01,2026-11-30,EUR,50.00\n"
    async with a_desk(store_url) as desk:
        await desk.take(customers=CUSTOMERS)
        assert desk.counts(await desk.stock(mapping, items=HEADER + first + second)) == {"new": 2}
        assert desk.counts(await desk.stock(mapping, items=HEADER + second)) == {"settled": 1}
        rows = await desk.world.rows(items)
        assert {row.due_on.isoformat(): row.open for row in rows} == {
            "2026-10-31": 0,
            "2026-11-30": 5000,
        }
