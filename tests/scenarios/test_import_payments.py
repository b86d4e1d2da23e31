"""Payments, credit notes, and what they settle; and all of it taken back (scenarios 11 to 18)."""

import pytest

from relance.store.tables import allocations, items
from tests.scenarios.import_desk import a_desk

pytestmark = pytest.mark.asyncio

CUSTOMERS = "reference,name\nC1,Boulangerie Martin\n"
HEADER = "customer,number,issued_on,due_on,currency,amount\n"
INVOICE = HEADER + "C1,F1,2026-10-01,2026-10-31,EUR,100.00\n"
PAID = "customer,payment,paid_on,currency,amount,cancelled\n"
LINKS = "customer,source,source_kind,target,currency,amount,allocated_on,cancelled\n"
DAY = "2026-11-20"


def paid(amount: str, *, number: str = "P1", cancelled: str = "") -> str:
    return PAID + f"C1,{number},{DAY},EUR,{amount},{cancelled}\n"


def link(amount: str, *, source: str = "P1", kind: str = "", day: str = DAY) -> str:
    return LINKS + f"C1,{source},{kind},F1,EUR,{amount},{day},\n"


async def test_a_part_payment_leaves_the_rest_and_the_last_one_settles_on_its_day(
    store_url: str,
) -> None:
    async with a_desk(store_url) as desk:
        await desk.take(customers=CUSTOMERS, items=INVOICE, payments=paid("40"), links=link("40"))
        assert await desk.open_amounts() == {"F1": 6000, "P1": 0}
        outcome = await desk.take(
            payments=paid("70", number="P2"), links=link("60", source="P2", day="2026-11-22")
        )
        assert desk.counts(outcome) == {"new": 1, "settled": 1, "allocations": 1}
        assert await desk.open_amounts() == {"F1": 0, "P1": 0, "P2": 1000}
        assert (await desk.item("F1")).settled_on.isoformat() == "2026-11-22"
        assert (await desk.item("P1")).settled_on.isoformat() == DAY


async def test_a_payment_that_is_cancelled_opens_its_invoice_again(store_url: str) -> None:
    async with a_desk(store_url) as desk:
        files = {"payments": paid("100"), "links": link("100")}
        await desk.take(customers=CUSTOMERS, items=INVOICE, **files)
        assert await desk.open_amounts() == {"F1": 0, "P1": 0}
        outcome = await desk.take(payments=paid("100", cancelled="yes"))
        assert desk.counts(outcome) == {"reopened": 1, "changed": 1, "allocations": 1}
        assert await desk.open_amounts() == {"F1": 10000, "P1": 0}
        assert (await desk.item("F1")).settled_on is None
        assert desk.counts(await desk.take(payments=paid("100", cancelled="yes"))) == {}
        outcome = await desk.take(payments=paid("100", cancelled="no"), links=link("100"))
        assert await desk.open_amounts() == {"F1": 0, "P1": 0}


async def test_a_cancelled_payment_that_never_came_is_no_payment(store_url: str) -> None:
    async with a_desk(store_url) as desk:
        outcome = await desk.take(customers=CUSTOMERS, payments=paid("100", cancelled="yes"))
        assert desk.counts(outcome) == {"customers_new": 1}


async def test_an_allocation_taken_back_opens_both_sides(store_url: str) -> None:
    async with a_desk(store_url) as desk:
        files = {"payments": paid("100"), "links": link("100")}
        await desk.take(customers=CUSTOMERS, items=INVOICE, **files)
        taken_back = LINKS + f"C1,P1,,F1,EUR,100,{DAY},yes\n"
        outcome = await desk.take(links=taken_back)
        assert desk.counts(outcome) == {"reopened": 2, "allocations": 1}
        assert await desk.open_amounts() == {"F1": 10000, "P1": 10000}
        assert desk.counts(await desk.take(links=taken_back)) == {}


async def test_a_stock_with_allocations_takes_back_those_it_leaves_out(store_url: str) -> None:
    async with a_desk(store_url) as desk:
        both = PAID + f"C1,P1,{DAY},EUR,30,\nC1,P2,{DAY},EUR,20,\n"
        links = link("30") + f"C1,P2,,F1,EUR,20,{DAY},\n"
        await desk.take(customers=CUSTOMERS, items=INVOICE, payments=both, links=links)
        assert (await desk.open_amounts())["F1"] == 5000
        outcome = await desk.stock(items=INVOICE, payments=both, links=link("30"))
        assert desk.counts(outcome) == {"changed": 1, "reopened": 1, "allocations": 1}
        assert await desk.open_amounts() == {"F1": 7000, "P1": 0, "P2": 2000}


