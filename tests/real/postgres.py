"""A real PostgreSQL for the tests: private, in a folder of its own, gone with the test run.

In this order: the server named in RELANCE_TEST_POSTGRES_URL (a user that may create databases);
programs installed here; Debian's package, when root; a container, where Docker answers.
The private server syncs nothing to disk: it is quick, and no test of a power cut.
"""

import os
import shutil
import signal
import subprocess
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from psycopg import sql
from sqlalchemy import URL, make_url

from tests.real import debian
from tests.real.docker import docker_answers
from tests.real.ports import free_port
from tests.real.run import ROOM, Missing, Run, finish, keep_running, once, private_folder
from tests.real.users import unprivileged_user

IMAGE = "postgres:17-alpine"
STARTS_WITHIN = 60  # seconds; a container's image is pulled before that

_PLACES = (
    ("/usr/lib/postgresql", "*/bin"),  # Debian
    ("/opt/homebrew/opt", "postgresql*/bin"),
    ("/usr/local/opt", "postgresql*/bin"),
    ("/Applications/Postgres.app/Contents/Versions", "*/bin"),
)
_QUICK = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")
# Quick as well, but what was committed survives the server's own end.
_DURABLE = ("fsync=off", "full_page_writes=off", "timezone=Europe/Paris")
PASSWORD = "s3cret"  # of a server that asks for one
# A session that is not in UTC shows whoever forgets to convert.
_SETTINGS = (*_QUICK, "timezone=Europe/Paris", "max_connections=200")
_HOW = (
    "PostgreSQL is needed: install it (Debian: apt-get install postgresql; macOS: brew install "
    "postgresql), start Docker, or name a server in RELANCE_TEST_POSTGRES_URL."
)


def server(run: Run) -> URL:
    """The run's one server, started for the first who asks; raises Missing."""
    given = os.environ.get("RELANCE_TEST_POSTGRES_URL")
    address = given or once(run, "postgres", lambda: _start(run))
    return make_url(address).set(drivername="postgresql+psycopg")


def where() -> str:
    """For the test run's header."""
    if os.environ.get("RELANCE_TEST_POSTGRES_URL"):
        return "the one of RELANCE_TEST_POSTGRES_URL"
    if programs := _installed():
        return str(programs)
    return "apt-get will install it when a test asks" if debian.can_install() else "Docker's"


@contextmanager
def fresh_database(server: URL, *, template: str = "template0") -> Iterator[URL]:
    """An empty database (or a copy of `template`), dropped afterwards with whoever is connected."""
    name = f"relance_{uuid.uuid4().hex}"
    _execute(server, "CREATE DATABASE {} TEMPLATE {}", name, template)
    try:
        yield server.set(database=name)
    finally:
        _execute(server, "DROP DATABASE {} WITH (FORCE)", name)


class PrivateServer:
    """A server for one test alone, which it may stop and start again; it asks for a password."""

    def __init__(self, run: Run, room: int = ROOM) -> None:
        """`room` is how many bytes it may come to hold."""
        self._programs = _require(run)
        self._folder = private_folder("postgres", room)
        self._user = unprivileged_user("postgres")
        self._port = free_port()
        self._process: subprocess.Popen[bytes] | None = None
        if self._user:
            shutil.chown(self._folder, self._user)
        (self._folder / "password").write_text(PASSWORD)
        options = ("--auth-host=scram-sha-256", "--pwfile=password")
        _make_cluster(self._programs, self._folder / "data", self._user, *options)

    @property
    def url(self) -> URL:
        return URL.create(
            "postgresql+psycopg", "relance", PASSWORD, "127.0.0.1", self._port, "postgres"
        )

    @property
    def folder(self) -> Path:
        return self._folder

    def start(self) -> None:
        """Returns when it answers; after a crash it has recovered by then."""
        settings = (*_DURABLE, f"port={self._port}", "listen_addresses=127.0.0.1")
        with (self._folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [
                    *(self._programs / "postgres", "-D", "data", "-k", self._folder),
                    *(f"--{setting}" for setting in settings),
                ],
                cwd=self._folder,
                user=self._user or None,
                extra_groups=[] if self._user else None,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                process_group=0,
            )
        _wait_for(self.url, self._folder / "log")

    def crash(self) -> None:
        """An immediate shutdown: no farewell to anybody, recovery at the next start."""
        if self._process is not None:
            self._process.send_signal(signal.SIGQUIT)
            self._process.wait()
            self._process = None

    def close(self) -> None:
        self.crash()
        shutil.rmtree(self._folder, ignore_errors=True)


