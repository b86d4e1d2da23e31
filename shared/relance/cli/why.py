"""`relance why`: why something is or is not due for a customer."""

from __future__ import annotations  # the types below are slow to load

import asyncio
from typing import TYPE_CHECKING, Annotated

import typer

from relance.cli.stores import DatabaseOption, OrganisationOption, find_organisation, open_database

if TYPE_CHECKING:
    from relance.reporting.why import WhyAnswer


def why(
    customer: Annotated[
        str, typer.Argument(help="Its reference, its name, or a part of it.", show_default=False)
    ],
    language: Annotated[
        str | None, typer.Option("--language", help="en or fr; else the organisation's.")
    ] = None,
    database: DatabaseOption = None,
    organisation: OrganisationOption = None,
) -> None:
    """Say in one line per cause why something is or is not due for a customer."""
    from relance.reporting.why import Explained, sentences

    answer, tongue = asyncio.run(_ask(customer, language, database, organisation))
    lines = sentences(answer, tongue)
    found = isinstance(answer, Explained)
    typer.echo(lines[0], err=not found)
    for line in lines[1:]:
        typer.echo(f"  {line}", err=not found)
    if not found:
        raise typer.Exit(1)


async def _ask(
    query: str, language: str | None, url: str | None, name: str | None
) -> tuple[WhyAnswer, str]:
    from relance.clock import WallClock
    from relance.reporting.why import why as explain
    from relance.store.organisations import load_organisations

    async with open_database(url, service="scheduler") as database, database.read() as tx:
        organisation = await find_organisation(tx, name)
        tongue = language or (await load_organisations(tx, [organisation]))[organisation].language
        return await explain(tx, organisation, query, WallClock().now(), tongue), tongue
