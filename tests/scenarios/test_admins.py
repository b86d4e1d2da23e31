"""What admins do in Slack besides plans: who follows them, switches, settings, people, the log."""

from collections.abc import AsyncIterator
from datetime import time, timedelta
from typing import Any
from uuid import UUID

import pytest
import pytest_asyncio
import sqlalchemy as sa

from relance.store.plans import find_plan
from relance.store.tables import (
    actions,
    cases,
    customers,
    history,
    members,
    organisations,
    plans,
    profiles,
    requests,
)
from relance.store.types import new_id
from relance_bot.blocks.kit import Message
from relance_bot.blocks.limits import check_message, check_view
from tests.scenarios.office import ADA, ALICE, BOB, Office, an_office, said
from tests.world import DOCUMENT

pytestmark = pytest.mark.asyncio


@pytest_asyncio.fixture
async def office(store_url: str) -> AsyncIterator[Office]:
    async with an_office(store_url) as office:
        await office.world.plan()
        await office.world.plan({**DOCUMENT, "plan": "calm", "name": "Calm"})
        yield office
        assert office.workspace.failures == []


async def answer(office: Office, text: str, user: str = ADA) -> str:
    """All that was said to them, when all has been taken in."""
    before = len(office.at(user).ephemerals())
    await office.at(user).command("/relance", text)
    await office.settle()
    messages = office.at(user).ephemerals()[before:]
    return "\n".join(said(m.get("blocks") or []) or str(m["text"]) for m in messages)


async def send(office: Office, user: str = ADA, **fields: Any) -> str:
    """Sends the open modal; what was said then."""
    before = len(office.whispers(user))
    await office.submit(user, **fields)
    await office.settle()
    return "\n".join(office.whispers(user)[before:])


def modal(office: Office, user: str = ADA) -> str:
    view = office.modal(user)
    assert check_view(view) == []
    return said(view["blocks"])


async def house(office: Office) -> Any:
    return await office.world.row(organisations, office.world.organisation)


async def plan_id(office: Office, key: str) -> UUID:
    async with office.world.database.read() as tx:
        plan = await find_plan(tx, office.world.organisation, key)
    assert plan is not None
    return plan.id


async def followed(office: Office, customer: UUID) -> str | None:
    async with office.world.database.read() as tx:
        return await tx.scalar(
            sa.select(plans.c.key)
            .join_from(cases, plans)
            .where(cases.c.customer_id == customer, cases.c.ended_on.is_(None))
        )


async def profile(office: Office, name: str) -> UUID:
    async with office.world.database.write() as tx:
        key = new_id()
        row = {"id": key, "organisation_id": office.world.organisation, "name": name}
        await tx.execute(sa.insert(profiles).values(row))
    return key


# Who follows which plan ------------------------------------------------------------------------


async def test_a_plan_is_given_to_one_customer_at_once(office: Office) -> None:
    acme = await office.world.customer("ACME & Co")
    await office.world.case(acme, await plan_id(office, "standard"))
    told = await answer(office, "plan assign calm to acme & co")
    assert told == "“Calm” is assigned: 1 customer follows it now."
    assert await followed(office, acme) == "calm"
    [line] = [r for r in await office.world.rows(history) if r.event == "plan_assigned"]
    assert (line.customer_id, line.member_id) == (acme, office.ada)


async def test_for_all_others_a_dry_run_lists_whom_it_moves(office: Office) -> None:
    world = office.world
    standard = await plan_id(office, "standard")
    await world.set_organisation(default_plan_id=standard)
    acme, own = await world.customer("ACME"), await world.customer("Own plan")
    await world.case(own, standard)
    await world.case(acme, standard)
    await world.set(customers, acme, plan_id=None)
    await answer(office, "plan assign calm to default")
    shown = modal(office)
    assert "*1 customer* moves to “Calm”, which becomes the plan of all who have none" in shown
    assert "• ACME (C" in shown
    assert "Own plan" not in shown
    assert await followed(office, acme) == "standard"  # nothing has been done yet
    assert await send(office) == "“Calm” is assigned: 1 customer follows it now."
    assert (await followed(office, acme), await followed(office, own)) == ("calm", "standard")
    assert (await house(office)).default_plan_id == await plan_id(office, "calm")


async def test_a_profile_has_a_pair_of_plans(office: Office) -> None:
    world = office.world
    key = await profile(office, "Big ones")
    mailed, posted = [await world.customer(name, profile_id=key) for name in ("Mail", "Post")]
    await world.contact(mailed, "pay@mail.test")
    await answer(office, "plan assign standard to profile big ones")
    assert "• Mail (" in modal(office)
    assert "Post" not in modal(office)
    await send(office)
    await answer(office, "plan assign calm to profile Big ones without email")
    assert "• Post (" in modal(office)
    await send(office)
    assert (await followed(office, mailed), await followed(office, posted)) == ("standard", "calm")
    log = await answer(office, "audit")
    assert "*Ada* · gave the plan calm to the profile Big ones: 1 customer moved" in log


