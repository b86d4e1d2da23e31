"""`relance backtest`: what plans would have done with a past ledger."""

from __future__ import annotations  # the types below are slow to load

import asyncio
import tempfile
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from relance.cli.stores import refuse

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rich.console import Console

    from relance.backtest.replay import Span, Tell
    from relance.backtest.stage import Setting
    from relance.backtest.trial import Question, Trial
    from relance.domain.documents import Document
    from relance.reporting.rows import ActionRow
    from relance_scheduler.ledger.parsing import Ledger

_DATES = ["%Y-%m-%d"]
_MOST_PROBLEMS = 20


def backtest(
    ledger: Annotated[
        list[Path], typer.Argument(help="The ledger's files: CSV or XLSX.", show_default=False)
    ],
    plan: Annotated[
        list[str],
        typer.Option("--plan", "-p", help="A plan's file or a preset; several are compared."),
    ],
    mapping: Annotated[
        str | None,
        typer.Option("--mapping", "-m", help="A mapping file, or one that ships, by its name."),
    ] = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Write every action to this CSV file.")
    ] = None,
    report: Annotated[
        Path | None, typer.Option("--report", help="Write a report to this HTML file.")
    ] = None,
    first: Annotated[
        datetime | None, typer.Option("--from", formats=_DATES, help="The first day.")
    ] = None,
    last: Annotated[
        datetime | None, typer.Option("--to", formats=_DATES, help="The last day.")
    ] = None,
    owners: Annotated[
        str, typer.Option("--owners", help="What people do: validate, wait or skip.")
    ] = "validate",
    language: Annotated[str, typer.Option("--language", help="Of presets: en or fr.")] = "en",
    country: Annotated[
        str, typer.Option("--country", help="Whose public holidays: FR, or DE-BY with a region.")
    ] = "FR",
    zone: Annotated[str, typer.Option("--zone", help="The time zone.")] = "Europe/Paris",
    send_at: Annotated[str, typer.Option("--send-at", help="When messages leave.")] = "08:30",
    no_holidays: Annotated[
        bool, typer.Option("--no-holidays", help="Send on public holidays too.")
    ] = False,
    currency: Annotated[
        str | None, typer.Option("--currency", help="Of amounts, where the ledger says none.")
    ] = None,
    database: Annotated[
        str | None,
        typer.Option("--database", help="An empty database to use instead of a throw-away one."),
    ] = None,
) -> None:
    """Replay a past ledger day by day: what would each plan have sent, when, and to whom?"""
    from rich.console import Console

    from relance.backtest.printing import show

    console = Console()
    setting = _setting(country, zone, send_at, holidays=not no_holidays)
    documents = _documents(plan, language)
    if database and len(documents) > 1:
        _misused("One database holds one replay: leave --database away to compare plans.")
    for file in filter(None, (output, report)):
        if not file.absolute().parent.is_dir():
            refuse(f"{file} cannot be written: its folder does not exist.")
    question = _question(ledger, mapping, currency, setting, owners, (first, last))
    trials = asyncio.run(_attempt_all(console, question, documents, database))
    show(console, question, trials)
    if output:
        _write_rows(output, trials)
        console.print(f"Actions: {output}", highlight=False)
    if report:
        _write_report(report, question, trials)
        console.print(f"Report: {report}", highlight=False)
    _show_violations(trials)


def _misused(sentence: str) -> NoReturn:
    """An option that cannot be: like a flag that does not exist, exit code 2."""
    typer.echo(sentence, err=True)
    raise typer.Exit(2)


def _setting(country: str, zone: str, send_at: str, *, holidays: bool) -> Setting:
    from datetime import time
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

    from relance.backtest.stage import Setting
    from relance.store.organisations import public_holidays

    code, _, region = country.upper().partition("-")
    try:
        public_holidays(code, region)
    except NotImplementedError:
        _misused(f"No public holidays are known for “{country}”: give a code such as FR or DE-BY.")
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        _misused(f"There is no time zone “{zone}”: give a name such as Europe/Paris.")
    try:
        at = time.fromisoformat(send_at)
    except ValueError:
        _misused(f"“{send_at}” is no time of day: write it as 08:30.")
    if at.tzinfo or at >= time(23, 59):
        _misused(f"“{send_at}” is no time at which messages can leave: write it as 08:30.")
    return Setting(country=code, subdivision=region, zone=zone, send_at=at, holidays=holidays)


