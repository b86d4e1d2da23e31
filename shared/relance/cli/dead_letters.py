"""`relance dead-letters`: messages that no service could take."""

from __future__ import annotations  # the types below are slow to load

import asyncio
import json
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import typer

from relance.cli.answers import JsonOption, looking, said_age, said_count
from relance.cli.stores import DatabaseOption, open_database

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence
    from datetime import datetime

    from relance.messaging.dead import DeadLetter
    from relance.store.database import Database

app = typer.Typer(
    name="dead-letters", help="Messages that no service could take.", no_args_is_help=True
)

Letters = Annotated[
    list[UUID] | None, typer.Argument(metavar="[ID...]", help="As the list has them.")
]
All = Annotated[bool, typer.Option("--all", help="All of them.")]
Most = Annotated[int, typer.Option("--most", min=1, help="So many at most, the oldest first.")]


@app.command("list")
def list_(most: Most = 100, as_json: JsonOption = False, database: DatabaseOption = None) -> None:
    """Lists them, the oldest first; ends with 1 when there are any."""
    from relance.clock import WallClock

    with looking():
        total, letters = asyncio.run(_list(database, most))
    if as_json:
        rows = [_as_json(letter) for letter in letters]
        typer.echo(json.dumps({"total": total, "letters": rows}, indent=2))
    elif not total:
        typer.echo("There are no dead letters.")
    else:
        _print(total, letters, WallClock().now())
    raise typer.Exit(1 if total else 0)


@app.command()
def replay(letter: Letters = None, everyone: All = False, database: DatabaseOption = None) -> None:
    """Has them carried again to the consumer that could not take them."""
    ids = _chosen(letter, everyone)
    with looking():
        posted, unreadable, missing = asyncio.run(_replay(database, ids))
    typer.echo(f"{said_count(posted, 'message')} will be carried again.")
    for one in unreadable:
        typer.echo(f"{one} is no message of this release: it can only be dropped.", err=True)
    _say_missing(missing)
    raise typer.Exit(1 if unreadable or missing else 0)


@app.command()
def drop(
    letter: Letters = None,
    everyone: All = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    database: DatabaseOption = None,
) -> None:
    """Forgets them; asks first."""
    ids = _chosen(letter, everyone)
    which = "all dead letters" if ids is None else said_count(len(ids), "dead letter")
    if not yes and not typer.confirm(f"Drop {which}? What is dropped is gone."):
        typer.echo("Nothing was dropped.")
        raise typer.Exit(1)
    with looking():
        dropped, missing = asyncio.run(_drop(database, ids))
    typer.echo(f"{said_count(dropped, 'dead letter')} dropped.")
    _say_missing(missing)
    raise typer.Exit(1 if missing else 0)


def _chosen(letter: Sequence[UUID] | None, everyone: bool) -> list[UUID] | None:
    """Each once; None: all."""
    if bool(letter) == everyone:
        raise typer.BadParameter("name them as the list has them, or say --all", param_hint="ID")
    return None if everyone else list(dict.fromkeys(letter or ()))


def _say_missing(missing: Sequence[UUID]) -> None:
    for one in missing:
        typer.echo(f"{one} is no dead letter, or is none any more.", err=True)


async def _list(url: str | None, most: int) -> tuple[int, list[DeadLetter]]:
    from relance.messaging.dead import count_dead, list_dead

    async with open_database(url, service="scheduler") as database, database.read() as tx:
        return await count_dead(tx), await list_dead(tx, most=most)


async def _replay(
    url: str | None, ids: list[UUID] | None
) -> tuple[int, list[UUID], Sequence[UUID]]:
    """How many are on their way, which are no messages, and which are not there."""
    from relance.clock import WallClock
    from relance.messaging.dead import replay

    posted: set[UUID] = set()
    unreadable: list[UUID] = []
    async with open_database(url, service="scheduler") as database:
        async for batch in _batches(database, ids):
            async with database.write() as tx:
                done = await replay(tx, batch, WallClock().now())
            posted.update(done.posted)
            unreadable.extend(done.unreadable)
    known = posted | set(unreadable)
    return len(posted), unreadable, [one for one in ids or () if one not in known]


async def _drop(url: str | None, ids: list[UUID] | None) -> tuple[int, Sequence[UUID]]:
    """How many were dropped, and which were not there."""
    from relance.messaging.dead import drop

    dropped: set[UUID] = set()
    async with open_database(url, service="scheduler") as database:
        async for batch in _batches(database, ids):
            async with database.write() as tx:
                dropped.update(await drop(tx, batch))
    return len(dropped), [one for one in ids or () if one not in dropped]


async def _batches(database: Database, ids: list[UUID] | None) -> AsyncIterator[Sequence[UUID]]:
    from relance.messaging.dead import BATCH, batches_of_dead

    if ids is None:
        async for batch in batches_of_dead(database):
            yield batch
        return
    for start in range(0, len(ids), BATCH):
        yield ids[start : start + BATCH]


def _print(total: int, letters: Sequence[DeadLetter], now: datetime) -> None:
    from rich.console import Console
    from rich.table import Table

    console = Console(highlight=False, markup=False)
    if not console.is_terminal:
        console.width = 140
    table = Table(box=None, pad_edge=False)
    for heading in ("id", "consumer", "message", "age", "error"):
        table.add_column(heading, overflow="fold", no_wrap=heading == "id")
    for one in letters:
        age = said_age(now - one.died_at)
        table.add_row(str(one.id), one.consumer, _message(one), age, one.error)
    console.print(table)
    if total > len(letters):
        console.print(f"… {total:,} in all; --most shows more.")
    console.print("relance dead-letters replay carries them again, drop forgets them.")


def _message(letter: DeadLetter) -> str:
    if not letter.envelope:
        return "no message"
    message = letter.envelope.message
    return f"{message.kind} v{message.version}, {said_count(len(message.ids), 'id')}"


def _as_json(letter: DeadLetter) -> dict[str, object]:
    message = letter.envelope.message if letter.envelope else None
    return {
        "id": str(letter.id),
        "consumer": letter.consumer,
        "kind": message.kind if message else None,
        "version": message.version if message else None,
        "ids": len(message.ids) if message else None,
        "error": letter.error,
        "died_at": letter.died_at.isoformat(),
    }
