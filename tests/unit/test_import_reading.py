"""Files as they come: encodings, delimiters, broken lines, spreadsheets."""

import zipfile
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter  # type: ignore[import-untyped]  # it has no types

from relance_scheduler.ledger import reading
from relance_scheduler.ledger.mapping import Mapping
from relance_scheduler.ledger.mapping_file import read_mapping
from relance_scheduler.ledger.parsing import Parsed, Progress, parse, read_ledger
from relance_scheduler.ledger.records import (
    AllocationRecord,
    ContactRecord,
    CustomerRecord,
    ItemRecord,
    PaymentRecord,
    Problem,
    Severity,
)

HEADER = "customer,number,issued_on,due_on,currency,amount\n"
GOOD = "C1,F1,2025-01-01,2025-01-31,EUR,10\n"
POLISH = "Łódzka Spółka z ograniczoną odpowiedzialnością Świętokrzyskie Młyny"
CUSTOMERS = "reference,name\n"


@pytest.fixture
def written(tmp_path: Path) -> Callable[[str | bytes], Path]:
    def write(text: str | bytes) -> Path:
        path = tmp_path / "file.csv"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    return write


Written = Callable[[str | bytes], Path]


def problems(parsed: list[Parsed]) -> list[tuple[str, int, str, str]]:
    return [
        (one.severity.value, one.line, one.column, one.reason)
        for one in parsed
        if isinstance(one, Problem)
    ]


def mapped(text: str) -> Mapping:
    found = read_mapping(text, "mine.yaml")
    assert isinstance(found, Mapping), found
    return found


def test_a_good_line_becomes_a_record(written: Written) -> None:
    assert list(parse(written(HEADER + GOOD))) == [
        ItemRecord(
            line=2,
            customer="C1",
            number="F1",
            issued_on=date(2025, 1, 1),
            due_on=date(2025, 1, 31),
            currency="EUR",
            amount=Decimal(10),
        )
    ]


@pytest.mark.parametrize(
    ("content", "line", "reason"),
    [
        ("", 0, "the file is empty"),
        ("\n", 0, "there is no line that names the columns"),
        (",,,\n", 0, "there is no line that names the columns"),
        ("Kunde;Beleg\n1;2\n", 0, "these columns are none of ours"),
        ('"customer\n', 1, "the line that names the columns cannot be read"),
        (",".join(f"c{n}" for n in range(2_000)), 0, "2,000 columns"),
        ("x" * 9_000_000, 1, "a line is longer than 8,000,000 characters"),
    ],
)
def test_a_file_that_cannot_be_read_says_why(
    written: Written, content: str, line: int, reason: str
) -> None:
    [(severity, where, _, why)] = problems(list(parse(written(content))))
    assert (severity, where) == ("file", line)
    assert reason in why


def test_a_file_that_is_not_there_says_so(tmp_path: Path) -> None:
    [(severity, _, _, why)] = problems(list(parse(tmp_path / "none.csv")))
    assert (severity, why) == ("file", "the file cannot be read: No such file or directory")


def test_a_header_without_lines_is_worth_a_notice(written: Written) -> None:
    assert problems(list(parse(written(HEADER)))) == [("notice", 0, "", "a header and no lines")]


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252", "utf-16-le", "iso-8859-15"]
)
def test_the_encoding_is_found_out(written: Written, encoding: str) -> None:
    text = CUSTOMERS + "C1,Café de l'Été\nC2,Crêperie Noël\n" + "C3,Dupont\n" * 50
    parsed = list(parse(written(text.encode(encoding))))
    names = [one.name for one in parsed if isinstance(one, CustomerRecord)]
    assert names == ["Café de l'Été", "Crêperie Noël", "Dupont"]
    guessed = [reason for _, _, _, reason in problems(parsed) if "which is a guess" in reason]
    assert bool(guessed) == (encoding in ("cp1252", "utf-16-le", "iso-8859-15"))


