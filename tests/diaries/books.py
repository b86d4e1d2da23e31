"""What accounting and people change, each with its consequences in one transaction (rules §5)."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from relance.domain.money import to_minor
from relance.store.tables import (
    allocations,
    contacts,
    customers,
    items,
    members,
    organisations,
    plans,
    profiles,
)
from relance_scheduler.enrolment import enrol
from relance_scheduler.plans import apply
from relance_scheduler.reconsider import reconsider
from tests.diaries.company import Company
from tests.diaries.plans import Step, plan, templates_of, text_of
from tests.world import World


def day(text: str) -> date:
    return date.fromisoformat(text)


@dataclass(kw_only=True)
class Books:
    """Customers, members, plans by their names, items by their numbers; all are unique."""

    company: Company
    zone: ZoneInfo
    ids: dict[str, UUID] = field(default_factory=dict)
    names: dict[UUID, str] = field(default_factory=dict)
    customers: list[str] = field(default_factory=list)
    addresses: dict[str, str] = field(default_factory=dict)  # of a contact -> customer
    owing: dict[str, str] = field(default_factory=dict)  # number of an item -> customer
    begun: bool = False  # before, everything is at the first instant: it need not settle each time

    @property
    def world(self) -> World:
        return self.company.world

    @property
    def now(self) -> datetime:
        return self.world.clock.now()

    @property
    def today(self) -> date:
        return self.now.astimezone(self.zone).date()

    def instant(self, text: str) -> datetime:
        """A wall-clock time of the organisation; a day alone is its noon."""
        wall = datetime.fromisoformat(text if " " in text else f"{text} 12:00")
        return wall.replace(tzinfo=self.zone).astimezone(UTC)

    def wall(self, instant: datetime) -> str:
        return f"{instant.astimezone(self.zone):%Y-%m-%d %H:%M}"

    @asynccontextmanager
    async def change(self, *names: str) -> AsyncIterator[None]:
        """One transaction: what the block writes, and what follows for these customers."""
        async with self.world.at_once():
            yield
            tx, ids = self.world._tx, [self.ids[name] for name in names]
            assert tx is not None
            await enrol(tx, ids, self.now)
            await reconsider(tx, ids, self.now)
        await self.settle()

    async def settle(self) -> None:
        if self.begun:
            await self.company.settle()

    # The house ---------------------------------------------------------------------------------

    async def plan(self, *steps: Step, key: str = "standard", **rules: Any) -> None:
        """Applies a plan that everybody is under who has no other."""
        await self.apply(plan(key, *steps, **rules))
        await self.default_plan(key)

    async def apply(self, document: dict[str, Any]) -> None:
        """A plan or its next version, with the texts that are not there yet."""
        async with self.world.database.write() as tx:
            found = await apply(tx, self.world.organisation, document, None, self.now)
        self._named(document["plan"], found.plan)
        for key, channel in sorted(templates_of(document)):
            if f"text {key}" not in self.ids:
                subject, body = text_of(key)
                made = await self.world.template(
                    key, channel=channel, language="en", subject=subject, body=body
                )
                self.ids[f"text {key}"] = made
        await self.settle()

    async def default_plan(self, key: str) -> None:
        async with self.change(*self.customers):
            await self.world.set_organisation(default_plan_id=self.ids[key])

    async def organisation_is(self, **columns: Any) -> None:
        async with self.change(*self.customers):
            await self.world.set(organisations, self.world.organisation, **columns)

    async def plan_is(self, key: str, **columns: Any) -> None:
        async with self.change(*self.customers):
            await self.world.set(plans, self.ids[key], **columns)

    async def profile(self, name: str, with_email: str, without_email: str) -> None:
        row = {
            "organisation_id": self.world.organisation,
            "name": name,
            "plan_with_email_id": self.ids[with_email],
            "plan_without_email_id": self.ids[without_email],
        }
        self._named(name, await self.world._insert(profiles, row))

    async def member(self, name: str, **columns: Any) -> None:
        self._named(name, await self.world.member(name, **columns))

    async def member_is(self, name: str, **columns: Any) -> None:
        await self.world.set(members, self.ids[name], **columns)

    # Customers ---------------------------------------------------------------------------------

    async def customer(
        self,
        name: str,
        *,
        email: str | None = None,
        plan: str | None = None,
        profile: str | None = None,
        **columns: Any,
    ) -> None:
        """With one contact, the main one, unless `email` is empty."""
        row = {
            "plan_id": self.ids[plan] if plan else None,
            "profile_id": self.ids[profile] if profile else None,
        }
        email = self.address_of(name) if email is None else email
        async with self.world.at_once():
            self._named(name, await self.world.customer(name, **row | columns))
        self.customers.append(name)
        async with self.change(name):
            if email:
                self.ids[email] = await self.world.contact(self.ids[name], email)
                self.addresses[email] = name

    def address_of(self, customer: str) -> str:
        return f"{customer.lower().replace(' ', '-')}@client.test"

    async def customers_with_an_invoice(
        self, names: Sequence[str], amount: str, *, due: str
    ) -> None:
        """Many at once, each with a contact and one invoice, as an import writes them."""
        async with self.change(*names):
            for name in names:
                self._named(name, await self.world.customer(name))
                self.customers.append(name)
                await self.world.contact(self.ids[name], self.address_of(name))
                row: dict[str, Any] = {
                    "due_on": day(due),
                    "issued_on": day(due),
                    "known_on": self.today,
                }
                number = f"F {name}"
                made = await self.world.invoice(self.ids[name], amount, number=number, **row)
                self._named(number, made)

    async def contact(self, customer: str, email: str, **columns: Any) -> None:
        async with self.change(customer):
            self.addresses[email] = customer
            self.ids[email] = await self.world.contact(self.ids[customer], email, **columns)

    async def contact_is(self, email: str, **columns: Any) -> None:
        async with self.change(self.addresses[email]):
            await self.world.set(contacts, self.ids[email], **columns)

    async def customer_is(self, name: str, **columns: Any) -> None:
        async with self.change(name):
            if columns:
                await self.world.set(customers, self.ids[name], **columns)

    async def put_under(self, customer: str, plan: str) -> None:
        await self.customer_is(customer, plan_id=self.ids[plan])

    # The ledger --------------------------------------------------------------------------------

    async def invoice(
        self,
        customer: str,
        number: str,
        amount: str,
        *,
        due: str | None,
        issued: str | None = None,
        part: int = 0,
        **columns: Any,
    ) -> None:
        """An instalment is `part` 1, 2 …, known by "F1/1", "F1/2"."""
        due_on = day(due) if due else None
        row = {
            "number": number,
            "part": part,
            "due_on": due_on,
            "issued_on": day(issued) if issued else min(due_on or self.today, self.today),
            "known_on": self.today,
        }
        await self._item(customer, f"{number}/{part}" if part else number, amount, row | columns)

    async def credit_note(
        self, customer: str, number: str, amount: str, *, against: str | None = None, **columns: Any
    ) -> None:
        """A loose one, unless it is allocated `against` an invoice."""
        row = self._relief(number, "credit_note")
        await self._item(customer, number, amount, row | columns, against=against)

    async def pays(self, number: str, amount: str | None = None, *, by: str | None = None) -> None:
        """A payment allocated to an item, of all that is open unless an amount is given."""
        item = await self._row(number)
        paid = str(amount) if amount else str(self._amount(item, item.open))
        name = by or f"payment of {number}"
        row = self._relief(name, "payment_on_account") | {"currency": item.currency}
        await self._item(self.owing[number], name, paid, row, against=number)

    async def pays_on_account(
        self, customer: str, amount: str, *, by: str = "payment", **columns: Any
    ) -> None:
        """A payment that nobody has allocated yet."""
        await self._item(customer, by, amount, self._relief(by, "payment_on_account") | columns)

    async def allocates(self, source: str, target: str) -> None:
        """What is open of a credit goes to an item, as far as it reaches."""
        async with self.change(self.owing[source]):
            await self._allocate(source, target)

    async def bounces(self, source: str) -> None:
        """A payment is charged back: what it had settled is open again."""
        async with self.change(self.owing[source]):
            for link in await self.world.rows(
                allocations, allocations.c.source_id == self.ids[source]
            ):
                [item] = await self.world.rows(items, items.c.id == link.target_id)
                left = {"open": item.open + link.amount, "settled_on": None}
                await self.world.set(items, item.id, **left)
                assert self.world._tx is not None
                await self.world._tx.execute(
                    sa.delete(allocations).where(allocations.c.id == link.id)
                )
            gone = {"cancelled": True, "open": 0, "settled_on": self.today}
            await self.world.set(items, self.ids[source], **gone)

    async def writes_off(self, number: str) -> None:
        await self.item_is(number, cancelled=True, open=0, settled_on=self.today)

    async def writes_back(self, number: str) -> None:
        """The write-off is undone."""
        item = await self._row(number)
        await self.item_is(number, cancelled=False, open=item.amount, settled_on=None)

    async def disputes(self, number: str) -> None:
        await self.item_is(number, family="dispute")

    async def releases(self, number: str) -> None:
        await self.item_is(number, family="dispute_resolved")

    async def promises(self, number: str, until: str) -> None:
        await self.item_is(number, family="promise", promised_for=day(until))

    async def item_is(self, number: str, **columns: Any) -> None:
        async with self.change(self.owing[number]):
            await self.world.set(items, self.ids[number], **columns)

    # -------------------------------------------------------------------------------------------

    def _named(self, name: str, made: UUID) -> None:
        self.ids[name], self.names[made] = made, name

    def _relief(self, number: str, kind: str) -> dict[str, Any]:
        return {
            "number": number,
            "kind": kind,
            "due_on": None,
            "issued_on": self.today,
            "known_on": self.today,
        }

    async def _item(
        self,
        customer: str,
        name: str,
        amount: str,
        row: dict[str, Any],
        *,
        against: str | None = None,
    ) -> None:
        async with self.change(customer):
            self._named(name, await self.world.invoice(self.ids[customer], amount, **row))
            self.owing[name] = customer
            if against:
                await self._allocate(name, against)

    async def _allocate(self, source: str, target: str) -> None:
        given, taken = await self._row(source), await self._row(target)
        amount = min(given.open, taken.open)
        link = {
            "source_id": given.id,
            "target_id": taken.id,
            "amount": amount,
            "allocated_on": self.today,
        }
        await self.world._insert(allocations, link)
        for row in (given, taken):
            left = row.open - amount
            settled_on = None if left else self.today
            await self.world.set(items, row.id, open=left, settled_on=settled_on)

    async def _row(self, number: str) -> Any:
        return await self.world.row(items, self.ids[number])

    def _amount(self, item: Any, minor: int) -> Decimal:
        scale = to_minor(Decimal(1), item.currency)
        return Decimal(minor) / scale