def _documents(names: Sequence[str], language: str) -> dict[str, Document]:
    """The plans' documents by the name under which each was given; refuses with every mistake."""
    from relance.plan_files import LANGUAGES, PRESETS, preset, read_plan

    if language not in LANGUAGES:
        _misused(f"There are no presets in “{language}”: use {' or '.join(LANGUAGES)}.")
    documents: dict[str, Document] = {}
    for name in dict.fromkeys(names):
        source: str | bytes
        if name in PRESETS and not Path(name).exists():
            source = preset(name, language)
        else:
            try:
                source = Path(name).read_bytes()
            except OSError as error:
                known = ", ".join(PRESETS)
                refuse(f"{name} cannot be read: {error.strerror}. Presets are {known}.")
        reading = read_plan(source)
        for mistake in reading.mistakes:
            place = f"{name}:{mistake.line}:{mistake.column}"
            kind = "warning: " if mistake.warning else ""
            mend = f" ({mistake.mend})" if mistake.mend else ""
            where = f"{mistake.path}: " if mistake.path else ""
            typer.echo(f"{place}: {kind}{where}{mistake.message}{mend}", err=True)
        if reading.document is None:
            refuse(f"{name} is not a plan yet: mend what is listed above.")
        documents[name] = reading.document
    return documents


def _question(
    files: Sequence[Path],
    mapping: str | None,
    currency: str | None,
    setting: Setting,
    owners: str,
    days: tuple[datetime | None, datetime | None],
) -> Question:
    from relance.backtest.hands import OwnersRule
    from relance.backtest.timeline import last_day, timeline
    from relance.backtest.trial import Question, span_of
    from relance.clock import WallClock

    if owners not in tuple(OwnersRule):
        _misused(f"Owners cannot “{owners}”: write {', '.join(OwnersRule)}.")
    ledger = _ledger(files, mapping, currency)
    found = timeline(ledger)
    today = WallClock().now().date()
    first, last = (day.date() if day else None for day in days)
    span = span_of(found, first, last, last_day(found, today))
    if isinstance(span, str):
        refuse(span)
    return Question(
        ledger=ledger, found=found, setting=setting, span=span, owners=OwnersRule(owners)
    )


def _ledger(files: Sequence[Path], mapping: str | None, currency: str | None) -> Ledger:
    """What the files say; a file that cannot be read is refused, bad lines are listed."""
    from relance_scheduler.ledger.mapping import WrongMapping
    from relance_scheduler.ledger.mapping_file import load_mapping
    from relance_scheduler.ledger.parsing import read_ledger
    from relance_scheduler.ledger.records import Severity

    chosen = load_mapping(mapping) if mapping else None
    if isinstance(chosen, WrongMapping):
        for mistake in chosen.mistakes:
            line = f":{mistake.line}" if mistake.line else ""
            typer.echo(f"{mistake.file}{line}: {mistake.reason}", err=True)
        refuse("The mapping is not right yet: mend what is listed above.")
    ledger = read_ledger(files, chosen, currency=currency)
    bad = [p for p in ledger.problems if p.severity is not Severity.NOTICE]
    for problem in ledger.problems[:_MOST_PROBLEMS]:
        place = f"{problem.file}:{problem.line}" if problem.line else problem.file
        column = f", {problem.column}" if problem.column else ""
        typer.echo(f"{place}{column}: {problem.reason}", err=True)
    if len(ledger.problems) > _MOST_PROBLEMS:
        typer.echo(f"… and {len(ledger.problems) - _MOST_PROBLEMS:,} more.", err=True)
    if any(problem.severity is Severity.FILE for problem in bad):
        refuse("The ledger cannot be read as it is.")
    if bad:
        typer.echo(f"{len(bad):,} lines are left out of the replay.", err=True)
    return ledger


