"""`make bench`: measures, says so as it goes, and writes docs/performance.md.

    python -m tests.benchmarks [--quick] [NAME ...]

NAME is a module of tests/benchmarks/measures/, such as `sweep`; without any, all are measured and
the report is written. `--quick` does each once at a small size: to see that it runs.
"""

import argparse
import importlib
import pkgutil
import sys
from collections.abc import Iterator
from datetime import UTC, datetime

from tests.benchmarks import measures, report
from tests.benchmarks.comparing import Measured, measure
from tests.benchmarks.place import Place, a_place
from tests.real.run import new_run


def names() -> list[str]:
    return sorted(module.name for module in pkgutil.iter_modules(measures.__path__))


def measured(chosen: list[str], place: Place) -> Iterator[Measured]:
    for name in chosen:
        module = importlib.import_module(f"tests.benchmarks.measures.{name}")
        for comparison in module.comparisons(place):
            yield measure(comparison, _say)


def main() -> int:
    parser = argparse.ArgumentParser(prog="make bench")
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(names()))
    parser.add_argument("--quick", action="store_true")
    arguments = parser.parse_args()
    if unknown := [name for name in arguments.names if name not in names()]:
        parser.error(f"there is no {unknown[0]}; there are {', '.join(names())}")
    with new_run() as run, a_place(run, quick=arguments.quick) as place:
        found = list(measured(arguments.names or names(), place))
    for one in found:
        _say(report.table(one))
    if not arguments.names and not arguments.quick:
        report.write(found, datetime.now(UTC).date())
        _say(f"wrote {report.REPORT.name}")
    return 0


def _say(line: str) -> None:
    sys.stderr.write(f"{line}\n")


if __name__ == "__main__":
    sys.exit(main())
