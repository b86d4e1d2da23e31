"""An organisation's settings: when things leave, whose they are when nobody's (F48, F57)."""

from collections.abc import Mapping

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from relance.domain.house_requests import ChangeSettings
from relance.domain.requests import Answer, Decline, Declined, Granted, Request
from relance.store.house_settings import load_settings, read_settings
from relance.store.tables import cases, customers, organisations
from relance_scheduler.history import Event, record
from relance_scheduler.requests.asker import Asker, Grant


async def change_settings(tx: AsyncConnection, asked: ChangeSettings, asker: Asker) -> Answer:
    """Only what was changed is written, and only where it stands as its person saw it."""
    house = asker.organisation
    standing = await load_settings(tx, house, lock=True)
    if any(standing.get(name) != asked.seen.get(name) for name in asked.changes):
        return Declined(why=Decline.STALE)
    changes = {k: v for k, v in asked.changes.items() if standing.get(k) != v}
    if not changes:
        return Declined(why=Decline.UNCHANGED)
    read = await read_settings(tx, house, changes, standing)
    if read.mistakes:
        return Declined(why=Decline.INVALID, fields=read.mistakes)
    mine = organisations.c.id == house
    await tx.execute(sa.update(organisations).where(mine).values(**read.columns))
    await _wake(tx, asker)
    detail = {"before": {name: standing[name] for name in changes}, "after": dict(changes)}
    line = Event(event="settings_changed", at=asker.now, member=asker.member.id, detail=detail)
    await record(tx, [line])
    return Granted(detail={"n": len(changes)})


async def _wake(tx: AsyncConnection, asker: Asker) -> None:
    """Every case is looked at again: its next slot may be another."""
    of_house = sa.select(customers.c.id).where(customers.c.organisation_id == asker.organisation)
    under = cases.c.customer_id.in_(of_house) & cases.c.ended_on.is_(None)
    await tx.execute(sa.update(cases).where(under).values(wake_at=asker.now))


GRANTS: Mapping[type[Request], Grant] = {ChangeSettings: change_settings}
