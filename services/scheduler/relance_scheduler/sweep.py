"""The sweep: finds the cases that are awake, evaluates them and writes what is due (F5-F12)."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import timedelta
from uuid import UUID

import sqlalchemy as sa
import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from relance.clock import Clock
from relance.counters import SWEPT
from relance.domain.calendar import local_day
from relance.domain.evaluation.acts import NewAction, PassedOver, Wait
from relance.domain.plans import AUTOMATIC_CHANNELS, Channel, Plan, by_hand_where
from relance.domain.settling import settle_case
from relance.messaging.tracing import span
from relance.store.bulk import among
from relance.store.cases import CaseFile, load_case_files
from relance.store.database import Database, is_in_trouble
from relance.store.locks import lock_customers
from relance.store.organisations import load_teams
from relance.store.plans import load_plans
from relance.store.tables import cases, customer_owners, customers
from relance.store.types import new_id
from relance_scheduler.plan_writing import Desk, PlanWriting

BATCH = 500
_AFTER_A_FAULT = timedelta(hours=1)

log = structlog.get_logger(__name__)


class Sweep:
    """Claims awake cases a batch at a time; any number of sweeps may run beside each other."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        connected: Collection[Channel],
        *,
        batch: int = BATCH,
    ) -> None:
        self._database = database
        self._clock = clock
        self._connected = frozenset(connected)
        self._batch = batch

    async def tick(self) -> int:
        """Evaluates one batch and says how many cases it held."""
        async with self._database.read() as tx:  # a quiet hour must not cost a writer's lock
            if not (await tx.execute(self._awake().limit(1))).first():
                return 0
        with span("sweep"):
            swept = await self._sweep_batch()
        SWEPT.inc(swept)
        return swept

    async def _sweep_batch(self) -> int:
        try:
            async with self._database.write() as tx:
                return await self._sweep(tx, await self._claim(tx, self._batch))
        except Exception as error:  # one bad customer never stops the others
            if is_in_trouble(error):
                raise
            log.exception("batch_not_swept", error=type(error).__name__)
            return await self._sweep_singly()

    async def _sweep_singly(self) -> int:
        """As many cases as a batch holds, each in a transaction of its own."""
        done = 0
        for _ in range(self._batch):
            if not (swept := await self._sweep_one()):
                break
            done += swept
        return done

    async def _sweep(self, tx: AsyncConnection, customer_ids: Collection[UUID]) -> int:
        files = await load_case_files(tx, customer_ids)
        await self._evaluate(tx, files)
        return len(files)

    async def _sweep_one(self) -> int:
        """The first awake case that is free, alone; put off when it is the one that fails."""
        alone: Sequence[UUID] = ()
        try:
            async with self._database.write() as tx:
                alone = await self._claim(tx, 1)
                return await self._sweep(tx, alone)
        except Exception as error:
            if not alone or is_in_trouble(error):
                raise
            log.exception("case_put_off", error=type(error).__name__)
            async with self._database.write() as tx:
                await lock_customers(tx, alone)
                await tx.execute(
                    sa.update(cases)
                    .where(cases.c.customer_id.in_(alone), cases.c.ended_on.is_(None))
                    .values(wake_at=self._clock.now() + _AFTER_A_FAULT, resting="fault")
                )
            return 1

    def _awake(self) -> sa.Select[tuple[UUID]]:
        return (
            sa.select(cases.c.customer_id)
            .join_from(cases, customers)
            .where(cases.c.wake_at <= self._clock.now(), cases.c.ended_on.is_(None))
            .order_by(cases.c.wake_at, cases.c.id)
        )

    async def _claim(self, tx: AsyncConnection, most: int) -> Sequence[UUID]:
        """Its case is locked, too: one that another sweep has just put to sleep is left out."""
        picked = self._awake().limit(most)
        locked = picked.with_for_update(of=(customers, cases), skip_locked=True, key_share=True)
        return [row.customer_id for row in await tx.execute(locked)]

    async def _evaluate(self, tx: AsyncConnection, files: Mapping[UUID, CaseFile]) -> None:
        writing = PlanWriting(self._clock.now())
        unconnected = AUTOMATIC_CHANNELS - self._connected
        stored = await load_plans(tx, {file.plan_id for file in files.values()})
        plans = {plan_id: by_hand_where(plan, unconnected) for plan_id, plan in stored.items()}
        desks = await self._desks(tx, files)
        for file in files.values():
            self._evaluate_one(writing, file, plans[file.plan_id], desks[file.organisation.id])
        await writing.write(tx)

    def _evaluate_one(self, writing: PlanWriting, file: CaseFile, plan: Plan, desk: Desk) -> None:
        ids: dict[NewAction | PassedOver, UUID] = {}
        acts, verdict = settle_case(
            file.case,
            plan,
            file.organisation.calendar,
            self._clock.now(),
            lambda made: ids.setdefault(made, new_id()),
        )
        writing.add(file, plan, desk, acts, ids)
        if isinstance(verdict, Wait):
            writing.end(file.case.id, verdict.until, "")
        else:
            writing.end(file.case.id, None, verdict.reason)

    async def _desks(self, tx: AsyncConnection, files: Mapping[UUID, CaseFile]) -> dict[UUID, Desk]:
        rows = await tx.execute(
            sa.select(customer_owners.c.customer_id, customer_owners.c.member_id)
            .where(among(tx, customer_owners.c.customer_id, files))
            .order_by(customer_owners.c.member_id)
        )
        owners = defaultdict(list)
        for customer, member in rows:
            owners[customer].append(member)
        organisations = {file.organisation.id: file.organisation for file in files.values()}
        teams = await load_teams(tx, organisations)
        now = self._clock.now()
        return {
            organisation.id: Desk(
                members=teams[organisation.id],
                addresses={m.email.casefold(): m.id for m in teams[organisation.id]},
                customer_owners={customer: tuple(of) for customer, of in owners.items()},
                connected=self._connected,
                now=now,
                today=local_day(organisation.calendar, now),
            )
            for organisation in organisations.values()
        }
