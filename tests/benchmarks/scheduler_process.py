"""A scheduler as a process of its own: a database's URL, then perhaps a broker's.

It sweeps until nothing is due, and carries what it wrote. Without a broker nobody listens. One
case is swept before the word: what is compiled and loaded once belongs to no case.
"""

import asyncio
import sys
from collections.abc import Callable

import uvloop

from relance.contracts.messages import MESSAGES
from relance.messaging.carrier import Carrier, InProcessCarrier
from relance.service import collect_seldom, drain
from relance.store.database import Database
from relance_scheduler.wiring import Scheduler
from tests.benchmarks.portfolio import Standing
from tests.benchmarks.processes import work_at_the_word


async def prepare(address: str, carrier: Callable[[], Carrier]) -> tuple[Database, Scheduler]:
    database = Database(address, service="scheduler")
    assert await Scheduler(database, carrier(), Standing(), batch=1).sweep.tick() == 1
    return database, Scheduler(database, carrier(), Standing())


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


def main(address: str) -> None:
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        database, scheduler = runner.run(prepare(address, nobody_listens))
        collect_seldom()
        work_at_the_word(lambda: runner.run(work(database, scheduler)))


if __name__ == "__main__":
    main(sys.argv[1])
