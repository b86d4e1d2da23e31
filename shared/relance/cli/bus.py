"""`relance bus`: what the services need on RabbitMQ."""

import asyncio

import typer

from relance.cli.starting import broker_of, read_settings
from relance.cli.stores import refuse

app = typer.Typer(name="bus", help="RabbitMQ's queues.", no_args_is_help=True)


@app.callback()
def bus() -> None:
    """RabbitMQ's queues."""


@app.command()
def declare() -> None:
    """Declares the queues, once and long before traffic; declared already, they stay."""
    from relance.messaging.topology import BrokerRefusedError, WrongTopologyError
    from relance.messaging.topology import declare as declare_all

    url = broker_of(read_settings())
    try:
        names = asyncio.run(declare_all(url))
    except (WrongTopologyError, BrokerRefusedError) as error:
        refuse(str(error))
    typer.echo(f"RabbitMQ has {', '.join(names)}.")
