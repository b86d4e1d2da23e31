"""The sample company's books: what happens in them each day reaches us by import."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import sqlalchemy as sa

from relance.clock import MovableClock
from relance.demo.company import CUSTOMERS, tables
from relance.demo.life import day_of_business
from relance.demo.seed import found_company, write_files
from relance.domain.calendar import Calendar, local_day
from relance.domain.ledger import Family
from relance.store.database import Database
from relance.store.organisations import load_organisations
from relance.store.tables import customers, items
from relance_scheduler.enrolment import enrol
from relance_scheduler.ledger.delivery import Delivery
from relance_scheduler.ledger.importing import Imported, import_files
from relance_scheduler.reconsider import reconsider


class Accounting:
    """The company's books: what happened in them each day reaches us by import."""

    def __init__(self, database: Database, clock: MovableClock, folder: Path) -> None:
        self._database = database
        self._clock = clock
        self._folder = folder

    async def open(self) -> None:
        """The company and its ledger as of today."""
        self._organisation = await found_company(self._database, self._clock.now())
        calendar = await self.calendar()
        day = local_day(calendar, self._clock.now())
        await self._import(write_files(self._folder, tables(day), day))
        await self._mark_items(day)

    async def _mark_items(self, day: date) -> None:
        """What people, not accounting, know of an item: a promise, a pause."""
        marks = {
            "promise": {"family": Family.PROMISE, "promised_for": day + timedelta(days=10)},
            "paused_item": {"paused": True, "paused_until": day + timedelta(days=14)},
        }
        references = {c.reference: marks[c.trait] for c in CUSTOMERS if c.trait in marks}
        async with self._database.write() as tx:
            rows = await tx.execute(
                sa.select(customers.c.id, customers.c.reference).where(
                    customers.c.reference.in_(references)
                )
            )
            found = {row.id: references[row.reference] for row in rows}
            for customer, mark in found.items():
                await tx.execute(
                    sa.update(items).where(items.c.customer_id == customer).values(**mark)
                )
            await reconsider(tx, list(found), self._clock.now())

    async def live_through(self, last: datetime) -> None:
        """Every day's entries up to that instant, each imported at six in the morning."""
        calendar = await self.calendar()
        day = local_day(calendar, self._clock.now()) + timedelta(days=1)
        while day <= local_day(calendar, last):
            six = datetime.combine(day, datetime.min.time(), tzinfo=calendar.zone)
            self._clock.move_to((six + timedelta(hours=6)).astimezone(UTC))
            async with self._database.read() as tx:
                entries = await day_of_business(tx, day)
            await self._import(write_files(self._folder, entries, day))
            day += timedelta(days=1)

    async def calendar(self) -> Calendar:
        async with self._database.read() as tx:
            [organisation] = (await load_organisations(tx)).values()
        return organisation.calendar

    async def _import(self, paths: list[Path]) -> None:
        if not paths:
            return
        outcome = await import_files(
            self._database,
            Delivery(organisation=self._organisation, files=[(path, None) for path in paths]),
            clock=self._clock,
            enrol=enrol,
            reconsider=reconsider,
        )
        if isinstance(outcome, Imported):
            return
        raise ValueError(f"the sample ledger: {outcome.reason}, {outcome.findings}")
