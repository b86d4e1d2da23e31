"""Opens a CSV file or a spreadsheet and hands out its lines, whatever their contents mean."""

import csv
import io
import zipfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Protocol, TypeAlias

from python_calamine import CalamineError, CalamineWorkbook, SheetVisibleEnum

from relance_scheduler.ledger.cells import Cell
from relance_scheduler.ledger.encoding import choose_encoding
from relance_scheduler.ledger.mapping import Mapping, close
from relance_scheduler.ledger.records import Problem, Severity

LARGEST_TEXT = 4_000_000_000  # bytes
LARGEST_WORKBOOK = 200_000_000  # bytes; it is read as a whole
LARGEST_UNPACKED = 2_000_000_000  # bytes
LONGEST_LINE = 8_000_000  # characters
MOST_COLUMNS = 1_000
_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
_DELIMITERS = ";,\t|"
_FIELD_TOO_LONG = "a cell is longer than 131,072 characters, or a quotation mark is never closed"

Line: TypeAlias = tuple[int, Sequence[Cell] | str]


class _CsvReader(Protocol):
    """What csv.reader gives; `line_num` is the last line that it has read."""

    @property
    def line_num(self) -> int: ...

    def __next__(self) -> list[str]: ...


class Unreadable(Exception):
    """The file as a whole cannot be read."""

    def __init__(self, reason: str, line: int = 0) -> None:
        super().__init__(reason)
        self.reason = reason
        self.line = line


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """An open file. `lines`: number and cells, or number and why the line cannot be cut into cells.

    `done` says how much was read, from 0 to 1. `remarks` is what was found out about the file.
    """

    header: list[str]
    lines: Iterator[Line]
    done: Callable[[], float]
    remarks: tuple[str, ...] = ()


@contextmanager
def open_rows(path: Path, mapping: Mapping | None) -> Iterator[Rows]:
    """The lines of a file; raises Unreadable, also while they are read."""
    try:
        with path.open("rb") as file:
            start = file.read(8)
            file.seek(0)
            size = path.stat().st_size
            if not start:
                raise Unreadable("the file is empty")
            if start.startswith((_ZIP, _OLE)):
                yield _open_workbook(file, size, mapping)
            else:
                with _open_text(file, size, mapping) as rows:
                    yield rows
    except OSError as error:
        raise Unreadable(f"the file cannot be read: {error.strerror}") from error


@contextmanager
def _open_text(file: IO[bytes], size: int, mapping: Mapping | None) -> Iterator[Rows]:
    if size > LARGEST_TEXT:
        raise Unreadable(f"{size:,} bytes; at most {LARGEST_TEXT:,} are read at once: split it")
    chosen = choose_encoding(file, mapping.encoding if mapping else None)
    if chosen.undecodable_line:
        raise Unreadable(
            f"the text is not {chosen.name}: declare the right one in the mapping, such as "
            "“encoding: cp1252” or “encoding: utf-8”",
            chosen.undecodable_line,
        )
    file.seek(0)
    with io.TextIOWrapper(file, encoding=chosen.name, newline="") as text:
        skipped = _skip(text, mapping.header_line - 1 if mapping else 0)
        first = text.readline(LONGEST_LINE)
        if first.casefold().startswith("sep=") and len(first.strip()) == 5:
            skipped, delimiter, first = skipped + 1, first[4], text.readline(LONGEST_LINE)
        else:
            delimiter = (mapping.delimiter if mapping else None) or _likeliest_delimiter(first)
        reader = csv.reader(_lines(first, text), delimiter=delimiter, strict=True)
        yield Rows(
            header=_names(next((cells for _, cells in _records(reader, skipped)), [])),
            lines=_records(reader, skipped),
            done=lambda: file.tell() / size,
            remarks=(chosen.remark,) if chosen.remark else (),
        )


def _skip(text: io.TextIOWrapper, count: int) -> int:
    for _ in range(count):
        text.readline(LONGEST_LINE)
    return count


