"""Nothing leaves for a while: the organisation's pause (F30, F57)."""

from collections.abc import Mapping

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from relance.domain.calendar import local_day
from relance.domain.requests import (
    Answer,
    Decline,
    Declined,
    Granted,
    PauseEverything,
    Request,
    ResumeEverything,
)
from relance.store.organisations import load_organisations
from relance.store.tables import cases, customers, organisations
from relance_scheduler.history import Event, record
from relance_scheduler.requests.asker import Asker, Grant


async def pause_everything(tx: AsyncConnection, asked: PauseEverything, asker: Asker) -> Answer:
    house = (await load_organisations(tx, [asker.organisation]))[asker.organisation]
    if asked.until and asked.until <= local_day(house.calendar, asker.now):
        return Declined(why=Decline.INVALID, fields={"until": "date_not_ahead"})
    values = {"paused": True, "paused_until": asked.until, "paused_reason": asked.reason}
    await _set(tx, asker, values)
    until = asked.until.isoformat() if asked.until else ""
    event = Event(
        event="paused",
        at=asker.now,
        member=asker.member.id,
        detail={"until": until, "reason": asked.reason},
    )
    await record(tx, [event])
    return Granted(detail={"until": until})


async def resume_everything(tx: AsyncConnection, _asked: ResumeEverything, asker: Asker) -> Answer:
    house = (await load_organisations(tx, [asker.organisation]))[asker.organisation]
    if house.pause is None:
        return Declined(why=Decline.UNCHANGED)
    await _set(tx, asker, {"paused": False, "paused_until": None, "paused_reason": ""})
    await record(tx, [Event(event="resumed", at=asker.now, member=asker.member.id)])
    return Granted()


async def _set(tx: AsyncConnection, asker: Asker, values: Mapping[str, object]) -> None:
    """Changes the organisation's row and has everybody looked at again."""
    mine = organisations.c.id == asker.organisation
    await tx.execute(sa.update(organisations).where(mine).values(**values))
    of_house = sa.select(customers.c.id).where(customers.c.organisation_id == asker.organisation)
    await tx.execute(
        sa.update(cases)
        .where(cases.c.customer_id.in_(of_house), cases.c.ended_on.is_(None))
        .values(wake_at=asker.now)
    )


GRANTS: Mapping[type[Request], Grant] = {
    PauseEverything: pause_everything,
    ResumeEverything: resume_everything,
}
