"""What a message may say, from the ledger: the items of the action and of the account."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from relance.domain.evaluation.eligibility import asked, is_credit, is_eligible, seniority
from relance.domain.ledger import Item, days_late, is_debit
from relance.domain.plans import Phase
from relance.rendering.facts import Payment, Reference, Row


@dataclass(frozen=True, slots=True, kw_only=True)
class Ledger:
    """A customer's items as one action sees them.

    `open_items` are all that is open, `chosen` the items of the action that are left in,
    `left_out` those its owner took out, `run_items` those whose runs brought it about. In a
    specific action only the chosen credits count, in a plan's all but those left out; its items
    stand until they are settled, whatever their status (rules §8).
    """

    open_items: Sequence[Item]
    chosen: Collection[UUID]
    left_out: Collection[UUID]
    run_items: Sequence[Item]
    phase: Phase
    specific: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """The items of a message, oldest first; `due` is the whole account in its currencies."""

    selected: tuple[Item, ...]
    credits: tuple[Item, ...]
    due: tuple[Item, ...]
    reference: Item | None
    payment: Payment | None


def shown(ledger: Ledger, today: date) -> Shown:
    """What of the action still stands today: settled and disputed items have dropped out.

    So have those of a currency in which credits cover all that would be asked for.
    """
    eligible = [item for item in ledger.open_items if is_eligible(item, today)]
    standing = [i for i in ledger.open_items if is_debit(i)] if ledger.specific else eligible
    chosen = [item for item in standing if item.id in ledger.chosen]
    reliefs = list(_reliefs(ledger))
    left = asked(chosen, reliefs)
    selected = [item for item in chosen if left[item.currency] > 0]
    currencies = {item.currency for item in selected}
    return Shown(
        selected=tuple(sorted(selected, key=seniority)),
        credits=tuple(sorted((r for r in reliefs if r.currency in currencies), key=seniority)),
        due=tuple(sorted(eligible, key=seniority)),
        reference=_reference(ledger, selected),
        payment=_payment(ledger.run_items),
    )


def _reliefs(ledger: Ledger) -> Iterable[Item]:
    """Netted from the first reminder on, never in a pre-due notice (F29)."""
    if ledger.phase is Phase.PRE_DUE:
        return ()
    return (
        item
        for item in ledger.open_items
        if is_credit(item)
        and item.id not in ledger.left_out
        and (item.id in ledger.chosen or not ledger.specific)
    )


def _reference(ledger: Ledger, selected: Iterable[Item]) -> Item | None:
    """The run's item while it is asked for, else the oldest that is."""
    of_runs = {item.id for item in ledger.run_items}
    return min(selected, key=lambda item: (item.id not in of_runs, seniority(item)), default=None)


def _payment(run_items: Iterable[Item]) -> Payment | None:
    """What a thank-you is for; of several payments, those in the first's currency."""
    payments = sorted((i for i in run_items if not is_debit(i)), key=lambda i: i.issued_on)
    if not payments:
        return None
    currency = payments[0].currency
    return Payment(
        amount=sum((p.amount for p in payments if p.currency == currency), Decimal(0)),
        currency=currency,
        received_on=payments[-1].issued_on,
    )


def row(item: Item, today: date) -> Row:
    """The item as a line of a message."""
    return Row(
        number=f"{item.number}/{item.part}" if item.part else item.number,
        kind=item.kind.value,
        issued_on=item.issued_on,
        due_on=item.due_on,
        amount=item.amount,
        open=item.open,
        currency=item.currency,
        days_late=max(0, days_late(item, today)),
    )


def rows(items: Iterable[Item], today: date) -> tuple[Row, ...]:
    """The items as the lines of a message."""
    return tuple(row(item, today) for item in items)


def reference(item: Item, today: date) -> Reference:
    """The reference item as a template sees it."""
    late = days_late(item, today)
    return Reference(
        number=item.number,
        amount=item.amount,
        open=item.open,
        currency=item.currency,
        issued_on=item.issued_on,
        due_on=item.due_on,
        days_late=max(0, late),
        days_until_due=max(0, -late),
    )
