"""A past ledger told day by day: what was known of each item when, as rows and changes of rows."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, TypeAlias
from uuid import UUID

from relance.domain.calendar import NEVER
from relance.domain.ledger import Family, ItemKind
from relance.domain.money import to_minor
from relance.store.types import new_id
from relance_scheduler.ledger.parsing import Ledger
from relance_scheduler.ledger.records import AllocationRecord, ItemRecord, PaymentRecord

_AFTERMATH = timedelta(days=14)  # what the last event brings about: a thank-you, a delay
_LOOK_AHEAD = timedelta(days=60)  # beyond the last due date of what is never paid
_DISTANT = timedelta(days=730)  # a due date further off is a way to say "none"

Key: TypeAlias = tuple[str, ItemKind, str, int]  # customer, kind, number, part


@dataclass(slots=True)
class Day:
    """What one day brings: rows of items that appear, then columns of items that change."""

    appear: list[dict[str, Any]] = field(default_factory=list)
    change: dict[UUID, dict[str, Any]] = field(default_factory=dict)
    touched: set[UUID] = field(default_factory=set)  # customers


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeline:
    """The days on which something happens; `customers` are identifiers by reference.

    `remarks` say what the ledger does not tell and how it was read.
    """

    customers: Mapping[str, UUID]
    days: Mapping[date, Day]
    last_due: date | None
    remarks: tuple[str, ...]


def timeline(ledger: Ledger) -> Timeline:
    """The days of a ledger: items on their issue date, disputes and payments on theirs."""
    return _Telling(ledger).tell()


def last_day(found: Timeline, today: date) -> date | None:
    """Where a replay ends by itself: soon after the last event, or weeks after the last due date.

    None where the ledger is empty. Never beyond today, unless the ledger itself is.
    """
    if not found.days:
        return None
    last = max(found.days)
    end = last + _AFTERMATH
    if found.last_due:
        end = max(end, min(found.last_due, last + _DISTANT) + _LOOK_AHEAD)
    return min(end, max(today, last))


class _Telling:
    """Holds what is known of each item while its days are told in order."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._customers: dict[str, UUID] = {}
        self._days: dict[date, Day] = defaultdict(Day)
        self._remarks: dict[str, int] = defaultdict(int)
        self._items: dict[Key, dict[str, Any]] = {}
        self._allocated: dict[Key, int] = defaultdict(int)
        self._settled: dict[UUID, date] = {}  # as the ledger dates it
        self._last_due: date | None = None

    def tell(self) -> Timeline:
        allocations = list(self._allocations())
        for record in self._ledger.items:
            if record.cancelled:
                self._remarks["cancelled in the ledger, left out"] += 1
            else:
                self._item(record)
        for payment in self._ledger.payments:
            if not payment.cancelled:
                self._payment(payment)
        self._settlements_without_payment()
        for allocation in sorted(allocations, key=lambda a: a.allocated_on):
            self._allocation(allocation)
        return Timeline(
            customers=self._customers,
            days=dict(sorted(self._days.items())),
            last_due=self._last_due,
            remarks=tuple(f"{text}: {count:,}" for text, count in self._remarks.items()),
        )

    def _allocations(self) -> Iterator[AllocationRecord]:
        """Those of payments that stand; notes how much of each item they take in all."""
        gone = {(p.customer, p.number, p.part) for p in self._ledger.payments if p.cancelled}
        for record in self._ledger.allocations:
            if (record.customer, record.source, record.source_part) in gone or not record.amount:
                continue
            for key in (_source_key(record), _key_of_target(record)):
                self._allocated[key] += to_minor(record.amount, record.currency)
            yield record

    def _item(self, record: ItemRecord) -> None:
        key = _target(record)
        amount = to_minor(record.amount, record.currency)
        left = self._open_at_first(record, amount, self._allocated.get(key, 0))
        if left is None:
            return
        disputed = record.disputed and (record.disputed_on or record.issued_on) <= record.issued_on
        row = self._appear(
            key,
            record.issued_on,
            due_on=record.due_on,
            currency=record.currency,
            amount=amount,
            open=left,
            issued=record.issued is not False,
            sent=record.sent is not False,
            direct_debit=bool(record.direct_debit),
            family=Family.DISPUTE if disputed else Family.ONGOING,
            status_reason=record.dispute_reason or "",
        )
        self._dispute(record, row)
        if record.settled_on:
            day = max(record.settled_on, record.issued_on)
            self._settled[row["id"]] = day
            self._change(day, row, open=0, settled_on=record.settled_on)
        elif record.due_on and record.due_on < NEVER and left:
            self._last_due = max(self._last_due or record.due_on, record.due_on)

    def _open_at_first(self, record: ItemRecord, amount: int, allocated: int) -> int | None:
        """What was open on the issue date; None for an item that was settled nobody knows when."""
        if record.settled_on or record.open is None:
            return amount
        left = to_minor(record.open, record.currency)
        if not left and not allocated:
            self._remarks["settled on a day that the ledger does not say, left out"] += 1
            return None
        if left + allocated < amount:
            self._remarks["paid in part, nobody knows when: only the rest is reminded"] += 1
        return min(amount, left + allocated)

    def _dispute(self, record: ItemRecord, row: dict[str, Any]) -> None:
        if not record.disputed:
            return
        if record.disputed_on is None:
            self._remarks["disputed without a date, taken as disputed from the day of issue"] += 1
        elif record.disputed_on > record.issued_on:
            self._change(record.disputed_on, row, family=Family.DISPUTE)

    def _payment(self, record: PaymentRecord) -> None:
        amount = to_minor(record.amount, record.currency)
        self._pay(record.customer, record.paid_on, record.currency, amount, record)

    def _pay(
        self,
        customer: str,
        on: date,
        currency: str,
        amount: int,
        record: PaymentRecord | None = None,
    ) -> None:
        """A payment; without a record it is one that a settlement date implies."""
        number = record.number if record else f"paid {on} {currency}"
        part = record.part if record else 0
        self._appear(
            (customer, ItemKind.PAYMENT_ON_ACCOUNT, number, part),
            on,
            currency=currency,
            amount=amount,
            open=amount if record else 0,
            settled_on=None if record else on,
        )

    def _settlements_without_payment(self) -> None:
        """What a ledger calls settled was paid that day, as far as it says nothing else."""
        if self._ledger.payments:
            return
        paid: dict[tuple[str, date, str], int] = defaultdict(int)
        for record in self._ledger.items:
            known = _target(record) in self._items and record.kind is ItemKind.INVOICE
            if known and record.settled_on:
                key = (record.customer, record.settled_on, record.currency)
                paid[key] += to_minor(record.amount, record.currency)
        for (customer, on, currency), amount in paid.items():
            self._pay(customer, on, currency, amount)
        if paid:
            self._remarks["payments taken from the days of settlement"] = len(paid)

    def _allocation(self, record: AllocationRecord) -> None:
        amount = to_minor(record.amount, record.currency)
        for key in (_source_key(record), _key_of_target(record)):
            row = self._items.get(key)
            if row is None:
                self._remarks["allocations of items that are not there, left out"] += 1
                continue
            day = max(record.allocated_on, row["issued_on"])
            if day < self._settled.get(row["id"], date.max):
                row["open"] = max(0, row["open"] - amount)
                settled = None if row["open"] else day
                self._change(day, row, open=row["open"], settled_on=settled)

    def _appear(self, key: Key, on: date, **columns: Any) -> dict[str, Any]:
        customer, kind, number, part = key
        row: dict[str, Any] = {
            "id": new_id(),
            "customer_id": self._customers.setdefault(customer, new_id()),
            "number": number,
            "kind": kind,
            "part": part,
            "issued_on": on,
            "due_on": None,
            "known_on": on,
            "settled_on": None,
            "issued": True,
            "sent": True,
            "direct_debit": False,
            "family": Family.ONGOING,
            "status_reason": "",
        }
        row |= columns
        self._items[key] = row
        self._days[on].appear.append(dict(row))
        self._days[on].touched.add(row["customer_id"])
        return row

    def _change(self, on: date, row: dict[str, Any], **columns: Any) -> None:
        self._days[on].change.setdefault(row["id"], {}).update(columns)
        self._days[on].touched.add(row["customer_id"])


def _target(record: ItemRecord) -> Key:
    return (record.customer, record.kind, record.number, record.part)


def _key_of_target(record: AllocationRecord) -> Key:
    return (record.customer, ItemKind.INVOICE, record.target, record.target_part)


def _source_key(record: AllocationRecord) -> Key:
    return (record.customer, record.source_kind, record.source, record.source_part)


def state_at(days: Iterable[tuple[date, Day]]) -> Day:
    """All of these days as one: the items that are still open, as they stand after them."""
    rows: dict[UUID, dict[str, Any]] = {}
    for _, day in days:
        rows.update({row["id"]: dict(row) for row in day.appear})
        for item, columns in day.change.items():
            rows[item].update(columns)
    kept = [row for row in rows.values() if row["open"]]
    return Day(appear=kept, touched={row["customer_id"] for row in kept})
