"""Our dispatcher at work in a process of its own, on bells of 200 identifiers.

    python -m tests.benchmarks.mailing.ours DATABASE PORT

Writes a line when everything that waits has left and is on record.
"""

import sys
from datetime import timedelta
from uuid import UUID

import sqlalchemy as sa
import uvloop

from relance.clock import MovableClock
from relance.contracts.messages import ActionsQueued
from relance.contracts.wire import Envelope
from relance.messaging.carrier import InProcessCarrier
from relance.service import collect_seldom
from relance.settings import Settings
from relance.store.database import Database
from relance.store.tables import actions
from relance.store.types import new_id
from relance_dispatcher.wiring import build, smtp_transport
from tests.benchmarks.mailing.queue import SLOT

_IN_A_BELL = 200
_BELLS = 9  # before each look: of more than 2,000 identifiers the dispatcher makes a poll


async def work(url: str, port: int) -> None:
    database, clock = Database(url, service="dispatcher"), MovableClock(SLOT, running=True)
    transport = smtp_transport(Settings(smtp_host="127.0.0.1", smtp_port=port, smtp_tls="none"))
    carrier = InProcessCarrier()
    dispatcher = build(database, carrier, clock, transport)
    await dispatcher.tick()  # the poll of the start, before anything is due
    collect_seldom()
    async with database.read() as tx:
        ids = list(await tx.scalars(sa.select(actions.c.id).order_by(actions.c.id)))
    clock.move_to(SLOT + timedelta(seconds=30))
    sent = 0
    for start in range(0, len(ids), _IN_A_BELL * _BELLS):
        await ring(carrier, ids[start : start + _IN_A_BELL * _BELLS])
        sent += await dispatcher.tick()
    assert sent == len(ids)
    sys.stdout.write("done\n")
    sys.stdout.flush()
    sys.stdin.read()
    await dispatcher.close()
    await transport.close()
    await database.close()


async def ring(carrier: InProcessCarrier, ids: list[UUID]) -> None:
    for start in range(0, len(ids), _IN_A_BELL):
        message = ActionsQueued(ids=tuple(ids[start : start + _IN_A_BELL]))
        await carrier.carry(Envelope(id=new_id(), message=message))


if __name__ == "__main__":
    uvloop.run(work(sys.argv[1], int(sys.argv[2])))
