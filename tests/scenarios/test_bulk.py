"""Many rows at once hold what the same rows hold one by one."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
import sqlalchemy as sa

from relance.store.bulk import among, copy_lines, insert_many, update_many
from relance.store.database import Database, ForeignTableError
from relance.store.tables import actions, cases, customers, imports
from relance.store.types import new_id
from tests.world import a_world

pytestmark = pytest.mark.asyncio

AT = datetime(2026, 11, 24, 7, 30, 0, 123456, tzinfo=UTC)
TEXTS = ("", "\\N", "tab\tand\nline\r\n", "C:\\temp\\new", "Élise 🏦 “ça”", "a,b;'c\"")


async def test_every_type_comes_back_as_it_went_in(store_url: str) -> None:
    async with a_world(store_url) as world:
        rows = [
            {
                "id": new_id(),
                "organisation_id": world.organisation,
                "file": text,
                "digest": "",
                "mode": "delta",
                "started_at": AT,
                "ended_at": ended,
                "counts": {text: [1, None, text]},
            }
            for text in TEXTS
            for ended in (AT, None)
        ]
        async with world.database.write() as tx:
            await insert_many(tx, imports, rows)
            await insert_many(tx, imports, [])
        assert [dict(row._mapping) for row in await world.rows(imports)] == rows


async def test_an_instant_without_a_zone_is_refused(store_url: str) -> None:
    async with a_world(store_url) as world:
        row = {"id": new_id(), "started_at": AT.replace(tzinfo=None)}
        with pytest.raises((ValueError, sa.exc.StatementError), match="needs a time zone"):
            async with world.database.write() as tx:
                await insert_many(tx, imports, [row])


async def test_rows_are_found_among_any_number_of_identifiers(store_url: str) -> None:
    async with a_world(store_url) as world:
        one, two = [await world.customer(name) for name in ("One", "Two")]
        async with world.database.read() as tx:
            for ids, found in (([], []), ([two, new_id()], [two]), ([two, one, one], [one, two])):
                chosen = sa.select(customers.c.id).where(among(tx, customers.c.id, ids))
                assert list(await tx.scalars(chosen.order_by(customers.c.id))) == found


async def test_a_service_may_not_copy_into_anothers_table(postgres_store_url: str) -> None:
    database = Database(postgres_store_url, service="dispatcher")
    with pytest.raises(ForeignTableError, match="dispatcher may not write actions"):
        async with database.write() as tx:
            await copy_lines(tx, actions, ["due_on"], [str(date(2026, 11, 24))])
    await database.close()


async def test_each_row_is_given_its_own_values(store_url: str) -> None:
    async with a_world(store_url) as world:
        plan = await world.plan()
        one, two, three = [
            await world.case(await world.customer(name), plan) for name in ("One", "Two", "Three")
        ]
        changes: list[dict[str, Any]] = [
            {"id": two, "wake_at": AT, "resting": ""},
            {"id": one, "wake_at": None, "resting": "it's “late”"},
        ]
        async with world.database.write() as tx:
            await update_many(tx, cases, changes)
            await update_many(tx, cases, [])
        found = {row.id: (row.wake_at, row.resting) for row in await world.rows(cases)}
        assert found == {one: (None, "it's “late”"), two: (AT, ""), three: (None, "")}
