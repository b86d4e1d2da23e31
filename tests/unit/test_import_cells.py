"""Cells: dates, amounts, texts; one that may mean two things means neither."""

from datetime import date, datetime
from decimal import Decimal

import pytest
from email_validator import EmailNotValidError, validate_email
from hypothesis import given
from hypothesis import strategies as st

from relance.domain.money import minor_digits
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

ORDERS = ["day/month/year", "month/day/year", "year/month/day", "year/day/month"]
DAYS = st.dates(date(1900, 1, 1), date(2100, 12, 31))


@pytest.mark.parametrize(
    ("cell", "formats", "day"),
    [
        ("2025-04-03", (), date(2025, 4, 3)),
        ("2025-04-03T10:15:00", (), date(2025, 4, 3)),
        ("2025-04-03 10:15", ("day/month/year",), date(2025, 4, 3)),
        ("31.12.2025", (), date(2025, 12, 31)),
        ("12/31/2025", (), date(2025, 12, 31)),
        ("05/05/2025", (), date(2025, 5, 5)),
        ("2025/4/3", (), date(2025, 4, 3)),
        ("03/04/2025", ("day/month/year",), date(2025, 4, 3)),
        ("03/04/2025", ("month/day/year",), date(2025, 3, 4)),
        ("3-4-25", ("day/month/year",), date(2025, 4, 3)),
        ("3 Apr 2025", ("%d %b %Y",), date(2025, 4, 3)),
        ("20250403", ("%Y%m%d",), date(2025, 4, 3)),
        ("03.04.2025", ("%Y%m%d", "day/month/year"), date(2025, 4, 3)),
        ("29/02/2024", ("day/month/year",), date(2024, 2, 29)),
        (datetime(2025, 4, 3), (), date(2025, 4, 3)),  # noqa: DTZ001 - as spreadsheets give them
        (45750, (), date(2025, 4, 3)),
        (45750.75, (), date(2025, 4, 3)),
        ("  ", (), None),
    ],
)
def test_a_date_is_read(cell: Cell, formats: tuple[str, ...], day: date | None) -> None:
    assert date_reader(formats)(cell) == day


@pytest.mark.parametrize(
    ("cell", "formats", "reason"),
    [
        ("03/04/2025", (), "may be day 3 of month 4 or day 4 of month 3"),
        ("03/04/2025", (), "declare in the mapping “dates: day/month/year”"),
        ("03/04/25", (), "may be read in several ways"),
        ("30/02/2025", ("day/month/year",), "does not exist (read as day/month/year)"),
        ("30.2.2025", (), "does not exist"),
        ("2025-02-30", (), "does not exist"),
        ("29/02/2025", ("day/month/year",), "does not exist"),
        ("13/13/2025", (), "does not exist"),
        ("01/02/0213", ("day/month/year",), "the year 213 cannot be right"),
        ("soon", (), "is no date that can be told"),
        ("soon", ("day/month/year",), "is no date as day/month/year"),
        (True, (), "is no date"),
        (7.0, (), "is no date"),
        (1e300, (), "is no date"),
    ],
)
def test_a_date_that_is_none_or_may_be_two_is_refused(
    cell: Cell, formats: tuple[str, ...], reason: str
) -> None:
    with pytest.raises(BadCell) as bad:
        date_reader(formats)(cell)
    assert reason in str(bad.value)


@given(day=DAYS, mark=st.sampled_from("/-. "), order=st.sampled_from(ORDERS))
def test_a_declared_order_reads_back_what_was_written(day: date, mark: str, order: str) -> None:
    text = mark.join(str(getattr(day, word)) for word in order.split("/"))
    iso = mark == "-" and len(text) == 10 and order == "year/day/month"
    assert iso or date_reader((order,))(text) == day


@given(day=DAYS, order=st.sampled_from(["day/month/year", "month/day/year"]))
def test_an_undeclared_date_is_read_rightly_or_not_at_all(day: date, order: str) -> None:
    text = "/".join(str(getattr(day, word)) for word in order.split("/"))
    try:
        read = date_reader(())(text)
    except BadCell:
        assert day.day <= 12
    else:
        assert read == day


