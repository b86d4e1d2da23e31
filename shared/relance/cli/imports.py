"""`relance import`: customers, contacts, items, payments and allocations from files."""

from __future__ import annotations  # the types below are slow to load

import asyncio
import time
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from relance.cli.stores import (
    DatabaseOption,
    OrganisationOption,
    find_organisation,
    open_database,
    refuse,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from rich.console import Console

    from relance_scheduler.ledger.counting import Changes
    from relance_scheduler.ledger.delivery import Delivery
    from relance_scheduler.ledger.findings import Findings
    from relance_scheduler.ledger.importing import Imported, Outcome
    from relance_scheduler.ledger.mapping import Mapping
    from relance_scheduler.ledger.parsing import Progress
    from relance_scheduler.ledger.records import Problem

_SHOWN = 20  # different problems of each kind
_LINES = 8  # of one problem
_SECONDS = 5.0  # between lines of progress where there is no terminal


def import_(
    files: Annotated[
        list[Path],
        typer.Argument(
            metavar="FILE...", help="CSV files or spreadsheets, taken in together.", dir_okay=False
        ),
    ],
    mapping: Annotated[
        list[str] | None,
        typer.Option(
            metavar="M",
            help="A mapping file, or the name of one that comes with Relance; one for all files, "
            "or one for each in their order. Without: our own column names.",
            show_default=False,
        ),
    ] = None,
    mode: Annotated[
        str,
        typer.Option(
            metavar="stock|delta",
            help="stock: the files name all that is open, what they leave out is settled. "
            "delta: only what the files say changes.",
        ),
    ] = "delta",
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show what would change, and change nothing.")
    ] = False,
    bad_lines: Annotated[
        str,
        typer.Option(
            metavar="refuse-all|keep-good",
            help="Beside bad lines, refuse the good ones too, or keep them.",
        ),
    ] = "refuse-all",
    most_settled: Annotated[
        str,
        typer.Option(
            metavar="SHARE", help="The largest share of open items that a stock may settle."
        ),
    ] = "30%",
    database: DatabaseOption = None,
    organisation: OrganisationOption = None,
) -> None:
    """Bring files into the ledger: all of them, or nothing."""
    from relance_scheduler.ledger.delivery import BadLines, Delivery, Mode
    from relance_scheduler.ledger.importing import Refused

    delivery = partial(
        Delivery,
        files=_with_mappings(files, mapping or []),
        mode=Mode(_choice("--mode", mode, [*Mode])),
        bad_lines=BadLines(_choice("--bad-lines", bad_lines, [*BadLines])),
        most_settled=_share(most_settled),
        dry_run=dry_run,
    )
    outcome = asyncio.run(_import(database, organisation, delivery))
    _report(outcome, dry_run=dry_run)
    if isinstance(outcome, Refused):
        raise typer.Exit(1)


async def _import(url: str | None, name: str | None, make: partial[Delivery]) -> Outcome:
    from relance.clock import WallClock
    from relance.service import collect_seldom
    from relance_scheduler.enrolment import enrol
    from relance_scheduler.ledger.importing import import_files
    from relance_scheduler.reconsider import reconsider

    collect_seldom()
    async with open_database(url, service="scheduler") as database:
        async with database.read() as tx:
            delivery = make(organisation=await find_organisation(tx, name))
        with _progress(delivery) as tell:
            return await import_files(
                database,
                delivery,
                clock=WallClock(),
                enrol=enrol,
                reconsider=reconsider,
                tell=tell,
            )


def _choice(option: str, word: str, words: Sequence[str]) -> str:
    if word not in words:
        raise typer.BadParameter(f"“{word}” is none of {', '.join(words)}", param_hint=option)
    return word


def _share(text: str) -> float:
    """30% or 30 as 0.3."""
    digits = text.strip().removesuffix("%").strip()
    if not digits.replace(".", "", 1).isdecimal() or float(digits) > 100:
        raise typer.BadParameter(
            f"“{text}” is no share: write 30% or so", param_hint="--most-settled"
        )
    return float(digits) / 100


def _with_mappings(
    files: Sequence[Path], names: Sequence[str]
) -> list[tuple[Path, Mapping | None]]:
    from relance_scheduler.ledger.mapping import WrongMapping
    from relance_scheduler.ledger.mapping_file import load_mapping

    if len(names) not in (0, 1, len(files)):
        raise typer.BadParameter(
            f"{len(names)} mappings for {len(files)} files: give one for all, or one for each",
            param_hint="--mapping",
        )
    if not names:
        return [(file, None) for file in files]
    found = [load_mapping(name) for name in names]
    wrong = [one for one in found if isinstance(one, WrongMapping)]
    for mistake in [mistake for one in wrong for mistake in one.mistakes]:
        typer.echo(_sentence(mistake), err=True)
    if wrong:
        refuse("Nothing was imported: mend the mapping.")
    good = [one for one in found if not isinstance(one, WrongMapping)]
    return list(zip(files, good * len(files) if len(good) == 1 else good, strict=False))


