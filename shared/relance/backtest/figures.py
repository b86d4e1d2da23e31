"""What a replay comes to in figures: by step and month, by channel, by customer, by invoice."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from statistics import mean
from typing import TypeAlias

from relance.backtest.checking import Invoice, settled_days
from relance.backtest.replay import Replayed
from relance.domain.actions import ActionState
from relance.domain.ledger import ItemKind
from relance.domain.money import Totals
from relance.domain.plans import CONTACT_CHANNELS, Channel, Phase
from relance.reporting.rows import item_name
from relance.reporting.stored import Told
from relance_scheduler.ledger.parsing import Ledger
from relance_scheduler.ledger.records import ItemRecord

Firsts: TypeAlias = dict[Invoice, date]

_LONGEST = 120  # months in a table; a century of them tells nobody anything


@dataclass(frozen=True, slots=True, kw_only=True)
class Busiest:
    """A customer with its contacts: the months, as many times as it was contacted in each."""

    customer: str
    contacts: int
    by_month: Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """All counts are of actions carried out, but `left_to_owners`. Months are "2013-04".

    `steps` are the plan's in order, key -> name, `phases` key -> phase. `paid_before` is the share
    of the invoices paid without any reminder (None: nothing was paid), `days_late` the mean
    lateness of an invoice at its first reminder. `reminded` is what reminders asked for, month by
    month: an invoice that is reminded twice counts twice.
    """

    plan: str
    steps: Mapping[str, str]
    months: tuple[str, ...]
    by_step: Mapping[str, Mapping[str, int]]
    phases: Mapping[str, Phase]
    by_phase: Mapping[Phase, int]
    by_channel: Mapping[Channel, int]
    reminded: Mapping[str, Totals]
    invoices: int
    invoices_reminded: int
    paid_before: float | None
    days_late: float | None
    customers: int
    customers_contacted: int
    busiest: tuple[Busiest, ...]
    left_to_owners: int

    @property
    def actions(self) -> int:
        """Everything that was carried out."""
        return sum(self.by_channel.values())


def figures(ledger: Ledger, replayed: Replayed) -> Figures:
    """The figures of one replay."""
    done = [told for told in replayed.told if told.rows and told.state is ActionState.EXECUTED]
    invoices = {
        (i.customer, item_name(i.number, i.part)): i
        for i in ledger.items
        if i.kind is ItemKind.INVOICE and not i.cancelled
    }
    first = _first_reminders(done, invoices)
    months = tuple(_months(told.rows[0].date for told in replayed.told if told.rows))
    busiest = _busiest(done)
    return Figures(
        plan=replayed.plan.key,
        steps={step.key: step.name for step in replayed.plan.steps if step.active},
        months=months,
        by_step=_by_step(done),
        phases={step.key: step.phase for step in replayed.plan.steps},
        by_phase=Counter(told.phase for told in done),
        by_channel=Counter(told.rows[0].channel for told in done),
        reminded=_reminded(done),
        invoices=len(invoices),
        invoices_reminded=len(first),
        paid_before=_paid_before(settled_days(ledger), first),
        days_late=_days_late(invoices, first),
        customers=len({customer for customer, _ in invoices}),
        customers_contacted=len(busiest),
        busiest=busiest,
        left_to_owners=len(replayed.told) - len(done),
    )


def month_of(day: date) -> str:
    """2013-04."""
    return f"{day:%Y-%m}"


def _months(days: Iterable[date]) -> Iterator[str]:
    """Every month from the first to the last, empty ones too."""
    known = sorted(set(days))
    if not known:
        return
    month = known[0].replace(day=1)
    for _ in range(_LONGEST):
        if month > known[-1]:
            return
        yield month_of(month)
        month = date(month.year + month.month // 12, month.month % 12 + 1, 1)


def _by_step(done: Iterable[Told]) -> dict[str, Counter[str]]:
    found: dict[str, Counter[str]] = defaultdict(Counter)
    for told in done:
        found[told.rows[0].step][month_of(told.rows[0].date)] += 1
    return dict(found)


def _reminded(done: Iterable[Told]) -> dict[str, Totals]:
    found: dict[str, Totals] = defaultdict(dict)
    for told in done:
        for row in told.rows if told.phase is Phase.REMINDER else ():
            sums = found[month_of(row.date)]
            sums[row.currency] = sums.get(row.currency, Decimal(0)) + row.amount
    return dict(found)


def _busiest(done: Iterable[Told]) -> tuple[Busiest, ...]:
    by_customer: dict[str, Counter[str]] = defaultdict(Counter)
    for told in done:
        if told.rows[0].channel in CONTACT_CHANNELS:
            by_customer[told.rows[0].customer][month_of(told.rows[0].date)] += 1
    found = (
        Busiest(customer=customer, contacts=months.total(), by_month=months)
        for customer, months in by_customer.items()
    )
    return tuple(sorted(found, key=lambda b: (-b.contacts, b.customer)))


def _first_reminders(done: Iterable[Told], invoices: Mapping[Invoice, ItemRecord]) -> Firsts:
    """The first reminder of each invoice from its due date on; a statement may list it earlier."""
    first: Firsts = {}
    for told in done:
        for row in told.rows if told.phase is Phase.REMINDER else ():
            for name in row.items:
                invoice = invoices.get((row.customer, name))
                if invoice and invoice.due_on and invoice.due_on <= row.date:
                    first.setdefault((row.customer, name), row.date)
    return first


def _paid_before(paid: Mapping[Invoice, date], first: Firsts) -> float | None:
    return sum(key not in first for key in paid) / len(paid) if paid else None


def _days_late(invoices: Mapping[Invoice, ItemRecord], first: Firsts) -> float | None:
    late = [(day - due).days for key, day in first.items() if (due := invoices[key].due_on)]
    return mean(late) if late else None


def shared_months(found: Sequence[Figures]) -> tuple[str, ...]:
    """The months of all of them, in order."""
    return tuple(sorted({month for figures in found for month in figures.months}))
