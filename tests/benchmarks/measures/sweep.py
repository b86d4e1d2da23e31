"""A sweep costs what is due, not what exists: in time and in memory."""

import asyncio
from collections.abc import Iterator
from contextlib import ExitStack
from functools import partial

from relance.messaging.carrier import InProcessCarrier
from relance.store.database import Database
from relance_scheduler.wiring import Scheduler
from tests.benchmarks.comparing import Comparison, Contender, Cost, spending
from tests.benchmarks.place import Place
from tests.benchmarks.portfolio import Portfolio, Standing, a_portfolio, wake
from tests.benchmarks.processes import run_together

DUE = 1_000
SIZES = (1_000_000, 10_000)
TIMES = 1.3  # as long among the many as among the few
MEMORY = 1.1
AT_MOST = 0.02  # seconds, when nothing is due


def comparisons(place: Place) -> Iterator[Comparison]:
    due = place.size(DUE)
    with ExitStack() as built:
        many, few = (built.enter_context(a_portfolio(place, place.size(size))) for size in SIZES)
        large, small = (f"{due:,} among {p.customers:,}" for p in (many, few))
        yield Comparison(
            title="A sweep",
            unit="due customers",
            amount=due,
            ours=Contender(name=large, run=partial(_sweep, many, due)),
            others=(Contender(name=small, run=partial(_sweep, few, due)),),
            target=f"among the many within {TIMES} times the seconds and {MEMORY} times the memory",
            holds=lambda cost: (
                cost[large].wall <= TIMES * cost[small].wall
                and cost[large].peak <= MEMORY * cost[small].peak
            ),
            rounds=7,
        )
        wake(many, 0)
        nothing = f"nothing among {many.customers:,}"
        yield Comparison(
            title="A sweep with nothing due",
            unit="sweeps",
            amount=1,
            ours=Contender(name=nothing, run=lambda: asyncio.run(_tick(many))),
            target=f"under {AT_MOST * 1000:.0f} ms",
            holds=lambda cost: cost[nothing].wall < AT_MOST,
        )


def _sweep(portfolio: Portfolio, due: int) -> Cost:
    """By a scheduler that has just started: its memory is of nothing else."""
    wake(portfolio, due + 1)
    module = ["tests.benchmarks.scheduler_process", portfolio.address]
    return run_together(portfolio.url, [module], due)


async def _tick(portfolio: Portfolio) -> Cost:
    database = Database(portfolio.address, service="scheduler")
    sweep = Scheduler(database, InProcessCarrier(), Standing()).sweep
    await sweep.tick()  # the connection is made
    with spending() as cost:
        assert await sweep.tick() == 0
    await database.close()
    return cost
