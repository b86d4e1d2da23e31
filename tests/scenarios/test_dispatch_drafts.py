"""Drafts from rows: what the preview shows is what is sent (F26)."""

from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from relance.drafting import Draft, load_drafts
from relance.store.tables import actions, items
from tests.dispatching import a_desk
from tests.world import World, a_world

pytestmark = pytest.mark.asyncio


async def drafted(world: World, action: UUID, viewer: UUID | None = None) -> Draft:
    async with world.database.read() as tx:
        return (await load_drafts(tx, [action], world.today, viewer=viewer))[action]


async def customer_of(world: World, name: str, **changes: Any) -> UUID:
    customer = await world.customer(name, **changes)
    await world.contact(customer, f"{name.lower()}@client.test", name=name)
    return customer


async def test_the_preview_is_what_is_sent(store_url: str) -> None:
    async with a_desk(store_url) as desk:
        action, _ = await desk.reminded("Acme", "100", "40")
        preview = await drafted(desk.world, action)
        await desk.settle()
        [mail] = desk.office.mails
        assert mail.text.rstrip("\n") == preview.text
        assert mail.message["Subject"] == preview.subject
        assert preview.html
        html = mail.message.get_body(("html",))
        assert html is not None
        assert html.get_content().replace("\r\n", "\n").rstrip("\n") == preview.html.rstrip("\n")


@pytest.mark.parametrize(
    ("language", "subject"),
    [
        (None, "Vos factures"),
        ("en", "Your invoices"),
        ("en-US", "Your invoices"),
        ("de", "Vos factures"),
    ],
)
async def test_the_customer_s_language_then_the_house_s(
    sqlite_store_url: str, language: str | None, subject: str
) -> None:
    async with a_world(sqlite_store_url) as world:
        await world.template()
        await world.template(language="en", subject="Your invoices")
        customer = await customer_of(world, "Acme", language=language)
        action = await world.action(customer, [await world.invoice(customer, "100")])
        assert (await drafted(world, action)).subject == subject


async def test_a_language_nobody_wrote_in_falls_to_english(sqlite_store_url: str) -> None:
    async with a_world(sqlite_store_url) as world:
        await world.template(language="en", subject="Your invoices")
        customer = await customer_of(world, "Acme", language="de")
        action = await world.action(customer, [await world.invoice(customer, "100")])
        draft = await drafted(world, action)
        assert (draft.subject, draft.language) == ("Your invoices", "en")


async def test_credits_are_netted_but_never_in_a_notice_before_the_due_date(
    store_url: str,
) -> None:
    async with a_world(store_url) as world:
        await world.template()
        customer = await customer_of(world, "Acme")
        case = await world.case(customer, await world.plan())
        invoice = await world.invoice(customer, "100")
        coming = await world.invoice(customer, "60", late=-5)
        await world.credit(customer, "25")
        await world.credit(customer, "5", currency="USD")
        reminder = await drafted(world, await world.action(customer, [invoice], case=case))
        notice = await drafted(
            world, await world.action(customer, [coming], case=case, phase="pre_due")
        )
        assert reminder.asked == {"EUR": Decimal("75.00")}
        assert [row.open for row in reminder.credits] == [Decimal("25.00")]
        assert (notice.asked, notice.credits) == ({"EUR": Decimal("60.00")}, ())


async def test_what_the_owner_left_out_is_not_shown(store_url: str) -> None:
    async with a_world(store_url) as world:
        await world.template()
        customer = await customer_of(world, "Acme")
        case = await world.case(customer, await world.plan())
        kept, dropped = [await world.invoice(customer, amount) for amount in ("100", "40")]
        refused = await world.credit(customer, "25")
        shown = [kept, dropped, refused]
        action = await world.action(customer, shown, case=case, left_out=[dropped, refused])
        draft = await drafted(world, action)
        assert draft.amounts == {kept: 10000}
        assert draft.credits == ()


async def test_two_currencies_are_never_added_up(store_url: str) -> None:
    async with a_world(store_url) as world:
        await world.template()
        customer = await customer_of(world, "Acme")
        shown = [
            await world.invoice(customer, "100"),
            await world.invoice(customer, "7000", currency="JPY"),
        ]
        draft = await drafted(world, await world.action(customer, shown))
        assert draft.asked == {"EUR": Decimal("100.00"), "JPY": Decimal(7000)}
        assert draft.amounts == {shown[0]: 10000, shown[1]: 7000}


