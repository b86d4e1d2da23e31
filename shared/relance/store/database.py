"""Connections and transactions, the same on SQLite and PostgreSQL."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.engine import Connection, make_url
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from relance.store.tables import metadata

# Classes of SQLSTATE: connection, rollback, resources, not in its state, operator, system.
_TROUBLES = frozenset({"08", "40", "53", "55", "57", "58"})
_BUSY_MILLISECONDS = 30_000


class ForeignTableError(Exception):
    """A service tried to write a table that another service owns."""


class Database:
    """One service's door to the database; it may write only the tables it owns.

    `read()` and `write()` give a connection inside a transaction that commits at the end of the
    block and rolls back when the block raises. On SQLite a writer waits for the others' end.
    """

    def __init__(self, url: str, *, service: str) -> None:
        self.service = service
        self.engine = _engine(url)
        self.engine.sync_engine.update_execution_options(relance_service=service)
        level = "SERIALIZABLE" if self.is_sqlite else "REPEATABLE READ"
        self._still = self.engine.execution_options(isolation_level=level)
        self._writing = self.engine.execution_options(relance_writes=True)
        event.listen(self.engine.sync_engine, "before_execute", _check_writer)

    @property
    def is_sqlite(self) -> bool:
        return self.engine.dialect.name == "sqlite"

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncConnection]:
        async with self.engine.connect() as connection, connection.begin():
            yield connection

    @asynccontextmanager
    async def snapshot(self) -> AsyncIterator[AsyncConnection]:
        """To read with: every statement in the block sees the rows of the same instant."""
        async with self._still.connect() as connection, connection.begin():
            yield connection

    @asynccontextmanager
    async def write(self) -> AsyncIterator[AsyncConnection]:
        async with self._writing.connect() as connection, connection.begin():
            yield connection

    async def create_schema(self) -> None:
        """Creates what is missing; for tests and throw-away databases."""
        async with self.write() as tx:
            await tx.run_sync(metadata.create_all)

    async def close(self) -> None:
        await self.engine.dispose()


def refuse_foreign(connection: Connection, table: sa.Table) -> None:
    """Raises ForeignTableError where the connection's service does not own the table."""
    writer, service = table.info.get("writer"), _service_of(connection)
    if writer not in (None, service, "each"):
        raise ForeignTableError(f"{service} may not write {table}")


def _service_of(connection: Connection) -> str | None:
    service: str | None = connection.get_execution_options().get("relance_service")
    return service


def _check_writer(connection: Connection, statement: object, *_rest: object) -> None:
    if isinstance(statement, sa.Insert | sa.Update | sa.Delete) and isinstance(
        statement.table, sa.Table
    ):
        refuse_foreign(connection, statement.table)


def is_in_trouble(error: BaseException) -> bool:
    """Whether the database is at fault (away, full, interrupted, deadlocked), and no row of it."""
    if not isinstance(error, DBAPIError):
        return False
    state: str | None = getattr(error.orig, "sqlstate", None)
    if state is None or error.connection_invalidated:
        return error.connection_invalidated or isinstance(error, OperationalError)
    return state[:2] in _TROUBLES


def _engine(url: str) -> AsyncEngine:
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite":
        return create_async_engine(parsed, hide_parameters=True, pool_pre_ping=True)
    if parsed.database in (None, "", ":memory:"):
        raise ValueError("SQLite needs a file: give a URL such as sqlite+aiosqlite:///relance.db")
    engine = create_async_engine(parsed, hide_parameters=True)
    event.listen(engine.sync_engine, "connect", _prepare_sqlite)
    event.listen(engine.sync_engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(dbapi_connection: Any, _record: Any) -> None:
    dbapi_connection.isolation_level = None  # transactions are begun below, not by the driver
    cursor = dbapi_connection.cursor()
    for pragma in (
        f"busy_timeout={_BUSY_MILLISECONDS}",
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get("relance_writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
