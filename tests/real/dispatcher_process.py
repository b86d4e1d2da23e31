"""A dispatcher as a process of its own, to be killed: its database's URL, a mail server's port."""

import asyncio
import sys

from relance.clock import WallClock
from relance.messaging.carrier import InProcessCarrier
from relance.store.database import Database
from relance_dispatcher.email import SmtpSettings, SmtpTransport
from relance_dispatcher.wiring import build


async def run(url: str, port: int) -> None:
    database = Database(url, service="dispatcher")
    transport = SmtpTransport(SmtpSettings(host="127.0.0.1", port=port, encryption="none"))
    dispatcher = build(database, InProcessCarrier(), WallClock(), transport)
    await dispatcher.tick()


if __name__ == "__main__":
    asyncio.run(run(sys.argv[1], int(sys.argv[2])))
