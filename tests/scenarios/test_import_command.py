"""`relance import` as it is typed: what it prints, and with which code it ends."""

import asyncio
from pathlib import Path

import pytest
import sqlalchemy as sa
from typer.testing import CliRunner, Result

from relance.cli.main import app
from relance.store.database import Database
from relance.store.tables import cases, customers, items
from tests.world import a_world

CUSTOMERS = "reference,name,enabled\nC1,Boulangerie Martin,yes\n"
HEADER = "customer,number,issued_on,due_on,currency,amount\n"
ITEMS = HEADER + "C1,F-[red]1,2026-10-01,2026-10-31,EUR,1234.50\nC1,F2,2026-10-01,,EUR,1\n"
SAMPLE = (
    "countryCode,customerID,PaperlessDate,invoiceNumber,InvoiceDate,DueDate,InvoiceAmount,"
    "Disputed,SettledDate,PaperlessBill,DaysToSettle,DaysLate\n"
    "391,0001-ABCDE,4/6/2013,0000000001,1/2/2013,2/1/2013,55.94,No,1/15/2013,Paper,13,0\n"
    "406,0002-FGHIJ,3/3/2012,0000000002,1/26/2013,2/25/2013,61.74,Yes,,Electronic,36,6\n"
)


@pytest.fixture
def company(store_url: str) -> str:
    """A company with a default plan, and nothing in its ledger."""

    async def found() -> None:
        async with a_world(store_url) as world:
            await world.set_organisation(default_plan_id=await world.plan())

    asyncio.run(found())
    return store_url


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "customers.csv").write_text(CUSTOMERS)
    (tmp_path / "items.csv").write_text(ITEMS)
    return tmp_path


def run(url: str, *arguments: str) -> Result:
    return CliRunner().invoke(app, ["import", *arguments, "--database", url])


def count(url: str) -> list[int]:
    """How many customers, items and cases there are."""

    async def look() -> list[int]:
        database = Database(url, service="tests")
        async with database.read() as tx:
            found = [
                await tx.scalar(sa.select(sa.func.count()).select_from(table)) or 0
                for table in (customers, items, cases)
            ]
        await database.close()
        return found

    return asyncio.run(look())


def test_it_says_what_was_done_and_ends_with_0(company: str, folder: Path) -> None:
    dry = run(company, "customers.csv", "items.csv", "--dry-run")
    assert dry.exit_code == 0
    assert "This is what would change; nothing was." in dry.stdout
    done = run(company, "customers.csv", "items.csv")
    assert done.exit_code == 0
    assert "items.csv, line 3: no due date: kept, but never reminded" in done.stdout
    assert "1,235.50" in done.stdout
    assert "F-[red]1" in done.stdout
    assert "1 new customer" in done.stdout
    assert done.stdout.endswith("Done.\n")
    assert count(company) == [1, 2, 1]
    again = run(company, "customers.csv", "items.csv", "--mode", "stock")
    assert again.exit_code == 0
    assert again.stdout.endswith("No changes.\n")


def test_bad_lines_end_with_1_and_change_nothing(company: str, folder: Path) -> None:
    (folder / "items.csv").write_text(ITEMS.replace("1234.50", "1234.501"))
    refused = run(company, "customers.csv", "items.csv")
    assert refused.exit_code == 1
    assert (
        "items.csv, line 2, amount: 1234.501 has more decimals than EUR allows (2)"
        in refused.stdout
    )
    assert "Refused, and nothing was changed: 1 line is bad" in refused.stdout
    assert count(company) == [0, 0, 0]
    kept = run(company, "customers.csv", "items.csv", "--bad-lines", "keep-good")
    assert kept.exit_code == 0
    assert "Done. The good lines were kept, 1 bad one left out." in kept.stdout
    assert count(company) == [1, 1, 1]


def test_a_mapping_that_we_ship_reads_its_file(company: str, folder: Path) -> None:
    (folder / "sample.csv").write_text(SAMPLE)
    done = run(company, "sample.csv", "--mapping", "ibm-accounts-receivable")
    assert done.exit_code == 0, done.output
    assert "lines 2, 3: this customer has no contact" in done.stdout
    assert "2 new customers, 1 allocation" in done.stdout


def test_a_wrong_mapping_lists_its_mistakes_and_ends_with_1(company: str, folder: Path) -> None:
    (folder / "mine.yaml").write_text("date: x\ntables: {item: {}}\n")
    wrong = run(company, "items.csv", "--mapping", "mine.yaml")
    assert wrong.exit_code == 1
    assert "mine.yaml, line 1, date: no such key: did you mean “dates”?" in wrong.stderr
    assert "mine.yaml, line 2, tables.item: no such table: did you mean “items”?" in wrong.stderr
    assert "Nothing was imported" in wrong.stderr


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["items.csv", "--mode", "both"], "“both” is none of stock, delta"),
        (["items.csv", "--bad-lines", "x"], "“x” is none of refuse-all, keep-good"),
        (["items.csv", "--most-settled", "most"], "“most” is no share"),
        (["items.csv", "--most-settled", "101%"], "“101%” is no share"),
        (["a", "b", "c", "--mapping", "m", "--mapping", "n"], "2 mappings for 3 files"),
        ([], "Missing argument"),
    ],
)
def test_wrong_usage_ends_with_2(
    sqlite_store_url: str, folder: Path, arguments: list[str], sentence: str
) -> None:
    wrong = run(sqlite_store_url, *arguments)
    assert wrong.exit_code == 2
    assert sentence in " ".join(wrong.stderr.replace("│", " ").split())


def test_a_file_that_is_not_there_ends_with_1(company: str, folder: Path) -> None:
    missing = run(company, "nowhere.csv")
    assert missing.exit_code == 1
    assert "nowhere.csv: the file cannot be read: No such file or directory" in missing.stdout
