"""Which plan a customer is under: its own beats its profile's, which beats the default (F27)."""

from collections.abc import Collection, Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from relance.domain.calendar import local_day
from relance.store.assignments import wanted_plans
from relance.store.bulk import among, insert_many
from relance.store.locks import lock_customers
from relance.store.organisations import Organisation, load_organisations
from relance.store.tables import actions, cases, customers, run_steps, runs
from relance.store.types import new_id
from relance_scheduler.withdrawal import withdraw_open


async def enrol(tx: AsyncConnection, customer_ids: Collection[UUID], now: datetime) -> None:
    """Opens, keeps or changes the cases of these customers, and wakes what it touches.

    A customer never enabled has no case. A change of plan withdraws pending actions and enters
    the new plan by its logic; between the two plans of one profile the customer goes on after
    the step it had reached.
    """
    await lock_customers(tx, customer_ids)
    houses = await _organisations(tx, customer_ids)
    defaults = {key: house.default_plan for key, house in houses.items()}
    wanted = await wanted_plans(tx, customer_ids, defaults)
    current = await _current_cases(tx, customer_ids)
    today = {key: local_day(house.calendar, now) for key, house in houses.items()}
    opened = []
    for customer, row in wanted.items():
        case = current.get(customer)
        plan = row["wanted_plan"]
        if case and case["plan_id"] == plan:
            continue
        after = None
        if case:
            after = await _reached(tx, case["id"]) if _is_pair(row, case["plan_id"]) else None
            await _end(tx, case["id"], today[row["organisation_id"]], now)
        if plan:
            opened.append(
                {
                    "id": new_id(),
                    "customer_id": customer,
                    "plan_id": plan,
                    "enrolled_on": today[row["organisation_id"]],
                    "after": after,
                    "wake_at": now,
                    "resting": "",
                }
            )
    await insert_many(tx, cases, opened)


async def _organisations(
    tx: AsyncConnection, customer_ids: Collection[UUID]
) -> dict[UUID, Organisation]:
    mine = sa.select(customers.c.organisation_id).where(among(tx, customers.c.id, customer_ids))
    return await load_organisations(tx, (await tx.scalars(mine.distinct())).all())


def _is_pair(row: Mapping[str, Any], plan_id: UUID) -> bool:
    pair = {row["plan_with_email_id"], row["plan_without_email_id"]}
    return plan_id in pair and row["wanted_plan"] in pair


async def _current_cases(
    tx: AsyncConnection, customer_ids: Collection[UUID]
) -> dict[UUID, Mapping[Any, Any]]:
    rows = await tx.execute(
        sa.select(cases).where(
            among(tx, cases.c.customer_id, customer_ids), cases.c.ended_on.is_(None)
        )
    )
    return {row["customer_id"]: row for row in rows.mappings()}


async def _reached(tx: AsyncConnection, case_id: UUID) -> str | None:
    """The last step decided in the case."""
    return await tx.scalar(
        sa.select(run_steps.c.step)
        .join_from(run_steps, runs)
        .join(actions, actions.c.id == run_steps.c.action_id)
        .where(runs.c.case_id == case_id, run_steps.c.live, actions.c.closed_at.is_not(None))
        .order_by(actions.c.closed_at.desc())
        .limit(1)
    )


async def _end(tx: AsyncConnection, case_id: UUID, today: date, now: datetime) -> None:
    await withdraw_open(tx, actions.c.case_id == case_id, "plan_changed", now)
    await tx.execute(
        sa.update(cases).where(cases.c.id == case_id).values(ended_on=today, wake_at=None)
    )
