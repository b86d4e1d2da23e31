"""A service's loop: ticks until it is told to stop, at once when rung, else every few seconds."""

import asyncio
from collections.abc import Awaitable, Callable

import structlog

log = structlog.get_logger(__name__)

Tick = Callable[[], Awaitable[int]]


class Loop:
    """Runs ticks in turn. A tick that raises is logged, and tried again after a pause."""

    def __init__(self, name: str, ticks: tuple[Tick, ...], *, pause: float = 1.0) -> None:
        self._name = name
        self._ticks = ticks
        self._pause = pause
        self._rung = asyncio.Event()
        self._stopping = False

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
        done = 0
        for tick in self._ticks:
            try:
                done += await tick()
            except Exception as error:
                log.exception("tick_failed", service=self._name, error=type(error).__name__)
                return 0
        return done

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
