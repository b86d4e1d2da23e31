"""A service's loop: ticks until it is told to stop, at once when rung, else every few seconds."""

import asyncio
import gc
from collections.abc import Awaitable, Callable
from time import monotonic

import structlog

from relance.counters import FAULTS, TICKS

log = structlog.get_logger(__name__)

Tick = Callable[[], Awaitable[int]]


class RefusedError(Exception):
    """What a service works with does not take it; the text says how to mend that."""


class AwayError(RefusedError):
    """It cannot be reached: that may pass."""


class Loop:
    """Runs ticks in turn. A tick that raises is tried again after a pause, for as long as it takes.

    The same fault again and again is logged once, and when it is over.
    """

    def __init__(self, name: str, ticks: tuple[Tick, ...], *, pause: float = 1.0) -> None:
        self._name = name
        self._ticks = ticks
        self._pause = pause
        self._rung = asyncio.Event()
        self._stopping = False
        self._fault = ""
        self._faults = 0
        self._well_at = monotonic()

    @property
    def name(self) -> str:
        return self._name

    @property
    def well_at(self) -> float:
        """When a round last came to its end without a fault (monotonic)."""
        return self._well_at

    @property
    def fault(self) -> str:
        """What the last tick failed with; empty when it did not."""
        return self._fault

    def ring(self) -> None:
        """There is work: do not wait for the pause to end."""
        self._rung.set()

    def stop(self) -> None:
        """Ends the loop after the tick in hand."""
        self._stopping = True
        self._rung.set()

    async def run(self) -> None:
        while not self._stopping:
            self._rung.clear()
            if not await self._once():
                await self._rest()

    async def _once(self) -> int:
        done, began = 0, monotonic()
        for tick in self._ticks:
            try:
                done += await tick()
            except Exception as error:  # noqa: BLE001 - told by _failed
                self._failed(error)
                return 0
        self._went_well()
        if done:
            TICKS.labels(self._name).observe(monotonic() - began)
        return done

    def _failed(self, error: Exception) -> None:
        # What the driver says tells more: DiskFull, QueryCanceled.
        kind = type(getattr(error, "orig", None) or error).__name__
        FAULTS.labels(self._name, kind).inc()
        self._faults += 1
        if kind != self._fault:
            log.error("tick_failed", service=self._name, error=kind, exc_info=error)
        self._fault = kind

    def _went_well(self) -> None:
        if self._fault:
            log.info("tick_works_again", service=self._name, failed=self._faults)
        self._fault, self._faults, self._well_at = "", 0, monotonic()

    async def _rest(self) -> None:
        try:
            async with asyncio.timeout(self._pause):
                await self._rung.wait()
        except TimeoutError:
            return


async def drain(*ticks: Tick, most_rounds: int = 10_000) -> int:
    """Ticks until nothing moves any more; says how much was done. For tests, demo, back-test."""
    total = 0
    for _ in range(most_rounds):
        done = sum([await tick() for tick in ticks])
        if not done:
            return total
        total += done
    raise RuntimeError(f"still busy after {most_rounds} rounds")


def collect_seldom() -> None:
    """For a process that has started: values are gone with their batch, few are in cycles.

    Looking at all of them every 700 new ones took a sixth of planning's time.
    """
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)