async def test_what_moves_many_is_asked_again(office: Office) -> None:
    async with office.world.at_once():
        for n in range(60):
            await office.world.customer("🧾 مرحبا Ж" * 20 + str(n), enabled=n > 3)
    await answer(office, "plan assign calm to default")
    view = office.modal(ADA)
    assert "and 16 more" in modal(office)
    [sure] = [block for block in view["blocks"] if block["block_id"] == "sure"]
    assert not sure["optional"]
    await office.at(ADA).submit()
    assert office.at(ADA).modal() is not None  # Slack wants the box ticked
    told = await send(office, sure=["sure"])
    assert told == "“Calm” is assigned: 56 customers follow it now."


async def test_customers_are_activated_one_by_one_and_all(office: Office) -> None:
    world = office.world
    await world.set_organisation(default_plan_id=await plan_id(office, "standard"))
    acme = await world.customer("ACME", enabled=False)
    await world.customer("Dupont", enabled=False)
    assert await answer(office, "activate ACME") == "1 customer is reminded from now on."
    assert await followed(office, acme) == "standard"
    assert "It stands like that already." in await answer(office, "activate ACME")
    await answer(office, "activate all")
    assert "• Dupont (C" in modal(office)
    assert await send(office) == "1 customer is reminded from now on."
    await answer(office, "deactivate all")
    assert await send(office) == "2 customers are no longer reminded."
    assert "It stands like that already." in await answer(office, "deactivate all")


@pytest.mark.parametrize(
    ("typed", "reply"),
    [
        ("plan assign calm", "`/relance plan assign PLAN to CUSTOMER`"),
        ("plan assign calm to nobody", "Nobody is called “nobody”."),
        ("plan assign calm to profile <x>", "There is no profile “&lt;x&gt;”."),
        ("plan assign nothing to default", "There is no plan “nothing”."),
        ("activate", "`/relance activate CUSTOMER|all`"),
        ("activate nobody", "Nobody is called “nobody”."),
        ("kill", "`/relance kill on|off`"),
        ("kill everything", "`/relance kill on|off`"),
        ("test", "`/relance test ADDRESS|off`"),
        ("test nowhere", "“nowhere” is not an e-mail address."),
        ("member", "`/relance member list`"),
        ("member add bob Bob", "“bob” is not an e-mail address."),
        ("member role Bob king", "“king” is no role."),
        ("member remove Nobody", "Nobody here is called “Nobody”."),
        ("audit many", "`/relance audit [N]`"),
        ("audit 99", "`/relance audit [N]`"),
    ],
)
async def test_what_cannot_be_meant_changes_nothing(office: Office, typed: str, reply: str) -> None:
    assert reply in await answer(office, typed)
    assert await office.world.rows(requests) == []


@pytest.mark.parametrize(
    "typed",
    [
        "plan assign calm to default",
        "activate all",
        "kill on",
        "test a@b.test",
        "settings",
        "member add x@y.test X",
        "member remove Bob",
        "audit",
    ],
)
async def test_who_is_no_admin_hears_who_is_one(office: Office, typed: str) -> None:
    assert await answer(office, typed, ALICE) == "Only an admin may do this. Ask Ada."
    assert await office.world.rows(requests) == []


# Switches --------------------------------------------------------------------------------------


async def test_the_kill_switch_is_said_above_every_answer_while_it_is_on(office: Office) -> None:
    assert "The kill switch is on: nothing leaves any more." in await answer(office, "kill on")
    assert (await house(office)).kill_switch
    assert ":warning: *The kill switch is on:* nothing leaves." in await answer(
        office, "plan list", ALICE
    )
    await office.at(ALICE).open_home()
    await office.settle()
    assert "*The kill switch is on:*" in said(office.workspace.views.homes[ALICE].blocks)
    assert "It stands like that already." in await answer(office, "kill on")
    assert "The kill switch is off" in await answer(office, "kill off")
    assert "kill switch" not in await answer(office, "plan list", ALICE)
    events = [(line.event, line.member_id) for line in await office.world.rows(history)]
    assert events == [("kill_on", office.ada), ("kill_off", office.ada)]


