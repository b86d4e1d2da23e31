"""The Dockerfile's own steps, tried in a clean place: no engine is needed for that.

Its folders lie in one of the test's, and nothing of the present environment is there but the
package index that pip is set up for.
"""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.architecture.locked_only import plain
from tests.architecture.source import ROOT

INSTRUCTION = re.compile(r"^([A-Z]+) ((?:.*\\\n)*.*)$", re.MULTILINE)
HANDED_ON = re.compile(r"PIP_.*|UV_.*|.*_proxy|SSL_CERT_FILE", re.IGNORECASE)
LIST = "from importlib.metadata import distributions as d; print(*(p.name for p in d()))"
REFUSES = {
    "scheduler": "RELANCE_RABBITMQ_URL is not set",
    "dispatcher": "RELANCE_SMTP_HOST is not set",
    "bot": "RELANCE_RABBITMQ_URL is not set",
}


class Image:
    """Built of the Dockerfile's instructions, `/opt` and the like being folders below `root`."""

    def __init__(self, root: Path, **arguments: str) -> None:
        self._root = root
        self._arguments = arguments
        self._folder = root
        interpreter = Path(sys.base_prefix) / "bin"
        self.environment = {"PATH": f"{interpreter}:/usr/bin:/bin"}
        self._handed_on = {k: v for k, v in os.environ.items() if HANDED_ON.fullmatch(k)}

    def take(self, instruction: str, words: str) -> None:
        match instruction:
            case "WORKDIR":
                self._folder = self._root / words.lstrip("/")
                self._folder.mkdir(parents=True)
            case "ENV":
                pairs = dict(pair.split("=", 1) for pair in self._inside(words).split())
                path = self.environment["PATH"]
                self.environment |= {k: v.replace("$PATH", path) for k, v in pairs.items()}
            case "COPY" if not words.startswith("--from"):
                self._copy(*self._said(words).split())
            case "RUN":
                done = self.run("/bin/sh", "-c", self._inside(self._said(words)), built=True)
                assert done.returncode == 0, f"RUN {words}\n{done.stdout}"
            case "FROM" | "ARG" | "COPY" | "USER" | "ENTRYPOINT":
                pass  # one Python, one folder and one user serve both stages
            case _:
                raise AssertionError(f"a Dockerfile's {instruction} is not known to this test")

    def run(
        self, *command: str, built: bool = False, **variables: str
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command,
            check=False,
            cwd=self._folder,
            env=(self._handed_on if built else {}) | self.environment | variables,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def _copy(self, *words: str) -> None:
        *sources, target = words
        for source in sources:
            if (ROOT / source).is_dir():
                without = shutil.ignore_patterns("__pycache__")
                shutil.copytree(ROOT / source, self._folder / target, ignore=without)
            else:
                into = self._folder / target
                into.mkdir(parents=True, exist_ok=True)
                shutil.copy(ROOT / source, into)

    def _said(self, words: str) -> str:
        return re.sub(r"\$\{(\w+)\}", lambda found: self._arguments[found[1]], words)

    def _inside(self, words: str) -> str:
        return words.replace("/opt/", f"{self._root}/opt/")


def instructions() -> Iterator[tuple[str, str]]:
    text = (ROOT / "Dockerfile").read_text()
    lines = "".join(line for line in text.splitlines(keepends=True) if not line.startswith("#"))
    for found in INSTRUCTION.finditer(lines):
        yield found[1], found[2].replace("\\\n", "")


def locked(service: str) -> list[str]:
    """What the service's lock has for where images run."""
    lines = re.findall(
        r"^.+==.+$", (ROOT / f"requirements/{service}.txt").read_text(), re.MULTILINE
    )
    return [plain(line.partition("==")[0]) for line in lines if "== 'win32'" not in line]


@pytest.mark.soak  # a minute each, and a package index
@pytest.mark.parametrize("service", ["scheduler", "dispatcher", "bot"])
def test_an_image_s_steps_work_in_a_clean_place_and_leave_its_lock_and_relance(
    tmp_path: Path, service: str
) -> None:
    image = Image(tmp_path, SERVICE=service)
    for instruction, words in instructions():
        image.take(instruction, words)
    listed = image.run("python3", "-c", LIST)
    assert sorted(map(plain, listed.stdout.split())) == sorted([*locked(service), "relance"])
    said = image.run("relance", service)
    assert said.returncode != 0
    assert REFUSES[service] in said.stdout
    assert "Traceback" not in said.stdout
    doctor = image.run("relance", "doctor")
    assert "Traceback" not in doctor.stdout
    assert image.run("relance", "db", "upgrade").returncode == 0
