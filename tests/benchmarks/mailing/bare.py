"""Nothing but handing over: the bytes that were stored, over as many kept connections.

    python -m tests.benchmarks.mailing.bare aiosmtplib|ours PORT FILE

FILE holds lines of JSON: a sender, a recipient and the message, in Latin-1.
"""

import asyncio
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from time import monotonic

import uvloop
from aiosmtplib import SMTP

from relance.domain.outcomes import Delivered
from relance_dispatcher.email import SmtpSettings, SmtpTransport
from relance_dispatcher.pace import Pace

_CONNECTIONS = Pace().senders


async def by_aiosmtplib(port: int, stored: Iterator[list[str]]) -> None:
    async def one_connection() -> None:
        async with SMTP(hostname="127.0.0.1", port=port, start_tls=False) as client:
            for sender, recipient, message in stored:
                await client.sendmail(sender, [recipient], message.encode("latin-1"))

    await asyncio.gather(*(one_connection() for _ in range(_CONNECTIONS)))


async def by_ours(port: int, stored: Iterator[list[str]]) -> None:
    settings = SmtpSettings(
        host="127.0.0.1", port=port, encryption="none", max_connections=_CONNECTIONS
    )
    transport = SmtpTransport(settings)

    async def one_sender() -> None:
        for sender, recipient, message in stored:
            raw = message.encode("latin-1")
            said = await transport.send(sender, (recipient,), raw, deadline=monotonic() + 12)
            assert isinstance(said, Delivered)

    await asyncio.gather(*(one_sender() for _ in range(_CONNECTIONS)))
    await transport.close()


if __name__ == "__main__":
    lines = iter([json.loads(line) for line in Path(sys.argv[3]).read_text().splitlines()])
    send = {"aiosmtplib": by_aiosmtplib, "ours": by_ours}[sys.argv[1]]
    uvloop.run(send(int(sys.argv[2]), lines))
    sys.stdin.read()
