"""A real Chromium for the tests: the one installed here, or Debian's package when root."""

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from playwright._impl._driver import compute_driver_executable
from playwright.async_api import Browser, async_playwright

from tests.real import debian
from tests.real.run import Missing, Run, finish, once

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_MAC = (
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
)
# It speaks to the page under test and to nobody else.
_QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
# Playwright's own driver needs libatomic1, which a bare Debian lacks.
_DEBIAN = ("chromium", "fonts-dejavu-core", "libatomic1")
_HOW = (
    f"Chromium is needed: install it (Debian: apt-get install {' '.join(_DEBIAN)}; "
    "macOS: brew install --cask google-chrome)."
)


def program(run: Run) -> str:
    """Its path; raises Missing."""
    return once(run, "chromium", lambda: _find(run))


@asynccontextmanager
async def started(program: str) -> AsyncIterator[Browser]:
    """Headless, bound to the running loop."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=program, args=_QUIET)
        try:
            yield browser
        finally:
            await browser.close()


def where() -> str:
    """For the test run's header."""
    if program := _installed():
        return program
    return "apt-get will install it when a test asks" if debian.can_install() else "none"


def _find(run: Run) -> str:
    if not (_installed() and _driver_runs()) and debian.can_install():
        debian.install(run, *_DEBIAN)
    program = _installed()
    if program and _driver_runs():
        return program
    raise Missing(_HOW)


def _driver_runs() -> bool:
    node, _script = compute_driver_executable()
    return finish(node, "--version").returncode == 0


def _installed() -> str | None:
    on_path = (shutil.which(name) for name in _NAMES)
    on_mac = (program for program in _MAC if Path(program).exists())
    return next(filter(None, on_path), None) or next(on_mac, None)
