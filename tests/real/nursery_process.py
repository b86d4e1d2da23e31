"""Starts services as processes of their own, by fork: quickly, so that they may be killed often.

A line on standard input names a service and its port for readiness, 0 for none. On standard output
`started PID` answers it, and `ended PID CODE` (minus the signal's number where one ended it) tells
of an end. Arguments: the pace's lease and hand-over in seconds; a file with the seconds by which
the clock is wrong. All end with standard input.
"""

import os
import selectors
import signal
import sys
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import typer

from relance.cli.services import _runner, serve
from relance.cli.starting import read_settings
from relance.embedded import Embedded  # noqa: F401 - all three services, read once for all
from relance.settings import Settings
from relance_dispatcher.pace import Pace

STANDARD_INPUT = 0


class WrongClock:
    """The machine's clock, wrong by what the file says."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def now(self) -> datetime:
        return datetime.now(UTC) + timedelta(seconds=float(self._file.read_text() or 0))


def tend(settings: Settings, pace: Pace, clock: WrongClock) -> None:
    children: set[int] = set()
    woken, wake = os.pipe()
    os.set_blocking(wake, False)
    signal.set_wakeup_fd(wake)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    selector = selectors.DefaultSelector()
    for source in (STANDARD_INPUT, woken):
        selector.register(source, selectors.EVENT_READ)
    while True:
        for key, _ in selector.select():
            said = os.read(key.fd, 4096)
            if key.fd == STANDARD_INPUT and not said:
                return end(children)
            if key.fd == STANDARD_INPUT:
                service, port = said.decode().split()
                mine = settings.model_copy(update={"http_port": int(port)})
                children.add(started(service, mine, pace, clock))
            for pid, code in ended():
                children.discard(pid)
                say(f"ended {pid} {code}")


def started(service: str, settings: Settings, pace: Pace, clock: WrongClock) -> int:
    pid = os.fork()
    if not pid:
        os._exit(life(service, settings, pace, clock))
    say(f"started {pid}")
    return pid


def life(service: str, settings: Settings, pace: Pace, clock: WrongClock) -> int:
    """A child's, to its exit code; what it has to say, it says on standard error."""
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    os.close(STANDARD_INPUT)
    try:
        _runner().run(serve(service, settings, clock=clock, pace=pace))
    except typer.Exit as refused:
        return refused.exit_code
    except BaseException:  # noqa: BLE001 - nothing may go on as the nursery
        sys.excepthook(*sys.exc_info())
        return 1
    finally:
        sys.stderr.flush()
    return 0


def ended() -> Iterator[tuple[int, int]]:
    with suppress(ChildProcessError):
        while (found := os.waitpid(-1, os.WNOHANG))[0]:
            yield found[0], os.waitstatus_to_exitcode(found[1])


def end(children: set[int]) -> None:
    for pid in children:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def say(words: str) -> None:
    os.write(1, f"{words}\n".encode())


if __name__ == "__main__":
    lease, hand_over = (timedelta(seconds=float(word)) for word in sys.argv[1:3])
    tend(
        read_settings(),
        Pace(
            lease=lease,
            hand_over=hand_over,
            poll_every=lease / 2,
            first_pause=timedelta(seconds=2),
        ),
        WrongClock(Path(sys.argv[3])),
    )
