"""A live plan is changed in Slack: step by step, its effect first, nothing typed lost."""

from collections.abc import AsyncIterator, Mapping
from datetime import timedelta
from typing import Any

import pytest
import pytest_asyncio

from relance.plan_files import write_plan
from relance.store.plans import find_plan
from relance.store.tables import history, members, plan_drafts, plan_versions, requests
from relance_bot.blocks.limits import check_view
from relance_scheduler.plans import apply
from tests.scenarios.office import ADA, ALICE, BOB, Office, an_office, buttons, said
from tests.world import DOCUMENT

pytestmark = pytest.mark.asyncio


@pytest_asyncio.fixture
async def office(store_url: str) -> AsyncIterator[Office]:
    async with an_office(store_url) as office:
        world = office.world
        await world.template("notice")
        await world.template("late")
        plan = await world.plan()
        await world.set(members, office.bob, roles=["admin"])
        for name, late in (("ACME", 3), ("Dupont", 9), ("Early", -20)):
            customer = await world.customer(name)
            await world.contact(customer, f"pay@{name.lower()}.test")
            await world.invoice(customer, "1200.00", late=late)
            await world.case(customer, plan, enrolled_on=world.today - timedelta(days=1))
        yield office
        assert office.workspace.failures == []


async def command(office: Office, text: str, user: str = ADA) -> list[str]:
    before = len(office.whispers(user))
    await office.at(user).command("/relance", text)
    await office.settle()
    return office.whispers(user)[before:]


async def edit(office: Office, user: str = ADA, plan: str = "standard") -> str:
    assert await command(office, f"plan edit {plan}", user) == []
    return text(office, user)


def text(office: Office, user: str = ADA) -> str:
    view = office.modal(user)
    assert check_view(view) == []
    return said(view["blocks"])


async def press(office: Office, name: str, user: str = ADA, block: str | None = None) -> None:
    await office.at(user).press_modal(name, block)
    await office.taken_in()


async def menu(office: Office, what: str, user: str = ADA) -> None:
    """Chooses `what`, such as `up.second`, in the menu of its step."""
    key = what.partition(".")[2]
    view = office.modal(user)
    [block] = [b["block_id"] for b in view["blocks"] if b["block_id"].endswith(f"-{key}")]
    await office.at(user).press_modal("plan_step", block, what)
    await office.taken_in()


async def send(office: Office, user: str = ADA, **fields: Any) -> Any:
    outcome = await office.submit(user, **fields)
    await office.settle()
    return outcome


async def saved(office: Office, user: str = ADA) -> list[str]:
    """Goes on to the effect and saves; what was said then."""
    before = len(office.whispers(user))
    await send(office, user)
    await send(office, user)
    assert office.at(user).modal() is None
    return office.whispers(user)[before:]


async def steps(office: Office) -> list[tuple[str, bool]]:
    async with office.world.database.read() as tx:
        plan = await find_plan(tx, office.world.organisation, "standard")
    assert plan is not None
    return [(step.key, step.active) for step in plan.steps]


async def somebody_saves(office: Office, **fields: Any) -> None:
    world = office.world
    async with world.database.write() as tx:
        document: Mapping[str, Any] = {**DOCUMENT, **fields}
        await apply(tx, world.organisation, document, office.bob, world.clock.now())


async def test_the_modal_reads_like_the_plan_with_an_example_of_its_dates(office: Office) -> None:
    shown = await edit(office)
    assert "Standard, version 1" in shown
    assert "3 customers" in shown
    assert "2. *First reminder* – 1 day after the due date · E-mail · automatic" in shown
    assert "*An invoice due on 24 Dec 2026:*" in shown
    assert "17 Dec 2026 Notice → 28 Dec 2026 First reminder → 4 Jan 2027 Second reminder" in shown
    assert "*An invoice late since 7 Nov 2026, met today:*\n25 Nov 2026 First reminder" in shown


async def test_a_step_is_changed_in_its_form_and_saved_with_its_effect(office: Office) -> None:
    await edit(office)
    await menu(office, "change.second")
    values = {block["block_id"]: block["element"] for block in office.modal(ADA)["blocks"]}
    assert values["when"]["initial_value"] == "8 days after the due date"
    assert values["mode"]["initial_option"]["value"] == "confirm"
    assert values["template"]["initial_option"]["value"] == "first"
    await send(office, ADA, name="Last <call>", when="2 weeks after the due date", template="late")
    assert "3. *Last &lt;call&gt;* – 14 days after the due date" in text(office)
    await send(office)
    effect = text(office)
    assert "• Changed in Last &lt;call&gt;: name, when and template" in effect
    assert "*3 customers* follow this plan, and the new version from their next step" in effect
    assert "*Due within 7 days:*" in effect
    before = len(office.whispers(ADA))
    await send(office)
    assert office.whispers(ADA)[before:] == [
        "“Standard” is now version 2: 3 customers follow it from their next step on."
    ]
    [_, version] = await office.world.rows(plan_versions)
    assert version.document["steps"][2]["when"] == "14 days after due date"
    assert version.applied_by == office.ada
    [line] = [r for r in await office.world.rows(history) if r.event == "plan_changed"]
    assert (line.member_id, line.from_version, line.to_version) == (office.ada, 1, 2)
    assert "Standard, version 2" in await edit(office)  # nothing is under way any more