async def test_test_mode_is_said_on_cards_too_and_no_longer_when_it_ends(office: Office) -> None:
    await office.waiting()
    told = await answer(office, "test <mailto:sink@atelier.test|sink@atelier.test>")
    assert "Test mode is on: all mail goes to sink@atelier.test" in told
    banner = ":warning: *Test mode:* all mail goes to sink@atelier.test, none to customers."
    assert banner in said(office.card()["blocks"])
    assert check_message(Message(text="x", blocks=tuple(office.card()["blocks"]))) == []
    assert banner in await answer(office, "plan list", ALICE)
    await answer(office, "test off")
    assert "Test mode" not in said(office.card()["blocks"])
    [action] = await office.world.rows(actions)
    assert action.version == 1  # it is drawn again; nothing has changed in it


# Settings --------------------------------------------------------------------------------------


async def test_settings_are_changed_in_a_modal_and_everybody_is_looked_at_again(
    office: Office,
) -> None:
    world = office.world
    customer = await world.customer("ACME")
    later = world.clock.now() + timedelta(days=9)
    case = await world.case(customer, await plan_id(office, "standard"), wake_at=later)
    await answer(office, "settings")
    assert "The plan for all others is –" in modal(office)
    told = await send(
        office,
        send_at="09:15",
        send_until="11:00",
        weekdays=["0", "2"],
        zone="Europe/London",
        default_owner=office.bob.hex,
        fresh_within_hours="48",
    )
    assert told == "6 settings are changed."
    row = await house(office)
    assert (row.send_at, row.send_until, row.weekdays) == (time(9, 15), time(11), [0, 2])
    assert (row.zone, row.default_owner_id) == ("Europe/London", office.bob)
    assert row.fresh_within_hours == 48
    assert (await world.row(cases, case)).wake_at != later
    log = await answer(office, "audit")
    assert "changed settings: Automatic actions leave from: 08:30 → 09:15" in log


@pytest.mark.parametrize(
    ("fields", "place", "error"),
    [
        ({"send_until": "08:00"}, "send_until", "Please choose an hour after the first one."),
        ({"zone": "Mars"}, "zone", "There is no such time zone"),
        ({"fresh_within_hours": "soon"}, "fresh_within_hours", "Please write a whole number"),
        ({"fresh_within_hours": "0"}, "fresh_within_hours", "Please write a whole number"),
    ],
)
async def test_a_wrong_setting_is_said_at_its_field(
    office: Office, fields: dict[str, Any], place: str, error: str
) -> None:
    await answer(office, "settings")
    await send(office, **fields)
    [errors] = [view.errors for view in office.workspace.views.modals[ADA]]
    assert errors[place].startswith(error)
    assert await office.world.rows(requests) == []


async def test_a_setting_that_somebody_else_has_changed_is_not_undone(office: Office) -> None:
    await answer(office, "settings")
    await office.world.set_organisation(send_at=time(7, 0), zone="Europe/Berlin")
    told = await send(office, zone="Europe/London")
    assert told.startswith("Somebody has changed the same setting meanwhile.")
    await answer(office, "settings")
    await office.world.set_organisation(send_at=time(6, 0))
    assert await send(office, zone="Europe/London") == "1 setting is changed."
    row = await house(office)
    assert (row.send_at, row.zone) == (time(6, 0), "Europe/London")


# People ----------------------------------------------------------------------------------------


async def test_members_come_change_and_go(office: Office) -> None:
    listed = await answer(office, "member list", ALICE)
    assert listed.splitlines()[0] == "*4 members*"
    assert "• *Ada* · ada@atelier.test · admin" in listed
    told = await answer(office, "member add max@atelier.test Max van Dam lead,collector")
    assert told == "Max van Dam is a member now. Slack knows them by their address."
    assert "• *Max van Dam* · max@atelier.test · collector, lead" in await answer(
        office, "member list"
    )
    assert "The roles of Max van Dam are changed." in await answer(
        office, "member role Max van Dam admin"
    )
    told = await answer(office, "member remove max@atelier.test")
    assert told.startswith("Max van Dam is no longer a member. 0 actions still wait")
    assert "Max" not in await answer(office, "member list")
    assert "is a member now" in await answer(office, "member add max@atelier.test Max")
    [row] = [r for r in await office.world.rows(members) if r.email == "max@atelier.test"]
    assert (row.active, row.name, row.roles) == (True, "Max", ["collector"])


async def test_a_large_team_with_long_names_is_listed(office: Office) -> None:
    for number in range(50):
        await office.world.member(f"N{number:02}{'é' * 57}", email=f"{number}@{'x' * 60}.test")
    listed = await answer(office, "member list")
    assert "44@" not in listed.splitlines()[-1]
    assert listed.splitlines()[-1].endswith("9 more")


async def test_who_leaves_leaves_what_waits_for_them_alone(office: Office) -> None:
    await office.waiting()
    told = await answer(office, "member remove Alice")
    assert "1 action still waits for them alone: please reassign it." in told


