"""From facts to what the engine prints: totals by currency, rows, groups of words."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from decimal import Decimal
from functools import cached_property
from types import SimpleNamespace
from typing import Any

from relance.domain.money import totals
from relance.rendering import formats
from relance.rendering.engine import PAGE, Lines, Link, Page, Rows, Table
from relance.rendering.facts import MessageFacts, Payment, Reference, Row
from relance.rendering.formats import Sum
from relance.rendering.wording import words_in

_NO_REFERENCE = Reference(number="", amount=Decimal(0), open=Decimal(0), currency="")


def context(facts: MessageFacts, page: Page, names: Collection[str]) -> dict[str, Any]:
    """What `variables.VARIABLES` names, under the names a template uses; only those asked for."""
    sheet = _Sheet(facts, page)
    found = {name: _VALUES[name](sheet) for name in names if name in _VALUES}
    found[PAGE] = page
    return found


class _Sheet:
    """The facts, and the rows made of them, once each."""

    def __init__(self, facts: MessageFacts, page: Page) -> None:
        self.facts = facts
        self.page = page

    @cached_property
    def due(self) -> list[SimpleNamespace]:
        return [_row(row, self.page) for row in self.facts.items_due]

    @cached_property
    def overdue(self) -> list[SimpleNamespace]:
        return [_row(row, self.page) for row in self.facts.items_overdue]

    @cached_property
    def selected(self) -> list[SimpleNamespace]:
        return [_row(row, self.page) for row in self.facts.items_selected]

    @cached_property
    def credits(self) -> list[SimpleNamespace]:
        return [_row(row, self.page) for row in self.facts.credits]

    @cached_property
    def part_paid(self) -> list[SimpleNamespace]:
        return [row for row in self.selected if row.part_paid]

    def counted(self, rows: Sequence[SimpleNamespace]) -> Rows:
        return Rows(rows, self.page)

    def numbers(self, rows: Iterable[Row]) -> str:
        return formats.listed([row.number for row in rows], self.page.locale)


_VALUES: Mapping[str, Callable[[_Sheet], Any]] = {
    "organisation": lambda sheet: _organisation(sheet.facts),
    "customer": lambda sheet: sheet.facts.customer,
    "contact": lambda sheet: sheet.facts.contact,
    "sender": lambda sheet: _sender(sheet.facts),
    "owner": lambda sheet: sheet.facts.owner,
    "reference": lambda sheet: _reference(sheet.facts.reference or _NO_REFERENCE),
    "payment": lambda sheet: _payment(sheet.facts.payment),
    "payment_link": lambda sheet: Link(sheet.facts.payment_link or ""),
    "today": lambda sheet: sheet.facts.today,
    "credits": lambda sheet: sheet.counted(sheet.credits),
    "items_part_paid": lambda sheet: sheet.counted(sheet.part_paid),
    "items_due": lambda sheet: sheet.counted(sheet.due),
    "items_overdue": lambda sheet: sheet.counted(sheet.overdue),
    "items_selected": lambda sheet: sheet.counted(sheet.selected),
    "items_list_credits": lambda sheet: Table(sheet.credits, credit=True),
    "items_list_due": lambda sheet: Table(sheet.due),
    "items_list_overdue": lambda sheet: Table(sheet.overdue),
    "items_list_selected": lambda sheet: Table(sheet.selected),
    "items_numbers_due": lambda sheet: sheet.numbers(sheet.facts.items_due),
    "items_numbers_overdue": lambda sheet: sheet.numbers(sheet.facts.items_overdue),
    "items_numbers_selected": lambda sheet: sheet.numbers(sheet.facts.items_selected),
    "items_amount_due": lambda sheet: _total(sheet.facts.items_due),
    "items_amount_overdue": lambda sheet: _total(sheet.facts.items_overdue),
    "items_amount_selected": lambda sheet: _total(sheet.facts.items_selected),
    "items_amount_credits": lambda sheet: _total(sheet.facts.credits),
    "items_amount_to_pay": lambda sheet: _positive(
        _net(sheet.facts.items_selected, sheet.facts.credits)
    ),
    "items_amount_balance": lambda sheet: _net(sheet.facts.items_due, sheet.facts.credits),
}


def _organisation(facts: MessageFacts) -> SimpleNamespace:
    house = facts.organisation
    return SimpleNamespace(
        name=house.name, address=Lines(house.address), email=house.email, phone=house.phone
    )


def _sender(facts: MessageFacts) -> SimpleNamespace:
    sender = facts.sender
    return SimpleNamespace(
        name=sender.name,
        email=sender.email,
        phone=sender.phone,
        signature=Lines(sender.signature),
    )


def _row(row: Row, page: Page) -> SimpleNamespace:
    paid = row.amount - row.open
    return SimpleNamespace(
        number=row.number,
        kind=row.kind,
        label=words_in(page.locale.language).kind(row.kind),
        issued_on=row.issued_on,
        due_on=row.due_on,
        amount=Sum(((row.currency, row.amount),)),
        open=Sum(((row.currency, row.open),)),
        paid=Sum(((row.currency, paid),)),
        part_paid=row.open > 0 and paid > 0,
        currency=row.currency,
        days_late=row.days_late,
    )


def _reference(item: Reference) -> SimpleNamespace:
    known = bool(item.number)
    return SimpleNamespace(
        number=item.number,
        amount=Sum(((item.currency, item.amount),) if known else ()),
        open=Sum(((item.currency, item.open),) if known else ()),
        issued_on=item.issued_on,
        due_on=item.due_on,
        days_late=item.days_late,
        days_until_due=item.days_until_due,
    )


def _payment(payment: Payment | None) -> SimpleNamespace:
    if payment is None:
        return SimpleNamespace(amount=Sum(()), received_on=None)
    return SimpleNamespace(
        amount=Sum(((payment.currency, payment.amount),)), received_on=payment.received_on
    )


def _total(rows: Iterable[Row]) -> Sum:
    return Sum(tuple(sorted(totals((row.currency, row.open) for row in rows).items())))


def _net(debits: Iterable[Row], credit: Iterable[Row]) -> Sum:
    owed = [(row.currency, row.open) for row in debits]
    left = [(row.currency, -row.open) for row in credit]
    return Sum(tuple(sorted(totals((*owed, *left)).items())))


def _positive(total: Sum) -> Sum:
    return Sum(tuple(part for part in total.parts if part[1] > 0))
