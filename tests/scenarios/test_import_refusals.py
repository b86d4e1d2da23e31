"""Bad lines against the database: what is refused, what is kept, and what is said of it."""

import pytest

from relance.store.tables import customers, items
from relance_scheduler.ledger.delivery import BadLines
from tests.scenarios.import_desk import a_desk

pytestmark = pytest.mark.asyncio

HEADER = "customer,number,issued_on,due_on,currency,amount\n"
CUSTOMERS = "reference,name\nC1,Boulangerie Martin\n"
GOOD = "C1,F1,2026-10-01,2026-10-31,EUR,100.00\n"
BAD = "C1,F2,2026-10-01,2026-02-30,EUR,100.00\n"


async def test_one_bad_line_refuses_all_by_default(store_url: str) -> None:
    async with a_desk(store_url) as desk:
        outcome = await desk.take(customers=CUSTOMERS, items=HEADER + GOOD + BAD)
        assert desk.refusal(outcome).startswith("1 line is bad: mend them, or keep the good ones")
        [(line, column, reason)] = desk.reasons(outcome)
        assert (line, column) == (3, "due_on")
        assert "does not exist" in reason
        assert await desk.world.rows(customers) == []
        assert [row.ended_at for row in await desk.imports()] == [None, None]


async def test_the_good_lines_are_kept_where_that_is_chosen(store_url: str) -> None:
    async with a_desk(store_url) as desk:
        outcome = await desk.take(
            customers=CUSTOMERS, items=HEADER + GOOD + BAD, bad_lines=BadLines.KEEP_GOOD
        )
        assert desk.counts(outcome) == {"new": 1, "customers_new": 1}
        assert outcome.findings.bad_lines == 1
        assert (await desk.imports())[0].counts["bad_lines"] == 1


async def test_an_item_of_an_unknown_customer_is_bad(store_url: str) -> None:
    async with a_desk(store_url) as desk:
        text = HEADER + GOOD + GOOD.replace("C1", "C7").replace("F1", "F7")
        outcome = await desk.take(customers=CUSTOMERS, items=text)
        assert desk.reasons(outcome) == [
            (
                3,
                "customer",
                "no customer has this reference: import the customers first, or with this file",
            )
        ]
        outcome = await desk.take(customers=CUSTOMERS, items=text, bad_lines=BadLines.KEEP_GOOD)
        assert desk.counts(outcome) == {"new": 1, "customers_new": 1}


async def test_an_item_given_twice_is_bad_the_second_time(store_url: str) -> None:
    async with a_desk(store_url) as desk:
        text = HEADER + GOOD + GOOD.replace("100.00", "90.00")
        outcome = await desk.take(customers=CUSTOMERS, items=text)
        [(line, column, reason)] = desk.reasons(outcome)
        assert (line, column) == (3, "number")
        assert reason.startswith("the same customer, kind, number and part as line 2")
        await desk.take(customers=CUSTOMERS, items=text, bad_lines=BadLines.KEEP_GOOD)
        assert await desk.open_amounts() == {"F1": 10000}


async def test_items_given_twice_are_found_across_the_files_of_one_command(
    store_url: str,
) -> None:
    async with a_desk(store_url) as desk:
        outcome = await desk.take(customers=CUSTOMERS, items=HEADER + GOOD, more=HEADER + GOOD)
        [problem] = outcome.findings.problems[-1:]
        assert (problem.file, problem.line) == ("more.csv", 2)


async def test_an_item_without_a_due_date_and_a_draft_are_kept_and_reported(
    store_url: str,
) -> None:
    async with a_desk(store_url) as desk:
        text = HEADER.replace("amount", "amount,issued,sent") + (
            "C1,F1,2026-10-01,,EUR,1,yes,yes\n"
            "C1,F2,2026-10-01,2026-10-31,EUR,1,no,no\n"
            "C1,F3,2026-10-01,2026-10-31,EUR,1,yes,no\n"
        )
        outcome = await desk.take(customers=CUSTOMERS, items=text)
        assert desk.counts(outcome)["new"] == 3
        assert desk.reasons(outcome) == [
            (2, "", "no due date: kept, but never reminded"),
            (3, "", "a draft: kept, but not reminded until it is issued"),
            (4, "", "not sent to the customer yet: kept, but not reminded until it is"),
            (2, "", "this customer has no contact: what would be sent becomes its owner's task"),
        ]
        assert (await desk.item("F1")).due_on is None
        draft = await desk.item("F2")
        assert (draft.issued, draft.sent) == (False, False)


async def test_a_file_that_cannot_be_read_refuses_all_whatever_is_chosen(store_url: str) -> None:
    async with a_desk(store_url) as desk:
        outcome = await desk.take(customers=CUSTOMERS, items="", bad_lines=BadLines.KEEP_GOOD)
        assert desk.refusal(outcome) == "a file cannot be read"
        assert desk.reasons(outcome) == [(0, "", "the file is empty")]
        assert await desk.world.rows(customers) == []


async def test_a_bad_contact_does_not_take_its_invoice_away(store_url: str) -> None:
    mapping = """
tables:
  customers: {reference: customer}
  contacts: {customer: customer, email: mail}
  items: {customer: customer, number: number, issued_on: day, due_on: day, amount: amount}
"""
    async with a_desk(store_url) as desk:
        outcome = await desk.take(
            mapping,
            items="customer,mail,number,day,amount\nC1,nobody,F1,2026-10-01,5\n",
            bad_lines=BadLines.KEEP_GOOD,
        )
        assert desk.counts(outcome) == {"new": 1, "customers_new": 1}
        assert (2, "mail", "not an e-mail address") in desk.reasons(outcome)


async def test_a_thousand_bad_lines_are_counted_and_the_first_kept(store_url: str) -> None:
    async with a_desk(store_url) as desk:
        outcome = await desk.take(customers=CUSTOMERS, items=HEADER + BAD * 1_000)
        assert outcome.findings.bad_lines == 1_000
        assert len(outcome.findings.problems) == 200
        assert await desk.world.rows(items) == []
