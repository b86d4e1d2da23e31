"""`relance backtest` from the outside: what it prints and writes, and what it says to bad input."""

import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from relance.backtest import trial
from relance.backtest.checking import Left
from relance.backtest.replay import Replayed
from relance.cli.main import app
from relance.reporting.rows import ActionRow, read_rows
from tests.scenarios.backtest_ledgers import HEADER, line, random_lines, write

MAPPING = ["--mapping", "ibm-accounts-receivable"]
LATE = line("C-1", "N1", "2025-03-03", "2025-04-02", "2025-05-06", amount="1234.50")


@pytest.fixture
def ledger(tmp_path: Path) -> Path:
    return write(tmp_path / "ledger.csv", [LATE])


def run(*arguments: object, code: int = 0) -> str:
    result = CliRunner().invoke(app, ["backtest", *map(str, arguments)], env={"COLUMNS": "160"})
    assert result.exit_code == code, result.output
    return result.output


def rows(file: Path) -> list[ActionRow]:
    with file.open(encoding="utf-8", newline="") as opened:
        return list(read_rows(opened))


def test_it_prints_by_month_and_writes_every_action(tmp_path: Path, ledger: Path) -> None:
    file = tmp_path / "actions.csv"
    said = run(ledger, *MAPPING, "--plan", "standard-7", "-o", file)
    assert "Replayed 2025-03-03 to 2025-05-20. Items: 1. Customers: 1." in said
    assert "4,938.00 USD" in said  # four reminders of 1,234.50
    assert "Checked against the ledger" in said
    written = rows(file)
    assert [row.step for row in written][:2] == ["notice", "first-reminder"]
    assert {row.customer for row in written} == {"C-1"}
    assert written[0].items == ("N1",)


def test_plans_are_shown_side_by_side_and_in_a_page_of_their_own(
    tmp_path: Path, ledger: Path
) -> None:
    page, file = tmp_path / "report.html", tmp_path / "actions.csv"
    plans = ("--plan", "standard-7", "--plan", "recap-monthly")
    said = run(ledger, *MAPPING, *plans, "--report", page, "-o", file)
    assert "Side by side" in said
    assert {row.plan for row in rows(file)} == {"standard-7", "recap-monthly"}
    html = page.read_text("utf-8")
    assert "<script" not in html
    assert not re.search(r"https?://", html)
    assert html.count("<svg") == 4


def test_a_report_shows_customers_as_text_only(tmp_path: Path) -> None:
    evil = line("<b>&C", "=N1", "2025-03-03", "2025-04-02", "2025-05-06")
    page, file = tmp_path / "report.html", tmp_path / "actions.csv"
    ledger = write(tmp_path / "ledger.csv", [evil])
    run(ledger, *MAPPING, "--plan", "standard-7", "--report", page, "-o", file)
    assert "<b>&C" not in page.read_text("utf-8")
    assert "&lt;b&gt;&amp;C" in page.read_text("utf-8")
    assert ",'=N1," in file.read_text("utf-8")
    assert rows(file)[0].items == ("=N1",)


def test_two_versions_of_a_plan_are_told_apart(tmp_path: Path, ledger: Path) -> None:
    said = CliRunner().invoke(app, ["plan", "presets", "standard-7"]).output
    mine, file = tmp_path / "mine.yaml", tmp_path / "actions.csv"
    mine.write_text(said.replace("3 days after due date", "1 day after due date"), "utf-8")
    run(ledger, *MAPPING, "--plan", "standard-7", "--plan", mine, "-o", file)
    assert {row.plan for row in rows(file)} == {"standard-7", str(mine)}


