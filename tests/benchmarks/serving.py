"""What a database server spends: the CPU of its processes, those that ended among them."""

import os
from pathlib import Path

import psycopg
from sqlalchemy import URL

_TICK = os.sysconf("SC_CLK_TCK")


def address(url: URL) -> str:
    """As psycopg takes it."""
    return url.set(drivername="postgresql").render_as_string(hide_password=False)


def server_cpu(url: URL) -> float:
    """Seconds since its start; 0 where the server's processes are not on this machine."""
    with psycopg.connect(address(url)) as connection:
        found = connection.execute("SELECT pg_backend_pid()").fetchone()
        assert found
        backend = _stat(found[0])
    if not backend:
        return 0.0
    main = int(backend[1])
    return sum(_spent(of) for of in _tree(main)) / _TICK


def _tree(main: int) -> list[list[str]]:
    """The server's main process with what its ended children spent, then each that lives."""
    stats = [_stat(int(path.name)) for path in Path("/proc").iterdir() if path.name.isdigit()]
    living = [[*of[:13], "0", "0"] for of in stats if of and int(of[1]) == main]
    return [_stat(main), *living]


def _stat(process: int) -> list[str]:
    """The fields after the name: state, parent, …; user, system, children's user and system."""
    try:
        text = Path(f"/proc/{process}/stat").read_text()
    except OSError:
        return []
    return text.rpartition(")")[2].split()[:15]


def _spent(of: list[str]) -> int:
    return sum(map(int, of[11:15]))
