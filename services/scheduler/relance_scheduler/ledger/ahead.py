"""Making the next while the last is used: a file is read while the server takes what was read."""

import asyncio
from collections.abc import AsyncGenerator, Iterator
from typing import TypeVar

Value = TypeVar("Value")


async def ahead(values: Iterator[Value]) -> AsyncGenerator[Value, None]:
    """The values in their order, each made in a thread while the caller has the one before.

    To be closed by whoever leaves early (`contextlib.aclosing`), as a thread cannot be stopped.
    """
    making = _making(values)
    try:
        while (value := await making) is not None:
            making = _making(values)
            yield value
    finally:
        await asyncio.gather(making, return_exceptions=True)


def _making(values: Iterator[Value]) -> "asyncio.Future[Value | None]":
    return asyncio.ensure_future(asyncio.to_thread(next, values, None))
