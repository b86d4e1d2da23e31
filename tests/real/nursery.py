"""A firm's services apart, each a process that is quickly born and may be killed at any moment."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from tests.real.firm import SLOWLY, Firm

PROGRAM = Path(__file__).with_name("nursery_process.py")
LEASE, HAND_OVER = 10.0, 4.0  # seconds


@dataclass(kw_only=True)
class Child:
    """A service; `code` is how it ended, minus the signal's number where one ended it."""

    service: str
    pid: int
    ended: asyncio.Event = field(default_factory=asyncio.Event)
    code: int | None = None

    def send(self, sign: signal.Signals) -> None:
        if self.code is None:
            with suppress(ProcessLookupError):
                os.kill(self.pid, sign)

    async def kill(self) -> None:
        """kill -9."""
        self.send(signal.SIGKILL)
        await self.ended.wait()

    async def stop(self) -> int:
        """Politely; its exit code."""
        self.send(signal.SIGTERM)
        async with asyncio.timeout(SLOWLY):
            await self.ended.wait()
        assert self.code is not None
        return self.code


class Nursery:
    """Where services are started from; what they say is in `log`."""

    def __init__(
        self, firm: Firm, process: asyncio.subprocess.Process, log: Path, clock: Path
    ) -> None:
        self.firm = firm
        self._process = process
        self._clock = clock
        self._children: dict[int, Child] = {}
        self._born: asyncio.Queue[int] = asyncio.Queue()
        self._turn = asyncio.Lock()
        self.log = log

    @property
    def alive(self) -> list[Child]:
        return [child for child in self._children.values() if child.code is None]

    async def start(self, service: str, *, port: int = 0) -> Child:
        """On that port it says whether it is ready."""
        async with self._turn:
            assert self._process.stdin is not None
            self._process.stdin.write(f"{service} {port}\n".encode())
            async with asyncio.timeout(SLOWLY):
                pid = await self._born.get()
            child = self._children[pid] = Child(service=service, pid=pid)
        return child

    async def listen(self) -> None:
        assert self._process.stdout is not None
        async for line in self._process.stdout:
            match line.decode().split():
                case ["started", pid]:
                    self._born.put_nowait(int(pid))
                case ["ended", pid, code]:
                    child = self._children.pop(int(pid))
                    child.code = int(code)
                    child.ended.set()
                case said:
                    raise AssertionError(said)

    async def says(self, words: str) -> None:
        """Waits until any of them has said so."""
        for _ in range(int(SLOWLY / 0.2)):
            if words in self.log.read_text("utf-8"):
                return
            await asyncio.sleep(0.2)
        raise AssertionError(f"{words} is not said: {self.log.read_text('utf-8')}")

    def set_clock_wrong(self, seconds: float) -> None:
        """All their clocks jump, at once."""
        beside = self._clock.with_suffix(".new")
        beside.write_text(str(seconds))
        beside.replace(self._clock)


@asynccontextmanager
async def a_nursery(
    firm: Firm, *, lease: float = LEASE, hand_over: float = HAND_OVER
) -> AsyncIterator[Nursery]:
    """All that were started in it are gone with it. `lease` and `hand_over` in seconds."""
    log, clock = firm.folder / "nursery.log", firm.folder / "clock"
    clock.write_text("0")
    with log.open("ab") as stderr:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, PROGRAM, str(lease), str(hand_over), clock),
            cwd=firm.folder,
            env=os.environ | firm.settings | {"RELANCE_LOG_FORMAT": "json"},
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=stderr,
        )
    nursery = Nursery(firm, process, log, clock)
    listening = asyncio.create_task(nursery.listen())
    try:
        yield nursery
    finally:
        assert process.stdin is not None
        process.stdin.close()
        await process.wait()
        listening.cancel()
