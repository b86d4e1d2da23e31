"""Run `relance` with no more than one lock's packages, whatever else is installed.

locked_only.py LOCK WORDS...
"""

import re
import sys
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from importlib.metadata import packages_distributions
from pathlib import Path


class Absent(MetaPathFinder):
    """Has modules missing that no package of the lock brings."""

    def __init__(self, locked: set[str]) -> None:
        self._missing = {
            module
            for module, packages in packages_distributions().items()
            if locked.isdisjoint(map(plain, packages))
        }

    def find_spec(self, fullname: str, *_rest: object) -> ModuleSpec | None:
        if fullname.partition(".")[0] in self._missing:
            raise ModuleNotFoundError(f"No module named {fullname!r}", name=fullname)
        return None


def plain(package: str) -> str:
    return re.sub(r"[-_.]+", "-", package).lower()


def packages(lock: Path) -> set[str]:
    named = re.findall(r"^([\w.-]+)==", lock.read_text(), re.MULTILINE)
    return {plain(package) for package in named}


if __name__ == "__main__":
    sys.meta_path.insert(0, Absent(packages(Path(sys.argv.pop(1))) | {"relance"}))
    from relance.cli.main import main

    main()
