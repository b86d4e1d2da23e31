"""Portfolios of any size for measuring, made by the server itself: files would take hours.

Each customer has five late invoices and a case. Nine cases in ten are asleep, the others rest;
none is awake before `wake` says how many.
"""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

import psycopg
from sqlalchemy import URL

from relance.store.database import Database
from tests.benchmarks.place import Place
from tests.real import postgres
from tests.world import a_world

ITEMS = 5
SLOT = datetime(2026, 11, 24, 7, 30, tzinfo=UTC)  # 08:30 in Paris: mail may leave
# What planning writes, in an order in which every reference is there already.
WRITTEN = ("runs", "actions", "action_owners", "action_items", "run_steps", "history", "outbox")

# Identifiers that grow, as the product's do.
_KEYS = """
CREATE FUNCTION key(number bigint) RETURNS uuid LANGUAGE sql IMMUTABLE AS
$$ SELECT ('01900000-0000-7000-8000-' || lpad(to_hex(number), 12, '0'))::uuid $$
"""
_CUSTOMERS = """
INSERT INTO customers (id, organisation_id, reference, name, country, address, plan_id,
    account_manager_id, enabled, archived, paused, paused_reason)
SELECT key(n), %(organisation)s, 'C' || n, 'Customer ' || n, 'FR', '', %(plan)s,
    %(manager)s, true, false, false, ''
FROM generate_series(1, %(customers)s) AS n
"""
_ITEMS = """
INSERT INTO items (id, customer_id, number, part, kind, issued_on, due_on, currency, amount, open,
    known_on, issued, sent, direct_debit, absent, cancelled, disputed, paused, paused_reason,
    family, status_reason)
SELECT key(n * %(items)s + i), key(n), 'F-' || n * %(items)s + i, 0, 'invoice', due - 30, due,
    'EUR', 10000 * i, 10000 * i, due - 30, true, true, false, false, false, false, false, '',
    'ongoing', ''
FROM generate_series(1, %(customers)s) AS n, generate_series(1, %(items)s) AS i,
    LATERAL (SELECT %(today)s::date - 9 - i::int AS due) AS dates
"""
_CASES = """
INSERT INTO cases (id, customer_id, plan_id, enrolled_on, wake_at, resting)
SELECT key(n), key(n), %(plan)s, %(today)s::date - 30,
    CASE WHEN n %% 10 > 0 THEN %(now)s + make_interval(days => (n %% 90)::int + 1) END,
    CASE WHEN n %% 10 > 0 THEN '' ELSE 'nothing_eligible' END
FROM generate_series(1, %(customers)s) AS n
"""
_ASLEEP = "UPDATE cases SET wake_at = %(now)s + interval '7 days' WHERE wake_at <= %(now)s"
_AWAKE = """
UPDATE cases SET wake_at = %(now)s, resting = ''
FROM generate_series(1, %(due)s) AS n WHERE id = key(n * %(stride)s)
"""


class Standing:
    """A clock at the slot's beginning."""

    def now(self) -> datetime:
        return SLOT


@dataclass(frozen=True, slots=True, kw_only=True)
class Portfolio:
    """A database in which `customers` customers owe."""

    url: URL
    customers: int

    @property
    def address(self) -> str:
        """For `Database`."""
        return self.url.render_as_string(hide_password=False)


def connect(url: URL) -> psycopg.Connection:
    """A bare connection, outside any transaction."""
    bare = url.set(drivername="postgresql").render_as_string(hide_password=False)
    return psycopg.connect(bare, autocommit=True)


@contextmanager
def a_portfolio(place: Place, customers: int) -> Iterator[Portfolio]:
    """A portfolio in a database of its own."""
    with postgres.fresh_database(place.postgres) as url:
        portfolio = Portfolio(url=url, customers=customers)
        asyncio.run(_create_schema(portfolio.address))
        asyncio.run(fill(portfolio))
        yield portfolio


async def fill(portfolio: Portfolio, items: int = ITEMS) -> None:
    """Founds the company and gives it its customers; each has so many items."""
    async with a_world(portfolio.address, SLOT) as world:
        values = {
            "organisation": world.organisation,
            "manager": world.alice,
            "plan": await world.plan(),
            "customers": portfolio.customers,
            "items": items,
            "now": SLOT,
            "today": SLOT.date(),
        }
    with connect(portfolio.url) as connection:
        connection.execute("SET session_replication_role = replica")  # every reference is there
        connection.execute(_KEYS)
        for statement in (_CUSTOMERS, _ITEMS, _CASES):
            connection.execute(statement, values)
        connection.execute("VACUUM (ANALYZE)")


def wake(portfolio: Portfolio, due: int) -> None:
    """The portfolio as it was made, but that `due` cases, evenly spread, are awake."""
    with connect(portfolio.url) as connection:
        connection.execute(f"TRUNCATE {', '.join(WRITTEN)} CASCADE")
        connection.execute(_ASLEEP, {"now": SLOT})
        stride = portfolio.customers // due if due else 0
        connection.execute(_AWAKE, {"now": SLOT, "due": due, "stride": stride})
        connection.execute("VACUUM (ANALYZE) cases")


async def _create_schema(address: str) -> None:
    database = Database(address, service="scheduler")
    await database.create_schema()
    await database.close()
