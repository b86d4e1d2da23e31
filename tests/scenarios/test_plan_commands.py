"""`relance plan` as a person at a terminal meets it; on both databases."""

import asyncio
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from typer.testing import CliRunner, Result

from relance.cli.main import app
from relance.plan_files import preset, read_plan
from relance.store.database import Database
from relance.store.tables import (
    cases,
    customers,
    history,
    organisations,
    plan_versions,
    plans,
    templates,
)
from relance.store.types import new_id
from tests.world import a_world


def relance(*words: str, database: str | None = None) -> Result:
    return CliRunner().invoke(
        app, ["plan", *words], env={"RELANCE_DATABASE_URL": database, "COLUMNS": "200"}
    )


@pytest.fixture
def company(store_url: str) -> str:
    """The address of a database that holds a company which writes in French."""

    async def found() -> None:
        async with a_world(store_url):
            pass

    asyncio.run(found())
    return store_url


def rows(url: str, table: sa.Table) -> list[Any]:
    async def read() -> list[Any]:
        database = Database(url, service="tests")
        async with database.read() as tx:
            found = list((await tx.execute(sa.select(table))).all())
        await database.close()
        return found

    return asyncio.run(read())


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """The standard plan as a file of one's own."""
    path = tmp_path / "mine.yaml"
    path.write_text(preset("standard-7"), "utf-8")
    return path


def change(file: Path, old: str, new: str) -> None:
    text = file.read_text("utf-8")
    assert old in text
    file.write_text(text.replace(old, new), "utf-8")


def test_a_good_plan_is_called_one_without_any_database(file: Path) -> None:
    result = relance("check", str(file))
    assert result.exit_code == 0
    assert result.output == f"{file}: a good plan, 7 steps\n"


def test_every_mistake_is_printed_with_its_place(file: Path) -> None:
    change(file, "contact_delay: 5", "contact_delay: 99")
    change(file, "channel: call", "channel: phone")
    change(file, "template: thank-you", "template: thank-yuo")
    result = relance("check", str(file))
    assert result.exit_code == 1
    places = [line.removeprefix(f"{file}:").split(" ")[0] for line in result.output.splitlines()]
    assert places == ["9:16:", "39:14:", "66:15:"]
    assert "did you mean “thank-you”?" in result.output


def test_a_warning_does_not_refuse_a_plan(file: Path) -> None:
    change(file, "3 days after due date", "10 days after previous step")
    result = relance("check", str(file))
    assert result.exit_code == 0
    assert ": warning: steps[2].when: " in result.output


def test_with_a_database_its_templates_and_members_are_known(company: str, file: Path) -> None:
    change(file, "owner: account manager", "owner: nobody@atelier.test")
    assert relance("check", str(file)).exit_code == 0
    result = relance("check", str(file), database=company)
    assert result.exit_code == 1
    assert "no member has the address “nobody@atelier.test”" in result.output
    change(file, "nobody@", "alice@")
    assert relance("check", str(file), database=company).exit_code == 0


def test_a_wrong_plan_is_not_applied(company: str, file: Path) -> None:
    change(file, "contact_delay: 5", "contact_delay: 99")
    result = relance("apply", str(file), database=company)
    assert result.exit_code == 1
    assert "9:16: contact_delay: the contact delay is 99 days" in result.output
    assert "Nothing was applied." in result.output
    assert rows(company, plans) == []


def test_a_preset_is_applied_in_the_organisations_language_with_its_templates(company: str) -> None:
    result = relance("apply", "standard-7", database=company)
    assert result.exit_code == 0, result.output
    assert result.output.startswith("standard-7: new, version 1\n")
    [version] = rows(company, plan_versions)
    assert version.document == read_plan(preset("standard-7", "fr")).document
    stored = {(t.key, t.language) for t in rows(company, templates)}
    assert {("first-reminder", "fr"), ("first-reminder", "en"), ("call-script", "fr")} <= stored
    assert "seventh-reminder" not in {key for key, _ in stored}


def test_a_preset_is_applied_in_the_language_asked_for(company: str) -> None:
    assert relance("apply", "recap-monthly", "--language", "en", database=company).exit_code == 0
    [version] = rows(company, plan_versions)
    assert version.document["name"] == "Monthly statement of account"


def test_what_changes_is_said_step_by_step(company: str, file: Path) -> None:
    relance("apply", str(file), database=company)
    change(file, "contact_delay: 5", "contact_delay: 7")
    change(file, "3 days after due date", "4 days after due date")
    change(file, "key: call", "key: ring")
    result = relance("apply", str(file), database=company)
    assert result.output.splitlines() == [
        "standard-7: version 1 -> 2; 0 customers follow it",
        "  added: ring",
        "  removed: call",
        "  changed: first-reminder (when)",
        "  of the plan itself: contact_delay",
    ]
    again = relance("apply", str(file), database=company)
    assert again.output == "standard-7: unchanged, version 2; 0 customers follow it\n"


