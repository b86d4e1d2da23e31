"""INSERT … ON CONFLICT, which both databases speak in dialects of their own."""

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection


def insert(tx: AsyncConnection, table: sa.Table) -> postgresql.Insert | sqlite.Insert:
    """An insert that knows on_conflict_do_nothing and on_conflict_do_update."""
    if tx.dialect.name == "sqlite":
        return sqlite.insert(table)
    return postgresql.insert(table)