@contextmanager
def _progress(delivery: Delivery) -> Iterator[Callable[[Progress], None]]:
    """A bar on a terminal, otherwise a line every few seconds."""
    from rich.console import Console

    console = Console(stderr=True, highlight=False, markup=False)
    if not console.is_terminal:
        yield _lines_of_progress(console)
        return
    from rich.progress import Progress as Bar

    with Bar(console=console, transient=True) as bar:
        tasks = {path.name: bar.add_task(path.name, total=1.0) for path, _ in delivery.files}
        ledger = bar.add_task("comparing with the ledger", total=None, visible=False)

        def tell(progress: Progress) -> None:
            if progress.step == "reading":
                bar.update(tasks[progress.file], completed=progress.done)
            else:
                bar.update(ledger, description=f"{progress.step} …", visible=True)

        yield tell


def _lines_of_progress(console: Console) -> Callable[[Progress], None]:
    started = said = time.monotonic()

    def tell(progress: Progress) -> None:
        nonlocal said
        now = time.monotonic()
        if now - said < _SECONDS and (progress.step == "reading" or now - started < _SECONDS):
            return
        said = now
        where = f" {progress.file}, line {progress.line:,} ({progress.done:.0%})"
        console.print(progress.step + (where if progress.step == "reading" else " …"))

    return tell


def _report(outcome: Outcome, *, dry_run: bool) -> None:
    from rich.console import Console

    from relance_scheduler.ledger.importing import Refused
    from relance_scheduler.ledger.records import Severity

    console = Console(highlight=False, markup=False, soft_wrap=True)
    if not console.is_terminal:
        console.width = 120
    for severity, heading in (
        (Severity.FILE, "Cannot be read:"),
        (Severity.BAD_LINE, "Bad lines:"),
        (Severity.NOTICE, "Worth knowing:"),
    ):
        _report_problems(console, outcome.findings, severity, heading)
    if isinstance(outcome, Refused):
        console.print(f"Refused, and nothing was changed: {outcome.reason}.")
        return
    _report_changes(console, outcome.changes)
    console.print(_ending(outcome, dry_run=dry_run))


def _ending(outcome: Imported, *, dry_run: bool) -> str:
    bad, left_out = outcome.findings.bad_lines, ""
    if bad:
        kept = "would be kept" if dry_run else "were kept"
        left_out = f" The good lines {kept}, {_count(bad, 'bad one')} left out."
    if outcome.changes.none:
        return f"No changes.{left_out}"
    return f"{'This is what would change; nothing was.' if dry_run else 'Done.'}{left_out}"


def _report_problems(console: Console, findings: Findings, severity: str, heading: str) -> None:
    shown = [problem for problem in findings.problems if problem.severity == severity]
    if not shown:
        return
    console.print(heading)
    alike: dict[tuple[str, str, str], list[Problem]] = {}
    for problem in shown:
        alike.setdefault((problem.file, problem.column, problem.reason), []).append(problem)
    for same in list(alike.values())[:_SHOWN]:
        console.print(f"  {_sentence(*same)}")
    total = findings.counts[shown[0].severity]
    if total > len(shown) or len(alike) > _SHOWN:
        console.print(f"  … {total:,} in all")


def _sentence(problem: Problem, *others: Problem) -> str:
    where = [problem.file] if problem.file else []
    lines = sorted({one.line for one in (problem, *others) if one.line})
    if lines:
        more = f" and {len(lines) - _LINES:,} more" if len(lines) > _LINES else ""
        numbers = ", ".join(str(line) for line in lines[:_LINES])
        where.append(f"line{'s' if others else ''} {numbers}{more}")
    where += [problem.column] if problem.column else []
    return f"{', '.join(where)}: {problem.reason}" if where else problem.reason


def _report_changes(console: Console, changes: Changes) -> None:
    from rich.table import Table

    if changes.items:
        table = Table(box=None, pad_edge=False)
        for heading in ("", "items", "", "open before", "open after", "currency", "such as"):
            right = heading in ("items", "open before", "open after")
            table.add_column(heading, justify="right" if right else "left", overflow="fold")
        for one in changes.items:
            table.add_row(
                str(one.event),
                f"{one.count:,}",
                one.kind.replace("_", " "),
                f"{one.open_before:,}",
                f"{one.open_after:,}",
                one.currency,
                ", ".join(one.examples),
            )
        console.print(table)
    others = [
        (changes.customers_new, "new customer"),
        (changes.customers_changed, "changed customer"),
        (changes.contacts_new, "new contact"),
        (changes.contacts_changed, "changed contact"),
        (changes.allocations, "allocation"),
    ]
    if said := [_count(number, noun) for number, noun in others if number]:
        console.print(", ".join(said))


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"
