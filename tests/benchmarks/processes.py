"""Work in processes of its own that begin at one word: what it costs, all together."""

import json
import re
import subprocess
import sys
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path
from time import perf_counter

from sqlalchemy import URL

from tests.benchmarks.comparing import Cost, spending
from tests.benchmarks.portfolio import connect

_MARK = "bench: "
_TICKS = 100  # of /proc's clock in a second


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What a process did: units of work, seconds of CPU, MiB at the most."""

    done: int
    cpu: float
    peak: float


def work_at_the_word(work: Callable[[], int]) -> None:
    """A process's own side: it has prepared, and works when the others have, too."""
    _say("ready")
    sys.stdin.readline()
    with spending() as cost:
        done = work()
    _say(json.dumps(asdict(Report(done=done, cpu=cost.cpu, peak=_peak()))))


def _say(line: str) -> None:
    sys.stdout.write(f"{_MARK}{line}\n")
    sys.stdout.flush()


def run_together(server: URL, modules: Sequence[Sequence[str]], amount: int) -> Cost:
    """Runs these modules with their arguments, each in a process; the server's CPU counts, too.

    The wall clock runs from the word until the last has come to its end. RuntimeError unless all
    of them together did that amount.
    """
    with ExitStack() as all_of_them:
        running = [
            all_of_them.enter_context(
                subprocess.Popen(
                    [sys.executable, "-m", *module],
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    text=True,
                )
            )
            for module in modules
        ]
        for process in running:
            _heard(process)
        spent, began = server_cpu(server), perf_counter()
        for process in running:
            assert process.stdin
            process.stdin.write("go\n")
            process.stdin.flush()
        reports = [_report(process) for process in running]
        wall, served = perf_counter() - began, server_cpu(server) - spent
    if (done := sum(report.done for report in reports)) != amount:
        raise RuntimeError(f"{done} were done, not {amount}")
    return Cost(
        wall=wall,
        cpu=sum(report.cpu for report in reports) + served,
        peak=max(report.peak for report in reports),
    )


def _report(process: subprocess.Popen[str]) -> Report:
    return Report(**json.loads(_heard(process)))


def _heard(process: subprocess.Popen[str]) -> str:
    """What it says next; its log is passed on."""
    assert process.stdout
    for line in process.stdout:
        if line.startswith(_MARK):
            return line.removeprefix(_MARK)
        sys.stderr.write(line)
    raise RuntimeError("a process ended before its work")


def _peak() -> float:
    """MiB of memory that this process held at most; its parent's do not count."""
    status = Path("/proc/self/status").read_text("utf-8")
    found = re.search(r"VmHWM:\s+(\d+) kB", status)
    return int(found[1]) / 1024 if found else 0.0


def server_cpu(server: URL) -> float:
    """Seconds of CPU that PostgreSQL has spent since it started; 0 where it runs elsewhere."""
    with connect(server) as connection:
        [backend] = connection.execute("SELECT pg_backend_pid()").fetchone() or (0,)
        ours = _stat(backend)
        if not ours:
            return 0.0
        master = int(ours[1])
        stats = [_stat(int(folder.name)) for folder in Path("/proc").glob("[0-9]*")]
        children = sum(sum(map(int, stat[11:13])) for stat in stats if stat and stat[1] == ours[1])
        ended = sum(map(int, _stat(master)[11:15]))
        return (children + ended) / _TICKS


def _stat(process: int) -> list[str]:
    """/proc's figures from the state on; empty when there is no such process."""
    try:
        return Path(f"/proc/{process}/stat").read_text("utf-8").rpartition(")")[2].split()
    except OSError:
        return []
