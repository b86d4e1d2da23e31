"""Many rows at once: into a table by COPY, or looked up by one parameter that lists them."""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, cast
from uuid import UUID

import psycopg
import sqlalchemy as sa
from psycopg import sql
from sqlalchemy.ext.asyncio import AsyncConnection

from relance.store.database import refuse_foreign

_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


async def insert_many(
    tx: AsyncConnection, table: sa.Table, rows: Sequence[Mapping[str, Any]]
) -> None:
    """Adds the rows, which all name the same columns; on PostgreSQL no default is filled in."""
    if not rows:
        return
    if tx.dialect.name == "sqlite":
        await tx.execute(sa.insert(table), rows)
        return
    names = list(rows[0])
    documents = {name for name in names if isinstance(table.c[name].type, sa.JSON)}
    lines = (
        "\t".join([_cell(row[name], document=name in documents) for name in names]) for row in rows
    )
    await copy_lines(tx, table, names, lines)


async def copy_lines(
    tx: AsyncConnection, table: sa.Table, names: Sequence[str], lines: Iterable[str]
) -> None:
    """Sends lines in COPY's text format, without their ends; for PostgreSQL alone."""
    await tx.run_sync(refuse_foreign, table)
    raw = await tx.get_raw_connection()
    driver = cast("psycopg.AsyncConnection[Any]", raw.driver_connection)
    columns = sql.SQL(", ").join(map(sql.Identifier, names))
    copying = sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(table.name), columns)
    async with driver.cursor() as cursor, cursor.copy(copying) as copy:
        await copy.write("\n".join(lines) + "\n")


def among(
    tx: AsyncConnection, column: sa.Column[Any], ids: Collection[UUID]
) -> sa.ColumnElement[bool]:
    """Whether the column is one of these; the statement is the same for any number of them."""
    if tx.dialect.name == "sqlite":
        listed = sa.func.json_each(json.dumps([key.hex for key in ids])).table_valued("value")
        return column.in_(sa.select(listed.c.value))
    array = sa.bindparam(None, list(ids), sa.ARRAY(sa.Uuid), unique=True)
    return column == sa.func.any(array)


def _cell(value: object, *, document: bool) -> str:
    if document:
        return json.dumps(value).translate(_ESCAPES)
    if value is None:
        return "\\N"
    if isinstance(value, datetime) and value.tzinfo is None:
        raise ValueError("an instant needs a time zone")
    return str(value).translate(_ESCAPES)
