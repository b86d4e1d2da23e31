"""Rows of actions survive a CSV file, and no cell of theirs runs in a spreadsheet."""

import csv
import io
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relance.domain.plans import Channel, Mode
from relance.reporting.rows import COLUMNS, ActionRow, WrongRows, item_name, read_rows, write_rows

texts = st.text(st.characters(blacklist_categories=["Cs"], blacklist_characters="\0"), max_size=12)
rows = st.builds(
    ActionRow,
    date=st.dates(),
    customer=texts,
    plan=texts,
    step=texts,
    channel=st.sampled_from(Channel),
    mode=st.sampled_from(Mode),
    items=st.lists(texts.filter(bool), max_size=4).map(tuple),
    amount=st.decimals(allow_nan=False, allow_infinity=False, places=2, min_value=-(10**9)),
    currency=st.sampled_from(["EUR", "USD", "JPY"]),
)


def written(*given_rows: ActionRow) -> str:
    file = io.StringIO()
    write_rows(file, given_rows)
    return file.getvalue()


def a_row(**changes: object) -> ActionRow:
    row = {
        "date": date(2026, 11, 24),
        "customer": "C1",
        "plan": "standard",
        "step": "first",
        "channel": Channel.EMAIL,
        "mode": Mode.AUTOMATIC,
        "items": ("F-1", "F-2"),
        "amount": Decimal("1200.50"),
        "currency": "EUR",
    }
    return ActionRow(**row | changes)  # type: ignore[arg-type]  # a table of columns


def test_the_columns_are_those_that_were_promised() -> None:
    lines = written(a_row()).splitlines()
    assert lines[0] == "date,customer,plan,step,channel,mode,items,amount,currency"
    assert lines[1] == "2026-11-24,C1,standard,first,email,automatic,F-1;F-2,1200.50,EUR"


@given(st.lists(rows, max_size=5))
def test_whatever_is_written_is_read_back(some: list[ActionRow]) -> None:
    assert list(read_rows(io.StringIO(written(*some), newline=""))) == some


@given(rows)
def test_no_cell_of_text_begins_like_a_formula(row: ActionRow) -> None:
    [_, cells] = csv.reader(io.StringIO(written(row), newline=""))
    for column, cell in zip(COLUMNS, cells, strict=True):
        assert column == "amount" or not cell.startswith(("=", "+", "-", "@", "\t", "\r", "\n"))


def test_a_semicolon_inside_a_number_does_not_make_two_items() -> None:
    [row] = read_rows(io.StringIO(written(a_row(items=("A;B", "C\\", "D")))))
    assert row.items == ("A;B", "C\\", "D")


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "the first line should read"),
        ("a,b\n", "the first line should read"),
        (",".join(COLUMNS) + "\n1,2\n", "line 2: 2 cells"),
        (",".join(COLUMNS) + "\n2026-02-30,C,p,s,email,manual,,1,EUR\n", "line 2: "),
        (",".join(COLUMNS) + "\n2026-02-03,C,p,s,pigeon,manual,,1,EUR\n", "pigeon"),
        (",".join(COLUMNS) + "\n2026-02-03,C,p,s,email,manual,,much,EUR\n", "line 2: "),
    ],
)
def test_a_file_of_something_else_is_refused_with_its_line(text: str, why: str) -> None:
    with pytest.raises(WrongRows, match=why):
        list(read_rows(io.StringIO(text)))


def test_an_instalment_is_named_with_its_part() -> None:
    assert (item_name("F-12", 0), item_name("F-12", 2)) == ("F-12", "F-12#2")
