"""docs/performance.md: what was measured, as tables, with the machine it was measured on."""

import os
import platform
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from tests.benchmarks.comparing import Measured

REPORT = Path(__file__).parents[2] / "docs/performance.md"
_HEAD = """# Performance

Written by `make bench`, which measures every row anew: medians of runs in both orders, side by
side on one machine. Compare within a table: the machine's own speed is in every row of it.

{machine}
"""


def write(measured: Sequence[Measured], today: date) -> None:
    """Replaces the report."""
    tables = "\n".join(table(one) for one in measured)
    REPORT.write_text(_HEAD.format(machine=_machine(today)) + "\n" + tables, "utf-8")


def _machine(today: date) -> str:
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return (
        f"{today}: {os.cpu_count()} cores ({_processor()}), {memory:.0f} GiB, "
        f"{platform.system()} {platform.release().split('-')[0]}, Python "
        f"{platform.python_version()}."
    )


def _processor() -> str:
    cpuinfo = Path("/proc/cpuinfo")
    lines = cpuinfo.read_text().splitlines() if cpuinfo.exists() else []
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.machine())


def _rate(found: float) -> str:
    return f"{found:,.0f}" if found >= 10 else f"{found:.2g}"


def table(one: Measured) -> str:
    """Peak memory has a column where it was measured."""
    comparison, ours = one.comparison, one.medians[one.comparison.ours.name]
    headings = ["", "seconds", f"{comparison.unit} a second", "CPU µs each", "times ours"]
    remembers = any(cost.peak for cost in one.medians.values())
    headings += ["peak MiB"] if remembers else []
    lines = [
        f"## {comparison.title}",
        "",
        f"|{'|'.join(f' {heading} ' if heading else ' ' for heading in headings)}|",
        f"|---|{'---:|' * (len(headings) - 1)}",
    ]
    for name, cost in one.medians.items():
        each = f"{cost.cpu / comparison.amount * 1e6:,.0f}" if cost.cpu else ""
        rate = _rate(comparison.amount / cost.wall)
        cells = [name, f"{cost.wall:.3f}", rate, each, f"{cost.wall / ours.wall:.2f}"]
        cells += [f"{cost.peak:,.0f}" if cost.peak else ""] if remembers else []
        lines.append(f"| {' | '.join(cells)} |")
    if comparison.target:
        verdict = {True: "held", False: "**missed**", None: ""}[one.holds]
        lines += ["", f"Target: {comparison.target}: {verdict}."]
    return "\n".join([*lines, ""])
