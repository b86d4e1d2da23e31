"""Nothing leaves for a while: the pauses of the organisation and of its plans (F30, F57)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from relance.domain.calendar import local_day
from relance.domain.ledger import Pause
from relance.domain.plan_requests import PausePlan, ResumePlan
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
from relance.store.plans import find_plan
from relance.store.tables import cases, customers, organisations, plans
from relance_scheduler.history import Event, record
from relance_scheduler.requests.asker import Asker, Grant
from relance_scheduler.waking import wake_where


@dataclass(frozen=True, slots=True, kw_only=True)
class _Paused:
    """What is paused or resumed: its row, the cases that wake, how answer and history name it."""

    table: sa.Table
    row: sa.ColumnElement[bool]
    cases: sa.ColumnElement[bool]
    pause: Pause | None
    said: Mapping[str, str]


async def pause(tx: AsyncConnection, asked: PauseEverything | PausePlan, asker: Asker) -> Answer:
    found = await _find(tx, asked, asker)
    if found is None:
        return Declined(why=Decline.GONE)
    house = (await load_organisations(tx, [asker.organisation]))[asker.organisation]
    if asked.until and asked.until <= local_day(house.calendar, asker.now):
        return Declined(why=Decline.INVALID, fields={"until": "date_not_ahead"})
    until = asked.until.isoformat() if asked.until else ""
    detail = {**found.said, "until": until, "reason": asked.reason}
    await _set(tx, found, asker, "paused", detail, until=asked.until, reason=asked.reason)
    return Granted(detail={**found.said, "until": until})


async def resume(tx: AsyncConnection, asked: ResumeEverything | ResumePlan, asker: Asker) -> Answer:
    found = await _find(tx, asked, asker)
    if found is None:
        return Declined(why=Decline.GONE)
    if found.pause is None:
        return Declined(why=Decline.UNCHANGED)
    await _set(tx, found, asker, "resumed", found.said)
    return Granted(detail=found.said)


async def _find(tx: AsyncConnection, asked: Request, asker: Asker) -> _Paused | None:
    if isinstance(asked, PausePlan | ResumePlan):
        plan = await find_plan(tx, asker.organisation, asked.plan)
        if plan is None:
            return None
        return _Paused(
            table=plans,
            row=plans.c.id == plan.id,
            cases=cases.c.plan_id == plan.id,
            pause=plan.pause,
            said={"plan": plan.key},
        )
    house = (await load_organisations(tx, [asker.organisation]))[asker.organisation]
    its_own = sa.select(customers.c.id).where(customers.c.organisation_id == house.id)
    return _Paused(
        table=organisations,
        row=organisations.c.id == house.id,
        cases=cases.c.customer_id.in_(its_own),
        pause=house.pause,
        said={},
    )


async def _set(
    tx: AsyncConnection,
    found: _Paused,
    asker: Asker,
    event: str,
    detail: Mapping[str, Any],
    *,
    until: date | None = None,
    reason: str = "",
) -> None:
    """Changes the row, has those under it looked at again, and writes it down."""
    values = {"paused": event == "paused", "paused_until": until, "paused_reason": reason}
    await tx.execute(sa.update(found.table).where(found.row).values(**values))
    await wake_where(tx, found.cases, asker.now)
    line = Event(event=event, at=asker.now, member=asker.member.id, detail=detail)
    await record(tx, [line])


GRANTS: Mapping[type[Request], Grant] = {
    PauseEverything: pause,
    ResumeEverything: resume,
    PausePlan: pause,
    ResumePlan: resume,
}
