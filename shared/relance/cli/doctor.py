"""`relance doctor`: whether what Relance needs is there and as it should be."""

from __future__ import annotations  # the types below are slow to load

import asyncio
import json
import os
from typing import TYPE_CHECKING

import typer

from relance.cli.answers import JsonOption, unlogged
from relance.cli.stores import DatabaseOption

if TYPE_CHECKING:
    from collections.abc import Awaitable, Mapping, Sequence

    from rich.console import Console

    from relance.cli.checkups.remark import Remark
    from relance.settings import Settings

_PATIENCE = 15.0  # seconds, for a part with several questions


def doctor(as_json: JsonOption = False, database: DatabaseOption = None) -> None:
    """Looks at settings, database, broker, mail server, Slack and clock; changes nothing.

    Ends with 0 where nothing is wrong, else with 1.
    """
    from rich.console import Console

    from relance.cli.checkups.remark import State

    with unlogged():
        remarks = asyncio.run(_look(database))
    if as_json:
        rows = [
            {"part": one.part, "state": one.state, "says": one.says, "mend": one.mend or None}
            for one in remarks
        ]
        typer.echo(json.dumps({"remarks": rows}, indent=2, ensure_ascii=False))
    else:
        _print(Console(highlight=False, markup=False), remarks)
    raise typer.Exit(1 if any(one.state is State.WRONG for one in remarks) else 0)


async def _look(url: str | None) -> list[Remark]:
    """Every part side by side; one that fails, or never answers, stops no other."""
    from relance.cli.checkups import configured, machine

    settings, found = configured.read(os.environ)
    looks: dict[str, Awaitable[list[Remark]]] = {"machine": machine.look()}
    if settings:
        if url:
            settings = settings.model_copy(update={"database_url": url})
        looks |= _looks(settings)
    each = await asyncio.gather(*(_bounded(part, look) for part, look in looks.items()))
    return [*found, *(remark for remarks in each for remark in remarks)]


def _looks(settings: Settings) -> Mapping[str, Awaitable[list[Remark]]]:
    from relance.cli.checkups import broker, outside, store

    return {
        store.PART: store.look(settings.database_url),
        broker.PART: broker.look(settings),
        outside.MAIL: outside.look_at_mail(settings),
        outside.SLACK: outside.look_at_slack(settings),
    }


async def _bounded(part: str, look: Awaitable[list[Remark]]) -> list[Remark]:
    from relance.cli.checkups.remark import wrong

    try:
        async with asyncio.timeout(_PATIENCE):
            return await look
    except TimeoutError:
        return [wrong(part, "It does not answer.", "Is it there, and does a firewall let us?")]
    except Exception as error:  # noqa: BLE001 - what fails is told, and stops no other look
        return [wrong(part, f"It could not be looked at ({type(error).__name__}).", "Report this.")]


def _print(console: Console, remarks: Sequence[Remark]) -> None:
    from rich.table import Table

    if not console.is_terminal:
        console.width = 140
    table = Table(box=None, pad_edge=False, show_header=False)
    for wide in (False, False, True):
        table.add_column(overflow="fold", no_wrap=not wide)
    for one in remarks:
        table.add_row(str(one.state), one.part, f"{one.says} {one.mend}".strip())
    console.print(table)
