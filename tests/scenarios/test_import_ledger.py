"""Files against the ledger, on both databases: what comes, changes, is settled and comes back."""

import pytest

from tests.scenarios.import_desk import a_desk

pytestmark = pytest.mark.asyncio(loop_scope="function")

HEADER = "customer,number,issued_on,due_on,currency,amount\n"
CUSTOMERS = "reference,name\nC1,Boulangerie Martin\nC2,Garage Leroy\n"


async def test_new_customers_items_and_payments_come_in(store_url: str) -> None:
    async with a_desk(store_url) as desk:
        outcome = await desk.take(
            customers=CUSTOMERS,
            items=HEADER + "C1,F1,2026-10-01,2026-10-31,EUR,100.00\n"
            "C2,F2,2026-10-02,2026-11-01,EUR,50.5\n",
            payments="customer,payment,paid_on,currency,amount\nC1,P1,2026-11-20,EUR,40\n",
            allocations="customer,source,target,amount,currency,allocated_on\n"
            "C1,P1,F1,30,EUR,2026-11-20\n",
        )
        assert desk.counts(outcome) == {"new": 3, "customers_new": 2, "allocations": 1}
        assert await desk.open_amounts() == {"F1": 7000, "F2": 5050, "P1": 1000}
