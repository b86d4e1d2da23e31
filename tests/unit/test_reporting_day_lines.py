"""The forecast as a chat shows it."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

from relance.domain.plans import Channel, Mode
from relance.reporting.day_lines import day_lines
from relance.reporting.rows import ActionRow

ROW = ActionRow(
    date=date(2026, 4, 28),
    customer="C001",
    plan="standard-7",
    step="first-reminder",
    channel=Channel.EMAIL,
    mode=Mode.AUTOMATIC,
    items=("F-1",),
    amount=Decimal("10.00"),
    currency="EUR",
)


def test_a_day_is_a_line_that_counts_what_leaves_and_what_is_asked() -> None:
    rows = [
        ROW,
        replace(ROW, customer="C002"),
        replace(ROW, customer="C003", channel=Channel.CALL, mode=Mode.MANUAL),
        replace(ROW, date=date(2026, 5, 4)),
    ]
    assert day_lines(rows, 10, "en") == (
        "Tue, 28 Apr: 2 e-mails; 1 call, for a person to decide",
        "Mon, 4 May: 1 e-mail",
    )
    assert day_lines(rows, 10, "fr")[0].endswith("2 e-mails; 1 appel, à décider par une personne")


def test_an_action_in_two_currencies_counts_once() -> None:
    rows = [ROW, replace(ROW, currency="USD")]
    assert day_lines(rows, 10, "en") == ("Tue, 28 Apr: 1 e-mail",)


def test_an_empty_forecast_says_so() -> None:
    assert day_lines([], 10, "en") == (
        "Nothing will leave in the next 10 days if nothing changes.",
    )
    assert "Rien ne partira" in day_lines([], 10, "fr")[0]