def _lines(first: str, text: io.TextIOWrapper) -> Iterator[str]:
    line, number = first, 1
    while line:
        if len(line) >= LONGEST_LINE and not line.endswith(("\n", "\r")):
            raise Unreadable(f"a line is longer than {LONGEST_LINE:,} characters", number)
        yield line
        line, number = text.readline(LONGEST_LINE), number + 1


def _likeliest_delimiter(header: str) -> str:
    outside = "".join(header.split('"')[::2])
    return max(_DELIMITERS, key=outside.count)


def _records(reader: _CsvReader, skipped: int) -> Iterator[Line]:
    while True:
        number = skipped + reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield number, _csv_problem(str(error))
            continue
        if any(cells):
            yield number, cells


def _csv_problem(error: str) -> str:
    if "field limit" in error:
        return _FIELD_TOO_LONG
    if "unexpected end" in error:
        return "a quotation mark opens here and is never closed"
    return 'a quotation mark stands inside a cell: double it ("") or remove it'


def _open_workbook(file: IO[bytes], size: int, mapping: Mapping | None) -> Rows:
    if size > LARGEST_WORKBOOK:
        raise Unreadable(f"{size:,} bytes; at most {LARGEST_WORKBOOK:,}: save it as CSV")
    try:
        _refuse_bomb(file)
        workbook = CalamineWorkbook.from_filelike(file)
        sheet = workbook.get_sheet_by_name(_sheet_name(workbook, mapping))
        rows, height = sheet.iter_rows(), max(sheet.height, 1)
        first = (sheet.start[0] if sheet.start else 0) + 1
    except (CalamineError, zipfile.BadZipFile, ValueError) as error:
        raise Unreadable(
            f"no spreadsheet that can be read ({type(error).__name__}): open it, remove a "
            "password, and save it again as .xlsx or as CSV"
        ) from error
    numbered = enumerate(rows, first)
    wanted = max(mapping.header_line if mapping else 1, first)
    header = next((cells for number, cells in numbered if number >= wanted), [])
    read = [0]

    def lines() -> Iterator[Line]:
        for number, cells in numbered:
            read[0] = number
            if any(cell != "" for cell in cells):
                yield number, cells

    return Rows(
        header=_names(header),
        lines=lines(),
        done=lambda: min(1.0, (read[0] - first + 1) / height),
    )


def _refuse_bomb(file: IO[bytes]) -> None:
    if file.read(4) == _ZIP:
        with zipfile.ZipFile(file) as archive:
            unpacked = sum(entry.file_size for entry in archive.infolist())
        if unpacked > LARGEST_UNPACKED:
            raise Unreadable(f"{unpacked:,} bytes when unpacked: save it as CSV")
    file.seek(0)


def _sheet_name(workbook: CalamineWorkbook, mapping: Mapping | None) -> str:
    names = workbook.sheet_names
    if mapping and mapping.sheet:
        if mapping.sheet not in names:
            raise Unreadable(f"there is no sheet “{mapping.sheet}”{close(mapping.sheet, names)}")
        return mapping.sheet
    visible = (s.name for s in workbook.sheets_metadata if s.visible is SheetVisibleEnum.Visible)
    return next(visible, names[0])


def _names(header: Sequence[Cell] | str) -> list[str]:
    if isinstance(header, str):
        raise Unreadable(f"the line that names the columns cannot be read: {header}", 1)
    names = [" ".join(str(name).split()) for name in header]
    while names and not names[-1]:
        names.pop()
    if not names:
        raise Unreadable("there is no line that names the columns")
    if len(names) > MOST_COLUMNS:
        raise Unreadable(f"{len(names):,} columns: no ledger has as many")
    return names


def file_problem(path: Path, error: Unreadable) -> Problem:
    """An unreadable file as a problem among others."""
    return Problem(severity=Severity.FILE, file=path.name, line=error.line, reason=error.reason)
