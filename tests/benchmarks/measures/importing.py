"""A million items by `relance import` beside COPY of the same rows; then what each night costs.

The CPU is of both sides, the command's or the loader's and the server's. The contender copies the
rows as they stand afterwards, from files in COPY's own format, into the same tables with the same
indexes and constraints, in one transaction.
"""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import psycopg
from sqlalchemy import URL

from tests.benchmarks.comparing import Comparison, Contender, Cost
from tests.benchmarks.files import Files, write_files
from tests.benchmarks.place import Place
from tests.benchmarks.serving import address, server_cpu
from tests.real.postgres import fresh_database
from tests.real.run import finish

ITEMS = 1_000_000
CHANGED_EVERY = 100
TIMES_COPY = 3.0
TIMES_MEMORY = 1.1
_RELANCE = Path(sys.executable).with_name("relance")
_COMPANY = (
    *("--name", "Lumen", "--sender", "compta@lumen.test"),
    *("--admin-name", "Ada", "--admin-email", "ada@lumen.test"),
)
_TABLES = ("customers", "contacts", "cases", "items")  # in the order of their references
_BLOCK = 1 << 16
_OURS, _COPY = "relance import", "COPY of the same rows"
_SAME, _CHANGED = "nothing changed", "1 % changed"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Bench:
    """`founded` is a database with a company and no customer, `filled` one with all items."""

    server: URL
    folder: Path
    founded: URL
    filled: URL
    files: Files
    changed: Files


def comparisons(place: Place) -> Iterator[Comparison]:
    """The first import, the next nights', and the memory of a small and a large one."""
    count, server = place.size(ITEMS), place.postgres
    with ExitStack() as stack:
        founded = stack.enter_context(fresh_database(server))
        _found(founded)
        files = write_files(place.folder / "all", count)
        filled = stack.enter_context(fresh_database(server, template=str(founded.database)))
        _import(filled, files)
        bench = _Bench(
            server=server,
            folder=place.folder,
            founded=founded,
            filled=filled,
            files=files,
            changed=write_files(place.folder / "changed", count, changed_every=CHANGED_EVERY),
        )
        _copy_out(bench)
        rounds = 1 if place.quick else 3
        yield _first(bench, count, rounds)
        yield _nightly(bench, count, rounds)
        yield _memory(bench, count)


def _first(bench: _Bench, count: int, rounds: int) -> Comparison:
    def ours() -> Cost:
        with fresh_database(bench.server, template=str(bench.founded.database)) as url:
            return _import(url, bench.files)

    return Comparison(
        title=f"The first import of {count:,} items",
        unit="items",
        amount=count,
        ours=Contender(name=_OURS, run=ours),
        others=(Contender(name=_COPY, run=lambda: _copy_in(bench)),),
        target=f"within {TIMES_COPY:g} times of COPY",
        holds=lambda of: of[_OURS].wall <= TIMES_COPY * of[_COPY].wall,
        rounds=rounds,
    )


def _nightly(bench: _Bench, count: int, rounds: int) -> Comparison:
    def changed() -> Cost:
        with fresh_database(bench.server, template=str(bench.filled.database)) as url:
            return _import(url, bench.changed)

    return Comparison(
        title=f"The same {count:,} items the next night",
        unit="items",
        amount=count,
        ours=Contender(name=_SAME, run=lambda: _import(bench.filled, bench.files)),
        others=(Contender(name=_CHANGED, run=changed),),
        rounds=rounds,
    )


def _memory(bench: _Bench, count: int) -> Comparison:
    small, large = f"{count // 10:,} items", f"{count:,} items"
    few = write_files(bench.folder / "few", count // 10)

    def run(files: Files) -> Cost:
        with fresh_database(bench.server, template=str(bench.founded.database)) as url:
            return _import(url, files)

    return Comparison(
        title="The memory of an import",
        unit="imports",
        amount=1,
        ours=Contender(name=large, run=lambda: run(bench.files)),
        others=(Contender(name=small, run=lambda: run(few)),),
        target=f"{large} in at most {TIMES_MEMORY:g} times the memory of {small}",
        holds=lambda of: of[large].peak <= TIMES_MEMORY * of[small].peak,
        rounds=1,  # no two differ
    )


def _found(url: URL) -> None:
    done = finish(_RELANCE, "init", *_COMPANY, RELANCE_DATABASE_URL=_text(url))
    assert done.returncode == 0, done.stderr + done.stdout


def _import(url: URL, files: Files) -> Cost:
    """The command as a process of its own; with the peak of its memory."""
    before, began = server_cpu(url), time.perf_counter()
    process = subprocess.Popen(
        [_RELANCE, "import", *files.paths],
        env=os.environ | {"RELANCE_DATABASE_URL": _text(url)},
        stdout=subprocess.DEVNULL,
    )
    _, status, used = os.wait4(process.pid, 0)
    wall = time.perf_counter() - began
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0
    return Cost(
        wall=wall,
        cpu=used.ru_utime + used.ru_stime + server_cpu(url) - before,
        peak=used.ru_maxrss / 1024,
    )


def _copy_out(bench: _Bench) -> None:
    with psycopg.connect(address(bench.filled)) as connection:
        for table in _TABLES:
            with (
                (bench.folder / table).open("wb") as file,
                connection.cursor().copy(f"COPY {table} TO STDOUT") as copy,
            ):
                file.writelines(copy)


def _copy_in(bench: _Bench) -> Cost:
    with fresh_database(bench.server, template=str(bench.founded.database)) as url:
        before, began, spent = server_cpu(url), time.perf_counter(), time.process_time()
        with psycopg.connect(address(url)) as connection:
            for table in _TABLES:
                _copy_file(connection, table, bench.folder / table)
        wall, own = time.perf_counter() - began, time.process_time() - spent
        return Cost(wall=wall, cpu=own + server_cpu(url) - before)


def _copy_file(connection: psycopg.Connection, table: str, file: Path) -> None:
    copying = psycopg.sql.SQL("COPY {} FROM STDIN").format(psycopg.sql.Identifier(table))
    with file.open("rb") as rows, connection.cursor().copy(copying) as copy:
        while block := rows.read(_BLOCK):
            copy.write(block)


def _text(url: URL) -> str:
    return url.render_as_string(hide_password=False)
