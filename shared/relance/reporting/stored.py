"""Actions of the database as rows, with what the ledger says of their items at that moment."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from relance.domain.actions import ActionState
from relance.domain.calendar import Calendar, local_day
from relance.domain.evaluation.eligibility import seniority
from relance.domain.ledger import Item, is_debit
from relance.domain.plans import Channel, Mode, Phase
from relance.reporting.rows import ActionRow, item_name
from relance.store.cases import item_of
from relance.store.tables import action_items, actions, customers, items, run_steps, runs


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """What an action is, whatever it asks for."""

    customer: str
    plan: str
    step: str
    channel: Channel
    mode: Mode


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """An action that was made: `rows` as the ledger stands now, dated on the day of its making."""

    id: UUID
    customer: UUID
    phase: Phase
    step_name: str
    state: ActionState
    made_at: datetime
    released: bool
    rows: tuple[ActionRow, ...]


def rows_of(
    day: date, head: Head, listed: Iterable[Item], thanked: Iterable[Item] = ()
) -> tuple[ActionRow, ...]:
    """One row a currency. `listed` are debits and the credits netted, `thanked` payments."""
    by_currency: dict[str, list[Item]] = defaultdict(list)
    for item in listed:
        by_currency[item.currency].append(item)
    paid: dict[str, Decimal] = defaultdict(Decimal)
    for payment in thanked:
        paid[payment.currency] += payment.amount
    return tuple(
        _row(day, head, currency, by_currency.get(currency, ()), paid.get(currency))
        for currency in sorted({*by_currency, *paid})
    )


def _row(
    day: date, head: Head, currency: str, listed: Sequence[Item], paid: Decimal | None
) -> ActionRow:
    asked = sum((i.open if is_debit(i) else -i.open for i in listed), Decimal(0))
    debits = sorted(filter(is_debit, listed), key=seniority)
    return ActionRow(
        date=day,
        customer=head.customer,
        plan=head.plan,
        step=head.step,
        channel=head.channel,
        mode=head.mode,
        items=tuple(item_name(item.number, item.part) for item in debits),
        amount=asked if paid is None else paid,
        currency=currency,
    )


async def load_told(
    tx: AsyncConnection, calendar: Calendar, which: sa.ColumnElement[bool]
) -> list[Told]:
    """The actions that `which` selects, in the order in which they were made; none passed over."""
    which = sa.and_(which, actions.c.state != ActionState.PASSED)
    listed = await _listed(tx, which)
    thanked = await _thanked(tx, which)
    found = await tx.execute(
        sa.select(actions, customers.c.reference)
        .join_from(actions, customers)
        .where(which)
        .order_by(actions.c.made_at, customers.c.reference, actions.c.id)
    )
    told = []
    for row in found.mappings():
        head = Head(
            customer=row["reference"],
            plan=row["plan_key"],
            step=row["step"],
            channel=Channel(row["channel"]),
            mode=Mode(row["mode"]),
        )
        day = local_day(calendar, row["made_at"])
        told.append(
            Told(
                id=row["id"],
                customer=row["customer_id"],
                phase=Phase(row["phase"]),
                step_name=row["step_name"],
                state=ActionState(row["state"]),
                made_at=row["made_at"],
                released=row["released_by"] is not None,
                rows=rows_of(day, head, listed.get(row["id"], ()), thanked.get(row["id"], ())),
            )
        )
    return told


async def _listed(tx: AsyncConnection, which: sa.ColumnElement[bool]) -> dict[UUID, list[Item]]:
    statement = (
        sa.select(action_items.c.action_id, items)
        .join_from(action_items, actions)
        .join(items, items.c.id == action_items.c.item_id)
        .where(which, action_items.c.included)
    )
    return await _by_action(tx, statement)


async def _thanked(tx: AsyncConnection, which: sa.ColumnElement[bool]) -> dict[UUID, list[Item]]:
    """The payments that thank-yous were made for."""
    statement = (
        sa.select(run_steps.c.action_id, items)
        .join_from(run_steps, actions)
        .join(runs, runs.c.id == run_steps.c.run_id)
        .join(items, items.c.id == runs.c.item_id)
        .where(which, actions.c.phase == Phase.THANK_YOU, run_steps.c.live)
    )
    return await _by_action(tx, statement)


async def _by_action(
    tx: AsyncConnection, statement: sa.Select[tuple[UUID]]
) -> dict[UUID, list[Item]]:
    found: dict[UUID, list[Item]] = defaultdict(list)
    for row in (await tx.execute(statement)).mappings():
        found[row["action_id"]].append(item_of(row))
    return found
