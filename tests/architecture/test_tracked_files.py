"""What is published names no machine and no package registry's host."""

import re
import subprocess
from pathlib import Path

import pytest

from tests.architecture.source import ROOT

# In two pieces each: this file is tracked too.
REGISTRIES = [
    "pypi" + ".org",
    "pythonhosted" + ".org",
    "deb.debian" + ".org",
    "registry.npmjs" + ".org",
]
SOMEBODYS_FOLDER = re.compile(r"(?<![\w.$}])/(?:work|root|home/\w+|Users/\w+)/")


def tracked_files() -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True, text=True
    )
    paths = (ROOT / name for name in listed.stdout.split("\0") if name)
    return [path for path in paths if path.is_file()]


def test_no_tracked_file_names_a_package_registry() -> None:
    assert lines_matching(re.compile("|".join(map(re.escape, REGISTRIES)))) == []


def test_no_tracked_file_names_a_folder_of_somebodys_machine() -> None:
    assert lines_matching(SOMEBODYS_FOLDER) == []


@pytest.mark.parametrize("folder", ["work", "root", "home/me", "Users/me"])
def test_a_folder_of_somebodys_machine_is_recognised(folder: str) -> None:
    assert SOMEBODYS_FOLDER.search(f"cd /{folder}/relance")


def lines_matching(pattern: re.Pattern[str]) -> list[str]:
    return [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()}"
        for path in tracked_files()
        for number, line in enumerate(path.read_text(errors="ignore").splitlines(), start=1)
        if pattern.search(line)
    ]
