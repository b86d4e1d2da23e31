"""The clock is passed in: a test, the demo and a back-test move it."""

import ast

from tests.architecture.source import ROOT, Place, nodes, product_files

MAY_READ = {
    ROOT / "shared/relance/clock.py",
    ROOT / "shared/relance/store/types.py",  # a version 7 UUID begins with the moment
}
READINGS = {
    "datetime": {"now", "utcnow", "today"},
    "date": {"today"},
    "time": {"time", "time_ns", "localtime", "gmtime"},
}


def test_only_the_clock_reads_the_time_of_day() -> None:
    readings = [
        str(Place(path=path, line=node.lineno))
        for path in product_files()
        if path not in MAY_READ
        for node in nodes(path)
        if isinstance(node, ast.Attribute) and reads_the_time(node)
    ]
    assert readings == []


def reads_the_time(node: ast.Attribute) -> bool:
    """`datetime.now`, `datetime.datetime.now`, called or handed on; a monotonic clock is none."""
    match node.value:
        case ast.Name(id=owner) | ast.Attribute(attr=owner):
            return node.attr in READINGS.get(owner, set())
        case _:
            return False