@pytest.mark.parametrize(
    ("cell", "marks", "amount"),
    [
        ("1234.50", (None, None), "1234.50"),
        ("1234,50", (None, None), "1234.50"),
        ("1.234,50", (None, None), "1234.50"),
        ("1,234.50", (None, None), "1234.50"),
        ("1.234.567", (None, None), "1234567"),
        ("12,34,567.80", (None, None), "1234567.80"),
        ("1 234,5", (None, None), "1234.5"),
        ("1\u202f234,50\u00a0€", (None, None), "1234.50"),
        ("1\u2009234,50", (",", None), "1234.50"),
        ("1'234.50", (".", None), "1234.50"),
        ("1’234.50", (".", "’"), "1234.50"),
        ("EUR 99", (None, None), "99"),
        ("99 eur", (None, None), "99"),
        ("€1.5", (None, None), "1.5"),
        ("-12.5", (None, None), "-12.5"),
        ("12.5-", (None, None), "-12.5"),
        ("\u221212,5", (None, None), "-12.5"),
        ("(12.50)", (None, None), "-12.50"),
        ("+3", (None, None), "3"),
        (",5", (",", None), "0.5"),
        ("5,", (",", None), "5"),
        ("1,234", (".", None), "1234"),
        ("1.234", (",", None), "1234"),
        ("1.234", (None, "."), "1234"),
        ("0.100", (None, None), "0.1"),
        (0.1 + 0.2, (None, None), "0.3"),
        (1234, (None, None), "1234"),
        ("1.50", (",", None), None),
        ("1,50", (".", None), None),
        ("1,234", (None, None), None),
        ("1.234", (None, None), None),
        ("12.345", (".", None), None),
        ("twelve", (None, None), None),
        ("99 USD", (None, None), None),
        ("1.2.3", (".", None), None),
        ("--5", (None, None), "-5"),
        ("NaN", (".", None), None),
        ("1e5", (".", None), None),
        ("٣", (".", None), None),
        ("9" * 16, (".", None), None),
        (True, (None, None), None),
        (float("inf"), (None, None), None),
        (date(2025, 1, 1), (None, None), None),
    ],
)
def test_an_amount_is_exact_or_refused(
    cell: Cell, marks: tuple[str | None, str | None], amount: str | None
) -> None:
    read = amount_reader(*marks)
    if amount is None:
        with pytest.raises(BadCell):
            read(cell, "EUR")
    else:
        assert read(cell, "EUR") == Decimal(amount)


def test_three_digits_after_an_undeclared_mark_ask_for_a_declaration() -> None:
    with pytest.raises(BadCell, match="declare in the mapping “decimal_mark: "):
        amount_reader(None, None)("1,234", "EUR")


@pytest.mark.parametrize(("currency", "digits"), [("EUR", 2), ("JPY", 0), ("TND", 3)])
def test_no_more_decimals_than_the_currency_has(currency: str, digits: int) -> None:
    read = amount_reader(".", None)
    good = f"1.{'5' * digits}" if digits else "1"
    assert read(good, currency) == Decimal(good)
    assert read(f"1.{'0' * 6}", currency) == 1
    with pytest.raises(BadCell, match=f"more decimals than {currency} allows"):
        read(f"1.{'5' * (digits + 1)}", currency)


@given(
    minor=st.integers(-(10**14), 10**14),
    style=st.sampled_from([(".", ","), (",", "."), (",", "\u202f"), (",", "\u00a0"), (".", "'")]),
)
def test_a_grouped_amount_under_declared_marks_reads_back(
    minor: int, style: tuple[str, str]
) -> None:
    decimal_mark, grouping = style
    text = f"{Decimal(minor) / 100:,.2f}".translate({ord(","): grouping, ord("."): decimal_mark})
    assert amount_reader(decimal_mark, None)(text, "EUR") == Decimal(minor) / 100


@given(minor=st.integers(0, 10**12))
def test_an_undeclared_amount_is_read_rightly_or_not_at_all(minor: int) -> None:
    for text in (f"{Decimal(minor) / 100:,.2f}", f"{minor / 100:.2f}".replace(".", ",")):
        assert amount_reader(None, None)(text, "EUR") == Decimal(minor) / 100


