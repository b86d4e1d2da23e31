"""Turns the cells of one line into the records of one table."""

from collections.abc import Callable, Sequence
from collections.abc import Mapping as Dictionary
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, TypeAlias, cast

from relance.domain.ledger import ItemKind
from relance_scheduler.ledger.cells import (
    BadCell,
    Cell,
    amount_reader,
    date_reader,
    read_currency,
    read_email,
    read_flag,
    read_key,
    read_language,
    read_text,
    read_whole,
    read_zone,
    remembering,
)
from relance_scheduler.ledger.fields import FIELDS, Form, Table
from relance_scheduler.ledger.mapping import Mapping, Origin
from relance_scheduler.ledger.records import (
    AllocationRecord,
    ContactRecord,
    CustomerRecord,
    ItemRecord,
    PaymentRecord,
    Record,
)

Row: TypeAlias = Sequence[Cell]
Build: TypeAlias = Callable[[Row, int], Record | None]
Get: TypeAlias = Callable[[Row], Any]


class BadField(Exception):
    """Which column of a line is bad, and why."""

    def __init__(self, column: str, reason: str) -> None:
        super().__init__(reason)
        self.column = column
        self.reason = reason


def builders(
    mapping: Mapping, positions: Dictionary[str, int], currency: str | None
) -> list[tuple[Table, Build]]:
    """One builder for each table that the file fills; they raise BadField."""
    amount = amount_reader(mapping.decimal_mark, mapping.thousands_mark)
    day = date_reader(mapping.dates)
    making = {
        Table.CUSTOMERS: _customer,
        Table.CONTACTS: _contact,
        Table.ITEMS: _item,
        Table.PAYMENTS: _payment,
        Table.ALLOCATIONS: _allocation,
    }
    return [
        (table, making[table](_Cells(mapping, table, positions, currency, amount, day)))
        for table in Table
        if table in mapping.tables
    ]


@dataclass(frozen=True, slots=True)
class _Cells:
    """Makes the functions that fetch a field of one table from a row."""

    mapping: Mapping
    table: Table
    positions: Dictionary[str, int]
    default_currency: str | None
    read_amount: Callable[[Cell, str], Decimal]
    read_date: Callable[[Cell], date | None]

    def get(self, name: str, read: Callable[[Cell], Any] | None = None) -> Get:
        """The field's value; None where the file does not have it."""
        origin = self.mapping.tables[self.table].get(name)
        if origin is None:
            return lambda _row: None
        reader = read or self._reader(name)
        if origin.constant is not None:
            value = self._constant(origin.constant, name, reader)
            return lambda _row: value
        return _fetch(origin, self.positions[origin.column], reader)

    def date(self, name: str) -> Callable[[Row], date]:
        """A date that must be there."""

        def read(cell: Cell) -> date:
            if (day := self.read_date(cell)) is None:
                raise BadCell("empty: a date is needed")
            return day

        return cast("Callable[[Row], date]", self.get(name, read))

    def currency(self) -> Callable[[Row], str]:
        get, default = self.get("currency"), self.default_currency
        column = self._column("currency")

        def fetch(row: Row) -> str:
            currency = get(row) or default
            if not currency:
                raise BadField(column, "no currency: map a column, or “currency: {constant: EUR}”")
            return cast("str", currency)

        return fetch

    def amount(self, name: str) -> Callable[[Row, str], Decimal | None]:
        """An amount of the given currency, which may be negative; None for an empty cell."""
        origin = self.mapping.tables[self.table].get(name)
        if origin is None:
            return lambda _row, _currency: None
        if origin.constant is not None:
            raise BadField(name, "an amount cannot be the same on every line")
        column, position, read = origin.column, self.positions[origin.column], self.read_amount

        def fetch(row: Row, currency: str) -> Decimal | None:
            cell = row[position]
            if isinstance(cell, str) and (not cell or cell.isspace()):
                return None
            try:
                return read(cell, currency)
            except BadCell as bad:
                raise BadField(column, str(bad)) from None

        return fetch

    def _column(self, name: str) -> str:
        origin = self.mapping.tables[self.table].get(name)
        return origin.column if origin else name

    def _constant(self, text: str, name: str, read: Callable[[Cell], Any]) -> Any:
        try:
            return read(text)
        except BadCell as bad:
            raise BadField(f"{self.table}.{name} of the mapping", str(bad)) from None

    def _reader(self, name: str) -> Callable[[Cell], Any]:
        field = FIELDS[self.table][name]
        if field.form is Form.DATE:
            return self.read_date
        if field.form is Form.TEXT:
            return read_key if field.needed else read_text
        return (
            _READERS[field.form] if field.form is Form.EMAIL else remembering(_READERS[field.form])
        )