async def test_a_payment_that_a_stock_no_longer_names_does_not_open_again(
    store_url: str,
) -> None:
    async with a_desk(store_url) as desk:
        await desk.take(customers=CUSTOMERS, items=INVOICE, payments=paid("30"), links=link("30"))
        outcome = await desk.stock(items=INVOICE, payments=PAID, links=LINKS)
        assert desk.counts(outcome) == {"changed": 2, "allocations": 1}
        assert await desk.open_amounts() == {"F1": 10000, "P1": 0}
        await desk.stock(items=INVOICE, payments=paid("30"), links=LINKS)
        assert await desk.open_amounts() == {"F1": 10000, "P1": 3000}


async def test_beside_bad_lines_no_allocation_is_taken_back_for_being_absent(
    store_url: str,
) -> None:
    async with a_desk(store_url) as desk:
        await desk.take(customers=CUSTOMERS, items=INVOICE, payments=paid("30"), links=link("30"))
        outcome = await desk.stock(
            items=INVOICE, payments=paid("30"), links=link("thirty"), bad_lines="keep-good"
        )
        assert desk.counts(outcome) == {}
        assert await desk.open_amounts() == {"F1": 7000, "P1": 0}


async def test_an_allocation_that_changes_moves_both_sides_by_the_difference(
    store_url: str,
) -> None:
    async with a_desk(store_url) as desk:
        await desk.take(customers=CUSTOMERS, items=INVOICE, payments=paid("100"), links=link("40"))
        outcome = await desk.take(links=link("70"))
        assert desk.counts(outcome) == {"changed": 2, "allocations": 1}
        assert await desk.open_amounts() == {"F1": 3000, "P1": 3000}


async def test_amount_and_allocation_that_shrink_together_leave_it_settled(
    store_url: str,
) -> None:
    async with a_desk(store_url) as desk:
        await desk.take(customers=CUSTOMERS, items=INVOICE, payments=paid("100"), links=link("100"))
        smaller = INVOICE.replace("100.00", "80.00")
        await desk.take(items=smaller, links=link("80"))
        assert await desk.open_amounts() == {"F1": 0, "P1": 2000}
        await desk.take(items=INVOICE, links=link("100"))
        assert await desk.open_amounts() == {"F1": 0, "P1": 0}


async def test_a_credit_note_is_allocated_like_a_payment(store_url: str) -> None:
    credit = HEADER.replace("amount", "amount,kind") + "C1,G1,2026-11-01,,EUR,30,credit_note\n"
    async with a_desk(store_url) as desk:
        await desk.take(customers=CUSTOMERS, items=INVOICE, credits=credit)
        await desk.take(links=link("25", source="G1", kind="credit_note"))
        assert await desk.open_amounts() == {"F1": 7500, "G1": 500}


async def test_what_an_earlier_file_said_to_be_open_moves_with_new_allocations(
    store_url: str,
) -> None:
    given = HEADER.replace("amount", "amount,open") + "C1,F1,2026-10-01,2026-10-31,EUR,100,60\n"
    async with a_desk(store_url) as desk:
        await desk.take(customers=CUSTOMERS, items=given)
        await desk.take(payments=paid("50"), links=link("50"))
        assert await desk.open_amounts() == {"F1": 1000, "P1": 0}


async def test_more_allocated_than_there_is_is_a_bad_line(store_url: str) -> None:
    async with a_desk(store_url) as desk:
        await desk.take(customers=CUSTOMERS, items=INVOICE, payments=paid("150"), links=link("60"))
        before = await desk.everything()
        outcome = await desk.take(
            payments=paid("50", number="P2"), links=link("50", source="P2"), bad_lines="keep-good"
        )
        assert desk.reasons(outcome) == [
            (2, "amount", "with the others, more is allocated than the item or the payment has")
        ]
        assert await desk.open_amounts() == {"F1": 4000, "P1": 9000, "P2": 5000}
        outcome = await desk.take(links=link("150"))
        assert "1 line is bad" in desk.refusal(outcome)
        assert (await desk.everything())["allocations"] == before["allocations"]


