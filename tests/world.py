"""A small company with customers, written as the scheduler writes them, for services' tests."""

from collections.abc import AsyncIterator, Collection, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from itertools import count
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from relance.clock import MovableClock
from relance.domain.money import to_minor
from relance.store.database import Database
from relance.store.tables import (
    action_items,
    action_owners,
    actions,
    cases,
    contacts,
    customer_owners,
    customers,
    imports,
    items,
    members,
    organisations,
    plan_versions,
    plans,
    run_steps,
    runs,
    templates,
)
from relance.store.types import new_id

TUESDAY = datetime(2026, 11, 24, 7, 35, tzinfo=UTC)  # 08:35 in Paris, five minutes into the slot

DOCUMENT: Mapping[str, Any] = {
    "plan": "standard",
    "name": "Standard",
    "contact_delay": 5,
    "steps": [
        {
            "key": "notice",
            "name": "Notice",
            "phase": "pre_due",
            "when": "7 days before due date",
            "channel": "email",
            "mode": "automatic",
            "template": "notice",
        },
        {
            "key": "first",
            "name": "First reminder",
            "phase": "reminder",
            "when": "1 day after due date",
            "channel": "email",
            "mode": "automatic",
            "template": "first",
        },
        {
            "key": "second",
            "name": "Second reminder",
            "phase": "reminder",
            "when": "8 days after due date",
            "channel": "email",
            "mode": "confirm",
            "template": "first",
        },
    ],
}