async def test_the_last_admin_stays_one(office: Office) -> None:
    for typed in ("member remove Ada", "member role Ada collector"):
        told = await answer(office, typed)
        assert (
            told
            == "Nothing has changed: the last admin stays one: make somebody else an admin first."
        )
    await answer(office, "member role Bob admin,collector")
    assert await answer(office, "member remove Ada", BOB) != ""
    assert not (await office.world.row(members, office.ada)).active
    assert "dernier administrateur" in await answer(office, "member remove Bob", BOB)


# The log ---------------------------------------------------------------------------------------


async def test_the_log_says_who_did_what_the_latest_first(office: Office) -> None:
    assert await answer(office, "audit") == "Nothing has been done yet."
    await answer(office, "kill on")
    await answer(office, "pause all until 2026-12-24 year <end>")
    await answer(office, "plan pause calm")
    log = await answer(office, "audit 2")
    assert "The last 2 acts" in log
    first, second = log.index("paused the plan calm"), log.index("paused everything year &lt;end")
    assert first < second
    assert "kill switch on" not in log.partition("The last 2 acts")[2]


async def test_a_long_log_stays_within_slacks_limits(office: Office) -> None:
    for n in range(45):
        name = "Ж🧾" * 60 + str(n)
        await answer(office, f"pause all {name}")
    await office.at(ADA).command("/relance", "audit 40")
    await office.settle()
    message = office.at(ADA).ephemerals()[-1]
    assert check_message(Message(text="x", blocks=tuple(message["blocks"]))) == []


# Rules -----------------------------------------------------------------------------------------


async def test_rules_give_plans_in_order_and_the_first_that_matches_wins(office: Office) -> None:
    world = office.world
    await world.set_organisation(default_plan_id=await plan_id(office, "standard"))
    key = await profile(office, "Big <ones>")
    belgian = await world.customer("Brel", country="BE", language="fr-BE")
    big = await world.customer("Big", country="BE", profile_id=key)
    own = await world.customer("Own", country="BE", plan_id=await plan_id(office, "standard"))
    french = await world.customer("Piaf", country="FR")
    for name in ("Brel", "Big", "Own", "Piaf"):
        await answer(office, f"plan assign standard to {name}")
    for one in (belgian, big, french):
        await world.set(customers, one, plan_id=None)
    assert "There is no rule." in await answer(office, "rule list", ALICE)
    await answer(office, "rule add calm when country BE, language fr")
    shown = modal(office)
    assert "*New rule 1:* country BE, language fr → *Calm*. It moves 2 customers." in shown
    assert "• Brel (" in shown
    assert "Own" not in shown
    assert await send(office) == "Rule 1 holds: “Calm”. 2 customers have moved."
    keys = [await followed(office, one) for one in (belgian, big, own, french)]
    assert keys == ["calm", "calm", "standard", "standard"]
    await answer(office, "rule add standard when profile big <ones> at 1")
    assert "• Big (" in modal(office)
    await send(office)
    assert await followed(office, big) == "standard"
    listed = await answer(office, "rule list", ALICE)
    assert "1. profile Big &lt;ones&gt; → *Standard*\n2. country BE, language fr → *Calm*" in listed
    await answer(office, "rule remove 2")
    assert "*Rule 2 goes:* country BE, language fr → *Calm*. That moves 1 customer." in modal(
        office
    )
    assert await send(office) == "Rule 2 is gone. 1 customer has moved."
    assert await followed(office, belgian) == "standard"
    assert "removed rule 2, to the plan calm: 1 customer moved" in await answer(office, "audit")


@pytest.mark.parametrize(
    ("typed", "reply"),
    [
        ("rule", "`/relance rule list`"),
        ("rule add calm", "`/relance rule list`"),
        ("rule add nothing when country FR", "There is no plan “nothing”."),
        ("rule add calm when country France", "“country France” is no condition"),
        ("rule add calm when <sunny>", "“&lt;sunny&gt;” is no condition"),
        ("rule add calm when profile nobody", "“profile nobody” is no condition"),
        ("rule remove 1", "`/relance rule list`"),
        ("rule remove first", "`/relance rule list`"),
    ],
)
async def test_a_rule_that_cannot_be_meant_changes_nothing(
    office: Office, typed: str, reply: str
) -> None:
    assert reply in await answer(office, typed)
    assert await office.world.rows(requests) == []


async def test_a_rule_that_has_gone_meanwhile_is_not_removed_twice(office: Office) -> None:
    for _ in range(2):
        await answer(office, "rule add calm when country FR")
        await send(office)
    await answer(office, "rule add standard when country BE")
    await send(office)
    await answer(office, "rule remove 1")
    await office.at(ADA).close()
    await answer(office, "rule remove 1")
    assert (await send(office)).startswith("Rule 1 is gone.")
    assert "1. country BE → *Standard*" in await answer(office, "rule list")
