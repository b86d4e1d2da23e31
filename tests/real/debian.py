"""Debian's packages, where this process may install them."""

import os
import shutil
from pathlib import Path

from tests.real.run import Missing, Run, finish, once


def can_install() -> bool:
    return os.geteuid() == 0 and shutil.which("apt-get") is not None


def install(run: Run, *packages: str) -> None:
    once(run, "package-lists", lambda: _apt("update"))
    # One at a time: a second apt-get fails at once while the first holds its lock.
    _apt("install", "--yes", "--no-install-recommends", "-o=DPkg::Lock::Timeout=600", *packages)


def install_without_starting(run: Run, *packages: str) -> None:
    """The same for packages that would start a server of their own."""
    policy = Path("/usr/sbin/policy-rc.d")
    made = not policy.exists()
    if made:
        policy.write_text("#!/bin/sh\nexit 101\n")
        policy.chmod(0o755)
    try:
        install(run, *packages)
    finally:
        if made:
            policy.unlink()


def _apt(*arguments: str) -> str:
    done = finish("apt-get", "--quiet", *arguments, DEBIAN_FRONTEND="noninteractive")
    if done.returncode:
        last = done.stderr.strip().splitlines()[-1:]
        raise Missing(f"apt-get {arguments[0]} {arguments[-1]} failed: {''.join(last)}")
    return done.stdout