async def test_items_that_became_ineligible_drop_out_in_a_plan(store_url: str) -> None:
    async with a_world(store_url) as world:
        await world.template()
        customer = await customer_of(world, "Acme")
        case = await world.case(customer, await world.plan())
        kept, disputed, settled = [
            await world.invoice(customer, amount) for amount in ("100", "40", "7")
        ]
        action = await world.action(customer, [kept, disputed, settled], case=case)
        await world.set(items, disputed, family="dispute")
        await world.pay(settled)
        assert list((await drafted(world, action)).amounts) == [kept]


async def test_a_manual_draft_is_signed_by_who_looks_at_it(store_url: str) -> None:
    async with a_world(store_url) as world:
        await world.template()
        bruno = await world.member("Bruno")
        customer = await customer_of(world, "Acme")
        owners = [world.alice, bruno]
        invoice = await world.invoice(customer, "100")
        action = await world.action(customer, [invoice], owners=owners)
        seen = await drafted(world, action, viewer=bruno)
        assert seen.sender is not None
        assert (seen.sender.name, seen.text.splitlines()[-1]) == ("Bruno", "Bruno")
        await world.set(actions, action, released_by=world.alice)
        released = await drafted(world, action, viewer=bruno)
        assert released.sender is not None
        assert released.sender.name == "Alice"


async def test_an_edited_subject_alone_keeps_the_template_s_text(store_url: str) -> None:
    async with a_world(store_url) as world:
        await world.template()
        customer = await customer_of(world, "Acme")
        action = await world.action(
            customer, [await world.invoice(customer, "100")], edited_subject="Enfin !"
        )
        draft = await drafted(world, action)
        assert draft.subject == "Enfin !"
        assert "il reste 100,00\xa0€" in draft.text
        assert not draft.problem


async def test_an_edited_text_needs_no_template(store_url: str) -> None:
    async with a_world(store_url) as world:
        customer = await customer_of(world, "Acme")
        typed = {"edited_subject": "Bonjour", "edited_body": "À bientôt <b>"}
        action = await world.action(customer, [await world.invoice(customer, "1")], **typed)  # type: ignore[arg-type]
        draft = await drafted(world, action)
        assert (draft.subject, draft.text, draft.problem) == ("Bonjour", "À bientôt <b>", None)
        assert "<b>" not in draft.html
        assert draft.edited


@pytest.mark.parametrize("channel", ["call", "task"])
async def test_what_a_person_does_needs_no_template(sqlite_store_url: str, channel: str) -> None:
    async with a_world(sqlite_store_url) as world:
        customer = await world.customer("Acme")
        await world.contact(customer, "", phone="+33 1 23 45 67 89", name="Anne")
        invoice = await world.invoice(customer, "100")
        action = await world.action(customer, [invoice], channel=channel, template=None)
        draft = await drafted(world, action)
        assert draft.problem is None
        assert [to.address for to in draft.to] == ["+33 1 23 45 67 89"] * (channel == "call")


async def test_a_letter_goes_to_the_customer_s_postal_address(sqlite_store_url: str) -> None:
    async with a_world(sqlite_store_url) as world:
        await world.template(channel="letter")
        customer = await world.customer("Acme", address="1 rue Haute\n75001 Paris")
        invoice = await world.invoice(customer, "100")
        action = await world.action(customer, [invoice], channel="letter")
        draft = await drafted(world, action)
        assert [to.address for to in draft.to] == ["1 rue Haute\n75001 Paris"]
        assert draft.problem is None


async def test_a_hundred_drafts_cost_as_many_statements_as_one(store_url: str) -> None:
    async with a_world(store_url) as world:
        await world.template()
        made = []
        async with world.at_once():
            for number in range(100):
                customer = await customer_of(world, f"C{number}")
                made.append(await world.action(customer, [await world.invoice(customer, "1")]))
        statements: list[str] = []

        def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
            statements.append(statement)

        engine = world.database.engine.sync_engine
        sa.event.listen(engine, "before_cursor_execute", note)
        counts = []
        for wanted in (made[:1], made):
            statements.clear()
            async with world.database.read() as tx:
                assert len(await load_drafts(tx, wanted, world.today)) == len(wanted)
            counts.append(len(statements))
        assert counts[0] == counts[1] < 15
