"""SQLite without a thread, for one process that does one thing at a time.

aiosqlite hands every call to a thread and waits for it; a replay makes hundreds of thousands of
calls, and the waiting would be most of its time. Here they run where they are made. The classes
have the methods of aiosqlite's that SQLAlchemy's dialect calls.
"""

import sqlite3
from asyncio import Future
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Self

from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncEngine


def run_inline(engine: AsyncEngine) -> None:
    """Has an engine for SQLite connect this way from now on, and forgo safety from power cuts."""
    event.listen(engine.sync_engine, "do_connect", _connect)
    event.listen(engine.sync_engine, "connect", _forgo_safety)


def _connect(dialect: Any, _record: Any, arguments: Sequence[Any], options: dict[str, Any]) -> Any:
    return dialect.dbapi.connect(*arguments, async_creator_fn=_open, **options)


def _forgo_safety(dbapi_connection: Any, _record: Any) -> None:
    cursor = dbapi_connection.cursor()
    cursor.execute("PRAGMA synchronous=OFF")
    cursor.close()


async def _open(*arguments: Any, **options: Any) -> "_Connection":
    return _Connection(sqlite3.connect(*arguments, **options))


class _Cursor:
    def __init__(self, cursor: sqlite3.Cursor) -> None:
        self._cursor = cursor

    async def __aenter__(self) -> Self:
        return self

    @property
    def description(self) -> Any:
        return self._cursor.description

    @property
    def rowcount(self) -> int:
        return self._cursor.rowcount

    @property
    def lastrowid(self) -> int | None:
        return self._cursor.lastrowid

    async def execute(self, statement: str, parameters: Any = ()) -> Self:
        self._cursor.execute(statement, parameters)
        return self

    async def executemany(self, statement: str, parameters: Iterable[Any]) -> Self:
        self._cursor.executemany(statement, parameters)
        return self

    async def fetchall(self) -> list[Any]:
        return self._cursor.fetchall()

    async def close(self) -> None:
        self._cursor.close()


class _Calls:
    """Stands for aiosqlite's queue to its thread, which the dialect uses to set a property."""

    def put_nowait(self, call: tuple[Future[Any], Callable[[], Any]]) -> None:
        future, function = call
        future.set_result(function())


class _Connection:
    def __init__(self, connection: sqlite3.Connection) -> None:
        self._conn = connection
        self._connection: sqlite3.Connection | None = connection
        self._tx = _Calls()

    @property
    def isolation_level(self) -> str | None:
        return self._conn.isolation_level

    def cursor(self) -> _Cursor:
        return _Cursor(self._conn.cursor())

    async def create_function(self, *arguments: Any, **options: Any) -> None:
        self._conn.create_function(*arguments, **options)

    async def commit(self) -> None:
        self._conn.commit()

    async def rollback(self) -> None:
        self._conn.rollback()

    async def close(self) -> None:
        self._connection = None
        self._conn.close()

    def stop(self) -> None:
        self._connection = None
        self._conn.close()
