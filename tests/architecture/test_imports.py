"""Who may import whom: pyproject.toml's import contracts, and what they cannot say."""

import subprocess
import sys
from pathlib import Path

from tests.architecture.source import ROOT, imports, within

DOMAIN = ROOT / "shared/relance/domain"
BLOCKS = ROOT / "services/bot/relance_bot/blocks"

STANDARD = tuple(sys.stdlib_module_names)
STANDARD_IO = (
    "asyncio",
    "concurrent",
    "ftplib",
    "http",
    "imaplib",
    "io",
    "logging",
    "multiprocessing",
    "os",
    "pathlib",
    "selectors",
    "shutil",
    "signal",
    "smtplib",
    "socket",
    "socketserver",
    "sqlite3",
    "ssl",
    "subprocess",
    "tempfile",
    "threading",
    "time",
    "urllib.request",
)
CARDS_MAY_USE = (
    "babel",
    "relance.contracts",
    "relance.domain",
    "relance.rendering",
    "relance_bot.blocks",
    "slack_sdk.models",
)


def test_the_import_contracts_hold() -> None:
    checked = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-logo", "--no-cache"],
        cwd=ROOT,
        check=False,
        capture_output=True,
        text=True,
    )
    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_the_domain_imports_only_the_standard_library() -> None:
    allowed = (*STANDARD, "relance.domain")
    assert strangers(DOMAIN, allowed, STANDARD_IO) == []


def test_cards_are_drawn_without_input_or_output() -> None:
    assert strangers(BLOCKS, (*STANDARD, *CARDS_MAY_USE), STANDARD_IO) == []


def strangers(folder: Path, allowed: tuple[str, ...], forbidden: tuple[str, ...]) -> list[str]:
    return [
        f"{place} imports {name}"
        for path in sorted(folder.rglob("*.py"))
        for name, place in imports(path)
        if within(name, *forbidden) or not within(name, *allowed)
    ]