async def test_the_effect_counts_what_leaves_under_both_versions(office: Office) -> None:
    await edit(office)
    await menu(office, "off.first")
    await send(office)
    effect = text(office)
    assert "• Changed in First reminder: switched on or off" in effect
    assert "• First reminder: 2 → 0" in effect
    assert "• Second reminder: 2 → 2" in effect
    await press(office, "plan_back")
    assert "_switched off_" in text(office)


async def test_steps_are_added_moved_and_removed_where_their_day_wants_them(
    office: Office,
) -> None:
    await edit(office)
    await press(office, "plan_add")
    await send(
        office, ADA, name="Call", when="D+4", channel="call", mode="manual", owner="role lead"
    )
    shown = text(office)
    assert "3. *Call* – 4 days after the due date · Telephone call · by hand · every lead" in shown
    await menu(office, "remove.notice")
    await menu(office, "up.call")
    assert "Step 2, First reminder: its day does not fit its place" in text(office)
    await send(office)  # with a mistake there is no effect to see
    assert "does not fit its place" in text(office)
    await menu(office, "down.call")
    await saved(office)
    assert await steps(office) == [("first", True), ("call", True), ("second", True)]


@pytest.mark.parametrize(
    ("fields", "place", "error"),
    [
        ({"when": "some day"}, "when", "Please write it like one of these: 7 days before"),
        ({"when": "each time"}, "when", "Please write it like one of these"),
        ({"name": "   "}, "name", "Please write a name"),
        ({"channel": "call"}, "mode", "Only e-mails, SMS and letters can leave by themselves."),
        ({"channel": "letter"}, "template", "There is no such template for this channel."),
        ({"template": ""}, "template", "E-mails and letters need a template."),
        ({"condition": "if sunny"}, "condition", "Please write it like one of these: no reply"),
    ],
)
async def test_a_mistake_is_shown_at_its_field(
    office: Office, fields: dict[str, str], place: str, error: str
) -> None:
    await edit(office)
    await menu(office, "change.second")
    await send(office, ADA, **fields)
    [errors] = [view.errors for view in office.workspace.views.modals[ADA] if view.errors]
    assert errors[place].startswith(error)


async def test_the_rules_of_the_plan_are_changed_too(office: Office) -> None:
    await edit(office)
    await press(office, "plan_rules")
    await send(office, ADA, contact_delay="31")
    await send(office, ADA, contact_delay="7", logic="contextual", name="Standard plus")
    assert "late customers start at the step of their age · 7 days between" in text(office)
    assert (await saved(office))[0].startswith("“Standard plus” is now version 2")


async def test_what_is_not_saved_waits_until_its_person_comes_back(office: Office) -> None:
    await edit(office)
    await menu(office, "remove.notice")
    await office.at(ADA).close(everything=True)
    assert "1. *First reminder*" in await edit(office)
    assert "1. *Notice*" in await edit(office, BOB)  # it is hers alone
    await press(office, "plan_restart")
    assert "1. *Notice*" in text(office)


async def test_somebody_elses_newer_version_is_shown_and_nothing_is_lost(office: Office) -> None:
    await edit(office)
    await menu(office, "remove.notice")
    await send(office)
    await somebody_saves(office, contact_delay=9)
    await send(office)
    shown = text(office)
    assert "*Another version has been saved since you began.* Nothing of yours is lost." in shown
    assert "*Version 2* by Bob" in shown
    assert "• Changed: days between two contacts" in shown
    assert "1. *First reminder*" in shown
    assert await office.world.rows(requests) == []
    await press(office, "plan_merge")
    shown = text(office)
    assert "Another version" not in shown
    assert "9 days between contacts" in shown
    assert "1. *First reminder*" in shown
    assert (await saved(office))[0].startswith("“Standard” is now version 3")
    assert await steps(office) == [("first", True), ("second", True)]


async def test_a_version_that_came_at_the_last_moment_stands(office: Office) -> None:
    await edit(office)
    await menu(office, "remove.notice")
    await send(office)
    await office.submit(ADA)  # taken in, not applied yet
    await somebody_saves(office, contact_delay=9)
    before = len(office.whispers(ADA))
    await office.settle()
    [told] = office.whispers(ADA)[before:]
    assert told.startswith("Somebody has saved another version meanwhile. Nothing of yours is lost")
    assert "Another version has been saved" in await edit(office)


async def test_one_goes_back_to_an_earlier_version(office: Office) -> None:
    await somebody_saves(office, contact_delay=9, name="Other")
    assert await command(office, "plan restore standard 1") == []
    assert "• Changed: name and days between two contacts" in text(office)
    before = len(office.whispers(ADA))
    await send(office)
    assert office.whispers(ADA)[before:][0].startswith("“Standard” is now version 3")
    async with office.world.database.read() as tx:
        plan = await find_plan(tx, office.world.organisation, "standard")
    assert plan is not None
    assert (plan.version, plan.contact_delay) == (3, 5)


