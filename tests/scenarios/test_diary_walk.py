"""Random lives of a small company with everything that may go wrong: what always holds, holds."""

from random import Random

import pytest

from tests.diaries.diary import diary
from tests.diaries.walk import Walk, WildCarrier

STEPS = 60


@pytest.mark.asyncio
@pytest.mark.parametrize("seed", range(4))
async def test_whatever_happens_nothing_leaves_twice_and_nothing_is_lost(
    sqlite_store_url: str, seed: int
) -> None:
    chance = Random(seed)
    carrier = WildCarrier(chance)
    async with diary(sqlite_store_url, carrier=carrier) as d:
        walk = Walk(d, chance, carrier)
        await walk.set_out()
        for _ in range(STEPS):
            await walk.step()
        await walk.come_home()
