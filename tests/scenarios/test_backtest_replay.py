"""A past ledger under a plan: what the real scheduler would have done, day by day."""

from datetime import date, time
from pathlib import Path
from typing import Any

import pytest

from relance.backtest.checking import violations
from relance.backtest.hands import OwnersRule
from relance.backtest.replay import Replayed, Script, Span, replay
from relance.backtest.stage import Setting
from relance.backtest.timeline import last_day, timeline
from relance.backtest.trial import left, rules_of
from relance.plan_files import preset, read_plan
from relance_scheduler.ledger.mapping import Mapping
from relance_scheduler.ledger.mapping_file import load_mapping
from relance_scheduler.ledger.parsing import Ledger, read_ledger
from tests.scenarios.backtest_ledgers import Line, line, random_lines, write

TODAY = date(2026, 11, 23)
OWN = "customer,number,issued_on,due_on,currency,amount\n"


def ledger_of(tmp_path: Path, *lines: Line) -> Ledger:
    mapping = load_mapping("ibm-accounts-receivable")
    assert isinstance(mapping, Mapping)
    return read_ledger([write(tmp_path / "ledger.csv", lines)], mapping)


def document(name: str) -> dict[str, Any]:
    found = read_plan(preset(name)).document
    assert found is not None
    return found


async def replayed(
    ledger: Ledger,
    url: str,
    plan: dict[str, Any],
    *,
    owners: OwnersRule = OwnersRule.VALIDATE,
    first: date | None = None,
    setting: Setting | None = None,
) -> Replayed:
    found = timeline(ledger)
    last = last_day(found, TODAY)
    assert last is not None
    script = Script(
        setting=setting or Setting(),
        found=found,
        document=plan,
        span=Span(first=first or min(found.days), last=last),
        owners=owners,
    )
    return await replay(script, url)


def told(found: Replayed) -> list[str]:
    return [
        f"{row.date} {row.customer} {row.step} {';'.join(row.items)} {row.amount}"
        for one in found.told
        for row in one.rows
    ]


@pytest.mark.asyncio
async def test_an_invoice_that_is_paid_late_is_reminded_step_by_step_until_then(
    tmp_path: Path, database_url: str
) -> None:
    ledger = ledger_of(tmp_path, line("C-1", "N1", "2025-03-03", "2025-04-02", "2025-05-06"))
    found = await replayed(ledger, database_url, document("standard-7"))
    assert told(found) == [
        "2025-03-26 C-1 notice N1 100.00",
        "2025-04-07 C-1 first-reminder N1 100.00",  # the 5th is a Saturday
        "2025-04-15 C-1 second-reminder N1 100.00",
        "2025-04-22 C-1 call N1 100.00",  # the 21st is Easter Monday
        "2025-04-29 C-1 third-reminder N1 100.00",
        "2025-05-07 C-1 thanks  100.00",
    ]
    assert {one.state for one in found.told} == {"executed"}


@pytest.mark.asyncio
async def test_a_disputed_invoice_is_never_reminded_and_a_payment_counts_before_the_days_slot(
    tmp_path: Path, database_url: str
) -> None:
    ledger = ledger_of(
        tmp_path,
        line("C-1", "N1", "2025-03-03", "2025-04-02", "2025-05-06", disputed="Yes"),
        line("C-2", "N2", "2025-03-03", "2025-04-02", "2025-04-07"),
    )
    found = await replayed(ledger, database_url, document("standard-7"))
    assert told(found) == [
        "2025-03-26 C-2 notice N2 100.00",
        "2025-04-08 C-2 thanks  100.00",
        "2025-05-07 C-1 thanks  100.00",
    ]


@pytest.mark.asyncio
async def test_owners_who_wait_hold_the_run_and_those_who_skip_let_it_go_on(
    tmp_path: Path, sqlite_url: str
) -> None:
    ledger = ledger_of(tmp_path, line("C-1", "N1", "2025-03-03", "2025-04-02", "2025-05-20"))
    waiting = await replayed(ledger, sqlite_url, document("standard-7"), owners=OwnersRule.WAIT)
    assert [one.rows[0].step for one in waiting.told][-2:] == ["call", "thanks"]
    url = f"{sqlite_url}.skip"
    skipping = await replayed(ledger, url, document("standard-7"), owners=OwnersRule.SKIP)
    assert [(one.rows[0].step, one.state.value) for one in skipping.told][3:5] == [
        ("call", "skipped"),
        ("third-reminder", "skipped"),
    ]


@pytest.mark.asyncio
async def test_from_a_later_day_what_is_open_is_known_the_day_before(
    tmp_path: Path, sqlite_url: str
) -> None:
    ledger = ledger_of(
        tmp_path,
        line("C-1", "N1", "2025-03-03", "2025-04-02", "2025-05-20"),
        line("C-1", "N2", "2025-03-03", "2025-04-02", "2025-04-10"),
    )
    first = date(2025, 5, 5)
    found = await replayed(ledger, sqlite_url, document("standard-7"), first=first)
    assert told(found)[0] == "2025-05-05 C-1 first-reminder N1 100.00"


@pytest.mark.asyncio
async def test_payments_and_allocations_of_a_ledger_are_replayed_on_their_days(
    tmp_path: Path, sqlite_url: str
) -> None:
    items = tmp_path / "items.csv"
    items.write_text(OWN + "C-1,N1,2025-03-03,2025-04-02,EUR,100\n", "utf-8")
    paid = tmp_path / "payments.csv"
    paid.write_text("customer,payment,paid_on,currency,amount\nC-1,P1,2025-04-10,EUR,60\n", "utf-8")
    matched = tmp_path / "allocations.csv"
    matched.write_text(
        "customer,source,target,currency,amount,allocated_on\nC-1,P1,N1,EUR,60,2025-04-10\n",
        "utf-8",
    )
    ledger = read_ledger([items, paid, matched])
    assert ledger.problems == []
    found = await replayed(ledger, sqlite_url, document("standard-7"))
    assert told(found)[:4] == [
        "2025-03-26 C-1 notice N1 100.00",
        "2025-04-07 C-1 first-reminder N1 100.00",
        "2025-04-14 C-1 thanks  60.00",
        "2025-04-22 C-1 second-reminder N1 40.00",
    ]


@pytest.mark.asyncio
@pytest.mark.parametrize("name", ["standard-7", "standard-9", "recap-monthly", "by-hand-only"])
async def test_no_preset_breaks_a_rule_on_a_random_ledger(
    tmp_path: Path, sqlite_url: str, name: str
) -> None:
    setting = Setting(country="DE", subdivision="BY", zone="Europe/Berlin", send_at=time(7, 15))
    ledger = ledger_of(tmp_path, *random_lines(7))
    found = await replayed(ledger, sqlite_url, document(name), setting=setting)
    assert violations(ledger, rules_of(setting, found.plan), left(found)) == []
    assert bool(found.told) == (name != "by-hand-only")


@pytest.mark.asyncio
async def test_both_databases_tell_the_same(
    tmp_path: Path, sqlite_url: str, postgres_url: str
) -> None:
    ledger = ledger_of(tmp_path, *random_lines(3, customers=4, months=4))
    plan = document("standard-7")
    first = await replayed(ledger, sqlite_url, plan)
    assert told(first) == told(await replayed(ledger, postgres_url, plan))


test_both_databases_tell_the_same = pytest.mark.postgresql(test_both_databases_tell_the_same)
