"""A mapping file: which columns of a foreign file fill which fields, and how they are written."""

from dataclasses import dataclass, field
from difflib import get_close_matches

from relance_scheduler.ledger.fields import FIELDS, SIGNATURES, Table
from relance_scheduler.ledger.records import Problem, Severity


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Where a field comes from: a column, or the same text on every line.

    `values` translates what the column says, in lower case, to what we say. `line` is the
    mapping file's, 0 without one.
    """

    column: str = ""
    constant: str | None = None
    values: dict[str, str] = field(default_factory=dict)
    line: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Mapping:
    """How one kind of file is read; what is None is found out from the file.

    `dates` is a strptime format or an order of words such as "day/month/year". `by_due_date`:
    lines of one number are instalments, told apart by their due dates.
    """

    name: str
    tables: dict[Table, dict[str, Origin]]
    dates: tuple[str, ...] = ()
    decimal_mark: str | None = None
    thousands_mark: str | None = None
    delimiter: str | None = None
    encoding: str | None = None
    sheet: str | None = None
    header_line: int = 1
    negative_is_credit_note: bool = False
    by_due_date: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class WrongMapping:
    """Every mistake of a mapping file, each with its place."""

    mistakes: tuple[Problem, ...] = field(default=())


def own_mapping(header: list[str]) -> Mapping | WrongMapping:
    """The mapping of a file under our own column names: its header shows which tables it holds."""
    names = {name.casefold(): name for name in header}
    tables = {
        table: {name: Origin(column=names[name]) for name in FIELDS[table] if name in names}
        for table, signature in SIGNATURES.items()
        if all(name in names for name in signature)
    }
    if tables:
        return Mapping(name="our own column names", tables=tables)
    known = {name for table in FIELDS.values() for name in table}
    hints = [f"“{name}”{close(name, known)}" for name in header if name not in known]
    wanted = "; ".join(f"{', '.join(SIGNATURES[table])} for {table}" for table in Table)
    return wrong(
        "header",
        "these columns are none of ours and no mapping is given. A file holds a table when it has"
        f" its columns: {wanted}. Not known: {', '.join(hints[:20]) or 'none'}",
    )


def close(name: str, known: set[str] | list[str]) -> str:
    """`: did you mean “x”?`, or a list of what there is, or nothing."""
    by_fold = {other.casefold(): other for other in known}
    near = get_close_matches(name.casefold(), list(by_fold), n=3, cutoff=0.6)
    if near:
        return ": did you mean " + " or ".join(f"“{by_fold[other]}”" for other in near) + "?"
    if 0 < len(known) <= 20:
        return ": there are " + ", ".join(f"“{other}”" for other in sorted(known))
    return ""


def wrong(file: str, reason: str) -> WrongMapping:
    """A mapping that is wrong as a whole."""
    return WrongMapping(
        mistakes=(Problem(severity=Severity.FILE, file=file, reason=reason),),
    )
