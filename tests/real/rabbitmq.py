"""A real RabbitMQ for the tests: private nodes, each in a folder and on ports of its own.

In this order: the broker named in RELANCE_TEST_RABBITMQ_URL (with its management plugin's address
in RELANCE_TEST_RABBITMQ_API); programs installed here; Debian's package, when root; a container,
where Docker answers.
"""

import base64
import json
import os
import shutil
import signal
import subprocess
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import URL, make_url

from tests.real import debian
from tests.real.docker import docker_answers
from tests.real.ports import free_port
from tests.real.run import Missing, Run, finish, keep_running, once, private_folder
from tests.real.users import unprivileged_user

IMAGE = "rabbitmq:4-management-alpine"
STARTS_WITHIN = 120  # seconds; Erlang on a busy machine

_PLACES = (
    Path("/usr/lib/rabbitmq/bin/rabbitmq-server"),  # Debian; the one on the PATH changes its user
    Path("/opt/homebrew/sbin/rabbitmq-server"),
    Path("/usr/local/sbin/rabbitmq-server"),
)
_HOW = (
    "RabbitMQ is needed: install it (Debian: apt-get install rabbitmq-server; macOS: brew install "
    "rabbitmq), start Docker, or name a broker in RELANCE_TEST_RABBITMQ_URL and its management "
    "address in RELANCE_TEST_RABBITMQ_API."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Broker:
    """`url` is amqp://…, without a virtual host; `api` the management plugin's address."""

    url: URL
    api: str

    def call(self, method: str, path: str, body: object = None) -> Any:
        """The management plugin's answer; None where it answers with nothing."""
        request = urllib.request.Request(  # noqa: S310 - our own address
            f"{self.api}/api/{path}",
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Authorization": self._authorization, "Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310 - our own address
            said = answer.read()
        return json.loads(said) if said else None

    @property
    def _authorization(self) -> str:
        pair = f"{self.url.username}:{self.url.password}".encode()
        return f"Basic {base64.b64encode(pair).decode()}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """Where a private node has its files, and which ports are its own."""

    folder: Path
    port: int
    api_port: int
    variables: Mapping[str, str]

    @property
    def broker(self) -> Broker:
        url = URL.create("amqp", "guest", "guest", "127.0.0.1", self.port)
        return Broker(url=url, api=f"http://127.0.0.1:{self.api_port}")

    @property
    def command(self) -> list[str]:
        """The node with the port mapper that it needs, in one process group."""
        settings = [f"{name}={value}" for name, value in self.variables.items()]
        script = 'epmd -relaxed_command_check & exec "$0"'
        return ["env", *settings, "sh", "-c", script, str(_program())]


def broker(run: Run) -> Broker:
    """The run's one broker, started for the first who asks; raises Missing."""
    if given := os.environ.get("RELANCE_TEST_RABBITMQ_URL"):
        return Broker(url=make_url(given), api=os.environ["RELANCE_TEST_RABBITMQ_API"])
    url, _, api = once(run, "rabbitmq", lambda: _start(run)).partition(" ")
    return Broker(url=make_url(url), api=api)


def where() -> str:
    """For the test run's header."""
    if os.environ.get("RELANCE_TEST_RABBITMQ_URL"):
        return "the one of RELANCE_TEST_RABBITMQ_URL"
    if program := _program():
        return str(program)
    return "apt-get will install it when a test asks" if debian.can_install() else "Docker's"


@contextmanager
def fresh_vhost(broker: Broker) -> Iterator[str]:
    """The address of an empty virtual host, deleted afterwards with whoever is connected."""
    name = f"relance-{uuid.uuid4().hex}"
    broker.call("PUT", f"vhosts/{name}")
    everything = {"configure": ".*", "write": ".*", "read": ".*"}
    broker.call("PUT", f"permissions/{name}/{broker.url.username}", everything)
    try:
        yield text(broker.url.set(database=name))
    finally:
        broker.call("DELETE", f"vhosts/{name}")


def text(url: URL) -> str:
    return url.render_as_string(hide_password=False)


class PrivateNode:
    """A node for one test alone, which it may stop, kill and start again."""

    def __init__(self, run: Run) -> None:
        _require(run)
        self._node = _new_node(private_folder("rabbitmq"))
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def broker(self) -> Broker:
        return self._node.broker

    def start(self) -> None:
        """Returns when it answers."""
        user = unprivileged_user("rabbitmq")
        with (self._node.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                self._node.command,
                cwd=self._node.folder,
                user=user or None,
                extra_groups=[] if user else None,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                process_group=0,
            )
        _wait_for(self.broker, self._node.folder / "log")

    def raise_alarm(self) -> None:
        """Has it run out of memory: it reads no more from whoever publishes."""
        program = _program()
        assert program is not None
        finish(
            program.with_name("rabbitmqctl"),
            "--node",
            self._node.variables["RABBITMQ_NODENAME"],
            "set_vm_memory_high_watermark",
            "absolute",
            "1",
            folder=self._node.folder,
            user=unprivileged_user("rabbitmq"),
            **self._node.variables,
        ).check_returncode()

    def control(self, *words: str) -> None:
        """rabbitmqctl, of this node."""
        program = _program()
        assert program is not None
        user = unprivileged_user("rabbitmq")
        done = finish(
            program.with_name("rabbitmqctl"),
            *words,
            folder=self._node.folder,
            user=user,
            **self._node.variables,
        )
        assert done.returncode == 0, done.stdout + done.stderr

    def kill(self) -> None:
        """The whole node at once, as a power cut does."""
        if self._process is not None:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
            self._process = None

    def close(self) -> None:
        self.kill()
        shutil.rmtree(self._node.folder, ignore_errors=True)


def _start(run: Run) -> str:
    if _program() or debian.can_install():
        _require(run)
        node = _new_node(private_folder("rabbitmq"))
        user = unprivileged_user("rabbitmq")
        keep_running(run, node.folder, node.command, user=user, stop=signal.SIGTERM)
        found = node.broker
    elif docker_answers():
        found = _start_container(run)
    else:
        raise Missing(_HOW)
    _wait_for(found, Path(os.devnull))
    return f"{text(found.url)} {found.api}"


def _require(run: Run) -> None:
    if not _program() and debian.can_install():
        debian.install_without_starting(run, "rabbitmq-server")
    if not _program():
        raise Missing(_HOW)


def _program() -> Path | None:
    return next((place for place in _PLACES if place.exists()), None)


def _new_node(folder: Path) -> Node:
    if user := unprivileged_user("rabbitmq"):
        shutil.chown(folder, user)
    port, api_port, mapper = free_port(), free_port(), free_port()
    (folder / "plugins").write_text("[rabbitmq_management].\n")
    (folder / "rabbitmq.conf").write_text(
        f"listeners.tcp.default = 127.0.0.1:{port}\n"
        f"management.tcp.ip = 127.0.0.1\nmanagement.tcp.port = {api_port}\n"
        "log.file.level = warning\n"
    )
    variables = {
        "HOME": str(folder),
        "RABBITMQ_NODENAME": f"relance-{port}@localhost",
        "RABBITMQ_CONF_ENV_FILE": os.devnull,
        "RABBITMQ_CONFIG_FILE": str(folder / "rabbitmq"),
        "RABBITMQ_ENABLED_PLUGINS_FILE": str(folder / "plugins"),
        "RABBITMQ_MNESIA_BASE": str(folder / "data"),
        "RABBITMQ_LOG_BASE": str(folder / "logs"),
        "RABBITMQ_DIST_PORT": str(free_port()),
        "ERL_EPMD_PORT": str(mapper),
        "ERL_EPMD_ADDRESS": "127.0.0.1",
    }
    return Node(folder=folder, port=port, api_port=api_port, variables=variables)


def _start_container(run: Run) -> Broker:
    port, api_port = free_port(), free_port()
    pulled = finish("docker", "pull", "--quiet", IMAGE)
    if pulled.returncode:
        raise Missing(f"docker pull {IMAGE} failed: {pulled.stderr.strip()}")
    published = [f"--publish=127.0.0.1:{port}:5672", f"--publish=127.0.0.1:{api_port}:15672"]
    folder = private_folder("rabbitmq")
    keep_running(run, folder, ["docker", "run", "--rm", *published, IMAGE], stop=signal.SIGTERM)
    url = URL.create("amqp", "guest", "guest", "127.0.0.1", port)
    return Broker(url=url, api=f"http://127.0.0.1:{api_port}")


def _wait_for(found: Broker, log: Path) -> None:
    deadline = time.monotonic() + STARTS_WITHIN
    while True:
        try:
            found.call("GET", "health/checks/port-listener/" + str(found.url.port))
        except (OSError, urllib.error.URLError) as error:
            if time.monotonic() > deadline:
                said = log.read_text(errors="replace")[-2000:]
                raise Missing(f"RabbitMQ did not start: {error}\n{said}") from error
            time.sleep(0.1)
        else:
            return
