"""What is looked for all day reads what is due or open, however much there is beside it."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
import pytest_asyncio
import sqlalchemy as sa
from sqlalchemy import event, make_url
from sqlalchemy.ext.asyncio import AsyncConnection

from relance.domain.plans import CONNECTED
from relance.store.bulk import among
from relance.store.cards import due_cards
from relance.store.database import Database
from relance.store.dispatch import load_queued
from relance.store.tables import members, runs
from relance.store.types import new_id
from relance.store.worklist import waiting_for, waiting_for_others
from relance_scheduler.sweep import Sweep
from tests.benchmarks.portfolio import SLOT, Portfolio, Standing, connect, fill, wake

pytestmark = [pytest.mark.asyncio, pytest.mark.postgresql]

CUSTOMERS = 100_000
OPEN = 500  # of each kind: queued, waiting and shown, waiting and not shown yet
_SMALL = {"members", "organisations", "plans"}
_SLACK = 1.2

# An action of long ago for every customer, but for the first ones, whose actions are open.
_ACTIONS = """
INSERT INTO actions (id, customer_id, case_id, plan_key, plan_version, step, step_name, phase,
    channel, mode, sender, "to", cc, state, version, due_on, made_at, leave_at, closed_at, problem,
    reason, note, call_outcome)
SELECT key(n), key(n), key(n), 'standard', 1, 'first', 'First', 'reminder', 'email', 'automatic',
    'account_manager', '[]', '[]',
    CASE WHEN n <= %(open)s THEN 'queued' WHEN n <= 3 * %(open)s THEN 'waiting' ELSE 'executed' END,
    1, %(now)s, %(now)s, CASE WHEN n <= %(open)s OR n > 3 * %(open)s THEN %(now)s END,
    CASE WHEN n > 3 * %(open)s THEN %(now)s END, '', '', '', ''
FROM generate_series(1, %(customers)s) AS n
"""
_OWNERS = "INSERT INTO action_owners SELECT id, %(manager)s FROM actions"
_ATTEMPTS = """
INSERT INTO attempts (id, action_id, number, channel, action_version, token, claimed_at,
    lease_until, message_id, recipients, outcome, recorded_at, live)
SELECT id, id, 1, 'email', 1, id, %(now)s, %(now)s, '', '[]', 'delivered', %(now)s, true
FROM actions WHERE state = 'executed'
"""
_CARDS = """
INSERT INTO cards (action_id, member_id, channel, ts, version, drawn, drawn_at, told, settled)
SELECT id, %(manager)s, 'D1', '1', 1, '', %(now)s, '[]', closed_at IS NOT NULL
FROM actions WHERE state <> 'queued' AND id > key(2 * %(open)s)
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What a statement read of a table: by which scan, and how many rows."""

    table: str
    scan: str
    rows: float


Look = Callable[[AsyncConnection], Awaitable[object]]


@pytest_asyncio.fixture
async def database(postgres_store_url: str) -> AsyncIterator[Database]:
    """A hundred thousand customers with an action each."""
    portfolio = Portfolio(url=make_url(postgres_store_url), customers=CUSTOMERS)
    await fill(portfolio, items=0)
    wake(portfolio, OPEN)
    database = Database(postgres_store_url, service="scheduler")
    async with database.read() as tx:
        manager = await tx.scalar(sa.select(members.c.id))
    values = {"customers": CUSTOMERS, "open": OPEN, "now": SLOT, "manager": manager}
    with connect(portfolio.url) as connection:
        connection.execute("SET session_replication_role = replica")
        for statement in (_ACTIONS, _OWNERS, _ATTEMPTS, _CARDS):
            connection.execute(statement, values)
    with connect(portfolio.url) as connection:
        connection.execute("VACUUM (ANALYZE)")
    yield database
    await database.close()


async def test_what_is_looked_for_all_day_reads_no_more_than_is_due_or_open(
    database: Database,
) -> None:
    async with database.read() as tx:
        alice, organisation = (
            await tx.execute(sa.select(members.c.id, members.c.organisation_id))
        ).one()
    midnight = SLOT - timedelta(hours=8)
    sweep = Sweep(database, Standing(), CONNECTED, batch=OPEN // 5)
    looks: dict[str, tuple[Look, int]] = {
        "the sweep": (lambda tx: sweep._claim(tx, OPEN // 5), OPEN // 5),
        "the claim": (lambda tx: load_queued(tx, SLOT), OPEN),
        "a digest": (lambda tx: waiting_for(tx, alice), 2 * OPEN),
        "a lead's Home": (lambda tx: waiting_for_others(tx, organisation, alice), 2 * OPEN),
        "cards": (lambda tx: due_cards(tx, SLOT, midnight), 2 * OPEN),
    }
    for name, (look, rows) in looks.items():
        for reading in await _readings(database, look):
            assert reading.scan != "Seq Scan" or reading.table in _SMALL, (name, reading)
            assert reading.rows <= rows * _SLACK, (name, reading)


async def test_a_full_read_compares_no_row_with_every_identifier(postgres_store_url: str) -> None:
    """A server without statistics reads in full; a batch then took ten times as long."""
    database = Database(postgres_store_url, service="scheduler")
    chosen = [new_id() for _ in range(OPEN)]
    async with database.write() as tx:
        for way in ("indexscan", "indexonlyscan", "bitmapscan"):
            await tx.exec_driver_sql(f"SET LOCAL enable_{way} = off")
        asked = sa.select(runs.c.id).where(among(tx, runs.c.case_id, chosen))
        written = asked.compile(dialect=tx.dialect)
        plan = await tx.exec_driver_sql(f"EXPLAIN {written}", written.params)
        lines = "\n".join(plan.scalars())
    await database.close()
    assert "Seq Scan on runs" in lines, lines
    assert "ANY" not in lines, lines


async def _readings(database: Database, look: Look) -> list[Reading]:
    """Explains every statement that `look` executes."""
    seen: list[tuple[str, Any]] = []

    def note(_c: object, _cursor: object, statement: str, values: Any, *_rest: object) -> None:
        seen.append((statement, values))

    engine = database.engine.sync_engine
    event.listen(engine, "before_cursor_execute", note)
    async with database.read() as tx:
        await look(tx)
    event.remove(engine, "before_cursor_execute", note)
    found: list[Reading] = []
    async with database.read() as tx:
        for statement, values in seen:
            explained = await tx.exec_driver_sql(
                f"EXPLAIN (ANALYZE, FORMAT JSON) {statement}", values
            )
            [plan] = explained.scalar_one()
            found += _scans(plan["Plan"])
    return found


def _scans(node: dict[str, Any]) -> Iterator[Reading]:
    kept = node["Actual Rows"] * node["Actual Loops"]
    left = node.get("Rows Removed by Filter", 0) * node["Actual Loops"]
    if "Relation Name" in node:
        yield Reading(table=node["Relation Name"], scan=node["Node Type"], rows=kept + left)
    for child in node.get("Plans", ()):
        yield from _scans(child)
