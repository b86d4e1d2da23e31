"""The real parts themselves: what the other tests take for granted."""

import asyncio
from contextlib import closing

import psycopg
import pytest
from playwright.async_api import Page
from sqlalchemy import URL, inspect, text
from sqlalchemy.ext.asyncio import create_async_engine

from relance.store.tables import metadata
from tests.real import postgres
from tests.real.rabbitmq import Broker, PrivateNode, fresh_vhost
from tests.real.run import Run


@pytest.mark.asyncio
async def test_a_database_is_empty_and_takes_writes(database_url: str) -> None:
    engine = create_async_engine(database_url)
    async with engine.begin() as connection:
        await connection.execute(text("CREATE TABLE item (number TEXT)"))
        await connection.execute(text("INSERT INTO item VALUES ('FA-1')"))
    async with engine.begin() as connection:
        rows = (await connection.execute(text("SELECT number FROM item"))).scalars().all()
    await engine.dispose()
    assert rows == ["FA-1"]


@pytest.mark.asyncio
@pytest.mark.parametrize("customer", ["first", "second"])
async def test_a_store_has_the_tables_and_nobody_elses_rows(store_url: str, customer: str) -> None:
    engine = create_async_engine(store_url)
    async with engine.begin() as connection:
        tables = await connection.run_sync(lambda c: inspect(c).get_table_names())
        await connection.execute(text(f"CREATE TABLE {customer} (number TEXT)"))
    await engine.dispose()
    assert set(metadata.tables) <= set(tables)
    assert not {"first", "second"} & set(tables)


@pytest.mark.postgresql
def test_a_database_is_dropped_even_while_somebody_is_connected(postgres_server: URL) -> None:
    with postgres.fresh_database(postgres_server) as url:
        address = url.set(drivername="postgresql").render_as_string(hide_password=False)
        connection = psycopg.connect(address)
    with pytest.raises(psycopg.OperationalError):
        connection.execute("SELECT 1")
    with pytest.raises(psycopg.OperationalError, match="does not exist"):
        psycopg.connect(address)


@pytest.mark.postgresql
def test_a_database_can_start_as_a_copy_of_another(postgres_server: URL) -> None:
    with postgres.fresh_database(postgres_server) as original:
        address = original.set(drivername="postgresql").render_as_string(hide_password=False)
        with psycopg.connect(address) as connection:
            connection.execute("CREATE TABLE item (number TEXT)")
        connection.close()
        with postgres.fresh_database(postgres_server, template=str(original.database)) as copy:
            address = copy.set(drivername="postgresql").render_as_string(hide_password=False)
            with psycopg.connect(address) as connection:
                assert connection.execute("SELECT count(*) FROM item").fetchone() == (0,)


@pytest.mark.browser
@pytest.mark.asyncio
async def test_a_page_runs_its_scripts_and_takes_clicks(page: Page) -> None:
    await page.set_content("<button onclick='this.textContent = \"Sent\"'>Validate</button>")
    await page.get_by_role("button", name="Validate").click()
    await page.get_by_role("button", name="Sent").wait_for()


@pytest.mark.asyncio
async def test_each_test_has_a_loop_of_its_own() -> None:
    assert len(asyncio.all_tasks()) == 1


@pytest.mark.rabbitmq
def test_a_virtual_host_goes_with_whoever_is_connected(rabbit: Broker) -> None:
    with fresh_vhost(rabbit) as url:
        name = url.rpartition("/")[2]
        assert rabbit.call("GET", f"vhosts/{name}")["name"] == name
    assert name not in {vhost["name"] for vhost in rabbit.call("GET", "vhosts")}


@pytest.mark.rabbitmq
def test_a_node_of_ones_own_is_killed_and_starts_again(run: Run) -> None:
    with closing(PrivateNode(run)) as node:
        node.start()
        node.kill()
        with pytest.raises(OSError):  # noqa: PT011 - refused or reset, as it happens to be
            node.broker.call("GET", "overview")
        node.start()
        assert node.broker.call("GET", "overview")["product_name"] == "RabbitMQ"
