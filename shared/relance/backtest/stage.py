"""The throw-away company of a replay: an organisation, one owner, the plan, the customers."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from relance.backtest.timeline import Timeline
from relance.store.organisations import Organisation, load_organisations
from relance.store.tables import contacts, customers, members, organisations
from relance.store.types import new_id
from relance_scheduler.enrolment import enrol
from relance_scheduler.plans import apply

BATCH = 500
_WINDOW = timedelta(hours=1)
_LATEST = time(23, 59)


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """The calendar by which the company sends; `send_at` is wall-clock time of `zone`."""

    country: str = "FR"
    subdivision: str = ""
    zone: str = "Europe/Paris"
    send_at: time = time(8, 30)
    holidays: bool = True

    @property
    def send_until(self) -> time:
        """An hour later, the same day."""
        end = datetime.combine(date.min, self.send_at) + _WINDOW
        return end.time() if end.date() == date.min else _LATEST


@dataclass(frozen=True, slots=True, kw_only=True)
class Company:
    """What was set up: the organisation as loaded, and the plan it follows."""

    organisation: Organisation
    plan: UUID


async def set_up(
    tx: AsyncConnection,
    setting: Setting,
    document: Mapping[str, Any],
    found: Timeline,
    now: datetime,
) -> Company:
    """Everything but items; every customer is enrolled today.

    Each has a placeholder for a contact: a ledger without addresses must not bend the plan.
    """
    organisation, owner = new_id(), new_id()
    await tx.execute(
        sa.insert(organisations).values(
            id=organisation,
            name="Back-test",
            country=setting.country,
            subdivision=setting.subdivision,
            zone=setting.zone,
            send_at=setting.send_at,
            send_until=setting.send_until,
            holidays=setting.holidays,
            default_owner_id=owner,
        )
    )
    await tx.execute(
        sa.insert(members).values(
            id=owner,
            organisation_id=organisation,
            name="Owner",
            email="owner@replay.invalid",
            roles=["collector", "lead", "admin"],
        )
    )
    applied = await apply(tx, organisation, document, None, now)
    ids = list(found.customers.items())
    for start in range(0, len(ids), BATCH):
        await _add_customers(tx, organisation, applied.plan, ids[start : start + BATCH], now)
    return Company(organisation=(await load_organisations(tx))[organisation], plan=applied.plan)


async def _add_customers(
    tx: AsyncConnection,
    organisation: UUID,
    plan: UUID,
    batch: list[tuple[str, UUID]],
    now: datetime,
) -> None:
    rows = [
        {
            "id": customer,
            "organisation_id": organisation,
            "reference": reference,
            "name": reference,
            "enabled": True,
            "plan_id": plan,
        }
        for reference, customer in batch
    ]
    await tx.execute(sa.insert(customers), rows)
    addresses = [
        {
            "id": new_id(),
            "customer_id": customer,
            "reference": "placeholder",
            "email": f"{customer}@replay.invalid",
            "main": True,
        }
        for _, customer in batch
    ]
    await tx.execute(sa.insert(contacts), addresses)
    await enrol(tx, [customer for _, customer in batch], now)
