"""A scheduler as a process of its own: its database's URL, then perhaps a broker's.

It sweeps until nothing is due, and carries what it wrote. Without a broker nobody listens. One
case is swept before the word: what is compiled and loaded once belongs to no case.
"""

import asyncio
import sys

import uvloop

from relance.contracts.messages import MESSAGES
from relance.domain.plans import CONNECTED
from relance.messaging.carrier import Carrier, InProcessCarrier
from relance.messaging.rabbit import RabbitCarrier
from relance.service import collect_seldom, drain
from relance.store.database import Database
from relance_scheduler.sweep import Sweep
from relance_scheduler.wiring import Scheduler
from tests.benchmarks.portfolio import Standing
from tests.benchmarks.processes import work_at_the_word


async def prepare(address: str, carrier: Carrier) -> tuple[Database, Scheduler]:
    database = Database(address, service="scheduler")
    assert await Sweep(database, Standing(), CONNECTED, batch=1).tick() == 1
    scheduler = Scheduler(database, carrier, Standing())
    if isinstance(carrier, RabbitCarrier):
        carrier.start()
        while not carrier.is_ready:  # noqa: ASYNC110 - once, before measuring
            await asyncio.sleep(0.01)
    return database, scheduler


async def work(database: Database, scheduler: Scheduler) -> int:
    """How many cases were swept."""
    swept = await drain(scheduler.sweep.tick)
    await drain(scheduler.relay.tick)
    await database.close()
    return swept


def nobody_listens() -> Carrier:
    carrier = InProcessCarrier()
    for kind in MESSAGES:
        carrier.subscribe(kind, _ignore)
    return carrier


async def _ignore(_body: bytes) -> None:
    return


async def close(carrier: Carrier) -> None:
    if isinstance(carrier, RabbitCarrier):
        await carrier.close()


def main(address: str, bus: str = "") -> None:
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        carrier = RabbitCarrier(bus, "scheduler") if bus else nobody_listens()
        database, scheduler = runner.run(prepare(address, carrier))
        collect_seldom()
        work_at_the_word(lambda: runner.run(work(database, scheduler)))
        runner.run(close(carrier))


if __name__ == "__main__":
    main(*sys.argv[1:])
