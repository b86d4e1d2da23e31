"""Planning: claim, load, evaluate, write, publish; two schedulers at once on the one server."""

import asyncio
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from relance.messaging import topology
from tests.benchmarks.bare_process import record
from tests.benchmarks.comparing import Comparison, Contender, Cost
from tests.benchmarks.place import Place
from tests.benchmarks.portfolio import Portfolio, a_portfolio, wake
from tests.benchmarks.processes import run_together
from tests.real import rabbitmq

CUSTOMERS = 100_000
DUE = 20_000
AT_LEAST = 4_000  # due customers a second
PROCESSES = 2
OURS = "two schedulers"
BARE = "the same rows by bare SQL, two connections"


def comparisons(place: Place) -> Iterator[Comparison]:
    due = place.size(DUE)
    with (
        rabbitmq.fresh_vhost(rabbitmq.broker(place.run)) as bus,
        a_portfolio(place, place.size(CUSTOMERS)) as portfolio,
    ):
        asyncio.run(topology.declare(bus))
        plan = partial(_plan, portfolio, bus, due)
        plan()
        folders = [place.folder / f"planned-{number}" for number in range(PROCESSES)]
        record(portfolio, folders)
        yield Comparison(
            title="Planning on PostgreSQL",
            unit="due customers",
            amount=due,
            ours=Contender(name=OURS, run=plan),
            others=(Contender(name=BARE, run=partial(_plan_bare, portfolio, due, folders)),),
            target=f"{AT_LEAST:,} due customers a second, and within 3 times of bare SQL",
            holds=lambda cost: (
                due / cost[OURS].wall >= AT_LEAST and cost[OURS].wall <= 3 * cost[BARE].wall
            ),
        )


def _plan(portfolio: Portfolio, bus: str, due: int) -> Cost:
    wake(portfolio, due + PROCESSES)  # each sweeps one beforehand
    module = ["tests.benchmarks.scheduler_process", portfolio.address, bus]
    return run_together(portfolio.url, [module] * PROCESSES, due)


def _plan_bare(portfolio: Portfolio, due: int, folders: list[Path]) -> Cost:
    wake(portfolio, due + PROCESSES)
    module = "tests.benchmarks.bare_process"
    modules = [[module, portfolio.address, str(folder)] for folder in folders]
    return run_together(portfolio.url, modules, due + PROCESSES)