def test_cyrillic_and_polish_are_not_taken_for_french(written: Written) -> None:
    for encoding, name in (("cp1251", "Общество с ограниченной"), ("cp1250", POLISH)):
        parsed = list(parse(written((CUSTOMERS + f"C1,{name}\n").encode(encoding))))
        assert [one.name for one in parsed if isinstance(one, CustomerRecord)] == [name]


def test_a_wrong_declared_encoding_names_the_first_line_that_is_not_in_it(
    written: Written,
) -> None:
    path = written((CUSTOMERS + "C1,Dupont\nC2,Café\n").encode("cp1252"))
    mapping = mapped("encoding: utf-8\ntables: {customers: {reference: reference, name: name}}")
    [(severity, line, _, reason)] = problems(list(parse(path, mapping)))
    assert (severity, line) == ("file", 3)
    assert "the text is not utf-8: declare the right one" in reason


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_found_out(written: Written, delimiter: str) -> None:
    parsed = list(parse(written((HEADER + GOOD).replace(",", delimiter))))
    assert [type(one) for one in parsed] == [ItemRecord]


def test_semicolons_and_decimal_commas(written: Written) -> None:
    text = (HEADER + "C1,F1,2025-01-01,,EUR,X\n").replace(",", ";").replace("X", "1 234,50")
    [record] = parse(written(text))
    assert isinstance(record, ItemRecord)
    assert (record.amount, record.due_on) == (Decimal("1234.50"), None)


def test_a_first_line_of_excel_names_the_delimiter(written: Written) -> None:
    [record] = parse(written("sep=;\r\n" + (HEADER + GOOD).replace(",", ";")))
    assert isinstance(record, ItemRecord)
    assert record.line == 3


def test_lines_before_the_header_are_passed_over(written: Written) -> None:
    mapping = mapped("header_line: 3\ntables: {customers: {reference: reference, name: name}}")
    text = "Open items\nas of today\n" + CUSTOMERS + "C1,Dupont\n"
    [record] = parse(written(text), mapping)
    assert record == CustomerRecord(line=4, reference="C1", name="Dupont")


@pytest.mark.parametrize(
    ("bad", "line", "reason"),
    [
        ("C1,F2,2025-01-01\n", 3, "3 cells where the header has 6"),
        ("C1,F2,2025-01-01,,EUR,1,extra\n", 3, "7 cells where the header has 6"),
        (f"C1,{'x' * 5_000_000},2025-01-01,,EUR,1\n", 3, "longer than 131,072 characters"),
        ("C1,F\0,2025-01-01,,EUR,1\n", 3, "control character"),
        ('C1,"F"2,2025-01-01,,EUR,1\n', 3, "a quotation mark stands inside a cell"),
        (",F2,2025-01-01,,EUR,1\n", 3, "empty"),
        ("C1,,2025-01-01,,EUR,1\n", 3, "empty"),
        ("C1,F2,,,EUR,1\n", 3, "empty: a date is needed"),
        ("C1,F2,2025-02-30,,EUR,1\n", 3, "does not exist"),
        ("C1,F2,01/02/2025,,EUR,1\n", 3, "declare in the mapping"),
        ("C1,F2,2025-01-01,,EUX,1\n", 3, "is no currency"),
        ("C1,F2,2025-01-01,,,1\n", 3, "no currency"),
        ("C1,F2,2025-01-01,,EUR,\n", 3, "an amount is needed"),
        ("C1,F2,2025-01-01,,EUR,1.239\n", 3, "may mean thousands or decimals"),
        ("C1,F2,2025-01-01,,EUR,-5\n", 3, "declare “negative: credit_note”"),
    ],
)
def test_a_bad_line_is_reported_and_the_others_are_read(
    written: Written, bad: str, line: int, reason: str
) -> None:
    parsed = list(parse(written(HEADER + GOOD + bad + GOOD.replace("F1", "F3"))))
    [(severity, where, _, why)] = problems(parsed)
    assert (severity, where) == ("bad_line", line)
    assert reason in why
    numbers = [(one.number, one.line) for one in parsed if isinstance(one, ItemRecord)]
    assert numbers == [("F1", 2), ("F3", 4)]