@dataclass(kw_only=True)
class World:
    """Each method inserts rows and answers their identifier; `changes` are columns of the row.

    The organisation is in Paris and writes in French; `alice` manages every customer.
    """

    database: Database
    clock: MovableClock
    organisation: UUID = field(default_factory=new_id)
    alice: UUID = field(default_factory=new_id)
    _numbers: Iterator[int] = field(default_factory=lambda: count(1))
    _tx: AsyncConnection | None = None

    @property
    def today(self) -> date:
        """The organisation's date, while it is in its first time zone."""
        return self.clock.now().date()

    @asynccontextmanager
    async def at_once(self) -> AsyncIterator[None]:
        """One transaction for everything in the block: for worlds of hundreds of rows."""
        async with self.database.write() as tx:
            self._tx = tx
            try:
                yield
            finally:
                self._tx = None

    async def member(self, name: str, **changes: Any) -> UUID:
        address = f"{name.lower()}@atelier.test"
        row = {
            "organisation_id": self.organisation,
            "name": name,
            "email": address,
            "slack_team": "T1",
            "slack_user": f"U{next(self._numbers):04}",
        }
        return await self._insert(members, row | changes)

    async def customer(self, name: str, *, owners: Collection[UUID] = (), **changes: Any) -> UUID:
        """Enabled, and without contacts."""
        row = {
            "organisation_id": self.organisation,
            "reference": f"C{next(self._numbers):04}",
            "name": name,
            "account_manager_id": self.alice,
            "enabled": True,
        }
        customer = await self._insert(customers, row | changes)
        if owners:
            pairs = [{"customer_id": customer, "member_id": member} for member in owners]
            await self._insert_all(customer_owners, pairs)
        return customer

    async def contact(self, customer: UUID, address: str, **changes: Any) -> UUID:
        """The main contact, unless `main` or a `position` says otherwise."""
        row = {
            "customer_id": customer,
            "reference": address or f"contact-{next(self._numbers)}",
            "email": address,
            "main": "position" not in changes,
        }
        return await self._insert(contacts, row | changes)

    async def invoice(
        self, customer: UUID, amount: str, *, late: int = 10, currency: str = "EUR", **changes: Any
    ) -> UUID:
        """Open, and so many days late (negative: to come)."""
        minor = to_minor(Decimal(amount), currency)
        due_on = self.today - timedelta(days=late)
        row = {
            "customer_id": customer,
            "number": f"F-{next(self._numbers):04}",
            "kind": "invoice",
            "issued_on": due_on - timedelta(days=30),
            "due_on": due_on,
            "known_on": due_on - timedelta(days=30),
            "currency": currency,
            "amount": minor,
            "open": minor,
        }
        return await self._insert(items, row | changes)

    async def credit(self, customer: UUID, amount: str, **changes: Any) -> UUID:
        """A loose credit note of today."""
        row = {"kind": "credit_note", "due_on": None, "issued_on": self.today}
        return await self.invoice(customer, amount, **row | changes)

    async def pay(self, item: UUID, amount: str | None = None) -> None:
        """Takes so much off the open amount, or all of it."""
        async with self._write() as tx:
            row = (await tx.execute(sa.select(items).where(items.c.id == item))).one()
            paid = row.open if amount is None else to_minor(Decimal(amount), row.currency)
            left = row.open - paid
            await tx.execute(
                sa.update(items)
                .where(items.c.id == item)
                .values(open=left, settled_on=None if left else self.today)
            )

    async def template(self, key: str = "first", **changes: Any) -> UUID:
        """In French, for e-mail."""
        row = {
            "organisation_id": self.organisation,
            "key": key,
            "channel": "email",
            "language": "fr",
            "subject": "Vos factures",
            "body": "Bonjour {{ contact.name }},\n\nil reste {{ items_amount_to_pay }} :\n\n"
            "{{ items_list_selected }}\n\n{{ sender.name }}",
        }
        return await self._insert(templates, row | changes)

    async def plan(self, document: Mapping[str, Any] = DOCUMENT, **changes: Any) -> UUID:
        row = {"organisation_id": self.organisation, "key": document["plan"], "version": 1}
        plan = await self._insert(plans, row | changes)
        version = {
            "plan_id": plan,
            "number": 1,
            "document": dict(document),
            "applied_at": self.clock.now(),
        }
        await self._insert(plan_versions, version)
        return plan

    async def case(self, customer: UUID, plan: UUID, **changes: Any) -> UUID:
        """The customer under the plan since a month ago, asleep."""
        row = {
            "customer_id": customer,
            "plan_id": plan,
            "enrolled_on": self.today - timedelta(days=30),
        }
        await self.set(customers, customer, plan_id=plan)
        return await self._insert(cases, row | changes)

    async def action(
        self,
        customer: UUID,
        shown: Sequence[UUID] = (),
        *,
        case: UUID | None = None,
        owners: Collection[UUID] | None = None,
        left_out: Collection[UUID] = (),
        **changes: Any,
    ) -> UUID:
        """The first reminder about these items: an e-mail, manual, that waits for its owners.

        With `state="queued"` it may leave at once. In a case, the first item's run reaches it.
        """
        now = self.clock.now()
        row = {
            "customer_id": customer,
            "case_id": case,
            "plan_key": "standard",
            "plan_version": 1,
            "step": "first",
            "step_name": "First reminder",
            "phase": "reminder",
            "channel": "email",
            "mode": "manual",
            "template": "first",
            "sender": "account_manager",
            "state": "waiting",
            "due_on": self.today,
            "made_at": now,
            "leave_at": now if changes.get("state") == "queued" else None,
        }
        action = await self._insert(actions, row | changes)
        links = [
            {"action_id": action, "item_id": item, "included": item not in left_out}
            for item in shown
        ]
        owned = [
            {"action_id": action, "member_id": member}
            for member in ((self.alice,) if owners is None else owners)
        ]
        await self._insert_all(action_items, links)
        await self._insert_all(action_owners, owned)
        if case and shown:
            await self._reach(case, shown[0], action, str((row | changes)["step"]))
        return action

    async def set(self, table: sa.Table, row_id: UUID, **columns: Any) -> None:
        """Changes columns of one row."""
        async with self._write() as tx:
            await tx.execute(sa.update(table).where(table.c.id == row_id).values(**columns))

    async def set_organisation(self, **columns: Any) -> None:
        await self.set(organisations, self.organisation, **columns)

    async def imported(self, ended_at: datetime) -> UUID:
        """An import that came to its end at that instant."""
        row = {
            "organisation_id": self.organisation,
            "file": "ledger.csv",
            "digest": "",
            "mode": "stock",
            "started_at": ended_at,
            "ended_at": ended_at,
        }
        return await self._insert(imports, row)

    async def rows(self, table: sa.Table, *where: sa.ColumnElement[bool]) -> list[Any]:
        """The table's rows in the order they were made."""
        order = [table.c.id] if "id" in table.c else []
        async with self._write() if self._tx else self.database.read() as tx:
            return list((await tx.execute(sa.select(table).where(*where).order_by(*order))).all())

    async def row(self, table: sa.Table, row_id: UUID) -> Any:
        [found] = await self.rows(table, table.c.id == row_id)
        return found

    async def found(self) -> None:
        """The organisation and its first member."""
        row = {
            "id": self.organisation,
            "name": "Atelier Lumière",
            "email": "bonjour@atelier.test",
            "send_at": time(8, 30),
            "send_until": time(9, 30),
            "sender_email": "relances@atelier.test",
        }
        await self._insert(organisations, row)
        await self.member("Alice", id=self.alice)

    async def _reach(self, case: UUID, item: UUID, action: UUID, step: str) -> None:
        existing = await self.rows(runs, runs.c.case_id == case, runs.c.item_id == item)
        run = existing[0].id if existing else await self._run(case, item)
        await self._insert(run_steps, {"run_id": run, "step": step, "action_id": action})

    async def _run(self, case: UUID, item: UUID) -> UUID:
        number = 1 + len(await self.rows(runs, runs.c.case_id == case))
        row = {"case_id": case, "item_id": item, "number": number, "started_on": self.today}
        return await self._insert(runs, row)

    async def _insert(self, table: sa.Table, row: Mapping[str, Any]) -> UUID:
        with_id = {"id": new_id()} | dict(row)
        await self._insert_all(table, [with_id])
        made: UUID = with_id["id"]
        return made

    async def _insert_all(self, table: sa.Table, rows: Sequence[Mapping[str, Any]]) -> None:
        if rows:
            async with self._write() as tx:
                await tx.execute(sa.insert(table), list(rows))

    @asynccontextmanager
    async def _write(self) -> AsyncIterator[AsyncConnection]:
        if self._tx is not None:
            yield self._tx
            return
        async with self.database.write() as tx:
            yield tx


@asynccontextmanager
async def a_world(store_url: str, at: datetime = TUESDAY) -> AsyncIterator[World]:
    """A company that owns the database's tables, on a Tuesday morning while mail may leave."""
    database = Database(store_url, service="scheduler")
    world = World(database=database, clock=MovableClock(at))
    try:
        await world.found()
        yield world
    finally:
        await database.close()
