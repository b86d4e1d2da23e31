"""Who and what may be reminded: items, accounts per currency, customers (rules §2)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from relance.domain.calendar import NEVER, later
from relance.domain.cases import Case
from relance.domain.ledger import Family, Item, ItemKind, Pause
from relance.domain.money import Totals
from relance.domain.plans import Plan

_ZERO = Decimal(0)


class Obstacle(StrEnum):
    """Why an item is not reminded; the first three also keep it out of the balance."""

    SETTLED = "settled"
    DRAFT = "draft"
    NOT_SENT = "not_sent"
    NO_DUE_DATE = "no_due_date"
    DISPUTE = "disputed"
    LITIGATION = "litigation"
    SPECIFIC_ACTION = "specific_action"
    DIRECT_DEBIT = "direct_debit"
    PROMISE = "promised"
    PAUSE = "paused"


@dataclass(frozen=True, slots=True, kw_only=True)
class Obstruction:
    """An obstacle with the first day on which the clock has removed it; None: the clock never."""

    obstacle: Obstacle
    until: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Halt:
    """Why nothing at all comes for the customer; `until` as of an obstruction."""

    reason: str
    until: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """What a customer owes in one currency.

    `net` is what counts, eligible or not, less open credits; `frees_on` the next day on which the
    clock makes a further item eligible. Items are in the order of `seniority`.
    """

    currency: str
    eligible: tuple[Item, ...]
    credits: tuple[Item, ...]
    net: Decimal
    frees_on: date | None


def is_counted(item: Item) -> bool:
    """Whether it is a debit that adds to the balance."""
    return (
        item.kind is ItemKind.INVOICE
        and item.open > 0
        and item.due_on is not None
        and item.issued
        and item.sent
    )


def is_eligible(item: Item, day: date) -> bool:
    """Whether the item may be reminded on that day; `obstructions` says why not."""
    return (
        is_counted(item)
        and item.family is not Family.DISPUTE
        and item.family is not Family.LITIGATION
        and not item.in_specific_action
        and not item.direct_debit
        and (item.promised_for is None or item.promised_for < day)
        and (item.pause is None or not is_paused(item.pause, day))
    )


def is_paused(pause: Pause, day: date) -> bool:
    """Whether it still holds on that day; `until` is the first day on which it does not."""
    return pause.until is None or day < pause.until


def is_credit(item: Item) -> bool:
    """Whether it lowers the balance: an issued credit note or a payment with something left."""
    return item.kind is not ItemKind.INVOICE and item.open > 0 and item.issued


def is_thankable(item: Item) -> bool:
    """Whether it is a payment that is allocated in full (F28)."""
    return (
        item.kind is ItemKind.PAYMENT_ON_ACCOUNT
        and item.issued
        and item.open == 0
        and item.settled_on is not None
    )


def obstructions(item: Item, day: date) -> tuple[Obstruction, ...]:
    """All that keeps a debit from being reminded on that day."""
    lasting = {
        Obstacle.SETTLED: item.open <= 0,
        Obstacle.DRAFT: not item.issued,
        Obstacle.NOT_SENT: item.issued and not item.sent,
        Obstacle.NO_DUE_DATE: item.due_on is None,
        Obstacle.DISPUTE: item.family is Family.DISPUTE,
        Obstacle.LITIGATION: item.family is Family.LITIGATION,
        Obstacle.SPECIFIC_ACTION: item.in_specific_action,
        Obstacle.DIRECT_DEBIT: item.direct_debit,
    }
    found = [Obstruction(obstacle=obstacle) for obstacle, holds in lasting.items() if holds]
    if item.promised_for is not None and item.promised_for >= day:
        until = later(item.promised_for, 1)
        found.append(Obstruction(obstacle=Obstacle.PROMISE, until=until))
    if item.pause is not None and is_paused(item.pause, day):
        found.append(Obstruction(obstacle=Obstacle.PAUSE, until=item.pause.until))
    return tuple(found)


def frees_on(item: Item, day: date) -> date | None:
    """The first day on which the clock alone makes an item eligible that is not; None: never."""
    latest = day
    for obstruction in obstructions(item, day):
        if obstruction.until is None:
            return None
        latest = max(latest, obstruction.until)
    return latest


def seniority(item: Item) -> tuple[date, Decimal, int, str, int, UUID]:
    """Sorts by due date; ties go to the highest open amount, then the lowest item number.

    Of numbers, the shorter is the lower: F-9 comes before F-10. An item without due date is last.
    """
    due = item.due_on or date.max
    return (due, -item.open, len(item.number), item.number, item.part, item.id)


def accounts(case: Case, day: date) -> dict[str, Account]:
    """The customer's accounts, by currency, in the order of the currencies' codes."""
    by_currency: dict[str, list[Item]] = {}
    for item in case.items:
        by_currency.setdefault(item.currency, []).append(item)
    return {
        currency: _account(currency, by_currency[currency], day) for currency in sorted(by_currency)
    }


def _account(currency: str, items: Iterable[Item], day: date) -> Account:
    eligible, reliefs, net, frees = [], [], _ZERO, None
    for item in items:
        if is_credit(item):
            reliefs.append(item)
            net -= item.open
        elif is_counted(item):
            net += item.open
            if is_eligible(item, day):
                eligible.append(item)
            elif (freed := frees_on(item, day)) is not None:
                frees = freed if frees is None else min(frees, freed)
    return Account(
        currency=currency,
        eligible=tuple(sorted(eligible, key=seniority)),
        credits=tuple(sorted(reliefs, key=seniority)),
        net=net,
        frees_on=frees,
    )


def silence(account: Account, plan: Plan) -> str | None:
    """Why an account is not reminded: "balance", "under_floor"; exactly at the floor it is."""
    if account.net <= 0:
        return "balance"
    floor = plan.floors.get(account.currency)
    return "under_floor" if floor is not None and account.net < floor else None


def halts(case: Case, plan: Plan, day: date) -> tuple[Halt, ...]:
    """All that keeps the whole customer from being contacted on that day (rules §2)."""
    found = []
    if case.archived:
        found.append(Halt(reason="archived"))
    if not case.enabled:
        found.append(Halt(reason="disabled"))
    if not plan.active:
        found.append(Halt(reason="plan_inactive"))
    pauses = (*case.pauses, plan.pause) if plan.pause else case.pauses
    found.extend(
        Halt(reason="paused", until=pause.until) for pause in pauses if is_paused(pause, day)
    )
    return tuple(found)


def asked(items: Iterable[Item], reliefs: Iterable[Item] = ()) -> Totals:
    """What a message asks for, per currency: its debits less its credits (`reliefs`)."""
    sums: Totals = {}
    for item in items:
        sums[item.currency] = sums.get(item.currency, _ZERO) + item.open
    for credit in reliefs:
        sums[credit.currency] = sums.get(credit.currency, _ZERO) - credit.open
    return sums


def over_ceiling(plan: Plan, amounts: Mapping[str, Decimal]) -> bool:
    """Whether a person must decide it because so much is asked for (F44); at the ceiling, no."""
    ceilings = plan.ceilings
    return any(
        currency in ceilings and amount > ceilings[currency] for currency, amount in amounts.items()
    )


def lasts(until: date | None) -> bool:
    """Whether the clock alone never brings that day."""
    return until is None or until >= NEVER
