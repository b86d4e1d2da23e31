"""A company whose rows are made anew for each history, and what happens in its books."""

import sqlite3
from collections.abc import AsyncIterator, Callable, Collection, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import time
from typing import Any
from uuid import UUID

import psycopg
import sqlalchemy as sa
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import AsyncConnection

from relance.domain.actions import Decision
from relance.domain.people import Member, Role
from relance.domain.plans import Channel
from relance.messaging.outbox import Relay
from relance.store.locks import lock_customers
from relance.store.tables import actions, attempts, customers, items, metadata
from relance_bot.deciding import Deciding
from relance_bot.people import Colleague
from relance_dispatcher.sending import Transport
from relance_dispatcher.wiring import build
from relance_scheduler.history import Event, record
from relance_scheduler.reconsider import reconsider
from relance_scheduler.wiring import Scheduler
from tests.proofs import inline
from tests.proofs.stage import Broker, Life, Line, MortalDatabase, Provider, Ticking, Time
from tests.world import TUESDAY, World

FOUNDED = ("organisations", "members", "plans", "plan_versions", "templates", "profiles")
PASSING = [t.name for t in reversed(metadata.sorted_tables) if t.name not in FOUNDED]
EMPTY = "".join(f"DELETE FROM {name};" for name in PASSING)  # noqa: S608 - our own words

# What has been recorded of an attempt never changes: a trigger notes whatever does.
_WITNESS = """
CREATE TABLE afterthoughts (attempt TEXT, was TEXT, became TEXT);
CREATE TRIGGER outcomes_are_final AFTER UPDATE OF outcome ON attempts
WHEN OLD.outcome IS NOT NULL AND NEW.outcome IS NOT OLD.outcome
BEGIN INSERT INTO afterthoughts VALUES (OLD.id, OLD.outcome, NEW.outcome); END;
"""


def document(key: str, channel: Channel, mode: str) -> Mapping[str, Any]:
    """A plan of one reminder."""
    step = {
        "key": "first",
        "name": "First reminder",
        "phase": "reminder",
        "when": "1 day after due date",
        "channel": str(channel),
        "mode": mode,
        "template": "first",
    }
    return {"plan": key, "name": key, "contact_delay": 0, "steps": [step]}


@dataclass(kw_only=True)
class Company:
    """One database for many histories; `customers` are the present one's, by address."""

    url: str
    channel: Channel = Channel.EMAIL
    time: Time
    world: World
    databases: Mapping[str, MortalDatabase]
    plans: dict[str, UUID] = field(default_factory=dict)
    customers: dict[str, UUID] = field(default_factory=dict)
    items: dict[str, UUID] = field(default_factory=dict)
    provider: Provider
    broker: Broker = field(default_factory=Broker)
    alice: Colleague

    async def begin(self, customers: Mapping[str, str]) -> None:
        """Forgets the last history; these customers with an invoice each, and how far it is.

        Its reminder is `due`, not made yet, automatic or (`due to confirm`) not; or it is made:
        `queued`, or `waiting` for Alice.
        """
        self._clear()
        self.time.begin(TUESDAY)
        self.provider.answers.clear()
        self.provider.takings.clear()
        self.broker.bells.clear()
        self.broker.consumers.clear()
        world = self.world
        async with world.at_once():
            for name, stage in customers.items():
                await self._begin(name, stage)

    async def _begin(self, name: str, stage: str) -> None:
        world, now = self.world, self.time.clock.now()
        mode = "automatic" if stage in ("due", "queued") else "confirm"
        customer = await world.customer(name, address="1 rue de la Paix")
        await world.contact(customer, f"{name}@client.test", phone="+33612345678")
        item = await world.invoice(customer, "100")
        made = stage in ("queued", "waiting")
        case = await world.case(customer, self.plans[mode], wake_at=None if made else now)
        if made:
            await world.action(
                customer,
                [item],
                case=case,
                state=stage,
                mode=mode,
                channel=str(self.channel),
                plan_key=mode,
            )
        self.customers[name], self.items[name] = customer, item

    def scheduler(self, life: Life) -> Scheduler:
        line = Line(self.broker, life)
        return Scheduler(self.databases["scheduler"].of(life), line, self.time.clock)

    def dispatcher(
        self, life: Life, transport: Transport, build: Callable[..., Ticking] = build
    ) -> tuple[Ticking, Relay]:
        line, database = Line(self.broker, life), self.databases["dispatcher"].of(life)
        clock = self.time.clock
        return build(database, line, clock, transport), Relay(database, line, clock)

    def bot(self, life: Life) -> tuple[Deciding, Relay]:
        database, clock = self.databases["bot"].of(life), self.time.clock
        relay = Relay(database, Line(self.broker, life), clock)
        return Deciding(database, clock, lambda: None), relay

    async def note(self, life: Life, names: Collection[str], fact: str) -> None:
        """Something in the books; lines of history name the attempts that came before it."""
        ids, now = [self.customers[name] for name in names], self.time.clock.now()
        async with self.databases["scheduler"].of(life).write() as tx:
            await lock_customers(tx, ids)
            await _change(tx, ids, [self.items[name] for name in names], fact)
            await reconsider(tx, ids, now)
            earlier = await _attempts_of(tx, ids)
            told = [
                Event(event=fact, at=now, customer=key, detail={"attempts": earlier[key]})
                for key in ids
            ]
            await record(tx, told)

    async def click(self, life: Life, name: str, decision: Decision, origin: str) -> None:
        """Alice decides, without a look at her rights: what is stale comes as far as it can."""
        deciding, _ = self.bot(life)
        action = self.action_of(name)
        if action:
            await deciding.take(action[0], decision, self.alice, origin, {})

    def action_of(self, name: str) -> tuple[UUID, int, str] | None:
        """The customer's last action, its version and its state."""
        rows = self.look(
            "SELECT id, version, state FROM actions WHERE customer_id = :c ORDER BY id DESC",
            c=self.customers[name],
        )
        return (UUID(str(rows[0][0])), int(rows[0][1]), str(rows[0][2])) if rows else None

    def look(self, query: str, **values: UUID) -> list[tuple[Any, ...]]:
        """Reads beside everybody, past no boundary."""
        if self.is_sqlite:
            hexed = {key: value.hex for key, value in values.items()}
            return list(self._raw.execute(query, hexed))
        named = {f":{key}": f"%({key})s" for key in values}
        for plain, psycopg_s in named.items():
            query = query.replace(plain, psycopg_s)
        return list(self._raw.execute(query, values))

    @property
    def is_sqlite(self) -> bool:
        return self.databases["scheduler"].is_sqlite

    def open(self) -> None:
        """The connection that reads and clears beside everybody."""
        address = make_url(self.url)
        if self.is_sqlite:
            self._raw: Any = sqlite3.connect(str(address.database), isolation_level=None)
            self._raw.execute("PRAGMA synchronous=OFF")
            self._raw.executescript(_WITNESS)
        else:
            plain = address.set(drivername="postgresql")
            self._raw = psycopg.connect(
                plain.render_as_string(hide_password=False), autocommit=True
            )

    def _clear(self) -> None:
        if self.is_sqlite:
            self._raw.executescript(f"BEGIN IMMEDIATE; {EMPTY} COMMIT;")
            self._raw.execute("DELETE FROM afterthoughts")
        else:
            self._raw.execute(EMPTY)
        self.customers.clear()
        self.items.clear()

    async def close(self) -> None:
        self._raw.close()
        for database in self.databases.values():
            await database.close()


