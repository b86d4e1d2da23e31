"""Where measuring happens: private servers, databases made once, a folder for files."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import URL

from tests.real import postgres
from tests.real.run import Run


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """`quick`: sizes that only show that a measurement runs."""

    run: Run
    folder: Path
    quick: bool = False

    def size(self, full: int) -> int:
        """The size to measure at."""
        return max(1, full // 100) if self.quick else full

    @property
    def postgres(self) -> URL:
        """The one server of all measurements; `postgres.fresh_database` makes a database in it."""
        return postgres.server(self.run)


@contextmanager
def a_place(run: Run, *, quick: bool) -> Iterator[Place]:
    with tempfile.TemporaryDirectory(prefix="relance-bench-") as folder:
        yield Place(run=run, folder=Path(folder), quick=quick)
