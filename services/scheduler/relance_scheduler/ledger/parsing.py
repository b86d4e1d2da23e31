"""From the lines of a file to records, each checked by itself; nothing here knows the database."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeAlias

from relance_scheduler.ledger.building import BadField, Build, builders
from relance_scheduler.ledger.cells import Cell
from relance_scheduler.ledger.fields import FIELDS, Table
from relance_scheduler.ledger.mapping import Mapping, WrongMapping, close, own_mapping
from relance_scheduler.ledger.reading import Rows, Unreadable, file_problem, open_rows
from relance_scheduler.ledger.records import (
    AllocationRecord,
    ContactRecord,
    CustomerRecord,
    ItemRecord,
    PaymentRecord,
    Problem,
    Record,
    Severity,
)

Parsed: TypeAlias = Record | Problem


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far a file is read: `done` from 0 to 1, and the number of the last line."""

    step: str = "reading"
    file: str
    done: float
    line: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Ledger:
    """Everything that the good lines of some files say, each item once, and what was wrong."""

    customers: list[CustomerRecord] = field(default_factory=list)
    contacts: list[ContactRecord] = field(default_factory=list)
    items: list[ItemRecord] = field(default_factory=list)
    payments: list[PaymentRecord] = field(default_factory=list)
    allocations: list[AllocationRecord] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


def parse(
    path: Path,
    mapping: Mapping | None = None,
    *,
    currency: str | None = None,
    tell: Callable[[Progress], None] | None = None,
    repeats: bool = False,
) -> Iterator[Parsed]:
    """Records and problems in the order of the file, as a stream; the tables are the mapping's.

    Without a mapping the file has our own column names. `currency` stands where the file says
    none. Problems of severity FILE come last, and after them nothing. A customer or a contact
    comes once, which takes memory; with `repeats`, a file of nothing else gives what it says.
    """
    try:
        with open_rows(path, mapping) as rows:
            for remark in rows.remarks:
                yield Problem(severity=Severity.NOTICE, file=path.name, reason=remark)
            chosen = mapping or own_mapping(rows.header)
            if isinstance(chosen, WrongMapping):
                yield from (replace(mistake, file=path.name) for mistake in chosen.mistakes)
            elif mistakes := _header_mistakes(path.name, rows.header, chosen):
                yield from mistakes
            else:
                yield from _unused(path.name, rows.header, mapping)
                yield from _records(path.name, rows, chosen, currency, tell, repeats=repeats)
    except Unreadable as error:
        yield file_problem(path, error)


def mapping_of(path: Path) -> Mapping | None:
    """How a file under our own column names is read; None where `parse` will say what is wrong."""
    try:
        with open_rows(path, None) as rows:
            chosen = own_mapping(rows.header)
    except Unreadable:
        return None
    return chosen if isinstance(chosen, Mapping) else None


def read_ledger(
    paths: Sequence[Path], mapping: Mapping | None = None, *, currency: str | None = None
) -> Ledger:
    """The whole of some files in memory, for a back-test; see `parse`."""
    ledger = Ledger()
    first_lines: dict[tuple[object, ...], tuple[Path, int]] = {}
    for path in paths:
        for parsed in parse(path, mapping, currency=currency):
            if isinstance(parsed, ItemRecord):
                key = (parsed.customer, parsed.kind, parsed.number, parsed.part)
                first = first_lines.setdefault(key, (path, parsed.line))
                if first != (path, parsed.line):
                    ledger.problems.append(repeated_item(path.name, parsed.line, first[1]))
                    continue
            _keep(ledger, parsed)
    return ledger


def repeated_item(file: str, line: int, first: int) -> Problem:
    """The problem of an item that an earlier line has already given."""
    return Problem(
        file=file,
        line=line,
        column="number",
        reason=f"the same customer, kind, number and part as line {first}: instalments need a "
        "column “part”, or “instalments: by_due_date” in the mapping",
    )


def differing(file: str, line: int, what: str, first: int) -> Problem:
    """What is worth knowing of a customer or a contact that an earlier line has given otherwise."""
    reason = f"the {what} differs from line {first}, which is kept"
    return Problem(severity=Severity.NOTICE, file=file, line=line, reason=reason)


