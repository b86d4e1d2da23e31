"""The sentences of a plan: both languages are read, English is written."""

from datetime import date
from decimal import Decimal

import pytest

from relance.domain.documents.phrases import (
    CONDITION_EXAMPLES,
    RECURRENCE_EXAMPLES,
    TRIGGER_EXAMPLES,
    condition_said,
    recurrence_said,
    say_condition,
    say_recurrence,
    say_trigger,
    trigger_said,
)
from relance.domain.plans import Anchor, Condition, ConditionKind, Every, Recurrence, Trigger

DUE, ISSUE = Anchor.DUE_DATE, Anchor.ISSUE_DATE
PREVIOUS, PAYMENT = Anchor.PREVIOUS_STEP, Anchor.PAYMENT_DATE


@pytest.mark.parametrize(
    ("sentence", "anchor", "days"),
    [
        ("7 days before due date", DUE, -7),
        ("1 day before the due date", DUE, -1),
        ("on the due date", DUE, 0),
        ("8 days after due date", DUE, 8),
        ("2 weeks after due date", DUE, 14),
        ("  8   Days AFTER Due Date. ", DUE, 8),
        ("D-7", DUE, -7),
        ("J + 8", DUE, 8),
        ("30 days after issue date", ISSUE, 30),
        ("30 days after invoice date", ISSUE, 30),
        ("5 days after previous step", PREVIOUS, 5),
        ("on the day of the previous step", PREVIOUS, 0),
        ("3 days after payment", PAYMENT, 3),
        ("on the day of payment", PAYMENT, 0),
        ("7 jours avant l'échéance", DUE, -7),
        ("7 jours avant l’échéance", DUE, -7),
        ("7 jours avant l'echeance", DUE, -7),
        ("1 jour après la date d'échéance", DUE, 1),
        ("à l'échéance", DUE, 0),
        ("7 jours avant échéance", DUE, -7),
        ("le jour de l'échéance", DUE, 0),
        ("30 jours après l'émission", ISSUE, 30),
        ("30 jours après la date de facture", ISSUE, 30),
        ("5 jours après l'étape précédente", PREVIOUS, 5),
        ("3 jours après le paiement", PAYMENT, 3),
        ("le jour du règlement", PAYMENT, 0),
    ],
)
def test_a_moment_is_understood(sentence: str, anchor: Anchor, days: int) -> None:
    assert trigger_said(sentence) == Trigger(anchor=anchor, days=days)


@pytest.mark.parametrize(
    ("sentence", "anchor", "days"),
    [
        ("at the end of the month of 45 days after issue date", ISSUE, 45),
        ("45 days after issue date, end of month", ISSUE, 45),
        ("at the end of the month of the due date", DUE, 0),
        ("à la fin du mois de 45 jours après l'émission", ISSUE, 45),
        ("45 jours fin de mois après l'émission", ISSUE, 45),
        ("fin du mois de l'échéance", DUE, 0),
        ("à la fin du mois du paiement", PAYMENT, 0),
    ],
)
def test_the_end_of_a_month_is_understood(sentence: str, anchor: Anchor, days: int) -> None:
    assert trigger_said(sentence) == Trigger(anchor=anchor, days=days, end_of_month=True)


@pytest.mark.parametrize(
    "sentence",
    [
        "",
        "7",
        "7 days",
        "-7 days after due date",  # before or after? nobody can tell
        "7 days after",
        "7 days after the full moon",
        "seven days after due date",
        "1.5 days after due date",
        "7 days before due date or so",
        "9999999 days after due date",
        "at the end of the month",
    ],
)
def test_a_moment_that_could_be_misread_is_not_understood(sentence: str) -> None:
    assert trigger_said(sentence) is None


@pytest.mark.parametrize("anchor", [a for a in Anchor if a is not Anchor.RECURRENCE])
@pytest.mark.parametrize("days", [-14, -1, 0, 1, 45])
@pytest.mark.parametrize("end_of_month", [False, True])
def test_a_moment_said_is_understood(anchor: Anchor, days: int, end_of_month: bool) -> None:
    trigger = Trigger(anchor=anchor, days=days, end_of_month=end_of_month)
    assert trigger_said(say_trigger(trigger)) == trigger


@pytest.mark.parametrize(
    ("sentence", "recurrence"),
    [
        ("week on monday", Recurrence(every=Every.WEEK, on=0)),
        ("every week on Sunday", Recurrence(every=Every.WEEK, on=6)),
        ("vendredi", Recurrence(every=Every.WEEK, on=4)),
        ("month on 5", Recurrence(every=Every.MONTH, on=5)),
        ("the 31st of the month", Recurrence(every=Every.MONTH, on=31)),
        ("le 1er du mois", Recurrence(every=Every.MONTH, on=1)),
        ("14 days", Recurrence(every=Every.DAYS, on=14)),
        ("14 days from 2026-01-05", Recurrence(every=Every.DAYS, on=14, start=date(2026, 1, 5))),
        (
            "10 jours à partir du 2026-01-05",
            Recurrence(every=Every.DAYS, on=10, start=date(2026, 1, 5)),
        ),
    ],
)
def test_a_recurrence_is_understood(sentence: str, recurrence: Recurrence) -> None:
    assert recurrence_said(sentence) == recurrence
    assert recurrence_said(say_recurrence(recurrence)) == recurrence


@pytest.mark.parametrize(
    "sentence",
    ["", "month", "month on 0", "month on 32", "week on 5", "0 days", "5 days from 2026-02-30"],
)
def test_a_recurrence_that_cannot_be_is_not_understood(sentence: str) -> None:
    assert recurrence_said(sentence) is None


@pytest.mark.parametrize(
    ("sentence", "condition"),
    [
        ("no reply", Condition(kind=ConditionKind.NO_REPLY)),
        ("Sans réponse", Condition(kind=ConditionKind.NO_REPLY)),
        ("not opened", Condition(kind=ConditionKind.NOT_OPENED)),
        (
            "amount above 1000 EUR, 1200.50 USD",
            Condition(
                kind=ConditionKind.AMOUNT_ABOVE,
                amounts={"EUR": Decimal(1000), "USD": Decimal("1200.50")},
            ),
        ),
    ],
)
def test_a_condition_is_understood(sentence: str, condition: Condition) -> None:
    assert condition_said(sentence) == condition
    assert condition_said(say_condition(condition)) == condition


@pytest.mark.parametrize(
    "sentence",
    ["", "amount above", "amount above 1000", "amount above 5 EUR, 6 EUR", "reply", "above 5 EUR"],
)
def test_a_condition_that_could_be_misread_is_not_understood(sentence: str) -> None:
    assert condition_said(sentence) is None


def test_every_example_given_to_people_is_understood() -> None:
    assert all(trigger_said(example) for example in TRIGGER_EXAMPLES)
    assert all(recurrence_said(example) for example in RECURRENCE_EXAMPLES)
    assert all(condition_said(example) for example in CONDITION_EXAMPLES)