async def found(url: str, channel: Channel = Channel.EMAIL) -> Company:
    """The company in a database that has the product's tables."""
    passing = Time(TUESDAY)
    databases = {s: MortalDatabase(url, service=s) for s in ("scheduler", "dispatcher", "bot")}
    for database in databases.values():
        inline.hurry(database)
    world = World(database=databases["scheduler"], clock=passing.clock)
    await world.found()
    # Open around the clock: what a wrong clock puts off is not put off to another day.
    await world.set_organisation(
        send_at=time(0, 0), send_until=time(23, 59), weekdays=[*range(7)], holidays=False
    )
    await world.template(channel=str(channel))
    company = Company(
        url=url,
        channel=channel,
        time=passing,
        world=world,
        databases=databases,
        provider=Provider(passing),
        alice=Colleague(
            member=Member(
                id=world.alice, name="Alice", email="", roles=frozenset({Role.COLLECTOR})
            ),
            organisation=world.organisation,
            user="U0001",
            language="en",
            zone="Europe/Paris",
        ),
    )
    for mode in ("automatic", "confirm"):
        company.plans[mode] = await world.plan(document(mode, channel, mode))
    company.open()
    return company


@asynccontextmanager
async def a_company(url: str, channel: Channel = Channel.EMAIL) -> AsyncIterator[Company]:
    """The same, closed at the end."""
    company = await found(url, channel)
    try:
        yield company
    finally:
        await company.close()


async def _attempts_of(tx: AsyncConnection, ids: Collection[UUID]) -> dict[UUID, list[str]]:
    rows = await tx.execute(
        sa.select(actions.c.customer_id, attempts.c.id)
        .join(actions, actions.c.id == attempts.c.action_id)
        .where(actions.c.customer_id.in_(ids))
    )
    found: dict[UUID, list[str]] = {key: [] for key in ids}
    for customer, attempt in rows:
        found[customer].append(str(attempt))
    return found


FACTS: Mapping[str, tuple[sa.Table, Mapping[str, Any]]] = {
    "paid": (items, {"open": 0, "settled_on": TUESDAY.date()}),
    "bounced": (items, {"open": 10_000, "settled_on": None}),
    "disputed": (items, {"family": "dispute"}),
    "resolved": (items, {"family": "ongoing"}),
    "paused": (customers, {"paused": True}),
    "resumed": (customers, {"paused": False}),
}
SILENCING = {"paid": "bounced", "disputed": "resolved", "paused": "resumed"}


async def _change(
    tx: AsyncConnection, ids: Collection[UUID], item_ids: Collection[UUID], fact: str
) -> None:
    table, values = FACTS[fact]
    rows = ids if table is customers else item_ids
    await tx.execute(sa.update(table).where(table.c.id.in_(rows)).values(**values))
