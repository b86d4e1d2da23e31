"""`relance dead-letters`: messages that no service could take, in the database and on RabbitMQ."""

from __future__ import annotations  # the types below are slow to load

import asyncio
import json
import string
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated, TypeAlias
from uuid import UUID

import typer

from relance.cli.answers import JsonOption, looking, said_age, said_count, unlogged
from relance.cli.stores import DatabaseOption, open_database

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
    from datetime import datetime

    from relance.messaging.dead import DeadLetter
    from relance.messaging.dead_queue import Rejected
    from relance.store.database import Database

    Letter: TypeAlias = DeadLetter | Rejected

app = typer.Typer(
    name="dead-letters", help="Messages that no service could take.", no_args_is_help=True
)

Names = Annotated[list[str] | None, typer.Argument(metavar="[ID...]", help="As the list has them.")]
All = Annotated[bool, typer.Option("--all", help="All of them.")]
Most = Annotated[int, typer.Option("--most", min=1, help="So many of each, the oldest first.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Which:
    """Letters by their names: UUIDs are the database's, digests RabbitMQ's; None: all."""

    names: list[str] | None

    @property
    def rows(self) -> list[UUID] | None:
        return None if self.names is None else [UUID(one) for one in self.names if _is_uuid(one)]

    @property
    def digests(self) -> list[str] | None:
        return None if self.names is None else [one for one in self.names if not _is_uuid(one)]


@dataclass(slots=True, kw_only=True)
class _Done:
    """What became of letters; `away` says why the broker's could not be looked at."""

    done: list[str] = field(default_factory=list)
    unreadable: list[str] = field(default_factory=list)
    away: str = ""

    def missing(self, which: _Which) -> list[str]:
        known = {*self.done, *self.unreadable}
        return [one for one in which.names or () if one not in known]


@app.command("list")
def list_(most: Most = 100, as_json: JsonOption = False, database: DatabaseOption = None) -> None:
    """Lists them, the oldest first; ends with 1 when there are any."""
    from relance.clock import WallClock

    with looking():
        total, letters, away = asyncio.run(_list(database, most))
    if as_json:
        rows = [_as_json(letter) for letter in letters]
        answer = {"total": total, "letters": rows, "broker": away or None}
        typer.echo(json.dumps(answer, indent=2))
    elif letters:
        _print(total, letters, WallClock().now())
    elif not away:
        typer.echo("There are no dead letters.")
    _end(wrong=bool(total), away="" if as_json else away, could_look=not away)


@app.command()
def replay(letter: Names = None, everyone: All = False, database: DatabaseOption = None) -> None:
    """Has them carried again to the consumer that could not take them."""
    which = _chosen(letter, everyone)
    with looking():
        answer = asyncio.run(_replay(database, which))
    typer.echo(f"{said_count(len(answer.done), 'message')} will be carried again.")
    for one in answer.unreadable:
        typer.echo(f"{one} is no message of this release: it can only be dropped.", err=True)
    _end_with(answer, which)


@app.command()
def drop(
    letter: Names = None,
    everyone: All = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    database: DatabaseOption = None,
) -> None:
    """Forgets them; asks first."""
    which = _chosen(letter, everyone)
    said = "all dead letters" if which.names is None else said_count(len(which.names), "letter")
    if not yes and not typer.confirm(f"Drop {said}? What is dropped is gone."):
        typer.echo("Nothing was dropped.")
        raise typer.Exit(1)
    with looking():
        answer = asyncio.run(_drop(database, which))
    typer.echo(f"{said_count(len(answer.done), 'dead letter')} dropped.")
    _end_with(answer, which)


def _chosen(names: Sequence[str] | None, everyone: bool) -> _Which:
    from relance.messaging.dead_queue import ID_DIGITS

    if bool(names) == everyone:
        raise typer.BadParameter("name them as the list has them, or say --all", param_hint="ID")
    for name in names or ():
        if not (_is_uuid(name) or (len(name) == ID_DIGITS and {*name} <= {*string.hexdigits})):
            raise typer.BadParameter(f"“{name}” names no dead letter", param_hint="ID")
    return _Which(names=None if everyone else [*dict.fromkeys(one.lower() for one in names or ())])


def _is_uuid(name: str) -> bool:
    try:
        UUID(name)
    except ValueError:
        return False
    return True


def _end_with(answer: _Done, which: _Which) -> None:
    missing = answer.missing(which)
    for one in missing:
        typer.echo(f"{one} is no dead letter, or is none any more.", err=True)
    wrong = bool(missing or answer.unreadable)
    _end(wrong=wrong, away=answer.away, could_look=not answer.away)


def _end(*, wrong: bool, away: str, could_look: bool) -> None:
    if away:
        typer.echo(f"{away} What it holds was not looked at.", err=True)
    raise typer.Exit(1 if wrong and could_look else 0 if could_look else 2)


async def _list(url: str | None, most: int) -> tuple[int, list[Letter], str]:
    """How many there are, the oldest of them, and what keeps us from the broker."""
    from relance.messaging.dead import count_dead, list_dead

    async with open_database(url, service="scheduler") as database, database.read() as tx:
        total, letters = await count_dead(tx), [*await list_dead(tx, most=most)]
    rejected: list[Rejected] = []

    async def see(one: Rejected) -> bool:
        rejected.append(one.without_body())
        return False

    there, away = await _walk(see, most)
    return total + there, [*letters, *rejected], away


async def _replay(url: str | None, which: _Which) -> _Done:
    from relance.clock import WallClock
    from relance.messaging.dead import carry_again
    from relance.messaging.dead import replay as replay_rows
    from relance.messaging.dead_queue import taker_of

    answer = _Done()
    async with open_database(url, service="scheduler") as database:
        async for batch in _batches(database, which.rows):
            async with database.write() as tx:
                replayed = await replay_rows(tx, batch, WallClock().now())
            answer.done.extend(map(str, replayed.posted))
            answer.unreadable.extend(map(str, replayed.unreadable))

        async def take(one: Rejected) -> bool:
            """Gone from the broker once the outbox holds it."""
            if which.digests is not None and one.id not in which.digests:
                return False
            if not one.envelope:
                answer.unreadable.append(one.id)
                return False
            async with database.write() as tx:
                await carry_again(tx, taker_of(one.envelope), one.body, WallClock().now())
            answer.done.append(one.id)
            return True

        if which.digests != []:
            _, answer.away = await _walk(take)
    return answer


async def _drop(url: str | None, which: _Which) -> _Done:
    from relance.messaging.dead import drop as drop_rows

    answer = _Done()
    async with open_database(url, service="scheduler") as database:
        async for batch in _batches(database, which.rows):
            async with database.write() as tx:
                answer.done.extend(map(str, await drop_rows(tx, batch)))

    async def take(one: Rejected) -> bool:
        if which.digests is not None and one.id not in which.digests:
            return False
        answer.done.append(one.id)
        return True

    if which.digests != []:
        _, answer.away = await _walk(take)
    return answer


async def _walk(
    take: Callable[[Rejected], Awaitable[bool]], most: int | None = None
) -> tuple[int, str]:
    """How many the broker has, or why it could not be asked; without a broker, none."""
    from relance.messaging.dead_queue import walk_dead
    from relance.messaging.topology import BrokerRefusedError
    from relance.settings import Settings

    url = Settings().rabbitmq_url.get_secret_value()
    if not url:
        return 0, ""
    try:
        with unlogged():
            return await walk_dead(url, take, most=most), ""
    except BrokerRefusedError as error:
        return 0, str(error)


async def _batches(database: Database, ids: list[UUID] | None) -> AsyncIterator[Sequence[UUID]]:
    from relance.messaging.dead import BATCH, batches_of_dead

    if ids is None:
        async for batch in batches_of_dead(database):
            yield batch
        return
    for start in range(0, len(ids), BATCH):
        yield ids[start : start + BATCH]


def _print(total: int, letters: Sequence[Letter], now: datetime) -> None:
    from rich.console import Console
    from rich.table import Table

    console = Console(highlight=False, markup=False)
    if not console.is_terminal:
        console.width = 160
    table = Table(box=None, pad_edge=False)
    for heading in ("id", "consumer", "message", "age", "error"):
        table.add_column(heading, overflow="fold", no_wrap=heading == "id")
    for one in letters:
        age = said_age(now - one.died_at) if one.died_at else ""
        table.add_row(str(one.id), one.consumer, _message(one), age, one.error)
    console.print(table)
    if total > len(letters):
        console.print(f"… {total:,} in all; --most shows more.")
    console.print("relance dead-letters replay carries them again, drop forgets them.")


def _message(letter: Letter) -> str:
    if not letter.envelope:
        return "no message"
    message = letter.envelope.message
    return f"{message.kind} v{message.version}, {said_count(len(message.ids), 'id')}"


def _as_json(letter: Letter) -> dict[str, object]:
    message = letter.envelope.message if letter.envelope else None
    return {
        "id": str(letter.id),
        "consumer": letter.consumer,
        "kind": message.kind if message else None,
        "version": message.version if message else None,
        "ids": len(message.ids) if message else None,
        "error": letter.error,
        "died_at": letter.died_at.isoformat() if letter.died_at else None,
    }
