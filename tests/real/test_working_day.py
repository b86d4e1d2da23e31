"""Ten hours of a working day at 50 actions a second: all leave, once, and no memory grows.

1,800,000 customers are due in 300 waves, one for every two minutes of the ten hours. The services
are real processes, on PostgreSQL, RabbitMQ, a mail server and the sandbox's Slack; their clock
jumps to the next wave as soon as the last one is through. So the day lasts as long as its work,
and not as its pauses: everything that polls or waits by the clock does so less often.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, closing
from itertools import pairwise
from pathlib import Path
from time import monotonic

import pytest
import sqlalchemy as sa

from relance.store.invariants import look
from relance.store.tables import actions
from relance_dispatcher.pace import Pace
from tests.real.firm import a_firm, says_no_data
from tests.real.nursery import a_nursery
from tests.real.postgres import PrivateServer
from tests.real.rabbitmq import text
from tests.real.run import ROOM, Run
from tests.real.storm import log
from tests.real.working_day import (
    BYTES,
    HISTORY,
    Day,
    WorkingDay,
    a_mail_server,
    delivered,
    memory,
    owe,
    room_of_outbox,
    sizes,
    validate_what_is_asked,
)

pytestmark = [
    pytest.mark.asyncio,
    pytest.mark.postgresql,
    pytest.mark.rabbitmq,
    pytest.mark.skipif(
        not Path("/proc/self/smaps_rollup").exists(), reason="only Linux tells a process's memory"
    ),
]

SERVICES = ("scheduler", "dispatcher", "bot")
OUTBOX = 64.0  # MiB at most: what has been carried is room for what comes
# Buffers and caches fill for some 25,000 actions. What is left of a bound finds whoever keeps 10
# bytes of each action on the long day; on the short one, the mail itself (7 kB).
SHORT = Day(actions=1_000, waves=10, by_hand_every=250, grows_by=8.0)
LONG = Day(actions=1_800_000, waves=300, by_hand_every=500, grows_by=16.0)
DAYS = [
    pytest.param(SHORT, id="short"),
    pytest.param(LONG, id="long", marks=pytest.mark.soak),
]


@pytest.mark.parametrize("day", DAYS)
async def test_all_day_long_each_action_leaves_once_and_no_service_needs_more_memory(
    run: Run, rabbitmq_url: str, tmp_path: Path, day: Day
) -> None:
    async with a_firm_before_work(run, rabbitmq_url, tmp_path, day) as it:
        before = await sizes(it.firm)
        people = asyncio.create_task(validate_what_is_asked(it.firm))
        held = [await a_tenth(it, tenth) for tenth in range(1, 11)]
        people.cancel()
        assert [child.service for child in it.nursery.alive] == [*SERVICES]
        codes = [await child.stop() for child in it.nursery.alive]
        assert codes == [0] * len(SERVICES)
        await everything_left_once(it)
        after = await sizes(it.firm)
        grown = {name for name, rows in after.items() if rows > before[name]}
        assert grown <= HISTORY
        assert after["outbox"] == 0
        assert await room_of_outbox(it.firm) <= OUTBOX
        more = {name: held[-1][name] - mib for name, mib in held[0].items()}
        assert {name: mib for name, mib in more.items() if mib > day.grows_by} == {}
        says_no_data(it.nursery.log.read_text("utf-8"))


@asynccontextmanager
async def a_firm_before_work(
    run: Run, rabbitmq_url: str, folder: Path, day: Day
) -> AsyncIterator[WorkingDay]:
    """Its services run; it is early in the morning."""
    room = max(ROOM, day.actions * BYTES)
    with closing(PrivateServer(run, 2 * room)) as server:
        await asyncio.to_thread(server.start)
        async with a_mail_server() as mail, a_firm(text(server.url), folder, rabbitmq_url) as firm:
            firm.smtp_port = mail.port
            await firm.done("bus", "declare")
            lease, hand_over = Pace().lease.total_seconds(), Pace().hand_over.total_seconds()
            async with a_nursery(firm, lease=lease, hand_over=hand_over) as nursery:
                it = WorkingDay(day=day, firm=firm, nursery=nursery, mail=mail)
                await owe(firm, day, it.opens_at)
                it.move_to(0)
                for service in SERVICES:
                    await nursery.start(service)
                yield it


async def a_tenth(it: WorkingDay, tenth: int) -> Mapping[str, float]:
    """Of the day's waves; the memory that each service holds when they are through."""
    began, day = monotonic(), it.day
    waves = range(day.waves * (tenth - 1) // 10, day.waves * tenth // 10)
    for wave in waves:
        it.move_to(wave + 1)
        await it.is_through(wave + 1)
    held = memory(it.nursery)
    done = day.due_by(waves.stop) - day.due_by(waves.start)
    log.info(
        "%8d actions, %4.0f a second; MiB: %s, outbox %.1f",
        day.due_by(waves.stop),
        done / (monotonic() - began),
        ", ".join(f"{name} {mib:.1f}" for name, mib in held.items()),
        await room_of_outbox(it.firm),
    )
    return held


async def everything_left_once(it: WorkingDay) -> None:
    count = it.day.actions
    async with it.firm.databases.scheduler.read() as tx:
        rows = await tx.execute(
            sa.select(
                actions.c.state,
                sa.func.count(),
                sa.func.count(actions.c.customer_id.distinct()),
            ).group_by(actions.c.state)
        )
        assert [tuple(row) for row in rows] == [("executed", count, count)]
    came, told = sorted(it.mail.digests), sorted(await delivered(it.firm))
    assert len(came) == len(told) == count
    assert not any(one == other for one, other in pairwise(came)), "a mail came twice"
    assert all(one == other for one, other in zip(came, told, strict=True)), "not what is on record"
    assert await look(it.firm.databases.scheduler, it) == []
