"""Temporary tables that hold what the files say and what is found out about it.

They belong to one connection and vanish with it; `filling` brings the records in.
"""

from typing import Any

import sqlalchemy as sa
from sqlalchemy import UpdateBase
from sqlalchemy.ext.asyncio import AsyncConnection

_SCHEDULER = {"writer": "scheduler"}
temporary = sa.MetaData(naming_convention={"ix": "ix_%(table_name)s_%(column_0_N_name)s"})


def _table(name: str, *columns: sa.Column[Any]) -> sa.Table:
    return sa.Table(name, temporary, *columns, prefixes=["TEMPORARY"], info=_SCHEDULER)


def _texts(*names: str) -> list[sa.Column[Any]]:
    return [sa.Column(name, sa.Text) for name in names]


def _flags(*names: str) -> list[sa.Column[Any]]:
    return [sa.Column(name, sa.Boolean) for name in names]


def _ids(*names: str) -> list[sa.Column[Any]]:
    return [sa.Column(name, sa.Uuid) for name in names]


def _dates(*names: str) -> list[sa.Column[Any]]:
    return [sa.Column(name, sa.Date) for name in names]


def _sums(*names: str) -> list[sa.Column[Any]]:
    return [sa.Column(name, sa.BigInteger) for name in names]


def _place() -> list[sa.Column[Any]]:
    """The order of reading over all files, the file's place in the command, and the line."""
    return [
        sa.Column("seq", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("file", sa.Integer),
        sa.Column("line", sa.Integer),
    ]


said_customers = _table(
    "import_customers",
    *_place(),
    *_ids("id"),
    *_texts("reference", "name", "language", "zone", "country", "address"),
    *_flags("enabled", "archived"),
    *_ids("profile_id", "plan_id", "account_manager_id"),
)
said_contacts = _table(
    "import_contacts",
    *_place(),
    *_ids("id"),
    *_texts("customer", "reference", "name", "email", "phone", "position"),
    *_flags("main"),
)
# `settled`: whether the file says it is; None where it does not tell settlements.
said_items = _table(
    "import_items",
    *_place(),
    *_ids("id"),
    *_texts("customer", "kind", "number"),
    sa.Column("part", sa.Integer),
    *_dates("issued_on", "due_on"),
    *_texts("currency"),
    *_sums("amount", "open"),
    *_flags("issued", "sent", "direct_debit", "cancelled", "disputed"),
    *_texts("dispute_reason"),
    *_flags("settled"),
    *_dates("settled_on"),
)
said_allocations = _table(
    "import_allocations",
    *_place(),
    *_ids("id"),
    *_texts("customer", "source_kind", "source"),
    sa.Column("source_part", sa.Integer),
    *_texts("target"),
    sa.Column("target_part", sa.Integer),
    *_texts("currency"),
    *_sums("amount"),
    *_dates("allocated_on"),
)
# The customers that the files speak of, known before or new.
known = _table("import_known", *_texts("reference"), *_ids("customer_id"), *_flags("is_new"))
# One row for each item that the files, an allocation or an absence may change, as it was before.
# `returns`: it was absent or cancelled. `withdrawn`: a payment whose settlement date is gone.
# `touched`: it does change.
work = _table(
    "import_work",
    *_ids("item_id", "customer_id"),
    sa.Column("seq", sa.Integer),
    *_flags("is_new", "returns", "absent", "withdrawn", "touched"),
    *_sums("old_open", "old_amount"),
)
# The allocations that come, change or go (amount 0).
pairs = _table(
    "import_pairs",
    sa.Column("seq", sa.Integer),
    *_ids("id", "source_id", "target_id"),
    *_sums("amount"),
    *_dates("allocated_on"),
)
# What that does to each item: how much is allocated after and before, and the last day.
balance = _table("import_balance", *_ids("item_id"), *_sums("after", "before"), *_dates("last_on"))
# Customers to look at again, and whether their plan may be another now.
touched_customers = _table("import_touched", *_ids("customer_id"), *_flags("enrol"))
# The same, each of them once.
look_again = _table(
    "import_look_again", sa.Column("customer_id", sa.Uuid, primary_key=True), *_flags("enrol")
)

for _columns in (
    (known.c.reference,),
    (work.c.item_id,),
    (work.c.seq,),
    (pairs.c.source_id, pairs.c.target_id),
    (balance.c.item_id,),
):
    sa.Index(None, *_columns)


# For this connection alone, which is not used again: what an import sorts and joins is larger than
# what a service does, and is written out in parts where it finds no room.
_ROOM = ("SET work_mem = '64MB'", "SET temp_buffers = '64MB'")


async def create_stage(tx: AsyncConnection) -> None:
    """Makes the temporary tables."""
    if tx.dialect.name == "postgresql":
        for setting in _ROOM:
            await tx.execute(sa.text(setting))
    await tx.run_sync(temporary.create_all, checkfirst=False)


async def run(tx: AsyncConnection, statement: UpdateBase) -> int:
    """Executes it and says how many rows it wrote."""
    counted = statement.execution_options(preserve_rowcount=True)
    return (await tx.execute(counted)).rowcount


async def analyse(tx: AsyncConnection, *tables: sa.Table) -> None:
    """PostgreSQL knows nothing yet of rows that just came, and plans badly without."""
    if tx.dialect.name == "postgresql":
        for table in tables:
            await tx.execute(sa.text(f"ANALYZE {table.name}"))
