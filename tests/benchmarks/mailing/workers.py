"""Processes that send, watched from outside: how long they take, and what CPU they use."""

import json
import os
import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

from tests.benchmarks.comparing import Cost

_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sink:
    """The mail server of one run; it says when it has taken `warm` messages, and `amount` more."""

    process: subprocess.Popen[str]
    port: int
    warm: int
    amount: int

    def wait(self) -> None:
        """Until it has taken the next of the two numbers."""
        line_of(self.process)

    def close(self) -> None:
        """Everybody got exactly one message, or AssertionError."""
        said, _ = self.process.communicate("")
        each = Counter(json.loads(said.splitlines()[-1]))
        assert len(each) == self.warm + self.amount, f"{len(each)} recipients"
        assert set(each.values()) == {1}, "somebody got several messages"


@contextmanager
def a_sink(warm: int, amount: int) -> Iterator[Sink]:
    numbers = (str(warm), str(warm + amount))
    with module("tests.benchmarks.mailing.sink", *numbers) as process:
        yield Sink(process=process, port=int(line_of(process)), warm=warm, amount=amount)


@contextmanager
def module(*command: str, **variables: object) -> Iterator[subprocess.Popen[str]]:
    """`python -m …`, stopped at the end."""
    process = subprocess.Popen(
        [sys.executable, "-m", *command],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {name: str(value) for name, value in variables.items()},
    )
    try:
        yield process
    finally:
        process.terminate()
        process.communicate()


def line_of(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    line = process.stdout.readline()
    assert line, "the process ended before its work"
    return line


@contextmanager
def spent_by(*roots: int) -> Iterator[Cost]:
    """The clock, and the CPU of these processes and of all they have started."""
    cost = Cost()
    began, before = perf_counter(), _cpu(roots)
    yield cost
    cost.wall, cost.cpu = perf_counter() - began, _cpu(roots) - before


def _cpu(roots: Iterable[int]) -> float:
    used, children = dict[int, int](), defaultdict[int, list[int]](list)
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:  # it has just ended
            continue
        pid = int(stat.parent.name)
        children[int(fields[1])].append(pid)
        # its own, and its ended children's
        used[pid] = sum(map(int, fields[11:15]))
    found, left = 0, list(roots)
    while left:
        pid = left.pop()
        found += used.get(pid, 0)
        left += children[pid]
    return found / _TICKS
