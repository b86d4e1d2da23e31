"""kill -9 of the real processes at any moment: nothing is lost, nothing leaves twice."""

import asyncio
from collections import Counter
from pathlib import Path
from random import Random

import pytest

from relance.clock import WallClock
from relance.store.invariants import Grade, look
from relance.store.tables import (
    actions,
    attempts,
    customers,
    dead_letters,
    history,
    inbox,
    outbox,
    run_steps,
)
from tests.real.firm import OWNERS, SLOWLY, Firm, a_firm, mailbox, says_no_data, until, user

pytestmark = pytest.mark.asyncio

ROUNDS, NEW = 3, 12


async def test_killed_in_sweeps_sends_and_imports_each_action_is_made_once_and_no_mail_comes_twice(
    database_url: str, tmp_path: Path
) -> None:
    random = Random(4)
    async with a_firm(database_url, tmp_path) as firm:
        await firm.enables_new_customers()
        firm.sandbox.mailbox.slow(0.2)
        for turn in range(ROUNDS):
            had = len(firm.sandbox.mailbox.mails)
            await killed_in_an_import(firm, turn * NEW + 1, random)
            service = await firm.start()
            if turn % 2:
                await asyncio.sleep(random.uniform(0, 0.4))
            else:
                await firm.sandbox.mailbox.received(had + 1, within=SLOWLY)
            await service.kill()
            await firm.half_a_minute_passes()
        service = await firm.start()
        await until(firm, all_is_decided)
        await until(firm, all_in_doubt_are_shown)
        assert await service.stop() == 0
        await nothing_was_lost_or_done_twice(firm)
        says_no_data(firm.logs())


async def killed_in_an_import(firm: Firm, first: int, random: Random) -> None:
    """An import of new customers that is killed while the services run, then made again."""
    files = firm.ledger(NEW, first=first)
    service = await firm.begin()
    importing = await firm.begin("import", *files)
    await asyncio.sleep(random.uniform(0.4, 1.2))
    await importing.kill()
    await service.kill()
    await firm.half_a_minute_passes()
    await firm.done("import", *files)
    await firm.enrolled_long_ago()


async def all_is_decided(firm: Firm) -> bool:
    made = await firm.rows(actions)
    waits = await firm.rows(outbox)
    over = all(action.state in ("executed", "uncertain") for action in made)
    return over and len(made) >= ROUNDS * NEW and not waits


async def all_in_doubt_are_shown(firm: Firm) -> bool:
    doubtful = {row.customer_id for row in await firm.rows(actions, actions.c.state == "uncertain")}
    rows = await firm.rows(customers, customers.c.id.in_(doubtful))
    shown = {name for owner in range(OWNERS) for name in asked_about(firm, owner)}
    return shown == {row.name for row in rows}


def asked_about(firm: Firm, owner: int) -> list[str]:
    """The customers named on the owner's cards that ask whether a mail was sent."""
    asking = [
        str(message)
        for message in firm.sandbox.as_member(user(owner)).messages()
        if "mark_sent" in str(message.get("blocks"))
    ]
    own = [f"Client Number{n} SARL" for n in range(1, ROUNDS * NEW + 1) if n % OWNERS == owner]
    return [name for card in asking for name in own if name in card]


async def nothing_was_lost_or_done_twice(firm: Firm) -> None:
    known = await firm.rows(customers)
    made = await firm.rows(actions)
    assert len(known) == ROUNDS * NEW
    assert Counter(row.customer_id for row in made) == Counter(row.id for row in known)
    assert len(await firm.rows(run_steps)) == len(made)
    mails = Counter(to for mail in firm.sandbox.mailbox.mails for to in mail.envelope_to)
    assert max(mails.values()) == 1, mails
    assert set(mails) <= {mailbox(n) for n in range(1, ROUNDS * NEW + 1)}
    number = {row.id: int(row.reference[1:]) for row in known}
    sent = {number[row.customer_id] for row in made if row.state == "executed"}
    assert {mailbox(n) for n in sent} <= set(mails)
    assert 0 < len(sent) < len(made), "nothing was in doubt: the kills missed"
    events = Counter(
        (row.action_id, row.event) for row in await firm.rows(history) if row.action_id
    )
    assert set(events.values()) == {1}
    assert not await firm.rows(attempts, attempts.c.outcome.is_(None))
    assert not await firm.rows(inbox, ~inbox.c.done)
    assert not await firm.rows(dead_letters)
    found = await look(firm.databases.scheduler, WallClock())
    assert [one for one in found if one.invariant.grade is Grade.WRONG] == []


async def test_two_at_once_send_nothing_twice_and_end_when_asked(
    database_url: str, tmp_path: Path
) -> None:
    count = 60
    async with a_firm(database_url, tmp_path) as firm:
        await firm.has(count)
        firm.sandbox.mailbox.slow(0.05)
        one, other = await asyncio.gather(firm.start(), firm.start())
        await firm.sandbox.mailbox.received(count, within=SLOWLY)
        assert [await one.stop(), await other.stop()] == [0, 0]
        mails = Counter(to for mail in firm.sandbox.mailbox.mails for to in mail.envelope_to)
        assert mails == Counter(mailbox(n) for n in range(1, count + 1))
        assert {row.outcome for row in await firm.rows(attempts)} == {"delivered"}
        says_no_data(firm.logs())


async def test_asked_to_end_it_finishes_what_it_has_claimed_and_claims_no_more(
    sqlite_url: str, tmp_path: Path
) -> None:
    async with a_firm(sqlite_url, tmp_path) as firm:
        await firm.has(60)
        firm.sandbox.mailbox.slow(0.5)
        service = await firm.start()
        await firm.sandbox.mailbox.received(1, within=SLOWLY)
        assert await service.stop() == 0
        claimed = await firm.rows(attempts)
        assert {row.outcome for row in claimed} == {"delivered"}
        assert len(firm.sandbox.mailbox.mails) == len(claimed) < 60
        firm.sandbox.mailbox.behave()
        service = await firm.start()
        await firm.sandbox.mailbox.received(60, within=SLOWLY)
        assert await service.stop() == 0
        assert len(firm.sandbox.mailbox.mails) == 60