def test_a_quotation_mark_that_is_never_closed_is_found_where_it_opens(written: Written) -> None:
    parsed = list(parse(written(HEADER + GOOD + 'C1,"F2,2025-01-01,,EUR,1\n' + GOOD)))
    assert problems(parsed) == [
        ("bad_line", 3, "", "a quotation mark opens here and is never closed")
    ]


def test_a_cell_of_several_lines_keeps_the_count_right(written: Written) -> None:
    text = 'reference,name,address\nC1,A,"1 rue\nde la Paix"\n\n  \nC2,B,x\n'
    first, bad, second = parse(written(text))
    assert isinstance(first, CustomerRecord)
    assert isinstance(second, CustomerRecord)
    assert (first.address, first.line, second.line) == ("1 rue de la Paix", 2, 6)
    assert isinstance(bad, Problem)
    assert bad.line == 5


def test_missing_and_doubled_columns_are_all_named_with_their_place(written: Written) -> None:
    mapping = mapped(
        "tables:\n  customers:\n    reference: Kundennr\n    name: Name\n    country: Land\n"
    )
    found = problems(list(parse(written("Kundennr.;Name;NAME;Stadt\n1;2;3;4\n"), mapping)))
    assert [(severity, column) for severity, _, column, _ in found] == [
        ("file", "Kundennr"),
        ("file", "Name"),
        ("file", "Land"),
    ]
    assert found[0][3] == (
        "the column “Kundennr” (line 3 of mine.yaml, customers.reference) is missing from the "
        "header: did you mean “Kundennr.”?"
    )
    assert "stands twice in the header" in found[1][3]


def test_an_unknown_column_among_our_own_is_mentioned(written: Written) -> None:
    parsed = list(parse(written("reference,name,adress\nC1,Dupont,x\n")))
    assert problems(parsed) == [
        ("notice", 0, "adress", "this column is not used: did you mean “address”?")
    ]


def test_one_file_may_fill_several_tables(written: Written) -> None:
    mapping = mapped("""
dates: day/month/year
tables:
  customers: {reference: Nr, name: Name}
  contacts: {customer: Nr, email: Mail}
  items:
    customer: Nr
    number: Beleg
    issued_on: Datum
    due_on: Datum
    amount: Betrag
    currency: {constant: EUR}
    disputed: {column: Streit, values: {ja: "yes"}}
    settled_on: Bezahlt
""")
    text = (
        "Nr;Name;Mail;Beleg;Datum;Betrag;Streit;Bezahlt\n"
        "1;Acme;a@acme.test;F1;3/4/2025;10,50;ja;\n"
        "1;Acme;a@acme.test;F2;3/4/2025;10,50;;5/4/2025\n"
        "1;ACME;;F3;3/4/2025;1;;\n"
    )
    parsed = list(parse(written(text), mapping))
    records = [one for one in parsed if not isinstance(one, Problem)]
    assert records[0] == CustomerRecord(line=2, reference="1", name="Acme")
    assert records[1] == ContactRecord(
        line=2, customer="1", reference="a@acme.test", email="a@acme.test"
    )
    items = [one for one in records if isinstance(one, ItemRecord)]
    assert [(one.number, one.disputed, one.settled_on) for one in items] == [
        ("F1", True, None),
        ("F2", False, date(2025, 4, 5)),
        ("F3", False, None),
    ]
    assert all(one.tells_settlement for one in items)
    assert problems(parsed) == [
        ("notice", 4, "", "the customer differs from line 2, which is kept")
    ]


def test_negative_amounts_are_credit_notes_where_that_is_declared(written: Written) -> None:
    mapping = mapped("""
negative: credit_note
tables:
  items:
    {customer: c, number: n, issued_on: d, due_on: d, amount: a, open: o, currency: {constant: EUR}}
""")
    text = "c,n,d,a,o\nC,1,2025-01-01,-10.00,-4.00\nC,2,2025-01-01,-10.00,4.00\n"
    good, bad = parse(written(text), mapping)
    assert isinstance(good, ItemRecord)
    assert (good.kind, good.amount, good.open) == ("credit_note", Decimal(10), Decimal(4))
    assert isinstance(bad, Problem)
    assert bad.reason == "its sign differs from that of the amount"


