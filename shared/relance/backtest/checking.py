"""Holds a replay against the ledger, in code of its own: nothing here asks the planner.

It reads the records as they were parsed, the country's public holidays and the calendar that was
asked for, and knows nothing of cases, runs, evaluation or the database.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from itertools import pairwise
from typing import TypeAlias
from zoneinfo import ZoneInfo

import holidays

from relance.domain.ledger import ItemKind
from relance.reporting.rows import ActionRow, item_name
from relance_scheduler.ledger.parsing import Ledger
from relance_scheduler.ledger.records import ItemRecord

_CONTACTS = {"email", "sms", "letter", "call"}
Invoice: TypeAlias = tuple[str, str]  # customer, name


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What must hold: the slots as wall-clock times of `zone`, and the contact delay in days."""

    zone: ZoneInfo
    send_at: time
    send_until: time
    weekdays: frozenset[int]
    country: str | None
    subdivision: str = ""
    contact_delay: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Left:
    """An action as it left: when, what it said per currency, and whether it was carried out."""

    at: datetime
    rows: tuple[ActionRow, ...]
    executed: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class _Life:
    """What the ledger says of an invoice, by days; None: never."""

    issued: date
    disputed: date | None
    settled: date | None


def violations(ledger: Ledger, rules: Rules, left: Sequence[Left]) -> list[str]:
    """Every action that should not have been, one sentence each; empty when all is well."""
    found = [*_items(_lives(ledger), left), *_slots(rules, left), *_delays(rules, left)]
    return [sentence for _, sentence in sorted(found)]


def _items(lives: Mapping[Invoice, _Life], left: Iterable[Left]) -> Iterator[tuple[date, str]]:
    for row in (row for action in left for row in action.rows):
        for name in row.items:
            life = lives.get((row.customer, name))
            if why := _wrong_with(life, row.date):
                yield row.date, f"{_said(row)}: item {name} {why}"


def _wrong_with(life: _Life | None, day: date) -> str:
    if life is None:
        return "is not in the ledger"
    if day < life.issued:
        return f"was issued later, on {life.issued}"
    if life.settled and life.settled <= day:
        return f"was settled on {life.settled}"
    if life.disputed and life.disputed <= day:
        return f"has been disputed since {life.disputed}"
    return ""


def _slots(rules: Rules, left: Iterable[Left]) -> Iterator[tuple[date, str]]:
    closed = (
        holidays.country_holidays(rules.country, subdiv=rules.subdivision or None)
        if rules.country
        else {}
    )
    for action in left:
        wall = action.at.astimezone(rules.zone)
        for row in action.rows[:1]:
            if wall.date() != row.date:
                yield row.date, f"{_said(row)}: left on {wall:%Y-%m-%d}, another day"
            if wall.weekday() not in rules.weekdays:
                yield row.date, f"{_said(row)}: {wall:%A} is no allowed day"
            if wall.date() in closed:
                yield row.date, f"{_said(row)}: {closed[wall.date()]} is a public holiday"
            if not rules.send_at <= wall.time() < rules.send_until:
                hours = f"{rules.send_at:%H:%M}-{rules.send_until:%H:%M}"
                yield row.date, f"{_said(row)}: {wall:%H:%M} is outside the slot {hours}"


def _delays(rules: Rules, left: Iterable[Left]) -> Iterator[tuple[date, str]]:
    contacts: dict[str, list[ActionRow]] = defaultdict(list)
    for action in left:
        for row in action.rows[:1]:
            if action.executed and row.channel in _CONTACTS:
                contacts[row.customer].append(row)
    for rows in contacts.values():
        rows.sort(key=lambda row: row.date)
        for before, row in pairwise(rows):
            days = (row.date - before.date).days
            if days < rules.contact_delay:
                late = f"{days} days after “{before.step}” of {before.date}"
                yield row.date, f"{_said(row)}: {late}, delay {rules.contact_delay}"


def _said(row: ActionRow) -> str:
    return f"{row.date} {row.customer} “{row.step}”"


def _lives(ledger: Ledger) -> dict[Invoice, _Life]:
    settled = settled_days(ledger)
    lives = {}
    for record in ledger.items:
        if record.kind is ItemKind.INVOICE and not record.cancelled:
            key = (record.customer, item_name(record.number, record.part))
            disputed = (record.disputed_on or record.issued_on) if record.disputed else None
            lives[key] = _Life(
                issued=record.issued_on,
                disputed=disputed,
                settled=settled.get(key),
            )
    return lives


def settled_days(ledger: Ledger) -> dict[Invoice, date]:
    """When each invoice was settled: on the day the ledger names, or when allocations add up."""
    cancelled = {(p.customer, p.number, p.part) for p in ledger.payments if p.cancelled}
    parts: dict[Invoice, list[tuple[date, Decimal]]] = defaultdict(list)
    for record in ledger.allocations:
        if (record.customer, record.source, record.source_part) not in cancelled:
            key = (record.customer, item_name(record.target, record.target_part))
            parts[key].append((record.allocated_on, record.amount))
    found = {}
    for item in ledger.items:
        key = (item.customer, item_name(item.number, item.part))
        day = item.settled_on or _day_of_the_last(item, sorted(parts[key]))
        if item.kind is ItemKind.INVOICE and day:
            found[key] = day
    return found


def _day_of_the_last(item: ItemRecord, parts: Sequence[tuple[date, Decimal]]) -> date | None:
    total = sum((amount for _, amount in parts), Decimal(0))
    left = item.amount if item.open is None else min(item.amount, item.open + total)
    for day, amount in parts:
        left -= amount
        if left <= 0:
            return day
    return None
