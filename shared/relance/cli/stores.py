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


# What a driver says -> what the person at the terminal can do about it.
_MENDS = {
    "unable to open": "Its folder must be there, and this user must be allowed to write in it.",
    "readonly": "This user may not write the file: change its owner or its permissions.",
    "not a database": "The file holds something else: choose another one.",
    "disk": "Make room where the file is, and try again.",
    "locked": "Another program is writing to it: try again when that has ended.",
    "no such table": "Make it ready with relance init, or with relance db upgrade.",
    "does not exist": "Make it ready with relance init, or with relance db upgrade.",
}


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
    from sqlalchemy.exc import DBAPIError

    from relance.settings import Settings
    from relance.store.database import Database
    from relance.store.organisations import WrongOrganisationError

    url = url or Settings().database_url
    refuse_wrong_address(url)
    shown = make_url(url).render_as_string(hide_password=True)
    if not new:
        _refuse_missing_file(url, shown)
    database = Database(url, service=service)
    try:
        yield database
    except DBAPIError as error:
        # Not the statement: it may hold what customers own.
        refuse(f"The database {shown} cannot be used: {_with_mend(str(error.orig))}")
    except WrongOrganisationError as error:
        refuse(str(error))
    finally:
        await database.close()


def refuse_wrong_address(url: str) -> None:
    """Refuses what is no address of a database; nothing is opened."""
    from sqlalchemy.exc import ArgumentError, InvalidRequestError

    from relance.store.database import Database

    try:
        Database(url, service="")
    except (ArgumentError, InvalidRequestError, ImportError, ValueError):
        refuse(
            "The database's address is not one that Relance takes: write sqlite+aiosqlite:///relance.db"
            " or postgresql+psycopg://user:password@host/name."
        )


async def find_organisation(tx: AsyncConnection, name: str | None) -> UUID:
    """The organisation of that name, or the only one; refuses one whose settings cannot be."""
    from relance.store.organisations import load_organisations, organisation_names

    found = await organisation_names(tx)
    chosen = next(iter(found)) if name is None and len(found) == 1 else name
    if chosen in found:
        await load_organisations(tx, [found[chosen]])
        return found[chosen]
    if not found:
        refuse("The database holds no organisation yet: relance init sets one up.")
    names = ", ".join(sorted(found))
    if name is None:
        refuse(f"The database holds several organisations; choose with --organisation: {names}.")
    refuse(f"There is no organisation “{name}”; there are: {names}.")


def _with_mend(said: str) -> str:
    mend = next((mend for sign, mend in _MENDS.items() if sign in said), "")
    return f"{said}. {mend}" if mend else said


def _refuse_missing_file(url: str, shown: str) -> None:
    """SQLite would make an empty file and then miss its tables."""
    from sqlalchemy.engine import make_url

    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite" and not Path(parsed.database or "").is_file():
        refuse(f"There is no database {shown}: check --database or RELANCE_DATABASE_URL.")