def test_more_open_than_the_whole_and_settled_yet_open_are_bad(written: Written) -> None:
    header = HEADER.replace("amount", "amount,open,settled_on")
    text = header + "C,1,2025-01-01,,EUR,10,11,\n" + "C,2,2025-01-01,,EUR,10,5,2025-02-01\n"
    assert [(line, column) for _, line, column, _ in problems(list(parse(written(text))))] == [
        (2, "open"),
        (3, "settled_on"),
    ]


def test_instalments_by_part_and_by_due_date(written: Written) -> None:
    by_part = HEADER.replace("amount", "amount,part") + "C,1,2025-01-01,2025-02-01,EUR,1,2\n"
    [record] = parse(written(by_part))
    assert isinstance(record, ItemRecord)
    assert record.part == 2
    mapping = mapped("""
instalments: by_due_date
tables:
  items: {customer: customer, number: number, issued_on: issued_on, due_on: due_on, amount: amount}
""")
    text = HEADER + "C,1,2025-01-01,2025-02-01,,1\nC,1,2025-01-01,2025-03-01,,1\n"
    parts = [
        one.part
        for one in parse(written(text), mapping, currency="EUR")
        if isinstance(one, ItemRecord)
    ]
    assert parts == [20250201, 20250301]


def test_payments_and_allocations(written: Written) -> None:
    text = "customer,payment,paid_on,currency,amount,cancelled\nC,P,2025-01-01,EUR,10,yes\n"
    [payment] = parse(written(text))
    assert isinstance(payment, PaymentRecord)
    assert (payment.number, payment.cancelled) == ("P", True)
    text = (
        "customer,source,source_kind,target,currency,amount,allocated_on,cancelled\n"
        "C,P,credit_note,F,EUR,10,2025-01-01,\n"
        "C,P,,F,EUR,10,2025-01-01,x\n"
        "C,P,invoice,F,EUR,10,2025-01-01,\n"
        "C,P,,F,EUR,-10,2025-01-01,\n"
    )
    credit, taken_back, invoice, negative = parse(written(text))
    assert isinstance(credit, AllocationRecord)
    assert (credit.source_kind, credit.amount) == ("credit_note", Decimal(10))
    assert isinstance(taken_back, AllocationRecord)
    assert (taken_back.source_kind, taken_back.amount) == ("payment_on_account", Decimal(0))
    assert isinstance(invoice, Problem)
    assert isinstance(negative, Problem)


def test_a_whole_ledger_has_each_item_once(written: Written) -> None:
    ledger = read_ledger([written(HEADER + GOOD + GOOD)])
    assert [item.number for item in ledger.items] == ["F1"]
    [problem] = ledger.problems
    assert (problem.line, problem.severity) == (3, Severity.BAD_LINE)
    assert "the same customer, kind, number and part as line 2" in problem.reason


def test_progress_is_told_up_to_the_end(written: Written) -> None:
    told: list[Progress] = []
    lines = "".join(f"C1,F{n},2025-01-01,2025-01-31,EUR,10\n" for n in range(30_000))
    for _ in parse(written(HEADER + lines), tell=told.append):
        pass
    shares = [progress.done for progress in told]
    assert len(told) == 31
    assert shares == sorted(shares)
    assert 0 < shares[0] < 0.5
    assert told[-1] == Progress(file="file.csv", done=1.0, line=30_001)


# Spreadsheets ----------------------------------------------------------------------------------


def spreadsheet(path: Path, fill: Callable[[Any, Any], None], name: str = "Items") -> Path:
    book = xlsxwriter.Workbook(path)
    fill(book.add_worksheet(name), book)
    book.close()
    return path