def test_a_broken_rule_fails_loudly(ledger: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The planner breaks none, so what it made is moved by a day on its way to the check."""
    late = timedelta(days=120)

    def moved(replayed: Replayed) -> list[Left]:
        return [
            replace(
                one,
                at=one.at + late,
                rows=tuple(replace(row, date=row.date + late) for row in one.rows),
            )
            for one in honest(replayed)
        ]

    honest = trial.left
    monkeypatch.setattr(trial, "left", moved)
    said = run(ledger, *MAPPING, "--plan", "standard-7", code=1)
    assert "actions break the rules:" in said
    assert "item N1 was settled on 2025-05-06" in said
    assert "Checked against the ledger" not in said


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "the file is empty"),
        ("a,b\n1,2\n", "is missing from the header"),
        (",".join(HEADER.split()) + "\n", "no item that can be replayed"),
    ],
)
def test_a_ledger_that_holds_nothing_is_refused(tmp_path: Path, text: str, why: str) -> None:
    file = tmp_path / "ledger.csv"
    file.write_text(text, "utf-8")
    assert why in run(file, *MAPPING, "--plan", "standard-7", code=1)


def test_a_bad_line_is_listed_and_left_out(tmp_path: Path, ledger: Path) -> None:
    with ledger.open("a", encoding="utf-8") as opened:
        opened.write("C-2,391,N2,2/30/2025,3/30/2025,50.00,No,\n")
    said = run(ledger, *MAPPING, "--plan", "standard-7")
    assert "ledger.csv:3" in said
    assert "1 lines are left out" in said


def test_a_plan_with_mistakes_is_refused_with_all_of_them(tmp_path: Path, ledger: Path) -> None:
    plan = tmp_path / "plan.yaml"
    plan.write_text("plan: p\nname: P\nkind: spiral\ncontact_delay: 99\nsteps: []\n", "utf-8")
    said = run(ledger, *MAPPING, "--plan", plan, code=1)
    assert "spiral" in said
    assert "contact_delay" in said


@pytest.mark.parametrize(
    ("options", "why", "code"),
    [
        (("--plan", "no-such-plan"), "cannot be read", 1),
        (("--plan", "standard-7", "--from", "2031-01-01"), "Nothing happens from 2031-01-01 on", 1),
        (("--plan", "standard-7", "--to", "2001-01-01"), "Nothing had happened yet", 1),
        (
            ("--plan", "standard-7", "--from", "2025-05-01", "--to", "2025-04-01"),
            "--from is after --to",
            1,
        ),
        (("--plan", "standard-7", "--owners", "sleep"), "validate, wait, skip", 2),
        (("--plan", "standard-7", "--zone", "Mars/Base"), "no time zone “Mars/Base”", 2),
        (("--plan", "standard-7", "--country", "XX"), "No public holidays", 2),
        (("--plan", "standard-7", "--send-at", "noon"), "no time of day", 2),
        (("--plan", "standard-7", "--language", "la"), "no presets in “la”", 2),
        (("--plan", "standard-7", "--database", "nonsense"), "address is not one", 1),
        (("--plan", "standard-7", "-o", "/no/such/folder/a.csv"), "does not exist", 1),
    ],
)
def test_what_cannot_be_is_said_in_a_sentence(
    ledger: Path, options: tuple[str, ...], why: str, code: int
) -> None:
    assert why in run(ledger, *MAPPING, *options, code=code)


def test_a_mapping_that_does_not_exist_and_a_missing_plan(ledger: Path) -> None:
    assert "no such mapping file" in run(ledger, "--mapping", "ibm", "--plan", "standard-7", code=1)
    assert "--plan" in run(ledger, *MAPPING, code=2)


def test_a_database_that_holds_something_is_left_alone(tmp_path: Path, ledger: Path) -> None:
    url = f"sqlite+aiosqlite:///{tmp_path / 'mine.db'}"
    options = (*MAPPING, "--plan", "standard-7", "--database", url)
    assert "Checked" in run(ledger, *options)
    assert "must be empty" in run(ledger, *options, code=1)


def test_a_ledger_of_random_invoices_breaks_no_rule_under_two_presets(tmp_path: Path) -> None:
    ledger = write(tmp_path / "ledger.csv", random_lines(11))
    said = run(ledger, *MAPPING, "--plan", "standard-9", "--plan", "recap-monthly")
    assert "Checked against the ledger" in said
