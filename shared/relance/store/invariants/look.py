"""Looks at everything, or at what costs little, and gathers what is found."""

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from relance.clock import Clock
from relance.domain.documents import UnreadableDocument
from relance.domain.plans import Plan
from relance.store.database import Database
from relance.store.invariants import lateness, once, people
from relance.store.invariants.finding import Finding, Invariant, Sighting, Tally
from relance.store.invariants.rule import Rule, all_seen_by, seen_by
from relance.store.invariants.standing import STILL_ASKING, still_asking
from relance.store.invariants.waiting import NOT_LEAVING, not_leaving
from relance.store.invariants.waking import FORGOTTEN, NOT_EVALUATED, Seen, Tell, forgotten
from relance.store.organisations import (
    Organisation,
    WrongOrganisationError,
    load_organisations,
    organisation_names,
)
from relance.store.plans import load_plans
from relance.store.tables import plans

WRONG_SETTINGS = Invariant(
    key="wrong_settings",
    title="Settings that cannot be: nothing of it is done",
    mend="relance doctor says which; mend its row in organisations.",
    noun="organisation",
)
WRONG_PLAN = Invariant(
    key="wrong_plan",
    title="A plan that cannot be read: its customers are not reminded",
    mend="Apply its file again: relance plan apply.",
    noun="plan",
)
RULES = (*once.RULES, *people.RULES, *lateness.RULES)
PROMISES = (*once.RULES, people.NOBODYS)  # hold at any moment, whatever runs
QUICK = (
    *(rule.invariant for rule in RULES),
    STILL_ASKING,
    NOT_LEAVING,
    WRONG_SETTINGS,
    WRONG_PLAN,
)
INVARIANTS = (*QUICK, FORGOTTEN, NOT_EVALUATED)


def _tell_nobody(_done: int, _whole: int) -> None:
    pass


async def look(
    database: Database,
    clock: Clock,
    *,
    only: UUID | None = None,
    quick: bool = False,
    wake: bool = False,
    tell: Tell = _tell_nobody,
) -> list[Finding]:
    """Everything that does not hold, of one organisation (and of none) or of all.

    `quick` leaves out the evaluation of every case; `wake` has forgotten ones swept.
    """
    tallies = {invariant.key: Tally(invariant) for invariant in INVARIANTS}
    async for invariant, seen in _seen(database, clock, only, quick=quick, wake=wake, tell=tell):
        if only is None or seen.organisation in (None, only):
            tallies[invariant.key].add(seen)
    return [finding for tally in tallies.values() for finding in tally.findings()]


async def sightings(
    tx: AsyncConnection, rules: Collection[Rule], now: datetime
) -> list[tuple[Invariant, Sighting]]:
    """What these rules find, where it is not much."""
    return [(rule.invariant, seen) for rule in rules for seen in await all_seen_by(tx, rule, now)]


async def _seen(
    database: Database, clock: Clock, only: UUID | None, *, quick: bool, wake: bool, tell: Tell
) -> AsyncIterator[Seen]:
    for rule in RULES:
        async with database.read() as tx:
            async for seen in seen_by(tx, rule, clock.now()):
                yield rule.invariant, seen
    async with database.read() as tx:
        houses, wrong_houses = await _houses(tx)
        known, wrong_plans = await _plans(tx)
    for found in (*wrong_houses, *wrong_plans):
        yield found
    async with database.read() as tx:
        async for seen in still_asking(tx, houses, clock.now()):
            yield STILL_ASKING, seen
    async with database.read() as tx:
        async for seen in not_leaving(tx, houses, known, clock.now()):
            yield NOT_LEAVING, seen
    if not quick:
        of_them = [house for house in houses if only in (None, house)]
        async for found in forgotten(database, clock, of_them, tell, wake=wake):
            yield found


async def _houses(tx: AsyncConnection) -> tuple[Mapping[UUID, Organisation], Sequence[Seen]]:
    """The organisations that can be worked for, and the others."""
    good: dict[UUID, Organisation] = {}
    wrong = []
    for name, organisation in (await organisation_names(tx)).items():
        try:
            good |= await load_organisations(tx, [organisation])
        except WrongOrganisationError:
            wrong.append((WRONG_SETTINGS, Sighting(organisation=organisation, subject=name)))
    return good, wrong


async def _plans(tx: AsyncConnection) -> tuple[Mapping[UUID, Plan], Sequence[Seen]]:
    """The plans that can be read, and the others."""
    good: dict[UUID, Plan] = {}
    wrong = []
    for row in (await tx.execute(sa.select(plans))).all():
        try:
            good |= await load_plans(tx, [row.id])
        except UnreadableDocument:
            found = Sighting(organisation=row.organisation_id, subject=row.key)
            wrong.append((WRONG_PLAN, found))
    return good, wrong
