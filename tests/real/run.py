"""What the processes of one test run share: a folder, a sign of life, servers that end with it.

The first process (pytest-xdist's controller, or pytest itself) holds a lock on the sign of life.
The kernel lets go of it however that process ends: a server's keeper needs no other message.
"""

import fcntl
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.real.keeper import group_of

_VARIABLE = "RELANCE_TEST_RUN"
# Short, as a socket's path has about 100 characters, and open to another user; memory first.
_PLACES = ("/dev/shm", "/tmp")  # noqa: S108 - mkdtemp makes a private folder inside
ROOM = 2 * 1024**3  # bytes; a container's /dev/shm may have 64 MB


class Missing(Exception):
    """Something real is not there and cannot be brought; the text says how to mend it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    folder: Path

    @property
    def sign_of_life(self) -> Path:
        return self.folder / "alive"


@contextmanager
def new_run() -> Iterator[Run]:
    """For the run's first process; the others find it with `this_run`."""
    run = Run(folder=private_folder("run"))
    with run.sign_of_life.open("w") as alive:
        # A record lock is not inherited by forked children, unlike flock's.
        fcntl.lockf(alive, fcntl.LOCK_EX)
        os.environ[_VARIABLE] = str(run.folder)
        try:
            yield run
        finally:
            del os.environ[_VARIABLE]
            shutil.rmtree(run.folder)


def this_run() -> Run:
    return Run(folder=Path(os.environ[_VARIABLE]))


def private_folder(name: str, room: int = ROOM) -> Path:
    """In memory where so many bytes are free there."""
    place = next((place for place in _PLACES if _has_room(place, room)), _PLACES[-1])
    return Path(tempfile.mkdtemp(prefix=f"relance-{name}-", dir=place))


def _has_room(place: str, room: int) -> bool:
    return os.access(place, os.W_OK) and shutil.disk_usage(place).free > room


def once(run: Run, name: str, find: Callable[[], str]) -> str:
    """What `find` answers to the first process that asks; the others wait, then get the same."""
    answer = run.folder / name
    with (run.folder / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not answer.exists():
            answer.write_text(find())
        return answer.read_text()


def keep_running(
    run: Run,
    folder: Path,
    command: list[str],
    *,
    user: str = "",
    stop: signal.Signals = signal.SIGINT,
) -> None:
    """Start a server in the background; it is stopped and its folder removed when the run ends."""
    keeper = Path(__file__).with_name("keeper.py")
    with (folder / "log").open("w") as log:
        subprocess.run(
            [sys.executable, keeper, run.sign_of_life, folder, user, str(stop.value), *command],
            check=True,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
        )


def finish(
    *command: str | Path, folder: Path | None = None, user: str = "", **variables: str
) -> subprocess.CompletedProcess[str]:
    """Run a short program to its end, whatever the end is."""
    return subprocess.run(
        command,
        check=False,
        cwd=folder,
        env=os.environ | variables,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        user=user or None,
        group=group_of(user),
        extra_groups=[] if user else None,
    )