async def test_the_history_has_a_button_for_it_that_only_admins_see(office: Office) -> None:
    await somebody_saves(office, contact_delay=9)
    for user, offered in ((ADA, ["plan_restore"]), (ALICE, [])):
        await office.at(user).command("/relance", "plan history standard")
        await office.settle()
        message = office.at(user).ephemerals()[-1]
        found = [b["accessory"]["action_id"] for b in message["blocks"] if "accessory" in b]
        assert found == offered
    message = office.at(ADA).ephemerals()[-1]
    await office.at(ADA).press(message["channel"], message["ts"], "plan_restore")
    await office.taken_in()
    assert "days between two contacts" in text(office)


async def test_a_plan_is_begun_from_nothing_or_from_another(office: Office) -> None:
    assert await command(office, "plan new calm Calm & kind") == []
    assert "Calm & kind, a new plan" in text(office)
    assert "no step is switched on" in text(office)
    await press(office, "plan_add")
    await send(office, ADA, name="Hello", when="on the due date", template="first")
    await send(office)
    assert "Nobody follows this plan yet" in text(office)
    before = len(office.whispers(ADA))
    await send(office)
    assert office.whispers(ADA)[before:] == [
        "The plan “Calm &amp; kind” is there. Nobody follows it yet."
    ]
    assert await command(office, "plan duplicate calm calmer Calmer") == []
    assert "1. *Hello*" in text(office)


@pytest.mark.parametrize(
    ("typed", "reply"),
    [
        ("plan edit nothing", "There is no plan “nothing”."),
        ("plan new standard", "There is a plan “standard” already."),
        ("plan new été", "“été” cannot be a plan’s key"),
        ("plan duplicate standard", "/relance plan duplicate"),
        ("plan restore standard", "/relance plan restore"),
        ("plan restore standard first", "/relance plan restore"),
        ("plan restore standard 9", "There is no version 9 of Standard."),
    ],
)
async def test_what_cannot_be_meant_is_answered(office: Office, typed: str, reply: str) -> None:
    answers = await command(office, typed)
    message = office.at(ADA).ephemerals()[-1]
    assert reply in said(message.get("blocks", [])) + "".join(answers)
    assert await office.world.rows(plan_drafts) == []


async def test_a_file_is_pasted_its_mistakes_said_by_line_and_its_effect_seen_first(
    office: Office,
) -> None:
    assert await command(office, "plan import") == []
    source = write_plan({**DOCUMENT, "contact_delay": 8})
    await send(office, ADA, file__0=source.replace("1 day after due date", "some day"))
    [errors] = [view.errors for view in office.workspace.views.modals[ADA] if view.errors]
    line = 1 + source.splitlines().index("    when: 1 day after due date")
    assert errors["file-0"].startswith(f"Line {line}: “some day” is not a moment")
    middle = len(source) // 2
    await send(office, ADA, file__0=source[:middle], file__1=source[middle:])
    assert "• Changed: days between two contacts" in text(office)
    before = len(office.whispers(ADA))
    await send(office)
    assert office.whispers(ADA)[before:][0].startswith("“Standard” is now version 2")
    assert await command(office, "plan import", ALICE) == [
        "Only an admin may do this. Ask Bob and Ada."
    ]


async def test_who_is_no_admin_hears_who_is_one_and_loses_the_modal_with_the_role(
    office: Office,
) -> None:
    assert await command(office, "plan edit standard", ALICE) == [
        "Only an admin may do this. Ask Bob and Ada."
    ]
    await edit(office)
    await office.world.set(members, office.ada, roles=["collector"])
    await menu(office, "remove.notice")
    assert "Only an admin may do this. Ask Bob." in text(office)


async def test_the_last_days_of_a_plan_are_typed_in_french(office: Office) -> None:
    shown = await edit(office, BOB)
    assert "2. *First reminder* – 1 jour après l’échéance" in shown
    await menu(office, "change.second", BOB)
    values = {block["block_id"]: block["element"] for block in office.modal(BOB)["blocks"]}
    assert values["when"]["initial_value"] == "8 jours après l’échéance"
    await send(office, BOB, when="9 jours après l’échéance", condition="sans réponse")
    await send(office, BOB)
    assert "• Modifié dans Second reminder\u00a0: quand et seulement si" in text(office, BOB)


async def test_a_plan_of_many_long_steps_stays_within_slacks_limits(office: Office) -> None:
    first = DOCUMENT["steps"][1]
    steps = [
        {
            **first,
            "key": f"s{n}",
            "name": "🧾 مرحبا Ж" * 12 + f" {n}",
            "when": f"{n + 1} days after due date",
        }
        for n in range(70)
    ]
    await somebody_saves(office, name="Ж" * 190, steps=steps)
    shown = await edit(office)
    assert "and 10 more steps" in shown
    await menu(office, "change.s3")
    assert check_view(office.modal(ADA)) == []
    assert buttons(office.modal(ADA)["blocks"]) == []
    await office.at(ADA).close()
    await menu(office, "remove.s5")
    await send(office)
    text(office)
