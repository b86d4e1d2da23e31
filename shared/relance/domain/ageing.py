"""How old what is owed is, in the buckets that credit control knows (F35, F38)."""

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from enum import StrEnum

from relance.domain.ledger import Item, days_late, is_debit


class Bucket(StrEnum):
    """Days since the due date; CREDIT is what counts against the rest."""

    NOT_DUE = "not_due"
    TO_30 = "to_30"
    TO_60 = "to_60"
    TO_90 = "to_90"
    OVER_90 = "over_90"
    CREDIT = "credit"


_LAST_DAYS = ((0, Bucket.NOT_DUE), (30, Bucket.TO_30), (60, Bucket.TO_60), (90, Bucket.TO_90))


def bucket_of(item: Item, today: date) -> Bucket:
    """An item without a due date is not due."""
    if not is_debit(item):
        return Bucket.CREDIT
    late = days_late(item, today)
    return next((bucket for last, bucket in _LAST_DAYS if late <= last), Bucket.OVER_90)


def ageing(items: Iterable[Item], today: date) -> Mapping[str, Mapping[Bucket, Decimal]]:
    """Open amounts by currency and bucket, never negative; currencies are never added up."""
    sums: dict[str, dict[Bucket, Decimal]] = {}
    for item in items:
        if item.open:
            of = sums.setdefault(item.currency, dict.fromkeys(Bucket, Decimal(0)))
            of[bucket_of(item, today)] += item.open
    return sums


def balance(buckets: Mapping[Bucket, Decimal]) -> Decimal:
    """What is owed in all, credits taken off; negative where they are more."""
    return sum(buckets.values(), Decimal(0)) - 2 * buckets[Bucket.CREDIT]
