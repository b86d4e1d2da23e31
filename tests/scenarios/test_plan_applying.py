"""Plans are applied, changed while customers follow them, and exported; on both databases."""

import asyncio
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import pytest

from relance.domain.documents import document_of
from relance.domain.ledger import Pause
from relance.domain.plans import Channel
from relance.plan_files import preset, read_plan
from relance.rendering.templates import Template
from relance.store.plans import find_plan, list_plans, load_plan, load_plans, load_templates
from relance.store.tables import cases, history, plan_versions, plans
from relance_scheduler.plans import Applied, apply, apply_templates
from tests.world import TUESDAY, World, a_world

pytestmark = pytest.mark.asyncio

TODAY = date(2026, 11, 24)


def standard() -> dict[str, Any]:
    document = read_plan(preset("standard-7")).document
    assert document is not None
    return document


def step(document: dict[str, Any], key: str) -> dict[str, Any]:
    found: dict[str, Any] = next(s for s in document["steps"] if s["key"] == key)
    return found


async def applied(world: World, document: dict[str, Any], by: UUID | None = None) -> Applied:
    async with world.database.write() as tx:
        return await apply(tx, world.organisation, document, by, world.clock.now())


async def test_a_new_plan_is_its_first_version_and_is_read_back(store_url: str) -> None:
    async with a_world(store_url) as world:
        made = await applied(world, standard(), world.alice)
        assert made.is_new
        async with world.database.read() as tx:
            plan = await load_plan(tx, made.plan)
        assert plan is not None
        assert document_of(plan) == standard()
        assert (plan.version, plan.active, plan.pause) == (1, True, None)
        assert {s.automatic_since for s in plan.steps} == {None}
        [line] = await world.rows(history)
        assert (line.event, line.member_id, line.from_version, line.to_version) == (
            "plan_created", world.alice, None, 1,
        )  # fmt: skip


async def test_a_plan_applied_twice_is_unchanged_and_wakes_nobody(store_url: str) -> None:
    async with a_world(store_url) as world:
        made = await applied(world, standard())
        case = await world.case(await world.customer("Acme"), made.plan)
        again = await applied(world, standard())
        assert again.is_unchanged
        assert again.version == 1
        assert len(await world.rows(plan_versions)) == 1
        assert len(await world.rows(history)) == 1
        assert (await world.row(cases, case)).wake_at is None


async def test_a_change_makes_a_version_and_wakes_those_who_follow_the_plan(store_url: str) -> None:
    async with a_world(store_url) as world:
        made = await applied(world, standard())
        other = await world.plan()
        acme, bolt, gone = [await world.customer(name) for name in ("Acme", "Bolt", "Gone")]
        here = await world.case(acme, made.plan)
        elsewhere = await world.case(bolt, other)
        ended = await world.case(gone, made.plan, ended_on=TODAY)
        document = standard()
        document["contact_delay"] = 7
        del document["steps"][3]
        changed = await applied(world, document, world.alice)
        assert (changed.from_version, changed.version) == (1, 2)
        assert changed.changes.removed == ("call",)
        assert (await world.row(cases, here)).wake_at == world.clock.now()
        assert (await world.row(cases, elsewhere)).wake_at is None
        assert (await world.row(cases, ended)).wake_at is None
        assert (await world.row(plans, made.plan)).version == 2
        line = (await world.rows(history))[-1]
        assert (line.event, line.from_version, line.to_version) == ("plan_changed", 1, 2)
        assert line.detail == {
            "plan": "standard-7", "removed": ["call"], "fields": ["contact_delay"],
        }  # fmt: skip


async def test_the_versions_before_stay_as_they_were(store_url: str) -> None:
    async with a_world(store_url) as world:
        await applied(world, standard())
        await applied(world, standard() | {"name": "Renamed"})
        first, second = await world.rows(plan_versions)
        assert (first.number, first.document) == (1, standard())
        assert (second.number, second.document["name"]) == (2, "Renamed")


