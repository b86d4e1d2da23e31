"""Each service runs with its own lock's packages alone, as its image has them."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture.locked_only import packages
from tests.architecture.source import ROOT

PROGRAM = Path(__file__).with_name("locked_only.py")
SERVICES = ("scheduler", "dispatcher", "bot")
NOWHERE = {
    "RELANCE_RABBITMQ_URL": "amqp://me:hush@127.0.0.1:9",
    "RELANCE_OTLP_URL": "http://127.0.0.1:9",
    "RELANCE_SMTP_HOST": "127.0.0.1",
    "SLACK_BOT_TOKEN": "xoxb-none",
    "SLACK_APP_TOKEN": "xapp-none",
    "SLACK_API_URL": "http://127.0.0.1:9/api/",
}
WAITS = {"scheduler": "broker_away", "dispatcher": "broker_away", "bot": "slack_waited_for"}


def lock(name: str) -> Path:
    return ROOT / f"requirements/{name}.txt"


def begin(service: str, url: str, *words: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, PROGRAM, lock(service), *words],
        env=os.environ | NOWHERE | {"RELANCE_DATABASE_URL": url},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def finish(service: str, url: str, *words: str) -> tuple[int, str]:
    running = begin(service, url, *words)
    said, _ = running.communicate()
    return running.returncode, said


def test_only_the_bots_image_has_slacks_libraries_and_only_the_dispatchers_sends_mail() -> None:
    slack = {"slack-bolt", "slack-sdk"}
    brings = {
        service: packages(lock(service)) & {*slack, "aiosmtplib", "aiosmtpd"}
        for service in SERVICES
    }
    assert brings == {"scheduler": set(), "dispatcher": {"aiosmtplib"}, "bot": slack}


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_starts_waits_and_stops_with_its_own_packages_alone(
    sqlite_url: str, service: str
) -> None:
    code, said = finish(service, sqlite_url, "db", "upgrade")
    assert code == 0, said
    heard = ""
    with begin(service, sqlite_url, service) as running:
        assert running.stdout is not None
        for line in running.stdout:
            heard += line
            if WAITS[service] in line:
                running.send_signal(signal.SIGTERM)
    assert running.returncode == 0, heard
    assert WAITS[service] in heard
    assert "Traceback" not in heard


@pytest.mark.parametrize("service", SERVICES)
def test_every_image_can_make_the_broker_ready(sqlite_url: str, service: str) -> None:
    code, said = finish(service, sqlite_url, "bus", "declare")
    assert code == 1
    assert "The broker: not reachable" in said


def test_another_images_service_is_refused(sqlite_url: str) -> None:
    code, said = finish("scheduler", sqlite_url, "dispatcher")
    assert code == 1
    assert said == "The dispatcher is not installed here (No module named 'aiosmtplib').\n"
