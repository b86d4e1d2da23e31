"""From facts to what the engine prints: totals by currency, rows, groups of words."""

from collections.abc import Iterable
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

from relance.domain.money import totals
from relance.rendering import formats
from relance.rendering.engine import PAGE, Lines, Link, Page, Rows, Table
from relance.rendering.facts import MessageFacts, Payment, Reference, Row
from relance.rendering.formats import Sum
from relance.rendering.wording import words_in

_NO_REFERENCE = Reference(number="", amount=Decimal(0), open=Decimal(0), currency="")


def context(facts: MessageFacts, page: Page) -> dict[str, Any]:
    """Everything `variables.VARIABLES` names, under the names a template uses."""
    due, overdue, selected, credit = (
        [_row(row, page) for row in rows]
        for rows in (facts.items_due, facts.items_overdue, facts.items_selected, facts.credits)
    )
    found: dict[str, Any] = {
        PAGE: page,
        "organisation": SimpleNamespace(
            name=facts.organisation.name,
            address=Lines(facts.organisation.address),
            email=facts.organisation.email,
            phone=facts.organisation.phone,
        ),
        "customer": facts.customer,
        "contact": facts.contact,
        "sender": SimpleNamespace(
            name=facts.sender.name,
            email=facts.sender.email,
            phone=facts.sender.phone,
            signature=Lines(facts.sender.signature),
        ),
        "owner": facts.owner,
        "reference": _reference(facts.reference or _NO_REFERENCE),
        "payment": _payment(facts.payment),
        "payment_link": Link(facts.payment_link) if facts.payment_link else "",
        "today": facts.today,
        "credits": Rows(credit, page),
        "items_part_paid": Rows([row for row in selected if row.part_paid], page),
        "items_list_credits": Table(credit, credit=True),
        "items_amount_credits": _total(facts.credits),
        "items_amount_to_pay": _positive(_net(facts.items_selected, facts.credits)),
        "items_amount_balance": _net(facts.items_due, facts.credits),
    }
    lists = {
        "due": (due, facts.items_due),
        "overdue": (overdue, facts.items_overdue),
        "selected": (selected, facts.items_selected),
    }
    for name, (rows, plain) in lists.items():
        found[f"items_{name}"] = Rows(rows, page)
        found[f"items_list_{name}"] = Table(rows)
        found[f"items_numbers_{name}"] = formats.listed([row.number for row in plain], page.locale)
        found[f"items_amount_{name}"] = _total(plain)
    return found


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
