"""`relance forecast`: what will leave in the days to come if nothing changes."""

from __future__ import annotations  # the types below are slow to load

import asyncio
from contextlib import contextmanager
from dataclasses import dataclass
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
    from collections.abc import Iterator, Sequence
    from datetime import datetime
    from uuid import UUID

    from rich.console import Console
    from sqlalchemy.ext.asyncio import AsyncConnection

    from relance.reporting.forecast import Tell
    from relance.reporting.rows import ActionRow

_MANY = 2_000  # customers; fewer take no time worth a bar


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wish:
    days: int
    owners_act: bool
    customer: str | None
    database: str | None
    organisation: str | None


def forecast(
    days: Annotated[int, typer.Option("--days", min=1, max=366, help="How many days.")] = 30,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Write every action to this CSV file.")
    ] = None,
    customer: Annotated[
        str | None, typer.Option("--customer", help="Only this one: reference or name.")
    ] = None,
    owners: Annotated[
        str,
        typer.Option(
            "--owners", help="wait: nobody decides anything; validate: all of it, on its day."
        ),
    ] = "wait",
    database: DatabaseOption = None,
    organisation: OrganisationOption = None,
) -> None:
    """Print what will leave, day by day, if nothing changes but the clock."""
    from rich.console import Console

    from relance.reporting.day_table import day_table, said_forecast

    if owners not in ("wait", "validate"):
        typer.echo(f"Owners cannot “{owners}”: write wait or validate.", err=True)
        raise typer.Exit(2)
    console = Console()
    wish = _Wish(
        days=days,
        owners_act=owners == "validate",
        customer=customer,
        database=database,
        organisation=organisation,
    )
    rows = asyncio.run(_forecast(console, wish))
    if output:
        _write(output, rows)
    if rows:
        console.print(day_table(rows))
    console.print(said_forecast(rows, days), highlight=False)
    if output:
        console.print(f"Actions: {output}", highlight=False)


async def _forecast(console: Console, wish: _Wish) -> list[ActionRow]:
    from relance.clock import WallClock
    from relance.reporting.forecast import Outlook, forecast_rows

    now = WallClock().now()
    async with (
        open_database(wish.database, service="scheduler") as database,
        database.read() as tx,
    ):
        organisation = await find_organisation(tx, wish.organisation)
        only = await _only(tx, organisation, wish.customer) if wish.customer else None
        await _warn(tx, organisation, now)
        outlook = Outlook(now=now, days=wish.days, owners_act=wish.owners_act, only=only)
        with _progress(console) as tell:
            return await forecast_rows(tx, organisation, outlook, tell)


async def _only(tx: AsyncConnection, organisation: UUID, query: str) -> list[UUID]:
    from relance.reporting.finding import find_customers
    from relance.reporting.why import Nobody, Several, sentences

    found = await find_customers(tx, organisation, query)
    if len(found.found) > 1:
        refuse("\n  ".join(sentences(Several(query=query, matches=found.found), "en")))
    if not found.found:
        refuse("\n  ".join(sentences(Nobody(query=query, nearest=found.nearest), "en")))
    return [found.found[0].id]


async def _warn(tx: AsyncConnection, organisation_id: UUID, now: datetime) -> None:
    """What holds everything back, though the plans would go on."""
    from relance.reporting.why import holds
    from relance.store.organisations import load_organisations

    organisation = (await load_organisations(tx, [organisation_id]))[organisation_id]
    for line in await holds(tx, organisation, now, "en"):
        typer.echo(f"{line} Below is what would leave without that.", err=True)


@contextmanager
def _progress(console: Console) -> Iterator[Tell]:
    from rich.progress import Progress

    with Progress(console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task("customers", visible=False)

        def tell(done: int, whole: int) -> None:
            progress.update(task, completed=done, total=whole, visible=whole >= _MANY)

        yield tell


def _write(file: Path, rows: Sequence[ActionRow]) -> None:
    from relance.reporting.rows import write_rows

    try:
        with file.open("w", encoding="utf-8", newline="") as opened:
            write_rows(opened, rows)
    except OSError as error:
        refuse(f"{file} cannot be written: {error.strerror}")