async def _attempt_all(
    console: Console, question: Question, documents: dict[str, Document], url: str | None
) -> list[Trial]:
    from relance.backtest.replay import BrokenReplay
    from relance.backtest.trial import attempt

    trials = []
    for name, document in documents.items():
        with _throw_away(url) as address, _progress(console, name, question.span) as tell:
            await _check_empty(url)
            try:
                trials.append(await attempt(question, name, document, address, tell))
            except BrokenReplay as fault:
                refuse(f"{name}: the replay broke. {fault}.")
    return trials


@contextmanager
def _throw_away(url: str | None) -> Iterator[str]:
    if url:
        yield url
        return
    with tempfile.TemporaryDirectory(prefix="relance-backtest-") as folder:
        yield f"sqlite+aiosqlite:///{folder}/replay.db"


async def _check_empty(url: str | None) -> None:
    """A database that holds anything is not written to."""
    if url is None:
        return
    import sqlalchemy as sa
    from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError

    from relance.store.database import Database

    try:
        database = Database(url, service="scheduler")
    except (ArgumentError, NoSuchModuleError, ValueError):
        refuse("The database's address is not one: write sqlite+aiosqlite:///replay.db or so.")
    try:
        async with database.read() as tx:
            held = await tx.run_sync(lambda connection: sa.inspect(connection).get_table_names())
    except DBAPIError as error:
        refuse(f"The database cannot be used: {error.orig}")
    finally:
        await database.close()
    if held:
        refuse("The database of a replay must be empty: this one has tables already.")


@contextmanager
def _progress(console: Console, name: str, span: Span) -> Iterator[Tell]:
    """A bar on a terminal; elsewhere a line for every tenth of the days."""
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn

    whole = (span.last - span.first).days + 1
    if not console.is_terminal:
        said = [0]

        def say(day: date) -> None:
            tenth = ((day - span.first).days + 1) * 10 // whole
            if tenth > said[0]:
                said[0] = tenth
                typer.echo(f"{name}: {day}, {tenth * 10} %", err=True)

        yield say
        return
    columns = (TextColumn(f"{name} {{task.description}}"), BarColumn(), TaskProgressColumn())
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task(str(span.first), total=whole)
        yield lambda day: progress.update(
            task, completed=(day - span.first).days + 1, description=str(day)
        )


def _write_rows(file: Path, trials: Sequence[Trial]) -> None:
    from relance.reporting.rows import write_rows

    try:
        with file.open("w", encoding="utf-8", newline="") as opened:
            write_rows(opened, (row for trial in trials for row in _named(trial, trials)))
    except OSError as error:
        refuse(f"{file} cannot be written: {error.strerror}")


def _named(trial: Trial, trials: Sequence[Trial]) -> Iterator[ActionRow]:
    """Two versions of one plan have one key: then the file's name tells them apart."""
    from dataclasses import replace

    shared = len({other.figures.plan for other in trials}) < len(trials)
    return (replace(row, plan=trial.name) if shared else row for row in trial.rows)


def _write_report(file: Path, question: Question, trials: Sequence[Trial]) -> None:
    from relance.backtest.report import report_page

    try:
        file.write_text(report_page(question, trials), "utf-8")
    except OSError as error:
        refuse(f"{file} cannot be written: {error.strerror}")


def _show_violations(trials: Sequence[Trial]) -> None:
    broken = [trial for trial in trials if trial.violations]
    for trial in broken:
        typer.echo(f"{trial.name}: {len(trial.violations):,} actions break the rules:", err=True)
        for sentence in trial.violations:
            typer.echo(f"  {sentence}", err=True)
    if broken:
        raise typer.Exit(1)
    typer.echo(
        "Checked against the ledger: nothing on a settled or disputed item, inside the contact"
        " delay or outside the slots."
    )