def _fetch(origin: Origin, position: int, read: Callable[[Cell], Any]) -> Get:
    column, values = origin.column, origin.values

    def fetch(row: Row) -> Any:
        try:
            return read(row[position])
        except BadCell as bad:
            raise BadField(column, str(bad)) from None

    def translated(row: Row) -> Any:
        try:
            text = read_text(row[position])
            return read(values.get(text.casefold(), text))
        except BadCell as bad:
            raise BadField(column, str(bad)) from None

    return translated if values else fetch


def _read_kind(cell: Cell) -> ItemKind | None:
    text = read_text(cell).casefold()
    try:
        return ItemKind(text) if text else None
    except ValueError:
        raise BadCell(
            f"“{text[:40]}” is none of {', '.join(ItemKind)}: translate it under “values”"
        ) from None


_READERS: dict[Form, Callable[[Cell], Any]] = {
    Form.CURRENCY: read_currency,
    Form.FLAG: read_flag,
    Form.KIND: _read_kind,
    Form.WHOLE: read_whole,
    Form.EMAIL: read_email,
    Form.LANGUAGE: read_language,
    Form.ZONE: read_zone,
}


def _customer(cells: _Cells) -> Build:
    reference = cells.get("reference")
    others = [(name, cells.get(name)) for name in FIELDS[Table.CUSTOMERS] if name != "reference"]

    def build(row: Row, line: int) -> CustomerRecord:
        said = {name: get(row) for name, get in others}
        return CustomerRecord(line=line, reference=reference(row), **said)

    return build


def _contact(cells: _Cells) -> Build:
    customer, key, name = cells.get("customer"), cells.get("contact"), cells.get("contact_name")
    email, phone = cells.get("email"), cells.get("phone")
    position, main = cells.get("position"), cells.get("main")

    def build(row: Row, line: int) -> ContactRecord | None:
        said, address, number = name(row), email(row), phone(row)
        reference = key(row) or address or number or said
        if not reference:
            return None  # the line names no contact
        return ContactRecord(
            line=line,
            customer=customer(row),
            reference=reference,
            name=said,
            email=address,
            phone=number,
            position=position(row),
            main=main(row),
        )

    return build


def _item(cells: _Cells) -> Build:
    customer, number, kind, part = map(cells.get, ("customer", "number", "kind", "part"))
    issued_on, due_on, settled_on = (
        cells.date("issued_on"),
        cells.get("due_on"),
        cells.get("settled_on"),
    )
    currency, amount, left = cells.currency(), cells.amount("amount"), cells.amount("open")
    flags = ("issued", "sent", "direct_debit", "cancelled", "disputed", "disputed_on")
    others = [
        (name, cells.get(name))
        for name in (*flags, "dispute_reason")
        if name in cells.mapping.tables[Table.ITEMS]
    ]
    tells_settlement = "settled_on" in cells.mapping.tables[Table.ITEMS]
    by_due_date = cells.mapping.by_due_date
    credit = cells.mapping.negative_is_credit_note
    columns = _Columns(cells)

    def build(row: Row, line: int) -> ItemRecord:
        money, due, settled = currency(row), due_on(row), settled_on(row)
        total = _given(amount(row, money), columns.amount)
        rest, which = left(row, money), kind(row) or ItemKind.INVOICE
        if total < 0 or (rest is not None and rest < 0):
            which, total, rest = _turned(which, total, rest, columns, credit=credit)
        if rest is not None and (settled or rest > total):
            _check_open(total, rest, settled, columns)
        return ItemRecord(
            line=line,
            customer=customer(row),
            number=number(row),
            kind=which,
            part=int(f"{due:%Y%m%d}") if by_due_date and due else part(row) or 0,
            issued_on=issued_on(row),
            due_on=due,
            currency=money,
            amount=total,
            open=rest,
            settled_on=settled,
            tells_settlement=tells_settlement,
            **{name: get(row) for name, get in others},
        )

    return build


