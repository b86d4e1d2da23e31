"""Mapping files: what they may say, and every mistake with its place."""

from pathlib import Path

import pytest

from relance_scheduler.ledger.fields import Table
from relance_scheduler.ledger.mapping import Mapping, Origin, WrongMapping, own_mapping
from relance_scheduler.ledger.mapping_file import load_mapping, read_mapping, shipped_mappings

ITEMS = """
tables:
  items:
    customer: Kunde
    number: Beleg
    issued_on: Datum
    due_on: Fällig
    amount: Betrag
"""


def mistakes(text: str) -> list[tuple[int, str, str]]:
    found = read_mapping(text, "mine.yaml")
    assert isinstance(found, WrongMapping)
    assert {mistake.file for mistake in found.mistakes} == {"mine.yaml"}
    return [(m.line, m.column, m.reason) for m in found.mistakes]


def test_everything_a_mapping_may_say() -> None:
    found = read_mapping(
        """
dates: [day.month.year, "%Y%m%d"]
decimal_mark: ","
thousands_mark: "."
delimiter: tab
encoding: latin-1
sheet: Offene Posten
header_line: 3
negative: credit_note
instalments: by_due_date
tables:
  items:
    customer: Kunde
    number: Beleg
    kind: {column: Art, values: {RE: invoice, GU: credit_note}}
    issued_on: Datum
    due_on: Fällig
    currency: {constant: EUR}
    amount: Betrag
    disputed: {column: Streit, values: {Ja: "yes", Nein: "no"}}
""",
        "mine.yaml",
    )
    assert isinstance(found, Mapping)
    assert found.dates == ("day/month/year", "%Y%m%d")
    assert (found.decimal_mark, found.thousands_mark, found.delimiter) == (",", ".", "\t")
    assert (found.encoding, found.sheet, found.header_line) == ("iso8859-1", "Offene Posten", 3)
    assert found.negative_is_credit_note
    assert found.by_due_date
    items = found.tables[Table.ITEMS]
    assert items["kind"].values == {"re": "invoice", "gu": "credit_note"}
    assert items["currency"] == Origin(constant="EUR", line=18)
    assert items["disputed"].values == {"ja": "yes", "nein": "no"}


def test_yes_and_no_stay_the_texts_that_stand_in_the_file() -> None:
    found = read_mapping(ITEMS + "    disputed: {column: D, values: {Yes: Yes, No: No}}\n", "m")
    assert isinstance(found, Mapping)
    assert found.tables[Table.ITEMS]["disputed"].values == {"yes": "Yes", "no": "No"}


def test_every_mistake_is_listed_with_its_place_and_what_was_likely_meant() -> None:
    found = mistakes(
        """
date: day/month/year
decimal_mark: ";"
dates: dd/mm/yy
encoding: utf-9
header_line: 0
tables:
  invoices: {}
  items:
    costumer: Kunde
    number: Beleg
    issued_on: {column: Datum, constant: x}
    due_on: {columns: Fällig}
    amount:
    kind: {column: Art, values: {RE: invoyce}}
    number: Beleg
"""
    )
    assert found == [
        (2, "date", "no such key: did you mean “dates”?"),
        (3, "decimal_mark", "“;” is none of “.” “,”"),
        (
            4,
            "dates",
            (
                "“dd/mm/yy” is no date format: write the order of the parts, as day/month/year, "
                "or a format with day, month and year such as %d.%m.%Y"
            ),
        ),
        (5, "encoding", "no such encoding as “utf-9”: try utf-8, cp1252, iso-8859-15"),
        (6, "header_line", "the number of the line that names the columns, 1 for the first"),
        (
            8,
            "tables.invoices",
            "no such table: there are “allocations”, “contacts”, “customers”, “items”, “payments”",
        ),
        (10, "tables.items.costumer", "no such field: did you mean “customer”?"),
        (12, "tables.items.issued_on", "give either column or constant"),
        (13, "tables.items.due_on.columns", "no such key: did you mean “column”?"),
        (13, "tables.items.due_on", "give either column or constant"),
        (14, "tables.items.amount", "empty: give the column's name"),
        (
            15,
            "tables.items.kind.values.RE",
            "“invoyce” is no kind of item: did you mean “invoice”?",
        ),
        (16, "tables.items.number", "given twice"),
        (10, "tables.items.customer", "missing: this field is needed"),
    ]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "a mapping file has keys with values"),
        ("- a", "a mapping file has keys with values"),
        ("tables: [1", "not YAML"),
        ("a: \x00", "not YAML"),
        ("[" * 5_000, "not YAML"),
        ("dates: day/month/year", "missing: say which tables"),
        ("tables: {}", "empty: name at least one of"),
        ("tables: 7", "keys with values are expected here"),
        ("x" * 200_001, "longer than 200,000 characters"),
        (ITEMS + "    part: [1]\n", "keys with values are expected here"),
        (ITEMS + "dates: '%d.%m'\n", "is no date format"),
        (ITEMS + "dates: day/month\n", "is no date format"),
        (ITEMS + "encoding: hex\n", "no such encoding"),
        (ITEMS + "delimiter: '::'\n", "the delimiter is one character"),
        (ITEMS + "delimiter: a\n", "the delimiter is one character"),
        (ITEMS + "negative: drop\n", "“drop” is neither credit_note nor refuse"),
        (ITEMS + "decimal_mark: ','\nthousands_mark: ','\n", "the same as decimal_mark"),
        (ITEMS + "    disputed: {constant: perhaps}\n", "“perhaps” is no yes or no"),
        ("tables: {contacts: {customer: a, main: b}}", "needs one of contact, email, phone"),
    ],
)
def test_a_wrong_mapping_is_refused(text: str, reason: str) -> None:
    assert reason in " ".join(found[2] for found in mistakes(text))


def test_what_we_ship_is_right_and_found_by_its_name() -> None:
    assert "ibm-accounts-receivable" in shipped_mappings()
    for name in shipped_mappings():
        assert isinstance(load_mapping(name), Mapping)


def test_a_mapping_that_is_not_there_is_named_with_those_that_are(tmp_path: Path) -> None:
    found = load_mapping("ibm-accounts-recievable")
    assert isinstance(found, WrongMapping)
    assert "did you mean “ibm-accounts-receivable”?" in found.mistakes[0].reason
    found = load_mapping(str(tmp_path / "none.yaml"))
    assert isinstance(found, WrongMapping)
    assert "No such file" in found.mistakes[0].reason
    (tmp_path / "latin.yaml").write_bytes("tables: Fällig".encode("latin-1"))
    found = load_mapping(str(tmp_path / "latin.yaml"))
    assert isinstance(found, WrongMapping)
    assert "save it as UTF-8" in found.mistakes[0].reason


def test_our_own_columns_show_which_tables_a_file_holds() -> None:
    header = ["Customer", "number", "issued_on", "due_on", "amount", "email", "colour"]
    found = own_mapping(header)
    assert isinstance(found, Mapping)
    assert set(found.tables) == {Table.ITEMS, Table.CONTACTS}
    assert found.tables[Table.ITEMS]["customer"] == Origin(column="Customer")


def test_foreign_columns_without_a_mapping_are_refused_with_near_names() -> None:
    found = own_mapping(["Kunde", "nummber"])
    assert isinstance(found, WrongMapping)
    assert "“nummber”: did you mean “number”" in found.mistakes[0].reason
    assert "customer, number, issued_on for items" in found.mistakes[0].reason
