"""How the commands that look after a running system answer (0 well, 1 wrong, 2 no answer)."""

from __future__ import annotations  # the types below are slow to load

import logging
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from relance.cli.starting import wrong_settings

if TYPE_CHECKING:
    from collections.abc import Iterator

JsonOption = Annotated[bool, typer.Option("--json", help="Answer in JSON, for machines.")]

_UNITS = (
    (timedelta(days=1), "d"),
    (timedelta(hours=1), "h"),
    (timedelta(minutes=1), "min"),
    (timedelta(seconds=1), "s"),
)


@contextmanager
def looking() -> Iterator[None]:
    """Ends with 2 where the block could not look: 1 says that it did, and found something wrong."""
    from pydantic import ValidationError

    try:
        yield
    except ValidationError as error:
        for name, why in wrong_settings(error).items():
            typer.echo(f"{name}: {why}. .env.example says what it takes.", err=True)
        raise typer.Exit(2) from None
    except typer.Exit:
        raise typer.Exit(2) from None


@contextmanager
def unlogged() -> Iterator[None]:
    """The block's own answer says what the libraries would log."""
    logging.disable()
    try:
        yield
    finally:
        logging.disable(logging.NOTSET)


def said_age(age: timedelta) -> str:
    """In its two largest units, such as 2 h 5 min."""
    parts, age = [], max(age, timedelta())  # another machine's clock may be ahead
    for unit, name in _UNITS:
        number, age = divmod(age, unit)
        if number > 0:
            parts.append(f"{number} {name}")
        elif parts:
            break
    return " ".join(parts[:2]) or "0 s"


def said_count(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"
