"""The product's source, as the architecture tests read it."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    path: Path
    line: int

    def __str__(self) -> str:
        return f"{self.path.relative_to(ROOT)}:{self.line}"


def product_files() -> list[Path]:
    return sorted([*ROOT.glob("shared/**/*.py"), *ROOT.glob("services/**/*.py")])


def nodes(path: Path) -> Iterator[ast.AST]:
    return ast.walk(ast.parse(path.read_text(), filename=str(path)))


def imports(path: Path) -> Iterator[tuple[str, Place]]:
    """The full name of every module, or name in one, that the file imports, wherever it does so."""
    for node in nodes(path):
        match node:
            case ast.Import(names=names, lineno=line):
                yield from ((alias.name, Place(path=path, line=line)) for alias in names)
            case ast.ImportFrom(module=str(module), names=names, lineno=line):
                yield from (
                    (f"{module}.{alias.name}", Place(path=path, line=line)) for alias in names
                )
            case _:
                pass


def within(name: str, *modules: str) -> bool:
    """Whether the name is one of the modules or something in one."""
    return any(name == module or name.startswith(f"{module}.") for module in modules)
