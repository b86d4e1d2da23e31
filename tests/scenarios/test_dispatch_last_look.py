"""What changed between planning and sending is seen at the last moment (rules §5)."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from relance.store.tables import (
    actions,
    attempts,
    cases,
    contacts,
    customers,
    items,
    plan_versions,
    plans,
)
from tests.dispatching import Desk, a_desk
from tests.world import DOCUMENT

pytestmark = pytest.mark.asyncio

SATURDAY = datetime(2026, 11, 28, 7, 35, tzinfo=UTC)
CHRISTMAS = datetime(2026, 12, 25, 7, 35, tzinfo=UTC)  # a Friday


async def set_house(desk: Desk, action: UUID, **columns: Any) -> None:
    await desk.world.set_organisation(**columns)


async def set_plan(desk: Desk, action: UUID, **columns: Any) -> None:
    await desk.world.set(plans, desk.plan, **columns)


async def set_customer(desk: Desk, action: UUID, **columns: Any) -> None:
    row = await desk.world.row(actions, action)
    await desk.world.set(customers, row.customer_id, **columns)


HELD = [
    pytest.param(set_house, {"kill_switch": True}, {"kill_switch": False}, id="kill switch"),
    pytest.param(set_house, {"paused": True}, {"paused": False}, id="organisation"),
    pytest.param(set_plan, {"paused": True}, {"paused": False}, id="plan"),
    pytest.param(set_customer, {"paused": True}, {"paused": False}, id="customer"),
]


@pytest.mark.parametrize("released", [False, True], ids=["automatic", "by a person"])
@pytest.mark.parametrize(("change", "before", "after"), HELD)
async def test_what_is_paused_is_held_and_leaves_afterwards(
    sqlite_store_url: str, change: Any, before: Any, after: Any, released: bool
) -> None:
    async with a_desk(sqlite_store_url) as desk:
        by = desk.world.alice if released else None
        action, _ = await desk.reminded("Acme", released_by=by)
        await change(desk, action, **before)
        assert await desk.settle() == 0
        assert await desk.state(action) == ("queued", "")
        await change(desk, action, **after)
        await desk.settle()
        assert await desk.state(action) == ("executed", "")


async def test_a_pause_with_a_date_ends_by_itself(store_url: str) -> None:
    async with a_desk(store_url) as desk:
        action, _ = await desk.reminded("Acme")
        until = desk.world.today + timedelta(days=2)
        await set_customer(desk, action, paused=True, paused_until=until)
        for _ in range(2):
            await desk.settle()
            assert desk.office.mails == []
            desk.pass_time(days=1)
        await desk.settle()
        assert desk.office.addresses == ["acme@client.test"]


async def test_stale_data_hold_everything_until_an_import_has_ended(store_url: str) -> None:
    async with a_desk(store_url) as desk:
        await desk.world.set_organisation(fresh_within_hours=24)
        action, _ = await desk.reminded("Acme")
        assert await desk.settle() == 0  # never imported
        await desk.world.imported(desk.world.clock.now() - timedelta(hours=24, seconds=1))
        assert await desk.settle() == 0
        await desk.world.imported(desk.world.clock.now() - timedelta(hours=24))
        await desk.settle()
        assert await desk.state(action) == ("executed", "")


@pytest.mark.parametrize(
    ("late", "leaves"),
    [
        (datetime(2026, 11, 24, 8, 30, tzinfo=UTC), datetime(2026, 11, 25, 7, 30, tzinfo=UTC)),
        (SATURDAY, datetime(2026, 11, 30, 7, 30, tzinfo=UTC)),
        (CHRISTMAS, datetime(2026, 12, 28, 7, 30, tzinfo=UTC)),
    ],
    ids=["after 09:30", "on a Saturday", "at Christmas"],
)
async def test_automatic_mail_out_of_its_slot_waits_for_the_next(
    sqlite_store_url: str, late: datetime, leaves: datetime
) -> None:
    async with a_desk(sqlite_store_url) as desk:
        await desk.reminded("Acme")
        for instant in (late, leaves - timedelta(seconds=1)):
            desk.world.clock.move_to(instant)
            await desk.settle()
            assert desk.office.mails == []
        desk.world.clock.move_to(leaves)
        await desk.settle()
        assert desk.office.addresses == ["acme@client.test"]


async def test_what_a_person_released_leaves_at_night(store_url: str) -> None:
    async with a_desk(store_url) as desk:
        await desk.reminded("Acme", mode="manual", released_by=desk.world.alice)
        desk.world.clock.move_to(SATURDAY + timedelta(hours=14))
        await desk.settle()
        [mail] = desk.office.mails
        assert mail.message["Auto-Submitted"] is None


async def test_above_the_ceiling_a_person_decides(store_url: str) -> None:
    async with a_desk(store_url) as desk:
        document = {**DOCUMENT, "plan": "capped", "ceilings": {"EUR": "1000"}}
        desk.plan = await desk.world.plan(document)
        above, _ = await desk.reminded("Acme", "900", "100.01")
        at, _ = await desk.reminded("Best", "1000")
        decided, _ = await desk.reminded(
            "Club", "5000", mode="manual", released_by=desk.world.alice
        )
        await desk.settle()
        assert await desk.state(above) == ("waiting", "ceiling")
        assert await desk.state(at) == ("executed", "")
        assert await desk.state(decided) == ("executed", "")


async def test_what_an_owner_wrote_leaves_as_it_was_written(store_url: str) -> None:
    async with a_desk(store_url) as desk:
        action, [invoice] = await desk.reminded(
            "Acme",
            "100",
            mode="manual",
            released_by=desk.world.alice,
            edited_subject="Juste {{ un }} mot",
            edited_body="Chère Anne,\n\n100 €, s'il vous plaît.",
        )
        await desk.world.set(actions, action, edited_amounts={str(invoice): 10000})
        await desk.settle()
        [mail] = desk.office.mails
        assert mail.message["Subject"] == "Juste {{ un }} mot"
        assert mail.text.strip() == "Chère Anne,\n\n100 €, s'il vous plaît."


async def test_what_an_owner_wrote_goes_back_when_an_amount_has_changed(store_url: str) -> None:
    async with a_desk(store_url) as desk:
        action, [invoice, other] = await desk.reminded(
            "Acme",
            "100",
            "50",
            mode="manual",
            released_by=desk.world.alice,
            edited_body="100 € et 50 €, s'il vous plaît.",
        )
        amounts = {str(invoice): 10000, str(other): 5000}
        await desk.world.set(actions, action, edited_amounts=amounts)
        await desk.world.pay(other, "0.01")
        await desk.settle()
        assert desk.office.mails == []
        assert await desk.state(action) == ("waiting", "amounts_changed")


@pytest.mark.parametrize("channel", ["sms", "letter"])
async def test_a_channel_that_is_not_connected_comes_back_to_be_done_by_hand(
    sqlite_store_url: str, channel: str
) -> None:
    async with a_desk(sqlite_store_url) as desk:
        action, _ = await desk.reminded("Acme", channel=channel)
        await desk.settle()
        assert await desk.state(action) == ("waiting", "channel_not_connected")


async def test_a_template_that_fails_stops_only_those_who_need_it(store_url: str) -> None:
    async with a_desk(store_url) as desk:
        await desk.world.template("broken", body="{{ nobody.knows }}")
        broken, _ = await desk.reminded("Acme", template="broken")
        missing, _ = await desk.reminded("Best", template="no-such")
        sound, _ = await desk.reminded("Club")
        await desk.settle()
        assert await desk.state(broken) == ("waiting", "template_broken")
        assert await desk.state(missing) == ("waiting", "template_missing")
        assert await desk.state(sound) == ("executed", "")


@pytest.mark.parametrize(
    ("contact", "problem"),
    [
        ({"email": ""}, "no_contact"),
        ({"email": "nobody at acme"}, "address_invalid"),
        ({"email_invalid": "550 no such user"}, "address_invalid"),
        ({"opted_out": ["email"]}, "opted_out"),
    ],
)
async def test_a_recipient_who_may_not_be_written_to_makes_it_a_person_s(
    sqlite_store_url: str, contact: dict[str, Any], problem: str
) -> None:
    async with a_desk(sqlite_store_url) as desk:
        action, _ = await desk.reminded("Acme")
        row = await desk.world.row(actions, action)
        [only] = await desk.world.rows(contacts, contacts.c.customer_id == row.customer_id)
        await desk.world.set(contacts, only.id, **contact)
        await desk.settle()
        assert desk.office.mails == []
        assert await desk.state(action) == ("waiting", problem)


async def test_a_plan_that_cannot_be_read_stops_only_its_own_customers(store_url: str) -> None:
    async with a_desk(store_url) as desk:
        sound, _ = await desk.reminded("Acme")
        desk.plan = await desk.world.plan({**DOCUMENT, "plan": "torn"})
        torn, _ = await desk.reminded("Best")
        async with desk.world.database.write() as tx:
            await tx.execute(
                sa.update(plan_versions)
                .where(plan_versions.c.plan_id == desk.plan)
                .values(document={"plan": "torn"})
            )
        await desk.settle()
        assert await desk.state(sound) == ("executed", "")
        assert await desk.state(torn) == ("waiting", "unexpected_error")


async def test_a_customer_moved_to_another_plan_gets_nothing_of_the_old_one(
    store_url: str,
) -> None:
    async with a_desk(store_url) as desk:
        action, _ = await desk.reminded("Acme")
        [case] = await desk.world.rows(cases)
        await desk.world.set(cases, case.id, ended_on=desk.world.today)
        await desk.settle()
        assert await desk.state(action) == ("cancelled", "plan_changed")


async def test_a_disputed_item_leaves_the_others_in_the_message(store_url: str) -> None:
    async with a_desk(store_url) as desk:
        _, [_, disputed, _] = await desk.reminded("Acme", "100", "40", "7")
        await desk.world.set(items, disputed, family="dispute")
        await desk.settle()
        [mail] = desk.office.mails
        assert "il reste 107,00\xa0€" in mail.text
        assert "40,00" not in mail.text


async def test_a_specific_action_stands_for_its_items_whatever_their_status(
    store_url: str,
) -> None:
    async with a_desk(store_url) as desk:
        customer = await desk.world.customer("Acme")
        await desk.world.contact(customer, "acme@client.test")
        chosen = await desk.world.invoice(customer, "100", family="dispute")
        await desk.world.invoice(customer, "40")
        settled = await desk.world.invoice(customer, "9")
        queued: dict[str, Any] = {"state": "queued", "released_by": desk.world.alice}
        action = await desk.world.action(customer, [chosen, settled], **queued)
        other = await desk.world.action(customer, [settled], **queued)
        await desk.world.pay(settled)
        await desk.settle()
        assert await desk.state(action) == ("executed", "")
        assert await desk.state(other) == ("cancelled", "settled")
        [mail] = desk.office.mails
        assert "il reste 100,00\xa0€" in mail.text


async def test_what_is_held_leaves_no_trace(store_url: str) -> None:
    async with a_desk(store_url) as desk:
        await desk.world.set_organisation(kill_switch=True)
        await desk.reminded("Acme")
        for _ in range(3):
            await desk.settle()
        assert await desk.world.rows(attempts) == []
