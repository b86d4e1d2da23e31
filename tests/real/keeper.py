"""Run a server in the background until the test run is over, then stop it and clear up.

    keeper.py SIGN_OF_LIFE FOLDER USER SIGNAL COMMAND...

An empty USER is the present one; SIGNAL is the number of what the server takes as "stop now".

A program of its own, so that it outlives a pytest that was killed.
"""

import fcntl
import os
import pwd
import shutil
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from types import FrameType

STOPS_WITHIN = 10  # seconds


def keep(sign_of_life: Path, folder: Path, user: str, sign: int, command: list[str]) -> None:
    with sign_of_life.open("a") as alive:
        server = start(command, folder, user)
        try:
            fcntl.lockf(alive, fcntl.LOCK_EX)  # waits for the test run's first process to end
        finally:
            stop(server, sign)
            shutil.rmtree(folder)
            shutil.rmtree(sign_of_life.parent, ignore_errors=True)  # left by a run that was killed


def start(command: list[str], folder: Path, user: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        command,
        cwd=folder,
        user=user or None,
        group=group_of(user),
        extra_groups=[] if user else None,
        process_group=0,
    )


def group_of(user: str) -> int | None:
    return pwd.getpwnam(user).pw_gid if user else None


def stop(server: subprocess.Popen[bytes], sign: int) -> None:
    """With all that it started: a docker client hands the signal on."""
    server.send_signal(sign)
    try:
        server.wait(STOPS_WITHIN)
    except subprocess.TimeoutExpired:
        server.kill()
    with suppress(ProcessLookupError):
        os.killpg(server.pid, signal.SIGKILL)


def leave(_signal: int, _frame: FrameType | None) -> None:
    sys.exit()


if __name__ == "__main__":
    if os.fork():
        os._exit(0)
    os.setsid()  # an interrupt at the terminal must not reach the server before its clients
    signal.signal(signal.SIGTERM, leave)
    keep(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3], int(sys.argv[4]), sys.argv[5:])
