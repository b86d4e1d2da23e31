"""What every test may ask for: a database address, a browser's page."""

import asyncio
import os
import shutil
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
import pytest_asyncio
from hypothesis import HealthCheck, settings
from playwright.async_api import Browser, Page
from sqlalchemy import URL

from relance.store.database import Database
from tests.real import browser as chromium
from tests.real import postgres, rabbitmq
from tests.real.run import Missing, Run, new_run, this_run

# No deadline: a busy machine is no bug. In CI the examples are the same for the same test.
settings.register_profile(
    "default",
    deadline=None,
    print_blob=True,
    derandomize="CI" in os.environ,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.register_profile(
    "thorough", settings.get_profile("default"), max_examples=10_000, derandomize=False
)
settings.load_profile("default")


def pytest_configure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):  # pytest-xdist's workers join its controller's run
        whole_run = ExitStack()
        whole_run.enter_context(new_run())
        config.add_cleanup(whole_run.close)


def pytest_report_header() -> list[str]:
    return [
        f"postgresql: {postgres.where()}",
        f"rabbitmq: {rabbitmq.where()}",
        f"chromium: {chromium.where()}",
    ]


@pytest.fixture(scope="session")
def run() -> Run:
    return this_run()


@pytest.fixture(scope="session")
def postgres_server(run: Run) -> URL:
    """One server for the whole run; `postgres.fresh_database` makes a database in it."""
    with failing_plainly():
        return postgres.server(run)


@pytest.fixture
def postgres_url(postgres_server: URL) -> Iterator[str]:
    """A fresh, empty database."""
    with postgres.fresh_database(postgres_server) as url:
        yield text(url)


@pytest.fixture(scope="session")
def rabbit(run: Run) -> rabbitmq.Broker:
    """One broker for the whole run; `rabbitmq.fresh_vhost` makes a place in it."""
    with failing_plainly():
        return rabbitmq.broker(run)


@pytest.fixture
def rabbitmq_url(rabbit: rabbitmq.Broker) -> Iterator[str]:
    """A virtual host with nothing in it."""
    with rabbitmq.fresh_vhost(rabbit) as url:
        yield url


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """A file that does not exist yet."""
    return f"sqlite+aiosqlite:///{tmp_path / 'relance.db'}"


KINDS = ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)]


@pytest.fixture(params=KINDS)
def database_url(request: pytest.FixtureRequest) -> str:
    """An empty database for SQLAlchemy's async engine; the test runs once on each kind."""
    fixture = {"sqlite": "sqlite_url", "postgresql": "postgres_url"}[request.param]
    url: str = request.getfixturevalue(fixture)
    return url


@pytest.fixture(params=KINDS)
def store_url(request: pytest.FixtureRequest) -> str:
    """The same with the product's tables, empty: a copy of one made once."""
    fixture = {"sqlite": "sqlite_store_url", "postgresql": "postgres_store_url"}[request.param]
    url: str = request.getfixturevalue(fixture)
    return url


@pytest.fixture
def sqlite_store_url(sqlite_template: Path, sqlite_url: str, tmp_path: Path) -> str:
    shutil.copy(sqlite_template, tmp_path / "relance.db")
    return sqlite_url


@pytest.fixture
def postgres_store_url(postgres_template: str, postgres_server: URL) -> Iterator[str]:
    with postgres.fresh_database(postgres_server, template=postgres_template) as url:
        yield text(url)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("template") / "relance.db"
    asyncio.run(create_schema(f"sqlite+aiosqlite:///{file}"))
    return file


@pytest.fixture(scope="session")
def postgres_template(postgres_server: URL) -> Iterator[str]:
    with postgres.fresh_database(postgres_server) as url:
        asyncio.run(create_schema(text(url)))
        yield str(url.database)


@contextmanager
def failing_plainly() -> Iterator[None]:
    """One sentence instead of a trace where something real is missing."""
    try:
        yield
    except Missing as missing:
        sentence = str(missing)
    else:
        return
    pytest.fail(sentence, pytrace=False)


async def create_schema(url: str) -> None:
    database = Database(url, service="tests")
    await database.create_schema()
    await database.close()


def text(url: URL) -> str:
    return url.render_as_string(hide_password=False)


@pytest_asyncio.fixture
async def browser(run: Run) -> AsyncIterator[Browser]:
    with failing_plainly():
        program = chromium.program(run)
    async with chromium.started(program) as running:
        yield running


@pytest_asyncio.fixture
async def page(browser: Browser) -> AsyncIterator[Page]:
    """A page that waits 5 seconds at most; an error in its scripts fails the test."""
    errors: list[str] = []
    page = await browser.new_page(locale="en-GB", viewport={"width": 1280, "height": 800})
    page.set_default_timeout(5_000)
    page.on("pageerror", lambda error: errors.append(str(error)))
    yield page
    assert errors == []
