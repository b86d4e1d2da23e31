"""Several processes in one thread: each stops at every boundary until it is told to go on."""

import asyncio
from collections.abc import Coroutine
from dataclasses import dataclass, field
from typing import Any

from typing_extensions import override

from tests.proofs.stage import Killed


class Turns(asyncio.SelectorEventLoop):
    """A loop that goes as far as it can without waiting; its time stands until it is moved."""

    passed = 0.0

    @override
    def time(self) -> float:
        return self.passed

    def settle(self) -> None:
        """Until everybody waits for something."""
        self.call_soon(self._go_on)
        self.run_forever()

    def _go_on(self) -> None:
        ready: Any = self._ready  # type: ignore[attr-defined]  # asyncio's own
        if ready:
            self.call_soon(self._go_on)
        else:
            self.stop()


@dataclass(eq=False)
class Stop:
    """A process at a boundary."""

    life: "Turned"
    what: str
    way: asyncio.Future[None]


@dataclass(eq=False)
class Crossing:
    """Where all processes stop. One writes at a time, as SQLite has it."""

    loop: Turns
    stops: list[Stop] = field(default_factory=list)
    writing: bool = False
    steps: int = 0

    def open_stops(self) -> list[Stop]:
        """Those that may go on now, those that have waited longest first."""
        return [s for s in self.stops if s.what != "write" or not self.writing]

    def go(self, stop: Stop) -> None:
        """Lets it go on, to its next boundary."""
        self.steps += 1
        self.stops.remove(stop)
        self.writing = self.writing or stop.what == "write"
        stop.way.set_result(None)
        self.loop.settle()

    def go_all(self) -> None:
        """Until nobody is at a boundary any more."""
        while stops := self.open_stops():
            self.go(stops[0])


@dataclass(eq=False)
class Turned:
    """The life of a process at the crossing."""

    crossing: Crossing
    name: str
    over: bool = False
    jobs: list[asyncio.Task[Any]] = field(default_factory=list)

    async def pass_by(self, what: str) -> None:
        if self.over:
            raise Killed
        stop = Stop(self, what, self.crossing.loop.create_future())
        self.crossing.stops.append(stop)
        await stop.way

    def written(self) -> None:
        self.crossing.writing = False

    def begin(self, work: Coroutine[Any, Any, Any], what: str) -> None:
        """Goes to the first boundary of that work."""
        self.jobs = [job for job in self.jobs if not job.done()]
        job = self.crossing.loop.create_task(_mortal(work), name=what)
        self.jobs.append(job)
        self.crossing.loop.settle()

    def is_idle(self) -> bool:
        return all(job.done() for job in self.jobs)

    def end(self) -> None:
        """At whatever boundaries it stands."""
        self.over = True
        mine = [s for s in self.crossing.stops if s.life is self]
        for stop in mine:
            self.crossing.stops.remove(stop)
            stop.way.set_exception(Killed())
        self.crossing.loop.settle()


async def _mortal(work: Coroutine[Any, Any, Any]) -> None:
    try:
        await work
    except Killed:
        return
    except BaseExceptionGroup as group:
        if not group.subgroup(Killed):
            raise
