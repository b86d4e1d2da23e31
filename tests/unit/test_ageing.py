"""How old what is owed is."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from relance.domain.ageing import Bucket, ageing, balance, bucket_of
from relance.domain.ledger import Item, ItemKind
from relance.store.types import new_id

TODAY = date(2026, 11, 26)


def item(late: int | None, amount: str = "100.00", **changes: object) -> Item:
    due_on = None if late is None else TODAY - timedelta(days=late)
    values: dict[str, object] = {
        "id": new_id(),
        "number": "F-1",
        "issued_on": TODAY - timedelta(days=200),
        "due_on": due_on,
        "amount": Decimal(amount),
        "open": Decimal(amount),
        "currency": "EUR",
        "known_on": TODAY,
    }
    return Item(**(values | changes))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("late", "bucket"),
    [
        (None, Bucket.NOT_DUE),
        (-30, Bucket.NOT_DUE),
        (0, Bucket.NOT_DUE),
        (1, Bucket.TO_30),
        (30, Bucket.TO_30),
        (31, Bucket.TO_60),
        (60, Bucket.TO_60),
        (61, Bucket.TO_90),
        (90, Bucket.TO_90),
        (91, Bucket.OVER_90),
    ],
)
def test_each_day_has_its_bucket(late: int | None, bucket: Bucket) -> None:
    assert bucket_of(item(late), TODAY) is bucket


def test_currencies_stand_apart_and_credits_count_against_the_rest() -> None:
    found = ageing(
        [
            item(5),
            item(40, "50.00"),
            item(5, "70.00", currency="USD"),
            item(5, "30.00", kind=ItemKind.CREDIT_NOTE),
            item(5, open=Decimal(0)),
        ],
        TODAY,
    )
    euros = {bucket: amount for bucket, amount in found["EUR"].items() if amount}
    assert euros == {Bucket.TO_30: 100, Bucket.TO_60: 50, Bucket.CREDIT: 30}
    assert balance(found["EUR"]) == 120
    assert balance(found["USD"]) == 70
