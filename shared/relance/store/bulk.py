"""Many rows at once: into a table by COPY, or looked up by one parameter that lists them."""

import json
from collections.abc import AsyncIterator, Callable, Collection, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any, cast
from uuid import UUID

import psycopg
import sqlalchemy as sa
from psycopg import sql
from psycopg.types.json import Json
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from relance.store.database import refuse_foreign
from relance.store.types import Instant


async def insert_many(
    tx: AsyncConnection, table: sa.Table, rows: Sequence[Mapping[str, Any]]
) -> None:
    """Adds the rows, which all name the same columns; on PostgreSQL no default is filled in."""
    if not rows:
        return
    if tx.dialect.name == "sqlite":
        await tx.execute(sa.insert(table), rows)
        return
    names = tuple(rows[0])
    types = [table.c[name].type for name in names]
    adapted = [(place, adapt) for place, type_ in enumerate(types) if (adapt := _adapting(type_))]
    async with _copying(tx, table, names, "(FORMAT binary)") as copy:
        copy.set_types([type_.compile(tx.dialect).lower().partition("(")[0] for type_ in types])
        for row in rows:
            values = [row[name] for name in names]
            for place, adapt in adapted:
                values[place] = adapt(values[place])
            await copy.write_row(values)


async def update_many(
    tx: AsyncConnection, table: sa.Table, rows: Sequence[Mapping[str, Any]]
) -> None:
    """Gives the rows of these `id`s the other columns' values; all name the same columns."""
    if not rows:
        return
    others = [name for name in rows[0] if name != "id"]
    if tx.dialect.name == "sqlite":
        one = sa.update(table).where(table.c.id == sa.bindparam("id_"))
        values = one.values({name: sa.bindparam(name) for name in others})
        await tx.execute(values, [{**row, "id_": row["id"]} for row in rows])
        return
    columns = [table.c[name] for name in ("id", *others)]
    arrays = [_array([row[column.name] for row in rows], column.type) for column in columns]
    names = [sa.column(column.name, column.type) for column in columns]
    given = sa.func.unnest(*arrays).table_valued(*names, name="given").render_derived()
    await tx.execute(
        sa.update(table)
        .where(table.c.id == given.c.id)
        .values({name: given.c[name] for name in others})
    )


async def copy_lines(
    tx: AsyncConnection, table: sa.Table, names: Sequence[str], lines: Iterable[str]
) -> None:
    """Sends lines in COPY's text format, without their ends; for PostgreSQL alone."""
    async with _copying(tx, table, names) as copy:
        await copy.write("\n".join(lines) + "\n")


@asynccontextmanager
async def _copying(
    tx: AsyncConnection, table: sa.Table, names: Sequence[str], form: str = ""
) -> AsyncIterator[psycopg.AsyncCopy]:
    await tx.run_sync(refuse_foreign, table)
    raw = await tx.get_raw_connection()
    driver = cast("psycopg.AsyncConnection[Any]", raw.driver_connection)
    into = sql.SQL("COPY {} ({}) FROM STDIN " + form).format(
        sql.Identifier(table.name), sql.SQL(", ").join(map(sql.Identifier, names))
    )
    try:
        async with driver.cursor() as cursor, cursor.copy(into) as copy:
            yield copy
    except psycopg.Error as error:  # as every other statement's comes
        raise DBAPIError.instance(
            f"COPY {table.name}",
            None,
            error,
            psycopg.Error,
            hide_parameters=True,
            connection_invalidated=driver.broken,
            dialect=tx.dialect,
        ) from error


def among(
    tx: AsyncConnection, column: sa.Column[Any], ids: Collection[UUID]
) -> sa.ColumnElement[bool]:
    """Whether the column is one of these; the statement is the same for any number of them."""
    if tx.dialect.name == "sqlite":
        listed = sa.func.json_each(json.dumps([key.hex for key in ids])).table_valued("value")
        return column.in_(sa.select(listed.c.value))
    # As one text: the driver writes an array element by element, at ten times the cost.
    array = sa.literal("{" + ",".join([key.hex for key in ids]) + "}", sa.Text)
    # Joined, not `= ANY`: a full read of the table, which the server chooses while it has no
    # statistics, would compare each row with every identifier.
    return column.in_(sa.select(sa.func.unnest(sa.cast(array, sa.ARRAY(sa.Uuid)))))


def _array(values: Sequence[Any], type_: sa.types.TypeEngine[Any]) -> sa.BindParameter[Any]:
    return sa.bindparam(None, values, sa.ARRAY(type_), unique=True)


def _adapting(type_: sa.types.TypeEngine[Any]) -> Callable[[Any], object] | None:
    """What a column's values need beyond the driver's own."""
    if isinstance(type_, sa.JSON):
        return Json
    return _refuse_naive if isinstance(type_, Instant) else None


def _refuse_naive(value: datetime | None) -> datetime | None:
    if value is not None and value.tzinfo is None:
        raise ValueError("an instant needs a time zone")
    return value
