"""Run a server in the background until the test run is over, then stop it and clear up.

    keeper.py SIGN_OF_LIFE FOLDER USER COMMAND...      (an empty USER: the present one)

A program of its own, so that it outlives a pytest that was killed.
"""

import fcntl
import os
import pwd
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from types import FrameType

STOPS_WITHIN = 10  # seconds


def keep(sign_of_life: Path, folder: Path, user: str, command: list[str]) -> None:
    with sign_of_life.open("a") as alive:
        server = start(command, folder, user)
        try:
            fcntl.lockf(alive, fcntl.LOCK_EX)  # waits for the test run's first process to end
        finally:
            stop(server)
            shutil.rmtree(folder)
            shutil.rmtree(sign_of_life.parent, ignore_errors=True)  # left by a run that was killed


def start(command: list[str], folder: Path, user: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        command,
        cwd=folder,
        user=user or None,
        group=group_of(user),
        extra_groups=[] if user else None,
    )


def group_of(user: str) -> int | None:
    return pwd.getpwnam(user).pw_gid if user else None


def stop(server: subprocess.Popen[bytes]) -> None:
    server.send_signal(signal.SIGINT)  # PostgreSQL's fast shutdown; Docker hands it on
    try:
        server.wait(STOPS_WITHIN)
    except subprocess.TimeoutExpired:
        server.kill()


def leave(_signal: int, _frame: FrameType | None) -> None:
    sys.exit()


if __name__ == "__main__":
    if os.fork():
        os._exit(0)
    os.setsid()  # an interrupt at the terminal must not reach the server before its clients
    signal.signal(signal.SIGTERM, leave)
    keep(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3], sys.argv[4:])