async def test_a_step_remembers_the_day_on_which_it_became_automatic(store_url: str) -> None:
    async with a_world(store_url) as world:
        document = standard()
        step(document, "second-reminder")["mode"] = "confirm"
        made = await applied(world, document)
        await applied(world, standard())
        assert await since(world, made.plan) == {"second-reminder": TODAY}

        world.clock.move_to(datetime(2026, 12, 1, 8, tzinfo=UTC))
        await applied(world, standard() | {"contact_delay": 9})
        assert await since(world, made.plan) == {"second-reminder": TODAY}

        await applied(world, document)
        assert await since(world, made.plan) == {}

        world.clock.move_to(datetime(2026, 12, 2, 23, 30, tzinfo=UTC))  # the 3rd in Paris
        await applied(world, standard())
        assert await since(world, made.plan) == {"second-reminder": date(2026, 12, 3)}


async def test_a_step_added_or_switched_on_later_has_just_become_automatic(store_url: str) -> None:
    async with a_world(store_url) as world:
        document = standard()
        step(document, "second-reminder")["active"] = False
        document["steps"] = [s for s in document["steps"] if s["key"] != "thanks"]
        made = await applied(world, document)
        await applied(world, standard())
        assert await since(world, made.plan) == {"second-reminder": TODAY, "thanks": TODAY}


async def since(world: World, plan_id: UUID) -> dict[str, date]:
    async with world.database.read() as tx:
        plan = await load_plan(tx, plan_id)
    assert plan is not None
    return {s.key: s.automatic_since for s in plan.steps if s.automatic_since}


async def test_two_people_who_change_a_plan_at_once_make_two_versions(store_url: str) -> None:
    async with a_world(store_url) as world:
        made = await applied(world, standard())
        await world.case(await world.customer("Acme"), made.plan)
        both = await asyncio.gather(
            applied(world, standard() | {"name": "One"}),
            applied(world, standard() | {"name": "Two"}),
        )
        assert sorted(one.version for one in both) == [2, 3]


async def test_two_who_make_the_same_plan_at_once_make_one(store_url: str) -> None:
    async with a_world(store_url) as world:
        both = await asyncio.gather(applied(world, standard()), applied(world, standard()))
        assert sorted(one.is_new for one in both) == [False, True]
        assert len(await world.rows(plan_versions)) == 1


async def test_plans_are_loaded_with_their_state(store_url: str) -> None:
    async with a_world(store_url) as world:
        made = await applied(world, standard())
        by_hand = read_plan(preset("by-hand-only", "fr")).document
        assert by_hand is not None
        other = await applied(world, by_hand)
        await world.set(
            plans,
            made.plan,
            active=False,
            paused=True,
            paused_until=date(2026, 12, 24),
            paused_reason="inventory",
        )
        async with world.database.read() as tx:
            loaded = await load_plans(tx, [made.plan, other.plan])
            listed = await list_plans(tx, world.organisation)
            found = await find_plan(tx, world.organisation, "standard-7")
            assert await load_plans(tx, []) == {}
            assert await find_plan(tx, world.organisation, "nothing") is None
        assert loaded[made.plan].pause == Pause(until=date(2026, 12, 24), reason="inventory")
        assert not loaded[made.plan].active
        assert loaded[other.plan].by_hand_only
        assert [plan.key for plan in listed] == ["by-hand-only", "standard-7"]
        assert found == loaded[made.plan]


async def test_templates_are_added_renewed_or_left_alone(store_url: str) -> None:
    hello = Template(key="hello", channel="email", language="en", subject="Hello", body="Dear")
    bonjour = Template(key="hello", channel="email", language="fr", subject="Bonjour", body="Cher")
    edited = Template(key="hello", channel="email", language="en", subject="Hello", body="Hi")
    async with a_world(store_url, TUESDAY) as world, world.database.write() as tx:
        there = world.organisation
        assert await apply_templates(tx, there, [hello, bonjour]) == (
            ("hello", "en"), ("hello", "fr"),
        )  # fmt: skip
        assert await apply_templates(tx, there, [hello, bonjour]) == ()
        assert await apply_templates(tx, there, [edited, bonjour]) == (("hello", "en"),)
        assert await apply_templates(tx, there, [hello], replace=False) == ()
        stored = await load_templates(tx, there)
        assert stored["hello", Channel.EMAIL, "en"].body == "Hi"
        assert stored["hello", Channel.EMAIL, "en"].version == 2
        assert stored["hello", Channel.EMAIL, "fr"].version == 1
