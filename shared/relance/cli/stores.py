"""Opening the database for a command, with a sentence for everything that may be wrong with it."""

from __future__ import annotations  # the types below are slow to load

from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from uuid import UUID

    from sqlalchemy.ext.asyncio import AsyncConnection

    from relance.store.database import Database

DatabaseOption = Annotated[
    str | None,
    typer.Option(
        "--database",
        envvar="RELANCE_DATABASE_URL",
        help="Such as sqlite+aiosqlite:///relance.db; settings give it otherwise.",
        show_default=False,
    ),
]
OrganisationOption = Annotated[
    str | None,
    typer.Option("--organisation", help="Its name, where the database holds several."),
]


def refuse(sentence: str) -> NoReturn:
    """Ends the command with a sentence on what is wrong and how to mend it."""
    typer.echo(sentence, err=True)
    raise typer.Exit(1)


@asynccontextmanager
async def open_database(
    url: str | None, *, service: str, new: bool = False
) -> AsyncIterator[Database]:
    """The database at that address, or at the settings'; refuses one that cannot be used.

    With `new` a SQLite file need not be there yet.
    """
    from sqlalchemy.engine import make_url
    from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError

    from relance.settings import Settings
    from relance.store.database import Database

    url = url or Settings().database_url
    try:
        shown = make_url(url).render_as_string(hide_password=True)
        if not new:
            _refuse_missing_file(url, shown)
        database = Database(url, service=service)
    except (ArgumentError, NoSuchModuleError, ValueError):
        refuse("The database's address is not one: write sqlite+aiosqlite:///relance.db or so.")
    try:
        yield database
    except DBAPIError as error:
        # Not the statement: it may hold what customers own.
        refuse(f"The database {shown} cannot be used: {error.orig}")
    finally:
        await database.close()


async def find_organisation(tx: AsyncConnection, name: str | None) -> UUID:
    """The organisation of that name, or the only one."""
    from relance.store.organisations import load_organisations

    found = {o.name: o.id for o in (await load_organisations(tx)).values()}
    if name is None and len(found) == 1:
        return next(iter(found.values()))
    if name in found:
        return found[name]
    if not found:
        refuse("The database holds no organisation yet.")
    names = ", ".join(sorted(found))
    if name is None:
        refuse(f"The database holds several organisations; choose with --organisation: {names}.")
    refuse(f"There is no organisation “{name}”; there are: {names}.")


def _refuse_missing_file(url: str, shown: str) -> None:
    """SQLite would make an empty file and then miss its tables."""
    from sqlalchemy.engine import make_url

    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite" and not Path(parsed.database or "").is_file():
        refuse(f"There is no database {shown}: check --database or RELANCE_DATABASE_URL.")
