"""Many rows in one statement: what the two databases do by ways of their own."""

from collections.abc import Collection, Mapping, Sequence
from functools import lru_cache
from operator import itemgetter
from typing import Any, cast
from uuid import UUID

import psycopg
import sqlalchemy as sa
from psycopg import sql
from sqlalchemy.dialects import postgresql
from sqlalchemy.ext.asyncio import AsyncConnection

from relance.store.database import check_writer


def among(
    tx: AsyncConnection, column: sa.ColumnElement[Any], ids: Collection[UUID]
) -> sa.ColumnElement[bool]:
    """Whether the column is one of these; on PostgreSQL one parameter, however many they are."""
    if tx.dialect.name == "sqlite":
        return column.in_(ids)
    return column == sa.any_(_array(list(ids), sa.Uuid()))


async def insert_rows(
    tx: AsyncConnection, table: sa.Table, rows: Sequence[Mapping[str, Any]]
) -> None:
    """Writes rows that name the same columns: every one that the database does not leave NULL."""
    if not rows:
        return
    if tx.dialect.name == "sqlite":
        await tx.execute(sa.insert(table), list(rows))
        return
    await tx.run_sync(check_writer, table)
    raw = await tx.get_raw_connection()
    driver = cast("psycopg.AsyncConnection[Any]", raw.driver_connection)
    names = tuple(rows[0])
    into = sql.SQL("COPY {} ({}) FROM STDIN (FORMAT binary)").format(
        sql.Identifier(table.name), sql.SQL(", ").join(map(sql.Identifier, names))
    )
    values = itemgetter(*names)  # a KeyError, not a wrong column, where a row lacks one
    async with driver.cursor() as cursor, cursor.copy(into) as copy:
        copy.set_types(_types(table, names))
        for row in rows:
            await copy.write_row(values(row))


async def update_rows(
    tx: AsyncConnection, table: sa.Table, rows: Sequence[Mapping[str, Any]]
) -> None:
    """Gives the rows of these `id`s the other columns' values; every row names the same columns."""
    if not rows:
        return
    names = [name for name in rows[0] if name != "id"]
    if tx.dialect.name == "sqlite":
        one = sa.update(table).where(table.c.id == sa.bindparam("id_"))
        values = one.values({name: sa.bindparam(name) for name in names})
        await tx.execute(values, [{**row, "id_": row["id"]} for row in rows])
        return
    arrays = (_array([row[name] for row in rows], table.c[name].type) for name in ("id", *names))
    columns = (sa.column(name, table.c[name].type) for name in ("id", *names))
    given = sa.func.unnest(*arrays).table_valued(*columns, name="given").render_derived()
    await tx.execute(
        sa.update(table)
        .where(table.c.id == given.c.id)
        .values({name: given.c[name] for name in names})
    )


def _array(values: Sequence[Any], type_: sa.types.TypeEngine[Any]) -> sa.BindParameter[Any]:
    return sa.bindparam(None, values, type_=postgresql.ARRAY(type_), unique=True)


@lru_cache(maxsize=256)
def _types(table: sa.Table, names: Sequence[str]) -> list[str]:
    dialect = postgresql.dialect()
    return [table.c[name].type.compile(dialect).lower() for name in names]