@pytest.mark.parametrize(
    ("line", "column", "reason"),
    [
        (f"C1,P9,,F1,EUR,10,{DAY},\n", "source", "this customer has no such payment"),
        (f"C1,P1,,F9,EUR,10,{DAY},\n", "target", "this customer has no such invoice"),
        (f"C9,P1,,F1,EUR,10,{DAY},\n", "customer", "no customer has this reference"),
        (f"C1,P1,,F1,USD,10,{DAY},\n", "currency", "is in another currency"),
    ],
)
async def test_an_allocation_of_what_is_not_there_is_a_bad_line(
    sqlite_store_url: str, line: str, column: str, reason: str
) -> None:
    async with a_desk(sqlite_store_url) as desk:
        await desk.take(customers=CUSTOMERS, items=INVOICE, payments=paid("100"))
        outcome = await desk.take(links=LINKS + line)
        [(number, where, why)] = desk.reasons(outcome)
        assert (number, where) == (2, column)
        assert reason in why


SETTLING = """
tables:
  items:
    customer: customer
    number: number
    issued_on: issued_on
    due_on: due_on
    amount: amount
    settled_on: settled
"""


def settled(day: str, amount: str = "100.00") -> str:
    return (
        HEADER.replace("amount", "amount,settled")
        + f"C1,F1,2026-10-01,2026-10-31,EUR,{amount},{day}\n"
    )


async def test_a_settlement_date_is_a_payment_in_full_on_that_day(store_url: str) -> None:
    async with a_desk(store_url) as desk:
        await desk.take(customers=CUSTOMERS)
        outcome = await desk.take(SETTLING, items=settled(DAY))
        assert desk.counts(outcome) == {"new": 2, "allocations": 1}
        invoice = await desk.item("F1", kind="invoice")
        payment = await desk.item("F1", kind="payment_on_account")
        assert (invoice.open, invoice.settled_on.isoformat()) == (0, DAY)
        assert (payment.open, payment.amount, payment.issued_on.isoformat()) == (0, 10000, DAY)
        assert desk.counts(await desk.take(SETTLING, items=settled(DAY))) == {}


async def test_a_settlement_date_that_goes_opens_the_invoice_and_comes_back(
    store_url: str,
) -> None:
    async with a_desk(store_url) as desk:
        await desk.take(customers=CUSTOMERS)
        await desk.take(SETTLING, items=settled(DAY))
        outcome = await desk.take(SETTLING, items=settled(""))
        assert desk.counts(outcome) == {"reopened": 1, "changed": 1, "allocations": 1}
        assert (await desk.item("F1", kind="invoice")).open == 10000
        assert (await desk.item("F1", kind="payment_on_account")).cancelled
        assert desk.counts(await desk.take(SETTLING, items=settled(""))) == {}
        await desk.take(SETTLING, items=settled("2026-11-22", amount="90.00"))
        invoice = await desk.item("F1", kind="invoice")
        assert (invoice.open, invoice.settled_on.isoformat()) == (0, "2026-11-22")
        assert not (await desk.item("F1", kind="payment_on_account")).cancelled
        [row] = await desk.world.rows(allocations)
        assert row.amount == 9000


async def test_the_day_of_a_settlement_may_be_corrected(store_url: str) -> None:
    async with a_desk(store_url) as desk:
        await desk.take(customers=CUSTOMERS)
        await desk.take(SETTLING, items=settled(DAY))
        await desk.take(SETTLING, items=settled("2026-11-19"))
        days = {row.settled_on.isoformat() for row in await desk.world.rows(items)}
        assert days == {"2026-11-19"}


async def test_a_credit_note_with_a_settlement_date_is_used_up(store_url: str) -> None:
    mapping = "negative: credit_note\n" + SETTLING
    async with a_desk(store_url) as desk:
        await desk.take(customers=CUSTOMERS)
        await desk.take(mapping, items=settled("", amount="-5.00"))
        assert (await desk.item("F1")).open == 500
        await desk.take(mapping, items=settled(DAY, amount="-5.00"))
        credit = await desk.item("F1")
        assert (credit.kind, credit.open, credit.settled_on.isoformat()) == ("credit_note", 0, DAY)
