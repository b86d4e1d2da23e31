"""The check of a back-test knows the ledger and the calendar only, and catches what is wrong."""

from dataclasses import replace
from datetime import UTC, date, datetime, time
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from relance.backtest.checking import Left, Rules, violations
from relance.domain.plans import Channel, Mode
from relance.reporting.rows import ActionRow
from relance_scheduler.ledger.mapping import Mapping
from relance_scheduler.ledger.mapping_file import load_mapping
from relance_scheduler.ledger.parsing import Ledger, read_ledger
from tests.scenarios.backtest_ledgers import line, write

RULES = Rules(
    zone=ZoneInfo("Europe/Paris"),
    send_at=time(8, 30),
    send_until=time(9, 30),
    weekdays=frozenset(range(5)),
    country="FR",
    contact_delay=5,
)
ROW = ActionRow(
    date=date(2025, 4, 7),
    customer="C-1",
    plan="standard-7",
    step="first",
    channel=Channel.EMAIL,
    mode=Mode.AUTOMATIC,
    items=("N1",),
    amount=Decimal("100.00"),
    currency="USD",
)


def sent(at: str, **changes: object) -> Left:
    """An action at that wall-clock time of Paris."""
    wall = datetime.fromisoformat(at).replace(tzinfo=RULES.zone)
    row = replace(ROW, date=wall.date(), **changes)  # type: ignore[arg-type]  # columns of a row
    return Left(at=wall.astimezone(UTC), rows=(row,))


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    mapping = load_mapping("ibm-accounts-receivable")
    assert isinstance(mapping, Mapping)
    lines = (
        line("C-1", "N1", "2025-03-03", "2025-04-02", "2025-05-06"),
        line("C-1", "N2", "2025-03-03", "2025-04-02", "2025-05-06", disputed="Yes"),
    )
    return read_ledger([write(tmp_path / "ledger.csv", lines)], mapping)


def test_what_is_right_passes(ledger: Ledger) -> None:
    good = [sent("2025-04-07 08:30"), sent("2025-04-14 09:29"), sent("2025-05-05 08:30")]
    assert violations(ledger, RULES, good) == []


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        (sent("2025-05-06 08:30"), "item N1 was settled on 2025-05-06"),
        (sent("2025-05-12 08:30"), "item N1 was settled on 2025-05-06"),
        (sent("2025-04-07 08:30", items=("N2",)), "item N2 has been disputed since 2025-03-03"),
        (sent("2025-02-28 08:30"), "item N1 was issued later"),
        (sent("2025-04-07 08:30", items=("N9",)), "item N9 is not in the ledger"),
        (sent("2025-04-05 08:30"), "Saturday is no allowed day"),
        (sent("2025-04-21 08:30"), "is a public holiday"),
        (sent("2025-04-07 08:29"), "08:29 is outside the slot 08:30-09:30"),
        (sent("2025-04-07 09:30"), "09:30 is outside the slot"),
        (replace(sent("2025-04-07 08:30"), rows=(replace(ROW, date=date(2025, 4, 8)),)), "another"),
    ],
)
def test_each_thing_that_is_wrong_is_caught(ledger: Ledger, wrong: Left, why: str) -> None:
    [sentence] = violations(ledger, RULES, [wrong])
    assert why in sentence


def test_a_contact_inside_the_delay_is_caught_whatever_its_channel(ledger: Ledger) -> None:
    call = sent("2025-04-11 08:30", step="call", channel=Channel.CALL)
    [sentence] = violations(ledger, RULES, [sent("2025-04-07 08:30"), call])
    assert sentence.endswith("4 days after “first” of 2025-04-07, delay 5")


def test_what_is_no_contact_may_fall_inside_the_delay(ledger: Ledger) -> None:
    task = sent("2025-04-08 08:30", channel=Channel.TASK)
    skipped = replace(sent("2025-04-08 08:30"), executed=False)
    other = sent("2025-04-08 08:30", customer="C-2", items=())
    assert violations(ledger, RULES, [sent("2025-04-07 08:30"), task, skipped, other]) == []


def test_public_holidays_are_no_matter_where_they_are_ignored(ledger: Ledger) -> None:
    open_all_year = replace(RULES, country=None)
    assert violations(ledger, open_all_year, [sent("2025-04-21 08:30")]) == []
