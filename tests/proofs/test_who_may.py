"""Whoever tries whatever on whichever action: only what the rules allow has an effect (F18).

Through the real Bolt app and the real scheduler, by clicks and modals as Slack would deliver them
from anybody, and by rows in the queue, as if rights were lost after the click.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from structlog.testing import capture_logs

from relance.contracts.messages import RequestsTaken
from relance.domain.actions import Action, Actor, Verb
from relance.domain.people import Role
from relance.domain.requests import REQUESTS, Request
from relance.messaging.outbox import post
from relance.store.requests import Asked, take_request
from relance.store.tables import (
    history,
    members,
    organisations,
    request_answers,
    requests,
)
from relance.store.types import new_id
from relance_bot.people import Colleague, Identity
from tests.proofs.payloads import ACTOR
from tests.proofs.rights import ATTEMPTS, MOSTLY, Attempt, By, Firm
from tests.proofs.sizes import so_many
from tests.scenarios.office import ALICE, PEOPLE, TEAM, Office, an_office

EXAMPLES, IN_SOAK = 60, 5_000


@dataclass(kw_only=True)
class Stage:
    """One office for all examples, in a loop of its own."""

    loop: asyncio.Runner
    firm: Firm

    def play(self, deed: Callable[[Firm], Awaitable[None]]) -> None:
        async def played() -> None:
            await deed(self.firm)

        self.loop.run(played())


@pytest.fixture
def stage(sqlite_store_url: str) -> Iterator[Stage]:
    with asyncio.Runner() as loop:
        opened = an_office(sqlite_store_url)
        office = loop.run(opened.__aenter__())
        try:
            yield Stage(loop=loop, firm=loop.run(a_firm(office)))
            assert office.workspace.failures == []
        finally:
            loop.run(opened.__aexit__(None, None, None))


async def a_firm(office: Office) -> Firm:
    world = office.world
    actor = await world.member("Actor", slack_user=ACTOR)
    await world.plan()
    row = dict((await world.rows(organisations))[0]._mapping)
    elsewhere = row | {"id": new_id(), "name": "Elsewhere"}
    async with world.database.write() as tx:
        await tx.execute(sa.insert(organisations).values(elsewhere))
    office.workspace.members[ACTOR] = replace(
        PEOPLE[0], id=ACTOR, name="actor", email="actor@x.test"
    )
    return Firm(office=office, actor=actor, elsewhere=elsewhere["id"])


@pytest.mark.proof
def test_only_what_the_rules_allow_has_an_effect(stage: Stage) -> None:
    @settings(max_examples=so_many(EXAMPLES, IN_SOAK))
    @given(ATTEMPTS)
    def judge(tried: Attempt) -> None:
        stage.play(lambda firm: firm.attempt(tried))

    judge()


def everybody_s_admin(action: Action, verb: Verb, actor: Actor) -> bool:
    return actor.active and (actor.member in action.owners or Role.ADMIN in actor.roles)


def anybody(_action: Action, _verb: Verb, _actor: Actor) -> bool:
    return True


APPLIED, CLICKED = "relance.domain.actions.may_decide", "relance_bot.deciding.may_decide"
BROKEN: dict[str, tuple[tuple[str, ...], object]] = {
    "admins decide": ((APPLIED, CLICKED), everybody_s_admin),
    "rights are looked at when one clicks and no more": ((APPLIED,), anybody),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_house_with_other_rules_is_found_out(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    places, wrong = BROKEN[name]
    for place in places:
        monkeypatch.setattr(place, wrong)

    @settings(max_examples=500, phases=[Phase.generate], derandomize=True, database=None)
    @given(ATTEMPTS)
    def judge(tried: Attempt) -> None:
        stage.play(lambda firm: firm.attempt(tried))

    with pytest.raises((AssertionError, ValueError)):
        judge()


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """Somebody asks for something; by the queue: their role was another at the click."""

    request: Request
    roles: frozenset[Role]
    active: bool
    by: By

    @property
    def may(self) -> bool:
        return self.active and (not self.request.roles or bool(self.request.roles & self.roles))


def wishes() -> st.SearchStrategy[Wish]:
    return st.builds(
        Wish,
        request=st.one_of([_any(kind) for kind in REQUESTS]),
        roles=st.sets(st.sampled_from(Role)).map(frozenset),
        active=MOSTLY,
        by=st.sampled_from(["bolt", "the queue"]),
    )


def _any(kind: type[Request]) -> st.SearchStrategy[Request]:
    """Any of the kind; documents as JSON takes them."""
    plain = st.dictionaries(st.text(), st.text())
    held = {of.name: plain for of in fields(kind) if of.type == Mapping[str, Any]}
    return st.builds(kind, **held)


async def wish(firm: Firm, wished: Wish) -> None:
    office, world = firm.office, firm.office.world
    roles = [role.value for role in wished.roles]
    await world.set(
        members,
        firm.actor,
        roles=roles,
        active=wished.active,
        organisation_id=world.organisation,
    )
    before = await world.rows(request_answers)
    refused = [row.id for row in await world.rows(history, history.c.event == "refused")]
    with capture_logs() as lines:
        asked = await put(firm, wished)
        await office.settle()
    new = [row for row in await world.rows(request_answers) if row not in before]
    now_refused = await world.rows(history, history.c.event == "refused")
    if wished.may:
        assert [row.why for row in new] != ["not_allowed"]
        assert len(new) == 1
        return
    if wished.by == "bolt":
        assert not asked
        assert new == []
        assert [line for line in lines if line["event"] in ("request_refused", "person_refused")]
        return
    [answer] = new
    assert (answer.granted, answer.why) == (False, "not_allowed")
    assert len(now_refused) == len(refused) + 1


async def put(firm: Firm, wished: Wish) -> bool:
    """Asks; whether it was taken."""
    office, world = firm.office, firm.office.world
    desk, now = office.bots[0]._desk, world.clock.now()
    if wished.by == "bolt":
        who = await desk.people.who(Identity(team=TEAM, user=ACTOR, home_team=TEAM))
        if not isinstance(who, Colleague):
            await desk.admit(Identity(team=TEAM, user=ACTOR, home_team=TEAM))
            return False
        return await desk.asking.ask(wished.request, who, new_id().hex) is None
    asked = Asked(
        id=new_id(),
        organisation=world.organisation,
        member=firm.actor,
        request=wished.request,
        origin=new_id().hex,
        reply_to={"user": ACTOR},
    )
    async with desk.database.write() as tx:
        assert await take_request(tx, asked, now)
        await post(tx, "bot", RequestsTaken, [asked.id], now)
    return True


@pytest.mark.proof
def test_only_those_whose_role_allows_it_are_granted_what_they_ask_for(stage: Stage) -> None:
    @settings(max_examples=so_many(EXAMPLES, IN_SOAK))
    @given(wishes())
    def judge(wished: Wish) -> None:
        stage.play(lambda firm: wish(firm, wished))

    judge()


@pytest.mark.proof
def test_a_command_of_the_admins_does_nothing_for_others(stage: Stage) -> None:
    @settings(max_examples=so_many(30, IN_SOAK // 10))
    @given(
        st.sampled_from(["pause all", "resume all", "plan pause standard", "plan resume standard"]),
        st.sets(st.sampled_from([Role.COLLECTOR, Role.LEAD])).map(frozenset),
        MOSTLY,
    )
    def judge(words: str, roles: frozenset[Role], active: bool) -> None:
        stage.play(lambda firm: command(firm, words, roles, active=active))

    judge()


async def command(firm: Firm, words: str, roles: frozenset[Role], *, active: bool) -> None:
    office, world = firm.office, firm.office.world
    await world.set(
        members,
        firm.actor,
        roles=[role.value for role in roles],
        active=active,
        organisation_id=world.organisation,
    )
    whispers, alice = len(office.whispers(ACTOR)), len(office.whispers(ALICE))
    with capture_logs() as lines:
        await office.at(ACTOR).command("/relance", words)
        await office.settle()
    assert await world.rows(requests) == []
    assert len(office.whispers(ACTOR)) == whispers + 1
    assert len(office.whispers(ALICE)) == alice
    assert [line for line in lines if line["event"] in ("role_refused", "person_refused")]
