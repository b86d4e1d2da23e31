"""`relance run`: all three services in one process, on the settings' Slack and mail server."""

from __future__ import annotations  # the types below are slow to load

import asyncio
import signal
from typing import TYPE_CHECKING

import typer

from relance.cli.starting import NO_MAIL_SERVER, read_settings
from relance.cli.stores import DatabaseOption, open_database, refuse

if TYPE_CHECKING:
    from relance.settings import Settings
    from relance.store.database import Database


def run(database: DatabaseOption = None) -> None:
    """Reminds: sends what is due and posts cards in Slack, until it is stopped."""
    settings = read_settings(database)
    if not settings.smtp_host:
        refuse(NO_MAIL_SERVER)
    asyncio.run(_run(settings))


async def _run(settings: Settings) -> None:
    from relance.clock import WallClock
    from relance.embedded import Embedded, open_databases
    from relance.store import schema
    from relance_bot.tokens import SlackRefused
    from relance_dispatcher.wiring import smtp_transport

    async with open_database(settings.database_url, service="scheduler") as database:
        if not await schema.is_current(database):
            refuse("The database is of another release: run relance db upgrade first.")
        await _refuse_where_nothing_can_leave(database)
    databases, transport = open_databases(settings.database_url), smtp_transport(settings)
    try:
        services = Embedded(settings, databases, WallClock(), transport, bot_pace=1.0)
        await services.start()
        typer.echo("Connected to Slack; reminding. Ctrl-C stops when what is on its way is done.")
        for stop in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(stop, services.halt)
        await services.run()
        await services.stop()
    except SlackRefused as error:
        refuse(str(error))
    finally:
        await transport.close()
        await databases.close()


async def _refuse_where_nothing_can_leave(database: Database) -> None:
    """Complains of every organisation whose settings cannot be; goes on for the others."""
    import sqlalchemy as sa

    from relance.store.organisations import (
        WrongOrganisationError,
        load_organisations,
        organisation_names,
    )
    from relance.store.tables import organisations

    wrong = []
    async with database.write() as tx:
        # Changes nothing, and finds now that a file may only be read.
        await tx.execute(sa.update(organisations).where(sa.false()).values(name=""))
        found = await organisation_names(tx)
        for organisation in found.values():
            try:
                await load_organisations(tx, [organisation])
            except WrongOrganisationError as error:
                wrong.append(str(error))
    for sentence in wrong:
        typer.echo(sentence, err=True)
    if not found:
        refuse("The database holds no organisation yet: relance init sets one up.")
    if len(wrong) == len(found):
        raise typer.Exit(1)
