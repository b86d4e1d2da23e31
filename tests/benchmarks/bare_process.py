"""Planning without a program: the rows that a scheduler reads and writes, by bare SQL.

A database's URL, and a folder as `record` filled it: what a scheduler wrote for each batch of
customers, as COPY gave it. Rows are read into tuples and no further; writing costs no Python.
"""

import json
import sys
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import psycopg
from psycopg import sql
from sqlalchemy import URL, make_url

from tests.benchmarks.portfolio import WRITTEN, Portfolio, connect
from tests.benchmarks.processes import work_at_the_word

BATCH = 1000
_CLAIM = """
SELECT cases.*, customers.* FROM cases JOIN customers ON customers.id = cases.customer_id
WHERE cases.customer_id = ANY(%s) AND cases.ended_on IS NULL FOR NO KEY UPDATE OF customers
"""
_READ = (
    "SELECT * FROM items WHERE customer_id = ANY(%s) AND open > 0",
    "SELECT * FROM items WHERE customer_id = ANY(%s) AND open = 0 AND kind = 'payment_on_account'",
    "SELECT runs.* FROM runs JOIN cases ON cases.id = case_id WHERE customer_id = ANY(%s)",
    "SELECT actions.* FROM actions WHERE customer_id = ANY(%s) AND case_id IS NULL",
    "SELECT * FROM customer_owners WHERE customer_id = ANY(%s)",
)
_END = "UPDATE cases SET wake_at = NULL, resting = 'blocked' WHERE customer_id = ANY(%s)"
# How a table's rows belong to customers.
_OF = {
    "runs": "JOIN cases ON cases.id = t.case_id WHERE cases.customer_id = ANY(%s)",
    "actions": "WHERE t.customer_id = ANY(%s)",
    "action_owners": "JOIN actions a ON a.id = t.action_id WHERE a.customer_id = ANY(%s)",
    "action_items": "JOIN actions a ON a.id = t.action_id WHERE a.customer_id = ANY(%s)",
    "run_steps": "JOIN actions a ON a.id = t.action_id WHERE a.customer_id = ANY(%s)",
    "history": "WHERE t.customer_id = ANY(%s)",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Customers, and their rows of each table as COPY takes them."""

    customers: list[UUID]
    rows: dict[str, bytes]


def record(portfolio: Portfolio, folders: list[Path]) -> None:
    """Shares what a scheduler has written out between so many processes."""
    with connect(portfolio.url) as connection:
        found = connection.execute("SELECT DISTINCT customer_id FROM actions ORDER BY 1")
        customers = [row[0] for row in found]
        size = min(BATCH, len(customers) // len(folders))
        batches = [customers[at : at + size] for at in range(0, len(customers), size)]
        for number, batch in enumerate(batches):
            folder = folders[number % len(folders)] / str(number)
            folder.mkdir(parents=True)
            (folder / "customers").write_text(json.dumps([str(one) for one in batch]))
            for table, which in _OF.items():
                (folder / table).write_bytes(_copied(connection, table, which, batch))


def _copied(connection: psycopg.Connection, table: str, which: str, customers: list[UUID]) -> bytes:
    query = f"COPY (SELECT t.* FROM {table} t {which}) TO STDOUT (FORMAT binary)"  # noqa: S608 - own names
    with connection.cursor() as cursor, cursor.copy(query, (customers,)) as copy:
        return b"".join(bytes(block) for block in copy)


def load(folder: Path) -> list[Batch]:
    return [
        Batch(
            customers=[UUID(one) for one in json.loads((batch / "customers").read_text())],
            rows={table: (batch / table).read_bytes() for table in WRITTEN if table in _OF},
        )
        for batch in sorted(folder.iterdir(), key=lambda batch: int(batch.name))
    ]


def plan(connection: psycopg.Connection, batch: Batch) -> None:
    """One transaction, as the scheduler's."""
    with connection.transaction():
        connection.execute(_CLAIM, (batch.customers,)).fetchall()
        for query in _READ:
            connection.execute(query, (batch.customers,)).fetchall()
        for table, rows in batch.rows.items():
            into = sql.SQL("COPY {} FROM STDIN (FORMAT binary)").format(sql.Identifier(table))
            with connection.cursor() as cursor, cursor.copy(into) as copy:
                copy.write(rows)
        connection.execute(_END, (batch.customers,))


def main(url: URL, folder: Path) -> None:
    batches = load(folder)
    with connect(url) as connection:

        def work() -> int:
            for batch in batches:
                plan(connection, batch)
            return sum(len(batch.customers) for batch in batches)

        work_at_the_word(work)


if __name__ == "__main__":
    main(make_url(sys.argv[1]), Path(sys.argv[2]))
