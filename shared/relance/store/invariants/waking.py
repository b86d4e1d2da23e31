"""Nothing due is forgotten: every case evaluated again, beside the wake-up that it has stored."""

from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from relance.clock import Clock
from relance.domain.evaluation.acts import Wait
from relance.domain.plans import AUTOMATIC_CHANNELS, CONNECTED, by_hand_where
from relance.domain.settling import settle_case
from relance.store.cases import CaseFile, load_case_files
from relance.store.database import Database
from relance.store.invariants.finding import Invariant, Sighting
from relance.store.plans import load_plans
from relance.store.tables import cases, customers
from relance.store.types import new_id

BATCH = 500

FORGOTTEN = Invariant(
    key="forgotten",
    title="Something is due before the case wakes up",
    mend="relance check --wake has it looked at now; report how it came about.",
    noun="case",
)
NOT_EVALUATED = Invariant(
    key="not_evaluated",
    title="Cannot be evaluated",
    mend="Its plan or its rows cannot be read: relance why says more of the customer.",
    noun="case",
)

Tell: TypeAlias = Callable[[int, int], None]
Seen: TypeAlias = tuple[Invariant, Sighting]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asleep:
    """A case with the wake-up it has; None: it rests."""

    case: UUID
    customer: UUID
    reference: str
    organisation: UUID
    wake_at: datetime | None


async def forgotten(
    database: Database, clock: Clock, only: Collection[UUID], tell: Tell, *, wake: bool
) -> AsyncIterator[Seen]:
    """Looks at every case of these organisations that is asleep, a batch in a snapshot.

    With `wake` the next sweep takes those that are forgotten.
    """
    of_them = cases.c.ended_on.is_(None), customers.c.organisation_id.in_(only)
    async with database.read() as tx:
        counted = sa.select(sa.func.count()).select_from(cases).join(customers).where(*of_them)
        whole = await tx.scalar(counted) or 0
    after, done = UUID(int=0), 0
    while True:
        async with database.snapshot() as tx:
            batch = await _batch(tx, after, of_them)
            if not batch:
                return
            now = clock.now()
            asleep = [c for c in batch if c.wake_at is None or c.wake_at > now]
            found = await _look_at(tx, asleep, now)
        if wake:
            await _wake(database, [seen.subject for what, seen in found if what is FORGOTTEN], now)
        for seen in found:
            yield seen
        after, done = batch[-1].customer, done + len(batch)
        tell(done, whole)


async def _batch(
    tx: AsyncConnection, after: UUID, of_them: Sequence[sa.ColumnElement[bool]]
) -> list[_Asleep]:
    rows = await tx.execute(
        sa.select(
            cases.c.id.label("case"),
            cases.c.customer_id.label("customer"),
            customers.c.reference,
            customers.c.organisation_id.label("organisation"),
            cases.c.wake_at,
        )
        .join_from(cases, customers)
        .where(*of_them, cases.c.customer_id > after)
        .order_by(cases.c.customer_id)
        .limit(BATCH)
    )
    return [_Asleep(**row) for row in rows.mappings()]


async def _look_at(tx: AsyncConnection, asleep: Sequence[_Asleep], now: datetime) -> list[Seen]:
    """A batch that holds one that cannot be evaluated is looked at one by one."""
    try:
        files = await load_case_files(tx, [case.customer for case in asleep])
        return await _compare(tx, asleep, files, now)
    except DBAPIError:
        raise
    except Exception:  # noqa: BLE001 - one bad case hides no other
        if len(asleep) == 1:
            return [(NOT_EVALUATED, _sighting(asleep[0], asleep[0].wake_at))]
    return [seen for case in asleep for seen in await _look_at(tx, [case], now)]


async def _compare(
    tx: AsyncConnection, asleep: Sequence[_Asleep], files: Mapping[UUID, CaseFile], now: datetime
) -> list[Seen]:
    plans = await load_plans(tx, {file.plan_id for file in files.values()})
    found = []
    for case in asleep:
        file = files[case.customer]
        plan = by_hand_where(plans[file.plan_id], AUTOMATIC_CHANNELS - CONNECTED)
        calendar = file.organisation.calendar
        acts, verdict = settle_case(file.case, plan, calendar, now, _any_id)
        due = now if acts else verdict.until if isinstance(verdict, Wait) else None
        if due is not None and (case.wake_at is None or due < case.wake_at):
            found.append((FORGOTTEN, _sighting(case, due)))
    return found


async def _wake(database: Database, case_ids: Sequence[str], now: datetime) -> None:
    """A wake-up too early does no harm: evaluation says that there is nothing to do."""
    if not case_ids:
        return
    later = cases.c.wake_at.is_(None) | (cases.c.wake_at > now)
    async with database.write() as tx:
        of_them = cases.c.id.in_([UUID(one) for one in case_ids])
        await tx.execute(
            sa.update(cases).where(of_them, cases.c.ended_on.is_(None), later).values(wake_at=now)
        )


def _any_id(_made: Any) -> UUID:
    return new_id()


def _sighting(case: _Asleep, since: datetime | None) -> Sighting:
    return Sighting(
        organisation=case.organisation,
        customer=case.reference,
        subject=str(case.case),
        since=since,
    )
