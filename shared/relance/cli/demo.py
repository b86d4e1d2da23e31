"""`relance demo`: the whole system with a sample company, to look at and to click."""

from __future__ import annotations  # the types below are slow to load

import asyncio
import signal
import tempfile
import time
from errno import EACCES, EADDRINUSE
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from relance.cli.stores import refuse

if TYPE_CHECKING:
    from relance.demo.stage import Stage

USUAL_PORT = 8765


def demo(
    headless: Annotated[
        bool, typer.Option("--headless", help="Play by itself, print what left, and end.")
    ] = False,
    days: Annotated[int, typer.Option(min=1, max=366, help="With --headless: how many.")] = 30,
    port: Annotated[
        int | None, typer.Option(min=1, max=65535, help=f"The page's; {USUAL_PORT} if free.")
    ] = None,
) -> None:
    """Starts everything on this machine, with a page for Slack, the mailbox and the clock."""
    from relance.logging import configure

    configure("warning")
    with tempfile.TemporaryDirectory(prefix="relance-demo-") as folder:
        try:
            asyncio.run(_headless(Path(folder), days) if headless else _show(Path(folder), port))
        except KeyboardInterrupt:
            typer.echo("\nStopped.")


async def _headless(folder: Path, days: int) -> None:
    from rich.console import Console

    from relance.demo.headless import play, table_of
    from relance.demo.stage import Stage

    console = Console()
    began = time.monotonic()
    stage = Stage(folder, running=False)
    await stage.open()
    try:
        with console.status("Friday 24 April 2026: setting up") as status:
            done = await play(stage, days, lambda day: status.update(f"{day:%A %d %B %Y}"))
        mails = len(stage.sandbox.mailbox.mails)
    finally:
        await stage.close()
    console.print(table_of(done))
    took = time.monotonic() - began
    console.print(f"{days} days in {took:.0f} s; {mails} e-mails are in the customers' mailbox.")


async def _show(folder: Path, port: int | None) -> None:
    from relance.demo.stage import Stage

    stage = Stage(folder, running=True)
    typer.echo("Setting up the sample company …")
    await _open(stage, port)
    typer.echo(f"\n  {stage.sandbox.url}\n")
    typer.echo("Open it in a browser and press “Next morning”. Ctrl-C ends the demo.")
    for stop in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(stop, stage.services.halt)
    try:
        await stage.services.run()
    finally:
        await stage.close()
    typer.echo("\nThe demo has ended; nothing of it is kept.")


async def _open(stage: Stage, port: int | None) -> None:
    """On the port asked for; without one, on the usual port or any that is free."""
    try:
        await stage.open(port or USUAL_PORT)
    except OSError as error:
        if error.errno not in (EADDRINUSE, EACCES):
            raise
        if port:
            refuse(
                f"Port {port} cannot be had on this machine: stop the program that holds it, choose"
                " another, or leave --port out: then a free one is found."
            )
        await stage.open()
