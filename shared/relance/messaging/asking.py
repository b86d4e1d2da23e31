"""A connection to the broker for a few questions, as a command asks them."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import aio_pika
from aio_pika.abc import AbstractConnection
from aio_pika.exceptions import AMQPError

_GOODBYE = 1.0  # seconds


@asynccontextmanager
async def connected(url: str, within: float) -> AsyncIterator[AbstractConnection]:
    """Open in the block. A broker with an alarm does not even hear a goodbye: it is not awaited."""
    connection = await aio_pika.connect(url, timeout=within)
    try:
        yield connection
    finally:
        with suppress(AMQPError, OSError, TimeoutError):
            async with asyncio.timeout(_GOODBYE):
                await connection.close()
