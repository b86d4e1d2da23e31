"""What will leave in the days to come if nothing changes but the clock (F42)."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from relance.domain.actions import ActionState
from relance.domain.calendar import calendar_for, local_day, next_slot, slot_on
from relance.domain.ledger import Item
from relance.domain.plans import AUTOMATIC_CHANNELS, CONNECTED, Channel, Phase, Plan, by_hand_where
from relance.domain.projection import Projected, project
from relance.reporting.rows import ActionRow
from relance.reporting.stored import Head, Told, load_told, rows_of
from relance.store.cases import CaseFile, load_case_files
from relance.store.organisations import Organisation, load_organisations
from relance.store.plans import load_plans
from relance.store.tables import actions, cases, customers

BATCH = 500
MOST_DAYS = 366

Tell = Callable[[int, int], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlook:
    """How far to look, and what happens to actions that wait for a person.

    `owners_act`: people validate what they get on the day they get it; otherwise nobody decides
    anything. `connected` are the channels that a provider carries. `only`: these customers.
    """

    now: datetime
    days: int
    owners_act: bool = False
    connected: Collection[Channel] = CONNECTED
    only: Collection[UUID] | None = None

    @property
    def until(self) -> datetime:
        """The end, excluded."""
        return self.now + timedelta(days=self.days)


async def forecast(
    tx: AsyncConnection,
    organisation_id: UUID,
    days: int,
    now: datetime,
    owners_act: bool = False,  # noqa: FBT001, FBT002 - the bot passes it on as it stands
) -> list[ActionRow]:
    """The rows of `forecast_rows` for the whole organisation."""
    outlook = Outlook(now=now, days=days, owners_act=owners_act)
    return await forecast_rows(tx, organisation_id, outlook)


async def forecast_rows(
    tx: AsyncConnection,
    organisation_id: UUID,
    outlook: Outlook,
    tell: Tell = lambda _done, _all: None,
) -> list[ActionRow]:
    """Everything that will leave or be posted to an owner, by day.

    What waits for its owner already is there only where owners act; what is queued leaves at the
    next slot. `tell` hears how many customers of how many are done.
    """
    organisation = (await load_organisations(tx, [organisation_id]))[organisation_id]
    pending = await _pending(tx, organisation, outlook)
    rows = await _leaving(tx, organisation, pending, outlook)
    references = await _references(tx, organisation_id, outlook.only)
    ids = list(references)
    stuck = {told.id for told in pending if told.state is ActionState.UNCERTAIN}
    for start in range(0, len(ids), BATCH):
        batch = ids[start : start + BATCH]
        files = await load_case_files(tx, batch)
        plans = await load_plans(tx, {file.plan_id for file in files.values()})
        for customer, file in files.items():
            plan = plans[file.plan_id]
            plan = by_hand_where(plan, AUTOMATIC_CHANNELS - frozenset(outlook.connected))
            rows.extend(_of_case(file, plan, references[customer], outlook, stuck))
        tell(min(start + BATCH, len(ids)), len(ids))
    return sorted(rows)


def _of_case(
    file: CaseFile, plan: Plan, reference: str, outlook: Outlook, stuck: Collection[UUID]
) -> Iterator[ActionRow]:
    items = {item.id: item for item in file.case.items}
    coming = project(
        file.case,
        plan,
        file.organisation.calendar,
        outlook.now,
        outlook.until,
        owners_act=outlook.owners_act,
        stuck=() if outlook.owners_act else stuck,
    )
    for projected in coming:
        yield from _projected_rows(projected, plan, reference, items)


def _projected_rows(
    projected: Projected, plan: Plan, reference: str, items: Mapping[UUID, Item]
) -> tuple[ActionRow, ...]:
    action = projected.action
    step = next(s for s in plan.steps if s.key == action.step)
    head = Head(
        customer=reference, plan=plan.key, step=step.key, channel=step.channel, mode=action.mode
    )
    thanked = [r.item for r in action.reaches if r.item] if step.phase is Phase.THANK_YOU else []
    return rows_of(
        projected.day,
        head,
        [items[item] for item in (*action.items, *action.credits)],
        [items[item] for item in thanked],
    )


async def _pending(
    tx: AsyncConnection, organisation: Organisation, outlook: Outlook
) -> Sequence[Told]:
    which = sa.and_(
        actions.c.customer_id.in_(
            sa.select(customers.c.id).where(*_of_organisation(organisation.id, outlook.only))
        ),
        actions.c.closed_at.is_(None),
    )
    return await load_told(tx, organisation.calendar, which)


async def _leaving(
    tx: AsyncConnection, organisation: Organisation, pending: Sequence[Told], outlook: Outlook
) -> list[ActionRow]:
    """The rows of what is under way already, on the day on which it leaves."""
    plans = await _plans_of(tx, {told.id for told in pending})
    rows: list[ActionRow] = []
    for told in pending:
        plan = plans.get(told.id)
        calendar = calendar_for(plan, organisation.calendar) if plan else organisation.calendar
        today = local_day(calendar, outlook.now)
        if told.state is ActionState.QUEUED and not told.released:
            day = next_slot(calendar, today, outlook.now).day
        elif told.state is ActionState.QUEUED or outlook.owners_act:
            day = today
        else:
            continue
        if day == today or slot_on(calendar, day).start < outlook.until:
            rows.extend(_moved(told.rows, day))
    return rows


def _moved(rows: Sequence[ActionRow], day: date) -> Iterator[ActionRow]:
    return (replace(row, date=day) for row in rows)


async def _plans_of(tx: AsyncConnection, action_ids: Collection[UUID]) -> dict[UUID, Plan]:
    rows = await tx.execute(
        sa.select(actions.c.id, cases.c.plan_id)
        .join_from(actions, cases, cases.c.id == actions.c.case_id)
        .where(actions.c.id.in_(action_ids))
    )
    plan_ids = {row.id: row.plan_id for row in rows}
    plans = await load_plans(tx, set(plan_ids.values()))
    return {action: plans[plan] for action, plan in plan_ids.items()}


async def _references(
    tx: AsyncConnection, organisation_id: UUID, only: Collection[UUID] | None
) -> dict[UUID, str]:
    """The customers under a plan, in the order of their references."""
    rows = await tx.execute(
        sa.select(customers.c.id, customers.c.reference)
        .join_from(customers, cases)
        .where(cases.c.ended_on.is_(None), *_of_organisation(organisation_id, only))
        .order_by(customers.c.reference)
    )
    return {row.id: row.reference for row in rows}


def _of_organisation(
    organisation_id: UUID, only: Collection[UUID] | None
) -> list[sa.ColumnElement[bool]]:
    mine = [customers.c.organisation_id == organisation_id]
    return mine if only is None else [*mine, customers.c.id.in_(only)]
