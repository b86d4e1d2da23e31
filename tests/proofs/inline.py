"""SQLite in the caller's own thread, for thousands of histories: its answers need no waiting.

The product's statements, transactions and constraints are the same; only the thread that aiosqlite
puts between them is left out, and with it the one thing that a history could not repeat.
Addresses begin with `sqlite+inline:`.
"""

import sqlite3
from typing import Any

from sqlalchemy import URL, AsyncAdaptedQueuePool, event
from sqlalchemy.dialects import registry
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.util.concurrency import await_only
from typing_extensions import override

from relance.store.database import Database

registry.register("sqlite.inline", __name__, "Inline")


async def _at_once() -> None:
    """SQLAlchemy's engines for coroutines insist on an await in each call."""


class _Cursor(sqlite3.Cursor):
    async def _async_soft_close(self) -> None:
        """For SQLAlchemy: there is no cursor elsewhere to be closed."""

    @override
    def execute(self, *statement: Any) -> "_Cursor":
        await_only(_at_once())
        return super().execute(*statement)

    @override
    def executemany(self, *statement: Any) -> "_Cursor":
        await_only(_at_once())
        return super().executemany(*statement)


class _Connection(sqlite3.Connection):
    @override
    def cursor(self, factory: Any = None) -> Any:
        return super().cursor(_Cursor)


class Inline(SQLiteDialect_pysqlite):
    """The dialect behind the address."""

    driver = "inline"
    supports_statement_cache = True
    is_async = True

    @classmethod
    @override
    def get_pool_class(cls, url: URL) -> Any:
        return AsyncAdaptedQueuePool

    @override
    def create_connect_args(self, url: URL) -> Any:
        arguments, named = super().create_connect_args(url)
        return arguments, {**named, "factory": _Connection}


def hurry(database: Database) -> None:
    """Has SQLite leave the disk to the system: these histories are no test of a power cut."""
    if database.is_sqlite:
        event.listen(database.engine.sync_engine, "connect", _without_sync)


def _without_sync(dbapi_connection: Any, _record: Any) -> None:
    dbapi_connection.cursor().execute("PRAGMA synchronous=OFF")
