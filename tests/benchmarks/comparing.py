"""Contenders side by side: the same work in one run, in both orders, medians and ratios."""

import resource
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from statistics import median


@dataclass(slots=True, kw_only=True)
class Cost:
    """Seconds that one piece of work took: on the clock, and of all processors together.

    `peak` is the memory that one of its processes held at most, in MiB, where that was measured.
    """

    wall: float = 0.0
    cpu: float = 0.0
    peak: float = 0.0


@contextmanager
def spending() -> Iterator[Cost]:
    """The cost of the block: wall clock, and the CPU of this process and its finished children.

    What servers spend is theirs: whoever measures a server adds it.
    """
    cost = Cost()
    began, spent = time.perf_counter(), _cpu()
    try:
        yield cost
    finally:
        cost.wall, cost.cpu = time.perf_counter() - began, _cpu() - spent


def _cpu() -> float:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


@dataclass(frozen=True, slots=True, kw_only=True)
class Contender:
    """One way to do the work. `run` prepares, does it once, and answers what the work cost."""

    name: str
    run: Callable[[], Cost]


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """`ours` against the others, `amount` units of work in each run.

    `target` is what we hold ourselves to, in words; `holds` says of the medians (by the
    contenders' names) whether we do.
    """

    title: str
    unit: str
    amount: int
    ours: Contender
    others: tuple[Contender, ...] = ()
    target: str = ""
    holds: Callable[[dict[str, Cost]], bool] | None = None
    rounds: int = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """The medians by contender, in the order in which they were named."""

    comparison: Comparison
    medians: dict[str, Cost] = field(default_factory=dict)

    @property
    def holds(self) -> bool | None:
        holds = self.comparison.holds
        return holds(self.medians) if holds else None


def measure(comparison: Comparison, say: Callable[[str], None]) -> Measured:
    """Every contender once in each round, forwards and backwards in turn."""
    contenders = (comparison.ours, *comparison.others)
    costs: dict[str, list[Cost]] = {contender.name: [] for contender in contenders}
    for number in range(comparison.rounds):
        for contender in contenders if number % 2 == 0 else reversed(contenders):
            cost = contender.run()
            costs[contender.name].append(cost)
            say(
                f"{comparison.title}: {contender.name}, {number + 1} of {comparison.rounds}: "
                f"{cost.wall:.3f} s"
            )
    medians = {
        name: Cost(
            wall=median(c.wall for c in of),
            cpu=median(c.cpu for c in of),
            peak=median(c.peak for c in of),
        )
        for name, of in costs.items()
    }
    return Measured(comparison=comparison, medians=medians)