def test_a_spreadsheet_is_read_with_its_dates_numbers_and_serials(tmp_path: Path) -> None:
    def fill(sheet: Any, book: Any) -> None:
        dated = book.add_format({"num_format": "dd/mm/yyyy"})
        sheet.write_row(0, 0, HEADER.strip().split(","))
        sheet.write_row(1, 0, ["C1", 1001])
        sheet.write_datetime(1, 2, date(2025, 1, 1), dated)
        sheet.write_row(1, 3, [45688, "EUR", 0.1 + 0.2])
        sheet.write_row(2, 0, ["C1", "1002", "2025-01-01", "", "EUR", "1 234,50"])
        sheet.write_row(4, 0, ["C1", 1003, 45658, "", "EUR"])
        sheet.write_formula(4, 5, "=40+2", None, 42)

    first, second, third = parse(spreadsheet(tmp_path / "a.xlsx", fill))
    assert isinstance(first, ItemRecord)
    assert isinstance(second, ItemRecord)
    assert isinstance(third, ItemRecord)
    assert (first.number, first.issued_on, first.due_on) == (
        "1001",
        date(2025, 1, 1),
        date(2025, 1, 31),
    )
    assert (first.amount, second.amount, third.amount) == (
        Decimal("0.3"),
        Decimal("1234.50"),
        Decimal(42),
    )
    assert [one.line for one in (first, second, third)] == [2, 3, 5]


def test_the_sheet_is_the_named_one_or_the_first_that_is_seen(tmp_path: Path) -> None:
    def fill(sheet: Any, book: Any) -> None:
        sheet.write(0, 0, "secret")
        shown = book.add_worksheet("Shown")
        shown.write_row(0, 0, ["reference", "name"])
        shown.write_row(1, 0, ["C1", "Dupont"])
        shown.activate()
        shown.set_first_sheet()
        sheet.hide()

    path = spreadsheet(tmp_path / "a.xlsx", fill, name="Hidden")
    assert [type(one) for one in parse(path)] == [CustomerRecord]
    mapping = mapped("sheet: Shwon\ntables: {customers: {reference: reference, name: name}}")
    [problem] = parse(path, mapping)
    assert isinstance(problem, Problem)
    assert problem.reason == "there is no sheet “Shwon”: did you mean “Shown”?"


def test_a_sheet_with_nothing_in_it_has_no_columns(tmp_path: Path) -> None:
    [problem] = parse(spreadsheet(tmp_path / "a.xlsx", lambda _sheet, _book: None))
    assert isinstance(problem, Problem)
    assert problem.reason == "there is no line that names the columns"


def test_a_spreadsheet_under_the_name_of_a_text_is_known_by_its_first_bytes(
    tmp_path: Path,
) -> None:
    def fill(sheet: Any, _book: Any) -> None:
        sheet.write_row(0, 0, ["reference", "name"])
        sheet.write_row(1, 0, ["C1", "Dupont"])

    assert [type(one) for one in parse(spreadsheet(tmp_path / "a.csv", fill))] == [CustomerRecord]


@pytest.mark.parametrize("content", [b"PK\x03\x04 no archive", b"\xd0\xcf\x11\xe0 no workbook"])
def test_a_broken_spreadsheet_is_refused(written: Written, content: bytes) -> None:
    [problem] = parse(written(content))
    assert isinstance(problem, Problem)
    assert problem.severity is Severity.FILE
    assert "no spreadsheet that can be read" in problem.reason


def test_an_archive_that_unpacks_to_too_much_is_refused_unread(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "LARGEST_UNPACKED", 1_000_000)
    path = tmp_path / "bomb.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * 2_000_000)
    [problem] = parse(path)
    assert isinstance(problem, Problem)
    assert problem.reason == "2,000,000 bytes when unpacked: save it as CSV"


@pytest.mark.parametrize("name", ["LARGEST_TEXT", "LARGEST_WORKBOOK"])
def test_a_file_beyond_the_cap_is_refused_unread(
    written: Written, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setattr(reading, name, 10)
    start = b"PK\x03\x04" if name == "LARGEST_WORKBOOK" else b"text"
    [problem] = parse(written(start + b" " * 100))
    assert isinstance(problem, Problem)
    assert problem.reason.startswith("104 bytes; at most 10")