def _require(run: Run) -> Path:
    if not _installed() and debian.can_install():
        _install(run)
    if programs := _installed():
        return programs
    raise Missing(_HOW)


def _execute(server: URL, statement: str, *names: str) -> None:
    with _connect(server) as connection:
        connection.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))


def _connect(server: URL) -> psycopg.Connection:
    address = server.set(drivername="postgresql").render_as_string(hide_password=False)
    return psycopg.connect(address, autocommit=True)


def _start(run: Run) -> str:
    if not _installed() and debian.can_install():
        _install(run)
    folder = private_folder("postgres")
    if programs := _installed():
        address = _start_private(run, programs, folder)
    elif docker_answers():
        address = _start_container(run, folder)
    else:
        folder.rmdir()
        raise Missing(_HOW)
    _wait_for(make_url(address), folder / "log")
    return address


def _installed() -> Path | None:
    """The folder of the newest server's programs."""
    on_path = shutil.which("initdb")
    found = [folder for place, pattern in _PLACES for folder in Path(place).glob(pattern)]
    folders = sorted(found, key=_number, reverse=True) + ([Path(on_path).parent] if on_path else [])
    return next((f for f in folders if (f / "initdb").exists() and (f / "postgres").exists()), None)


def _number(programs: Path) -> int:
    digits = "".join(c for c in programs.parent.name if c.isdigit())
    return int(digits or 0)


def _install(run: Run) -> None:
    """Debian's package, without the cluster that it would make and start."""
    setting = Path("/etc/postgresql-common/createcluster.d/relance-tests.conf")
    made = not setting.parent.exists()
    setting.parent.mkdir(parents=True, exist_ok=True)
    setting.write_text("create_main_cluster = false\n")
    try:
        debian.install(run, "postgresql")
    finally:
        setting.unlink()
        if made and not any(setting.parent.iterdir()):
            setting.parent.rmdir()


def _start_private(run: Run, programs: Path, folder: Path) -> str:
    user = unprivileged_user("postgres")
    if user:
        shutil.chown(folder, user)
    _make_cluster(programs, folder / "data", user)
    settings = [f"--{setting}" for setting in (*_SETTINGS, "listen_addresses=")]
    command = [str(programs / "postgres"), "-D", "data", "-k", str(folder), *settings]
    keep_running(run, folder, command, user=user)
    return f"postgresql://relance@/postgres?host={folder}"


def _make_cluster(programs: Path, data: Path, user: str, *more: str) -> None:
    """It sorts as a French organisation's does, not by code point."""
    order = ("--encoding=UTF8", "--locale=C", "--locale-provider=icu", "--icu-locale=fr")
    options = ("--username=relance", "--auth=trust", "--no-sync", *order, *more)
    initdb = programs / "initdb"
    done = finish(initdb, "-D", data, *options, folder=data.parent, user=user, LC_ALL="C")
    if done.returncode:
        raise Missing(f"{initdb} failed: {done.stderr.strip()}")


def _start_container(run: Run, folder: Path) -> str:
    port = free_port()
    options = ["--rm", f"--publish=127.0.0.1:{port}:5432", "--env=POSTGRES_HOST_AUTH_METHOD=trust"]
    settings = [word for setting in _SETTINGS for word in ("-c", setting)]
    pulled = finish("docker", "pull", "--quiet", IMAGE)
    if pulled.returncode:
        raise Missing(f"docker pull {IMAGE} failed: {pulled.stderr.strip()}")
    keep_running(run, folder, ["docker", "run", *options, IMAGE, *settings])
    return f"postgresql://postgres@127.0.0.1:{port}/postgres"


def _wait_for(server: URL, log: Path) -> None:
    deadline = time.monotonic() + STARTS_WITHIN
    while True:
        try:
            _connect(server).close()
        except psycopg.OperationalError as error:
            if time.monotonic() > deadline:
                raise Missing(f"PostgreSQL did not start: {error}\n{log.read_text()}") from error
            time.sleep(0.05)
        else:
            return