class _Columns:
    """The file's names of the columns that messages about amounts speak of."""

    def __init__(self, cells: _Cells) -> None:
        fields = cells.mapping.tables[cells.table]
        self.amount = fields["amount"].column
        self.open = fields["open"].column if "open" in fields else "open"
        self.settled_on = fields["settled_on"].column if "settled_on" in fields else "settled_on"


def _given(amount: Decimal | None, column: str) -> Decimal:
    if amount is None:
        raise BadField(column, "empty: an amount is needed")
    return amount


def _turned(
    kind: ItemKind, total: Decimal, rest: Decimal | None, columns: _Columns, *, credit: bool
) -> tuple[ItemKind, Decimal, Decimal | None]:
    if not credit:
        raise BadField(
            columns.amount if total < 0 else columns.open,
            f"{min(total, rest or total)} is negative: declare “negative: credit_note” in the "
            "mapping if that is how credit notes are written",
        )
    if total > 0 or (rest is not None and rest > 0):
        raise BadField(columns.open, "its sign differs from that of the amount")
    kind = ItemKind.CREDIT_NOTE if kind is ItemKind.INVOICE else kind
    return kind, -total, None if rest is None else -rest


def _check_open(total: Decimal, rest: Decimal, settled: date | None, columns: _Columns) -> None:
    if rest > total:
        raise BadField(columns.open, f"{rest} is open of {total}: more than the whole")
    if settled and rest:
        raise BadField(columns.settled_on, f"settled, yet {rest} is open")


def _payment(cells: _Cells) -> Build:
    customer, number, paid_on = cells.get("customer"), cells.get("payment"), cells.date("paid_on")
    currency, amount, cancelled = cells.currency(), cells.amount("amount"), cells.get("cancelled")
    column = _Columns(cells).amount

    def build(row: Row, line: int) -> PaymentRecord:
        money = currency(row)
        total = _given(amount(row, money), column)
        if total < 0:
            raise BadField(column, f"{total} is negative: a payment taken back is “cancelled”")
        return PaymentRecord(
            line=line,
            customer=customer(row),
            number=number(row),
            paid_on=paid_on(row),
            currency=money,
            amount=total,
            cancelled=cancelled(row),
        )

    return build


def _allocation(cells: _Cells) -> Build:
    customer, source, target = map(cells.get, ("customer", "source", "target"))
    kind, part, target_part = map(cells.get, ("source_kind", "source_part", "target_part"))
    currency, amount, day = cells.currency(), cells.amount("amount"), cells.date("allocated_on")
    cancelled, column = cells.get("cancelled"), _Columns(cells).amount

    def build(row: Row, line: int) -> AllocationRecord:
        money = currency(row)
        total = _given(amount(row, money), column)
        if total < 0:
            raise BadField(column, f"{total} is negative: an allocation taken back is “cancelled”")
        which = kind(row) or ItemKind.PAYMENT_ON_ACCOUNT
        if which is ItemKind.INVOICE:
            raise BadField(
                "source_kind", "an invoice settles nothing: a payment or credit note does"
            )
        return AllocationRecord(
            line=line,
            customer=customer(row),
            source_kind=which,
            source=source(row),
            source_part=part(row) or 0,
            target=target(row),
            target_part=target_part(row) or 0,
            currency=money,
            amount=Decimal(0) if cancelled(row) else total,
            allocated_on=day(row),
        )

    return build
