"""A question that takes long to answer keeps nobody's click waiting."""

import asyncio

import pytest
import sqlalchemy as sa

from relance.reporting.finding import find_customers
from relance.store.tables import customers
from relance.store.types import new_id
from tests.world import a_world


@pytest.mark.asyncio
async def test_a_name_mistyped_among_thousands_holds_up_nothing_else(sqlite_store_url: str) -> None:
    turns = 0

    async def others() -> None:
        nonlocal turns
        while True:
            await asyncio.sleep(0.01)
            turns += 1

    async with a_world(sqlite_store_url) as world:
        rows = [
            {
                "id": new_id(),
                "organisation_id": world.organisation,
                "reference": f"C{n:06}",
                "name": f"Société numéro {n} & fils",
            }
            for n in range(8_000)
        ]
        async with world.database.write() as tx:
            await tx.execute(sa.insert(customers), rows)
        async with world.database.read() as tx:
            everybody = await find_customers(tx, world.organisation, "C000007")
            beside = asyncio.create_task(others())
            found = await find_customers(tx, world.organisation, "Sociéte numro 7000")
            beside.cancel()
    assert [c.reference for c in everybody.found] == ["C000007"]
    assert found.nearest
    assert turns > 10