def _keep(ledger: Ledger, parsed: Parsed) -> None:
    match parsed:
        case CustomerRecord():
            ledger.customers.append(parsed)
        case ContactRecord():
            ledger.contacts.append(parsed)
        case ItemRecord():
            ledger.items.append(parsed)
        case PaymentRecord():
            ledger.payments.append(parsed)
        case AllocationRecord():
            ledger.allocations.append(parsed)
        case Problem():
            ledger.problems.append(parsed)


def _fold(name: str) -> str:
    return " ".join(name.split()).casefold()


def _header_mistakes(file: str, header: list[str], mapping: Mapping) -> list[Problem]:
    folded = [_fold(name) for name in header]
    mistakes = []
    for table, fields in mapping.tables.items():
        for name, origin in fields.items():
            times = folded.count(_fold(origin.column))
            if origin.constant is not None or times == 1:
                continue
            place = f"line {origin.line} of {mapping.name}, " if origin.line else ""
            wrong = "stands twice in" if times else "is missing from"
            hint = "" if times else close(origin.column, set(header))
            reason = (
                f"the column “{origin.column}” ({place}{table}.{name}) {wrong} the header{hint}"
            )
            mistakes.append(
                Problem(severity=Severity.FILE, file=file, column=origin.column, reason=reason)
            )
    return mistakes


def _unused(file: str, header: list[str], mapping: Mapping | None) -> Iterator[Problem]:
    """Under our own names an unknown column is likely a slip; a mapping leaves out on purpose."""
    known = {name for fields in FIELDS.values() for name in fields}
    for name in header if mapping is None else ():
        if _fold(name) not in known:
            reason = f"this column is not used{close(name, known)}"
            yield Problem(severity=Severity.NOTICE, file=file, column=name, reason=reason)


def _records(
    file: str,
    rows: Rows,
    mapping: Mapping,
    currency: str | None,
    tell: Callable[[Progress], None] | None,
    *,
    repeats: bool,
) -> Iterator[Parsed]:
    folded = [_fold(name) for name in rows.header]
    positions = {
        origin.column: folded.index(_fold(origin.column))
        for fields in mapping.tables.values()
        for origin in fields.values()
        if origin.constant is None
    }
    try:
        making = builders(mapping, positions, currency)
    except BadField as bad:
        yield Problem(severity=Severity.FILE, file=file, column=bad.column, reason=bad.reason)
        return
    once = None if repeats and len(making) == 1 else _Once(file)
    yield from _of_lines(file, rows, making, once, tell)


def _of_lines(
    file: str,
    rows: Rows,
    making: list[tuple[Table, Build]],
    once: "_Once | None",
    tell: Callable[[Progress], None] | None,
) -> Iterator[Parsed]:
    width, count = len(rows.header), 0
    for line, cells in rows.lines:
        count += 1
        if tell and not count % 1_000:
            tell(Progress(file=file, done=rows.done(), line=line))
        if isinstance(cells, str) or (reason := _not_cells(cells, width)):
            yield Problem(file=file, line=line, reason=cells if isinstance(cells, str) else reason)
            continue
        for _, build in making:
            try:
                record = build(cells, line)
            except BadField as bad:
                yield Problem(file=file, line=line, column=bad.column, reason=bad.reason)
                continue
            if (parsed := once.first(record) if once else record) is not None:
                yield parsed
    if not count:
        yield Problem(severity=Severity.NOTICE, file=file, reason="a header and no lines")
    if tell:
        tell(Progress(file=file, done=1.0, line=count + 1))


def _not_cells(cells: Sequence[Cell], width: int) -> str:
    if len(cells) != width and (len(cells) < width or any(cell != "" for cell in cells[width:])):
        return (
            f"{len(cells)} cells where the header has {width}: a delimiter or a quotation mark "
            "is missing or too many"
        )
    return ""


class _Once:
    """Lets a customer or a contact through once, however many lines repeat it."""

    def __init__(self, file: str) -> None:
        self._file = file
        self._seen: dict[tuple[str, ...], Record] = {}

    def first(self, record: Record | None) -> Parsed | None:
        """The record; None for one that was there, unless it differs: a problem."""
        if isinstance(record, CustomerRecord):
            key: tuple[str, ...] = (record.reference,)
        elif isinstance(record, ContactRecord):
            key = (record.customer, record.reference)
        else:
            return record
        seen = self._seen.setdefault(key, record)
        if seen is record:
            return record
        if replace(record, line=seen.line) == seen:
            return None
        what = "customer" if isinstance(record, CustomerRecord) else "contact"
        return differing(self._file, record.line, what, seen.line)
