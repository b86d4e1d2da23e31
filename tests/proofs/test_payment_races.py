"""A payment, a dispute or a pause meets a send: nothing is claimed after it was committed.

Both take the customer's lock. Under it, a fact of the books notes the attempts that there are; an
attempt that is not among them in the end was claimed after the fact, whatever any clock says.
"""

import asyncio
import random
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import pytest
from sqlalchemy import event

from relance_dispatcher.wiring import build
from tests.proofs.company import Company, a_company
from tests.proofs.sizes import so_many
from tests.proofs.stage import PACE, Door, Immortal, Ticking
from tests.proofs.verdict import attempts_of, silenced

FACTS = ("paid", "disputed", "paused")
AT_EACH_RUN, IN_SOAK = 1_000, 10_000  # races on each database
ROUND = 100  # customers at a time
TOGETHER = 5  # customers in one transaction of the books, and in one of claims
DISPATCHERS = 3

pytestmark = pytest.mark.asyncio


async def race(company: Company, facts: Sequence[str], chance: random.Random) -> list[str]:
    """A round: three dispatchers and the books, all at once."""
    names = [f"c{n}" for n in range(ROUND)]
    await company.begin(dict.fromkeys(names, "queued"))
    chance.shuffle(names)
    groups = [names[n : n + TOGETHER] for n in range(0, ROUND, TOGETHER)]
    await asyncio.gather(
        *(dispatcher(company).tick() for _ in range(DISPATCHERS)),
        *(books(company, groups[n::2], facts) for n in range(2)),
    )
    return list(silenced(company, attempts_of(company)))


def dispatcher(company: Company) -> Ticking:
    pace = replace(PACE, batch=TOGETHER)
    door = Door(company.provider, Immortal())
    return company.dispatcher(Immortal(), door, partial(build, pace=pace))[0]


async def books(company: Company, groups: Sequence[Sequence[str]], facts: Sequence[str]) -> None:
    for number, group in enumerate(groups):
        await company.note(Immortal(), group, facts[number % len(facts)])


async def races(company: Company, number: int) -> Counter[str]:
    """So many; how often the payment and how often the claim came first."""
    seen = Counter[str]()
    for turn in range(number // ROUND):
        wrong = await race(company, FACTS, random.Random(turn))
        assert wrong == [], wrong[0]
        [(claimed,)] = company.look("SELECT count(*) FROM attempts WHERE body IS NOT NULL")
        seen += Counter(claim_first=claimed, fact_first=ROUND - claimed)
    return seen


@pytest.mark.proof
async def test_nothing_is_claimed_after_a_payment_a_dispute_or_a_pause(
    store_url: str, quiet: None
) -> None:
    async with a_company(store_url) as company:
        seen = await races(company, so_many(AT_EACH_RUN, IN_SOAK))
        assert seen["claim_first"] > 0
        assert seen["fact_first"] > 0


@pytest.mark.postgresql
async def test_a_claim_without_the_customer_s_lock_is_found_out(
    postgres_store_url: str, quiet: None
) -> None:
    async with a_company(postgres_store_url) as company:
        engine = company.databases["dispatcher"].engine.sync_engine
        event.listen(engine, "before_cursor_execute", _without_locks, retval=True)
        with pytest.raises(AssertionError, match="claimed after it was"):
            await races(company, AT_EACH_RUN)


def _without_locks(
    _connection: object, _cursor: object, statement: str, values: Any, *_rest: object
) -> tuple[str, Any]:
    return re.sub(r"FOR (NO KEY )?UPDATE( OF \w+)?( SKIP LOCKED)?", "", statement), values
