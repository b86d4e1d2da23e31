"""After a change to what customers owe: open actions follow, their cases wake (rules §5)."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from relance.contracts.messages import ActionsChanged
from relance.domain.calendar import calendar_for, local_day
from relance.domain.revision import Cancel, Keep, Shrink, revise
from relance.messaging.outbox import post
from relance.store.bulk import among
from relance.store.cases import CaseFile, load_case_files
from relance.store.locks import lock_customers
from relance.store.open_actions import Standing, load_open_actions
from relance.store.plans import load_plans
from relance.store.tables import action_items, actions, cases, run_steps, runs
from relance.store.upsert import insert
from relance_scheduler.history import Event, record
from relance_scheduler.withdrawal import not_handed_over, withdraw_open


async def reconsider(tx: AsyncConnection, customer_ids: Collection[UUID], now: datetime) -> None:
    """Withdraws or shrinks open actions that no longer stand, and wakes the customers' cases.

    To be called in the transaction of the change: a payment, a dispute, a pause, an import.
    """
    if not customer_ids:
        return
    await lock_customers(tx, customer_ids)
    pending = among(tx, actions.c.customer_id, customer_ids) & actions.c.case_id.is_not(None)
    standing = await load_open_actions(tx, pending & not_handed_over())
    if standing:
        await _revise_all(tx, standing, now)
    await tx.execute(
        sa.update(cases)
        .where(
            among(tx, cases.c.customer_id, customer_ids),
            cases.c.ended_on.is_(None),
            cases.c.wake_at.is_distinct_from(now),
        )
        .values(wake_at=now)
    )


async def _revise_all(tx: AsyncConnection, standing: dict[UUID, Standing], now: datetime) -> None:
    files = await load_case_files(tx, {found.customer for found in standing.values()})
    plans = await load_plans(tx, {file.plan_id for file in files.values()})
    kept = []
    for found in standing.values():
        file = files.get(found.customer)
        if file is None or file.case.id != found.case:
            # Of an earlier plan: it was on its way when that ended, and came back since.
            await withdraw_open(tx, actions.c.id == found.id, "plan_changed", now)
            continue
        plan = plans[file.plan_id]
        calendar = calendar_for(plan, file.organisation.calendar)
        answer = revise(found.action, file.case, plan, local_day(calendar, now))
        match answer:
            case Keep():
                kept.append(found.id)
            case Cancel():
                await withdraw_open(tx, actions.c.id == found.id, answer.reason, now)
            case Shrink():
                await _shrink(tx, found, file, answer, now)
    await post(tx, "scheduler", ActionsChanged, kept, now)  # a card shows amounts, too


async def _shrink(
    tx: AsyncConnection, found: Standing, file: CaseFile, left: Shrink, now: datetime
) -> None:
    """Items and runs that left drop out; credits that came in are shown."""
    of_action = action_items.c.action_id == found.id
    kept = (*left.items, *left.credits)
    await tx.execute(
        sa.update(action_items)
        .where(of_action, action_items.c.item_id.not_in(kept))
        .values(included=False)
    )
    for item in left.credits:
        row = insert(tx, action_items).values(action_id=found.id, item_id=item, included=True)
        await tx.execute(row.on_conflict_do_nothing())
    gone = {reach.item for reach in found.action.reaches} - {r.item for r in left.reaches}
    if gone:
        lost = sa.select(runs.c.id).where(runs.c.case_id == file.case.id, runs.c.item_id.in_(gone))
        await tx.execute(
            sa.update(run_steps)
            .where(run_steps.c.action_id == found.id, run_steps.c.run_id.in_(lost))
            .values(live=False)
        )
    await tx.execute(
        sa.update(actions)
        .where(actions.c.id == found.id, actions.c.version == found.version)
        .values(version=actions.c.version + 1)
    )
    await record(
        tx,
        [
            Event(
                event="shrunk",
                at=now,
                customer=found.customer,
                action=found.id,
                from_version=found.version,
                to_version=found.version + 1,
                detail={"left": len(left.items)},
            )
        ],
    )
    await post(tx, "scheduler", ActionsChanged, [found.id], now)
