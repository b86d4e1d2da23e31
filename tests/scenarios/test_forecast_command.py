"""`relance forecast` and `relance why` from the outside."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner

from relance.cli.main import app
from relance.clock import WallClock
from relance.reporting.rows import read_rows
from tests.world import a_world


@pytest.fixture
def url(sqlite_store_url: str) -> str:
    """ACME owes since ten days, Dupont owes nothing; the machine's clock is the world's."""

    async def populate() -> None:
        async with a_world(sqlite_store_url, WallClock().now()) as world:
            plan = await world.plan()
            for name, reference in (("ACME", "C1"), ("Dupont", "C2"), ("ACME Nord", "C3")):
                customer = await world.customer(name, reference=reference)
                await world.contact(customer, f"{reference}@example.test")
                await world.case(customer, plan)
                if name == "ACME":
                    await world.invoice(customer, "1234.50", number="F-1")

    asyncio.run(populate())
    return sqlite_store_url


def run(*arguments: str, code: int = 0) -> str:
    result = CliRunner().invoke(app, arguments, env={"COLUMNS": "160"})
    assert result.exit_code == code, result.output
    return result.output


def test_a_forecast_is_printed_by_day_and_written(url: str, tmp_path: Path) -> None:
    file = tmp_path / "actions.csv"
    said = run("forecast", "--days", "30", "--database", url, "-o", str(file))
    assert "1,234.50 EUR" in said
    assert "Actions: 2; customers: 1; days: 30." in said
    with file.open(encoding="utf-8", newline="") as opened:
        rows = list(read_rows(opened))
    assert [(row.customer, row.step, row.items) for row in rows] == [
        ("C1", "first", ("F-1",)),
        ("C1", "second", ("F-1",)),
    ]
    assert rows[0].date >= datetime.now(UTC).date()


def test_nothing_to_come_is_said(url: str) -> None:
    said = run("forecast", "--customer", "dupont", "--database", url)
    assert said.strip() == "Nothing will leave in the next 30 days if nothing changes."


def test_a_customer_must_be_one(url: str) -> None:
    assert "Several customers match “acm”" in run(
        "forecast", "--customer", "acm", "--database", url, code=1
    )
    assert "ACME (C1)" in run("forecast", "--customer", "Acne", "--database", url, code=1)


@pytest.mark.parametrize(
    "options", [("--owners", "sleep"), ("--days", "0"), ("--days", "9999"), ("--days", "x")]
)
def test_options_that_cannot_be_are_refused(url: str, options: tuple[str, ...]) -> None:
    run("forecast", "--database", url, *options, code=2)


def test_why_names_the_customer_and_a_line_for_each_cause(url: str) -> None:
    lines = run("why", "C1", "--language", "en", "--database", url).splitlines()
    assert lines[:2] == ["ACME (C1)", "  Plan: Standard."]
    assert all(line.startswith("  ") for line in lines[1:])
    assert "Plan : Standard." in run("why", "acme", "--database", url)


def test_why_answers_several_and_nobody_without_guessing(url: str) -> None:
    assert "ACME Nord (C3)" in run("why", "acm", "--database", url, code=1)
    assert "Dupont (C2)" in run("why", "dupond", "--database", url, code=1)


def test_a_database_that_is_not_there_is_a_sentence(tmp_path: Path) -> None:
    url = f"sqlite+aiosqlite:///{tmp_path / 'none.db'}"
    for command in (("forecast",), ("why", "C1")):
        assert "There is no database" in run(*command, "--database", url, code=1)
