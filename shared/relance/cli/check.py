"""`relance check`: whether everything that must hold of the rows holds."""

from __future__ import annotations  # the types below are slow to load

import asyncio
import json
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

import typer

from relance.cli.answers import JsonOption, looking, said_age, said_count
from relance.cli.stores import DatabaseOption, OrganisationOption, find_organisation, open_database

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime
    from uuid import UUID

    from rich.console import Console

    from relance.store.invariants import Finding, Invariant, Sighting, Tell

_MANY = 2_000  # cases; fewer take no time worth a bar


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wish:
    quick: bool
    wake: bool
    database: str | None
    organisation: str | None


def check(
    quick: Annotated[
        bool, typer.Option("--quick", help="Do not evaluate every case again.")
    ] = False,
    wake: Annotated[
        bool, typer.Option("--wake", help="Have forgotten cases looked at by the next sweep.")
    ] = False,
    as_json: JsonOption = False,
    database: DatabaseOption = None,
    organisation: OrganisationOption = None,
) -> None:
    """Looks for what is sent twice, forgotten or late. Ends with 0 where all is well, else 1."""
    from rich.console import Console

    from relance.clock import WallClock
    from relance.store.invariants import INVARIANTS, QUICK, Grade

    if quick and wake:
        raise typer.BadParameter("--quick looks for no forgotten case", param_hint="--wake")
    console = Console(highlight=False, markup=False)
    wish = _Wish(quick=quick, wake=wake, database=database, organisation=organisation)
    with looking():
        findings, names = asyncio.run(_check(wish))
    now = WallClock().now()
    checked = QUICK if quick else INVARIANTS
    if as_json:
        rows = [_as_json(finding, names) for finding in findings]
        keys = [one.key for one in checked]
        typer.echo(json.dumps({"findings": rows, "checked": keys}, indent=2))
    else:
        _print(console, checked, findings, names, now)
    wrong = any(finding.invariant.grade is Grade.WRONG for finding in findings)
    raise typer.Exit(1 if wrong else 0)


async def _check(wish: _Wish) -> tuple[list[Finding], Mapping[UUID, str]]:
    from relance.clock import WallClock
    from relance.store.invariants import look
    from relance.store.organisations import organisation_names

    async with open_database(wish.database, service="scheduler") as database:
        async with database.read() as tx:
            names = {key: name for name, key in (await organisation_names(tx)).items()}
            only = await find_organisation(tx, wish.organisation) if wish.organisation else None
        with _progress() as tell:
            found = await look(
                database, WallClock(), only=only, quick=wish.quick, wake=wish.wake, tell=tell
            )
    return found, names


@contextmanager
def _progress() -> Iterator[Tell]:
    from rich.console import Console
    from rich.progress import Progress

    console = Console(stderr=True)
    with Progress(console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task("cases", visible=False)

        def tell(done: int, whole: int) -> None:
            progress.update(task, completed=done, total=whole, visible=whole >= _MANY)

        yield tell


def _print(
    console: Console,
    checked: Sequence[Invariant],
    findings: Sequence[Finding],
    names: Mapping[UUID, str],
    now: datetime,
) -> None:
    from rich.table import Table

    if not console.is_terminal:
        console.width = 140
    table = Table(box=None, pad_edge=False)
    for heading in ("looked for", "found", "oldest"):
        table.add_column(heading, justify="left" if heading == "looked for" else "right")
    for invariant in checked:
        table.add_row(invariant.title, *_figures(invariant, findings, now))
    console.print(table)
    for finding in findings:
        console.print()
        for line in _sentences(finding, names, now):
            console.print(line, soft_wrap=True)
    if not findings:
        console.print("\nAll is well.")


def _figures(invariant: Invariant, findings: Sequence[Finding], now: datetime) -> tuple[str, str]:
    found = [finding for finding in findings if finding.invariant is invariant]
    if not found:
        return "none", ""
    since = [finding.oldest for finding in found if finding.oldest]
    return f"{sum(f.count for f in found):,}", said_age(now - min(since)) if since else ""


def _sentences(finding: Finding, names: Mapping[UUID, str], now: datetime) -> Iterator[str]:
    """What is the case, how often, since when, where, and what to do."""
    invariant = finding.invariant
    grade = "" if invariant.grade == "wrong" else " (worth knowing)"
    house = f"{names[finding.organisation]}: " if finding.organisation and len(names) > 1 else ""
    yield f"{house}{invariant.title}{grade}: {said_count(finding.count, invariant.noun)}."
    for seen in finding.examples:
        yield f"  {_named(seen, invariant.noun)}{_age(seen.since, now)}"
    if finding.count > len(finding.examples):
        yield f"  … and {finding.count - len(finding.examples):,} more"
    yield f"  {invariant.mend}"


def _named(seen: Sighting, noun: str) -> str:
    return f"{f'customer {seen.customer}, ' if seen.customer else ''}{noun} {seen.subject}"


def _age(since: datetime | None, now: datetime) -> str:
    if since is None:
        return ""
    return (
        f", since {said_age(now - since)}" if since <= now else f", at {since:%Y-%m-%d %H:%M} UTC"
    )


def _as_json(finding: Finding, names: Mapping[UUID, str]) -> dict[str, object]:
    return {
        "invariant": finding.invariant.key,
        "grade": finding.invariant.grade,
        "title": finding.invariant.title,
        "organisation": names[finding.organisation] if finding.organisation else None,
        "count": finding.count,
        "oldest": finding.oldest.isoformat() if finding.oldest else None,
        "examples": [
            {"customer": seen.customer, finding.invariant.noun: seen.subject}
            for seen in finding.examples
        ],
        "mend": finding.invariant.mend,
    }