def test_a_dry_run_says_the_same_and_changes_nothing(company: str, file: Path) -> None:
    result = relance("apply", str(file), "--dry-run", database=company)
    assert result.exit_code == 0
    assert result.output.startswith("standard-7: new, version 1\n")
    assert result.output.endswith("A dry run: nothing was changed.\n")
    for table in (plans, plan_versions, templates, history):
        assert rows(company, table) == []


def test_an_export_can_be_applied_again_and_changes_nothing(company: str, tmp_path: Path) -> None:
    relance("apply", "standard-9", database=company)
    copy = tmp_path / "copy.yaml"
    assert relance("export", "standard-9", "-o", str(copy), database=company).exit_code == 0
    assert copy.read_text("utf-8") == relance("export", "standard-9", database=company).output
    assert "unchanged" in relance("apply", str(copy), database=company).output


def test_the_plans_are_listed_with_those_who_follow_them(company: str) -> None:
    relance("apply", "standard-7", database=company)

    async def follow() -> None:
        database = Database(company, service="scheduler")
        async with database.write() as tx:
            plan = await tx.scalar(sa.select(plans.c.id))
            row = {"reference": "C1", "name": "Acme", "enabled": True}
            here = sa.select(organisations.c.id).scalar_subquery()
            customer = new_id()
            await tx.execute(sa.insert(customers).values(id=customer, organisation_id=here, **row))
            await tx.execute(
                sa.insert(cases).values(
                    customer_id=customer, plan_id=plan, enrolled_on=date(2026, 11, 24)
                )
            )
        await database.close()

    asyncio.run(follow())
    result = relance("list", database=company)
    assert result.exit_code == 0
    [line] = [line for line in result.output.splitlines() if "standard-7" in line]
    assert [cell.strip() for cell in line.split("│")[1:-1]] == [
        "standard-7", "Standard, sept étapes", "1", "escalation", "7", "1", "active",
    ]  # fmt: skip


def test_the_presets_are_listed_and_printed() -> None:
    listed = relance("presets", "--language", "fr").output.splitlines()
    assert [line.split()[0] for line in listed] == [
        "standard-7", "standard-9", "recap-monthly", "by-hand-only",
    ]  # fmt: skip
    assert relance("presets", "recap-monthly").output == preset("recap-monthly")


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("check", "missing.yaml"), "missing.yaml cannot be read: No such file or directory"),
        (("check", "."), ". cannot be read: Is a directory"),
        (("check", "standard-7", "--language", "de"), "There are no presets in “de”"),
        (("presets", "standard-8"), "There is no preset “standard-8”"),
        (
            ("list", "--database", "sqlite+aiosqlite:////nowhere/relance.db"),
            "There is no database sqlite+aiosqlite:////nowhere/relance.db",
        ),
        (("list", "--database", "relance.db"), "The database's address is not one"),
        (("list", "--database", "oracle9://x"), "The database's address is not one"),
        (
            ("list", "--database", "postgresql+psycopg://me:secret@127.0.0.1:1/x"),
            "The database postgresql+psycopg://me:***@127.0.0.1:1/x cannot be used",
        ),
    ],
)
def test_what_cannot_be_done_is_said_in_a_sentence(words: tuple[str, ...], sentence: str) -> None:
    result = relance(*words)
    assert result.exit_code == 1
    assert result.output.startswith(sentence)
    assert "Traceback" not in result.output
    assert "secret" not in result.output


def test_a_plan_that_is_not_there_cannot_be_exported(company: str, tmp_path: Path) -> None:
    relance("apply", "standard-7", database=company)
    result = relance("export", "standard", database=company)
    assert (result.exit_code, result.output) == (
        1, "There is no plan “standard”; there are: standard-7.\n",
    )  # fmt: skip
    nowhere = tmp_path / "no" / "plan.yaml"
    result = relance("export", "standard-7", "-o", str(nowhere), database=company)
    assert result.output == f"{nowhere} cannot be written: No such file or directory\n"


def test_a_database_without_tables_or_company_says_so(database_url: str, tmp_path: Path) -> None:
    (tmp_path / "relance.db").touch()
    result = relance("list", database=database_url)
    assert result.exit_code == 1
    assert "cannot be used" in result.output
    assert "SELECT" not in result.output


def test_a_database_without_a_company_says_so(store_url: str) -> None:
    result = relance("list", database=store_url)
    assert result.exit_code == 1
    assert result.output == "The database holds no organisation yet: relance init sets one up.\n"
