"""Which customers are reminded at all (F31): new ones are not until somebody says so."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from relance.store.locks import lock_customers
from relance.store.tables import customers
from relance_scheduler.enrolment import enrol
from relance_scheduler.history import Event, record
from relance_scheduler.reconsider import reconsider

_AT_ONCE = 1_000  # a statement takes only so many values


@dataclass(frozen=True, slots=True, kw_only=True)
class Switched:
    """How many customers were switched, how many stood so before, which references are nobody's."""

    changed: int
    unchanged: int
    unknown: tuple[str, ...] = ()


async def switch(
    tx: AsyncConnection,
    organisation: UUID,
    references: Collection[str],
    enabled: bool,  # noqa: FBT001 - the column's value
    now: datetime,
    by: UUID | None = None,
) -> Switched:
    """Enables or disables customers, all without references; with unknown ones changes nothing.

    `by` is the member who wants it, if one does.
    """
    mine = customers.c.organisation_id == organisation
    if references:
        mine &= customers.c.reference.in_(references)
    rows = (await tx.execute(sa.select(customers).where(mine))).all()
    unknown = tuple(r for r in references if r not in {row.reference for row in rows})
    changed = [row.id for row in rows if row.enabled is not enabled]
    if unknown or not changed:
        return Switched(changed=0, unchanged=len(rows), unknown=unknown)
    changed.sort()  # as locks are taken everywhere
    for start in range(0, len(changed), _AT_ONCE):
        await _switch(tx, changed[start : start + _AT_ONCE], enabled, now, by)
    return Switched(changed=len(changed), unchanged=len(rows) - len(changed))


async def _switch(
    tx: AsyncConnection,
    changed: Collection[UUID],
    enabled: bool,  # noqa: FBT001 - the column's value
    now: datetime,
    by: UUID | None,
) -> None:
    await lock_customers(tx, changed)
    await tx.execute(
        sa.update(customers).where(customers.c.id.in_(changed)).values(enabled=enabled)
    )
    event = "enabled" if enabled else "disabled"
    lines = [Event(event=event, at=now, customer=customer, member=by) for customer in changed]
    await record(tx, lines)
    await enrol(tx, changed, now)
    await reconsider(tx, changed, now)
