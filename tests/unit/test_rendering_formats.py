"""In whose way dates and money are written."""

from decimal import Decimal

import pytest
from babel.numbers import format_currency
from hypothesis import given
from hypothesis import strategies as st

from relance.domain.money import from_minor
from relance.rendering.formats import Sum, locale_for, money


@pytest.mark.parametrize(
    ("language", "wanted", "written"),
    [
        ("fr", "fr", "fr"),
        ("fr", None, "fr"),
        ("fr", "fr_CA", "fr_CA"),
        ("fr", "en", "fr"),
        ("en", "en", "en_GB"),
        ("en", "en-US", "en_US"),
        ("en", "fr", "en_GB"),
        ("de", "de", "de"),
        ("xx", None, "en_GB"),
    ],
)
def test_a_text_is_written_in_its_language_by_the_region_of_its_reader(
    language: str, wanted: str | None, written: str
) -> None:
    assert str(locale_for(language, wanted)) == written


@given(
    language=st.sampled_from(["en", "fr", "de", "es", "pt_PT", "pl", "ar", "fa", "hi", "ja", "bg"]),
    region=st.sampled_from(["fr_CA", "fr_CH", "en_IN", "en_US", "de_AT", "de_CH", None]),
    currency=st.sampled_from(["EUR", "USD", "GBP", "JPY", "KWD", "CHF", "HUF", "IQD", "XAF"]),
    minor=st.integers(min_value=-(10**13), max_value=10**13),
)
def test_an_amount_is_written_as_babel_writes_it(
    language: str, region: str | None, currency: str, minor: int
) -> None:
    locale, amount = locale_for(language, region), from_minor(minor, currency)
    assert money(Sum(((currency, amount),)), locale) == format_currency(
        amount, currency, locale=locale
    )


@pytest.mark.parametrize("amount", ["1234.5", "1234", "0.125", "1E+3", "0"])
def test_so_is_one_with_other_decimals_than_its_currency_s(amount: str) -> None:
    locale = locale_for("fr")
    assert money(Sum((("EUR", Decimal(amount)),)), locale) == format_currency(
        Decimal(amount), "EUR", locale=locale
    )