def test_texts_lose_stray_blanks_and_what_cannot_be_seen() -> None:
    assert read_text(" Société\u00a0Générale \r\n d’Été\u200b ") == "Société Générale d’Été"
    assert read_text(1234.0) == "1234"
    assert read_text(True) == "true"
    with pytest.raises(BadCell, match="control character"):
        read_text("a\x01b")
    with pytest.raises(BadCell, match="control character"):
        read_text("a\0b")
    with pytest.raises(BadCell, match="5,000 characters"):
        read_text("x" * 5_000)


def test_a_reference_must_say_something() -> None:
    assert read_key(" F 1 ") == "F 1"
    for cell in ("", "  ", "x" * 201):
        with pytest.raises(BadCell):
            read_key(cell)


def test_yes_and_no_in_two_languages() -> None:
    assert [read_flag(word) for word in ("Yes", "oui", "X", "1", True)] == [True] * 5
    assert [read_flag(word) for word in ("NO", "non", "0", "", False)] == [False] * 5
    with pytest.raises(BadCell, match="neither yes nor no"):
        read_flag("maybe")


def test_whole_numbers() -> None:
    assert [read_whole(cell) for cell in ("3", 3.0, "")] == [3, 3, 0]
    for cell in ("-1", "1.5", "²", "9" * 10):
        with pytest.raises(BadCell):
            read_whole(cell)


def test_currencies_are_those_of_the_standard() -> None:
    assert read_currency("eur") == "EUR"
    assert read_currency("") == ""
    for cell in ("EURO", "€", "XQZ"):
        with pytest.raises(BadCell, match="ISO 4217"):
            read_currency(cell)


def test_addresses_languages_and_zones_exist_or_are_refused() -> None:
    assert read_email(" Compta@Example.ORG ") == "Compta@example.org"
    assert read_email("") == ""
    assert [read_language(word) for word in ("fr", "en_GB", "")] == ["fr", "en-GB", ""]
    assert read_zone("Europe/Paris") == "Europe/Paris"
    with pytest.raises(BadCell, match="not an e-mail address"):
        read_email("compta at example.org")
    with pytest.raises(BadCell, match="is no language"):
        read_language("klingon")
    with pytest.raises(BadCell, match="is no time zone"):
        read_zone("Mars/Olympus")


@given(
    st.from_regex(
        r"[a-z0-9]{1,4}([._+-][a-z0-9]{1,3}){0,2}@([a-z0-9]{1,4}(-[a-z0-9]{1,3})?\.){1,3}"
        r"(fr|com|test|local|invalid|arpa|onion|xn--p1ai|[a-z0-9]{1,4})",
        fullmatch=True,
    )
    | st.integers(1, 70).map(lambda length: f"{'a' * length}@{'b' * length}.fr")
)
def test_a_plain_address_is_what_the_library_says_it_is(address: str) -> None:
    try:
        checked = validate_email(address, check_deliverability=False, test_environment=True)
    except EmailNotValidError:
        with pytest.raises(BadCell, match="not an e-mail address"):
            read_email(address)
    else:
        assert read_email(address) == checked.normalized


def test_a_reader_that_remembers_tells_a_number_from_a_truth() -> None:
    read = remembering(repr)
    cells: list[Cell] = [1, True, 1.0, "1", 1, True]
    assert [read(cell) for cell in cells] == ["1", "True", "1.0", "'1'", "1", "True"]


@given(
    st.decimals(0, 10**16, allow_nan=False, places=2) | st.decimals(0, 10**6, places=4),
    st.sampled_from(["EUR", "JPY", "TND"]),
)
def test_a_plain_amount_is_itself_or_refused(amount: Decimal, currency: str) -> None:
    digits = minor_digits(currency)
    fits = amount == round(amount, digits) and amount < 10**15
    read = amount_reader(".", None)
    if fits:
        assert read(f"{amount:f}", currency) == amount
    else:
        with pytest.raises(BadCell, match=r"digits|decimals"):
            read(f"{amount:f}", currency)
