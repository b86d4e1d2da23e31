"""The chain of migrations, up and down on both databases, and guarded against itself."""

import asyncio
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
import sqlalchemy as sa

from relance.store import schema
from relance.store.database import Database, ForeignTableError
from relance.store.tables import attempts, metadata


@pytest_asyncio.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    database = Database(database_url, service="scheduler")
    yield database
    await database.close()


@pytest.mark.asyncio
async def test_the_migrations_lead_to_the_tables_of_this_release(database: Database) -> None:
    assert not await schema.is_current(database)
    await schema.upgrade(database)
    assert await schema.drift(database) == []
    assert await schema.is_current(database)


@pytest.mark.asyncio
async def test_what_went_up_comes_down_and_goes_up_again(database: Database) -> None:
    await schema.upgrade(database)
    await schema.downgrade(database, "base")
    async with database.read() as tx:
        left = await tx.run_sync(lambda c: sa.inspect(c).get_table_names())
    assert left == ["alembic_version"]
    await schema.upgrade(database)
    assert await schema.drift(database) == []


@pytest.mark.asyncio
async def test_two_replicas_that_migrate_at_once_do_it_once(
    database: Database, database_url: str
) -> None:
    other = Database(database_url, service="scheduler")
    await asyncio.gather(schema.upgrade(database), schema.upgrade(other))
    await other.close()
    assert await schema.drift(database) == []


@pytest.mark.asyncio
async def test_a_service_cannot_write_anothers_table(database: Database) -> None:
    await schema.upgrade(database)
    with pytest.raises(ForeignTableError, match="scheduler may not write attempts"):
        async with database.write() as tx:
            await tx.execute(sa.delete(attempts))


def test_every_table_names_its_writer() -> None:
    writers = {table.name: table.info.get("writer") for table in metadata.sorted_tables}
    assert set(writers.values()) == {"scheduler", "dispatcher", "bot", "each"}
