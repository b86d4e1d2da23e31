"""kill -9 of a real dispatcher while a real mail server has its message, or is about to."""

import asyncio
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.dispatching import a_desk

pytestmark = pytest.mark.asyncio

PROGRAM = Path(__file__).with_name("dispatcher_process.py")


@pytest.mark.parametrize(("killed_at", "arrived"), [("recipient", 0), ("content", 1)])
async def test_killed_between_claim_and_record_it_is_uncertain_and_never_sent_twice(
    store_url: str, killed_at: str, arrived: int
) -> None:
    async with a_desk(store_url, datetime.now(UTC)) as desk:
        action, _ = await desk.reminded("Acme", mode="manual", released_by=desk.world.alice)
        desk.office.hesitates_at = killed_at
        child = await asyncio.create_subprocess_exec(
            sys.executable, PROGRAM, desk.url, str(desk.office.port)
        )
        async with asyncio.timeout(30):
            await desk.office.reached.wait()
        child.kill()
        await child.wait()
        desk.office.hesitates_at = ""
        assert await desk.settle() == 0  # within the lease nobody knows yet
        desk.pass_time(seconds=60)
        await desk.settle()
        assert await desk.outcomes(action) == ["unknown"]
        assert await desk.state(action) == ("uncertain", "")
        assert len(desk.office.mails) == arrived


async def test_stopped_politely_it_finishes_what_it_has_begun(store_url: str) -> None:
    async with a_desk(store_url) as desk:
        action, _ = await desk.reminded("Acme")
        tick = asyncio.create_task(desk.dispatcher.tick())
        await desk.office.reached.wait()
        tick.cancel()
        await desk.dispatcher.close()
        assert await desk.outcomes(action) == ["delivered"]
