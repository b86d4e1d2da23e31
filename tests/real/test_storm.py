"""kill -9, pauses longer than a lease, broker, database, mail failing: once each, none lost."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path
from random import Random

import pytest

from relance.store.tables import (
    actions,
    attempts,
    cases,
    customers,
    dead_letters,
    decision_answers,
    decisions,
    history,
    inbox,
    outbox,
    run_steps,
)
from tests.real.firm import OWNERS, Firm, a_firm, mailbox, says_no_data
from tests.real.nursery import a_nursery
from tests.real.postgres import PrivateServer
from tests.real.rabbitmq import PrivateNode, text
from tests.real.run import Run
from tests.real.storm import (
    STUCK,
    Forecast,
    Storm,
    arrived,
    asked_of,
    log,
    remind_in_waves,
    remind_some,
    waiting,
    watch,
    work_at_the_cards,
)

pytestmark = [pytest.mark.asyncio, pytest.mark.postgresql, pytest.mark.rabbitmq]

SEED = 20
SHORT = Forecast(
    seconds=60,
    customers=200,
    imports=2,
    kills=40,
    pauses=2,
    broker_restarts=1,
    database_restarts=2,
    mail_faults=24,
)
LONG = Forecast(
    seconds=2_700,
    customers=9_000,
    imports=40,
    kills=2_000,
    pauses=60,
    broker_restarts=24,
    database_restarts=20,
    mail_faults=900,
)
FORECASTS = [
    pytest.param(SHORT, id="short"),
    pytest.param(LONG, id="long", marks=pytest.mark.soak),
]


@pytest.mark.parametrize("forecast", FORECASTS)
async def test_in_a_storm_each_action_is_sent_once_or_is_with_a_person_and_none_waits_for_long(
    run: Run, tmp_path: Path, forecast: Forecast
) -> None:
    async with a_stormy_firm(run, tmp_path, forecast) as storm:
        log.info("seed %d, %s", SEED, forecast)
        await storm.start_all()
        life = [
            asyncio.create_task(work_at_the_cards(storm)),
            asyncio.create_task(watch(storm)),
            asyncio.create_task(remind_in_waves(storm, size=forecast.wave, every=2)),
        ]
        await storm.rage(forecast)
        storm.firm.sandbox.mailbox.behave()
        life.pop().cancel()
        while await remind_some(storm.firm, 100):
            pass
        await it_is_quiet(storm)
        for task in life:
            task.cancel()
        codes = [await child.stop() for child in storm.nursery.alive]
        log.info("%s; the oldest: %s", dict(storm.tally), storm.oldest)
        assert codes == [0] * len(codes)
        assert {name: age for name, age in storm.oldest.items() if age > STUCK} == {}
        await nothing_was_lost_or_sent_twice(storm)
        says_no_data(storm.nursery.log.read_text("utf-8"))


@asynccontextmanager
async def a_stormy_firm(run: Run, folder: Path, forecast: Forecast) -> AsyncIterator[Storm]:
    """On a database, a broker and in a workspace of its own; nobody is due yet."""
    with closing(PrivateServer(run)) as server, closing(PrivateNode(run)) as node:
        await asyncio.gather(asyncio.to_thread(server.start), asyncio.to_thread(node.start))
        async with a_firm(text(server.url), folder, text(node.broker.url)) as firm:
            await firm.reminds_by_hand(every=5)
            await firm.done("bus", "declare")
            await firm.done("import", *firm.ledger(forecast.customers))
            async with a_nursery(firm) as nursery:
                yield Storm(
                    firm=firm,
                    nursery=nursery,
                    node=node,
                    server=server,
                    random=Random(SEED),
                    imported=forecast.customers,
                )


async def it_is_quiet(storm: Storm) -> None:
    """Until nothing waits for anything but people who left it alone."""
    async with asyncio.timeout(STUCK.total_seconds()):
        while not await is_quiet(storm):  # noqa: ASYNC110 - what becomes quiet tells nobody
            await asyncio.sleep(1)


async def is_quiet(storm: Storm) -> bool:
    if any((await waiting(storm.firm)).values()) or await clicks_remain(storm):
        return False
    return asked_about(storm.firm) == await uncertain(storm.firm)


def asked_about(firm: Firm) -> set[str]:
    """The actions whose cards in Slack have a button to press."""
    return {card.action for owner in range(OWNERS) for card in asked_of(firm, owner)}


async def uncertain(firm: Firm) -> set[str]:
    return {row.id.hex for row in await firm.rows(actions, actions.c.state == "uncertain")}


async def clicks_remain(storm: Storm) -> bool:
    """Whether the owners are not done with what they decide."""
    states = {row.id.hex: row.state for row in await storm.firm.rows(actions)}
    left = [key for key, state in states.items() if state == "uncertain" and int(key, 16) % 3]
    return bool(left) or "waiting" in states.values()


async def nothing_was_lost_or_sent_twice(storm: Storm) -> None:
    firm = storm.firm
    known = {row.id: row for row in await firm.rows(customers)}
    made = {row.id: row for row in await firm.rows(actions)}
    assert len(known) == storm.imported
    assert Counter(row.customer_id for row in made.values()) == Counter([*known])
    assert len(await firm.rows(run_steps)) == len(made)
    assert {row.state for row in made.values()} <= {"executed", "uncertain"}
    await no_mail_came_again_unasked(firm, {row.id.hex for row in made.values()})
    await what_is_said_to_be_sent_was(firm)
    assert asked_about(firm) == await uncertain(firm)
    assert not await firm.rows(outbox)
    assert not await firm.rows(attempts, attempts.c.outcome.is_(None))
    assert not await firm.rows(inbox, ~inbox.c.done)
    assert not await firm.rows(dead_letters)
    assert not await firm.rows(cases, cases.c.resting == "fault")
    told = Counter(
        (row.action_id, row.to_version) for row in await firm.rows(history) if row.action_id
    )
    assert max(told.values()) == 1


async def no_mail_came_again_unasked(firm: Firm, made: set[str]) -> None:
    """Of one action, no more mails than one and those that a person asked for."""
    accepted = {
        row.decision_id for row in await firm.rows(decision_answers, decision_answers.c.accepted)
    }
    asked = Counter(
        row.action_id.hex
        for row in await firm.rows(decisions, decisions.c.verb == "send_again")
        if row.id in accepted
    )
    came = arrived(firm)
    assert set(came) <= made
    assert {key: n for key, n in came.items() if n > 1 + asked[key]} == {}
    assert {mail.envelope_to for mail in firm.sandbox.mailbox.mails} <= {
        (mailbox(n),) for n in range(1, len(made) + 1)
    }


async def what_is_said_to_be_sent_was(firm: Firm) -> None:
    came = arrived(firm)
    delivered = await firm.rows(attempts, attempts.c.outcome == "delivered")
    assert [row.action_id for row in delivered if not came[row.action_id.hex]] == []
    executed = {row.id for row in await firm.rows(actions, actions.c.state == "executed")}
    assert [key for key in executed if not came[key.hex]] == []
