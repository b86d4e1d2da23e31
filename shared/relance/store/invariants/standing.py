"""Open actions that ask for what is settled, disputed or archived (rules §5)."""

from collections.abc import AsyncIterator, Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from relance.domain.actions import ActionState
from relance.domain.calendar import local_day
from relance.domain.evaluation.eligibility import obstructions
from relance.domain.ledger import ItemKind
from relance.store.cases import item_of
from relance.store.invariants.finding import Invariant, Sighting
from relance.store.organisations import Organisation
from relance.store.tables import action_items, actions, attempts, cases, customers, items

STILL_ASKING = Invariant(
    key="still_asking",
    title="Open, though what it asks for is settled, disputed or not to be reminded",
    mend="Nothing of it leaves by itself; its owner skips it, or imports the customer again.",
)


async def still_asking(
    tx: AsyncConnection, houses: Mapping[UUID, Organisation], now: datetime
) -> AsyncIterator[Sighting]:
    """Each such action once; what the last look is to decide is left to it."""
    days = {house.id: local_day(house.calendar, now) for house in houses.values()}
    last = None
    async for row in await tx.stream(_asking()):
        today = days.get(row.organisation)
        if row.action == last or today is None or not _is_wrong(row, today):
            continue
        last = row.action
        yield Sighting(
            organisation=row.organisation,
            customer=row.customer,
            subject=str(row.action),
            since=row.made_at,
        )


def _asking() -> sa.Select[Any]:
    """Each debit in each action of a plan that could be withdrawn; one without debits once."""
    tried = sa.select(attempts.c.id).where(
        attempts.c.action_id == actions.c.id,
        attempts.c.live | (attempts.c.action_version >= actions.c.version),
    )
    shown = sa.and_(action_items.c.action_id == actions.c.id, action_items.c.included)
    debit = sa.and_(items.c.id == action_items.c.item_id, items.c.kind == ItemKind.INVOICE)
    return (
        sa.select(
            actions.c.id.label("action"),
            actions.c.made_at,
            customers.c.organisation_id.label("organisation"),
            customers.c.reference.label("customer"),
            customers.c.archived,
            customers.c.enabled,
            cases.c.ended_on,
            items,
        )
        .select_from(actions)
        .join(customers, customers.c.id == actions.c.customer_id)
        .join(cases, cases.c.id == actions.c.case_id)
        .join(action_items, shown, isouter=True)
        .join(items, debit, isouter=True)
        .where(actions.c.state.in_((ActionState.WAITING, ActionState.QUEUED)), ~tried.exists())
        .order_by(actions.c.id)
    )


def _is_wrong(row: sa.Row[Any], today: date) -> bool:
    if row.archived or not row.enabled or row.ended_on is not None:
        return True
    if row.id is None:
        return False
    item = item_of(row._mapping)  # noqa: SLF001 - its public name for a row as a mapping
    return bool(row.cancelled or obstructions(item, today))
