"""What files bring into the ledger and change in it, on both databases."""

from datetime import time

import pytest

from relance.store.tables import contacts, customers, items, organisations, profiles
from relance_scheduler.ledger.importing import Imported
from tests.scenarios.import_desk import Desk, a_desk

pytestmark = pytest.mark.asyncio

HEADER = "customer,number,issued_on,due_on,currency,amount\n"
CUSTOMERS = "reference,name\nC1,Boulangerie Martin\nC2,Garage Leroy\n"
TWO = HEADER + "C1,F1,2026-10-01,2026-10-31,EUR,100.00\nC2,F2,2026-10-02,2026-11-01,EUR,50.5\n"


async def test_customers_contacts_items_and_payments_come_in(store_url: str) -> None:
    async with a_desk(store_url) as desk:
        outcome = await desk.take(
            customers=CUSTOMERS,
            contacts="customer,contact_name,email,main\nC1,Anne,anne@martin.test,yes\n",
            items=TWO,
            payments="customer,payment,paid_on,currency,amount\nC1,P1,2026-11-20,EUR,40\n",
            allocations="customer,source,target,amount,currency,allocated_on\n"
            "C1,P1,F1,30,EUR,2026-11-20\n",
        )
        assert desk.counts(outcome) == {
            "new": 3,
            "customers_new": 2,
            "contacts_new": 1,
            "allocations": 1,
        }
        assert await desk.open_amounts() == {"F1": 7000, "F2": 5050, "P1": 1000}
        [contact] = await desk.world.rows(contacts)
        assert (contact.reference, contact.name, contact.main) == ("anne@martin.test", "Anne", True)
        invoice = await desk.item("F1")
        assert (invoice.known_on, invoice.settled_on) == (desk.world.today, None)
        assert await desk.names_of(desk.enrolled) == {"C1", "C2"}
        assert await desk.names_of(desk.reconsidered) == {"C1", "C2"}


async def test_an_import_leaves_a_row_with_its_start_end_digest_and_counts(store_url: str) -> None:
    async with a_desk(store_url) as desk:
        await desk.take(customers=CUSTOMERS, items=TWO)
        first, second = await desk.imports()
        assert (first.file, second.file) == ("customers.csv", "items.csv")
        assert first.digest != second.digest
        assert len(first.digest) == 64
        assert first.started_at == first.ended_at == desk.world.clock.now()
        assert (first.mode, first.counts["new"], first.counts["customers_new"]) == ("delta", 2, 2)


async def test_the_same_files_again_change_nothing_and_say_so(store_url: str) -> None:
    async with a_desk(store_url) as desk:
        await desk.take(customers=CUSTOMERS, items=TWO)
        before = await desk.everything()
        outcome = await desk.take(customers=CUSTOMERS, items=TWO)
        assert isinstance(outcome, Imported)
        assert outcome.changes.none
        assert await desk.everything() == before
        assert not desk.enrolled
        assert not desk.reconsidered


async def test_only_the_customers_that_are_touched_are_looked_at_again(store_url: str) -> None:
    async with a_desk(store_url) as desk:
        await desk.take(customers=CUSTOMERS, items=TWO)
        outcome = await desk.take(items=TWO.replace("100.00", "120.00"))
        assert desk.counts(outcome) == {"changed": 1}
        assert await desk.open_amounts() == {"F1": 12000, "F2": 5050}
        assert await desk.names_of(desk.reconsidered) == {"C1"}
        assert not desk.enrolled


async def test_a_customer_that_changes_is_enrolled_again(store_url: str) -> None:
    async with a_desk(store_url) as desk:
        await desk.take(customers=CUSTOMERS)
        outcome = await desk.take(customers=CUSTOMERS.replace("Leroy", "Leroy et fils"))
        assert desk.counts(outcome) == {"customers_changed": 1}
        assert await desk.names_of(desk.enrolled) == {"C2"}
        assert await desk.names_of(desk.reconsidered) == {"C2"}


async def test_what_a_file_says_nothing_about_stays(store_url: str) -> None:
    async with a_desk(store_url) as desk:
        await desk.take(
            customers="reference,name,language,zone,country,address,enabled\n"
            "C1,Martin,fr,Europe/Paris,FR,1 rue X,yes\n"
        )
        assert desk.counts(await desk.take(customers="reference,name\nC1,\n")) == {}
        [kept] = await desk.world.rows(customers)
        assert (kept.name, kept.language, kept.zone) == ("Martin", "fr", "Europe/Paris")
        assert (kept.country, kept.address, kept.enabled) == ("FR", "1 rue X", True)
        cleared = await desk.take(customers="reference,name,language,address\nC1,Martin,,\n")
        assert desk.counts(cleared) == {"customers_changed": 1}
        [now] = await desk.world.rows(customers)
        assert (now.language, now.address, now.zone) == (None, "", "Europe/Paris")


async def test_new_customers_are_off_unless_the_house_or_the_file_says_on(store_url: str) -> None:
    async with a_desk(store_url) as desk:
        await desk.take(customers="reference,name,enabled\nC1,A,yes\nC2,B,\n")
        await desk.take(customers="reference,name\nC3,C\n")
        await desk.world.set_organisation(enable_new_customers=True)
        await desk.take(customers="reference,name\nC4,D\nC3,C\n")
        found = {row.reference: row.enabled for row in await desk.world.rows(customers)}
        assert found == {"C1": True, "C2": False, "C3": False, "C4": True}


async def test_profile_plan_and_account_manager_are_found_by_name(store_url: str) -> None:
    async with a_desk(store_url) as desk:
        plan = await desk.world.plan()
        profile = await desk.world._insert(
            profiles, {"organisation_id": desk.world.organisation, "name": "VIP"}
        )
        await desk.take(
            customers="reference,name,profile,plan,account_manager\n"
            "C1,A,VIP,standard,ALICE@atelier.test\n"
        )
        [row] = await desk.world.rows(customers)
        assert (row.profile_id, row.plan_id) == (profile, plan)
        assert row.account_manager_id == desk.world.alice
        outcome = await desk.take(
            customers="reference,name,profile,plan,account_manager\n"
            "C2,A,Nobody,,\nC3,A,,nothing,\nC4,A,,,bob@atelier.test\n"
        )
        assert desk.reasons(outcome) == [
            (2, "profile", "there is no profile “Nobody”"),
            (3, "plan", "there is no plan “nothing”"),
            (4, "account_manager", "no member has this e-mail address"),
        ]
        assert len(await desk.world.rows(customers)) == 1


async def test_another_address_clears_what_was_held_against_the_old_one(store_url: str) -> None:
    async with a_desk(store_url) as desk:
        text = "customer,contact,email\nC1,anne,anne@martin.test\n"
        await desk.take(customers=CUSTOMERS, contacts=text)
        [contact] = await desk.world.rows(contacts)
        await desk.set(contacts, contact.id, email_invalid="bounced", opted_out=["sms"])
        assert desk.counts(await desk.take(contacts=text)) == {}
        [same] = await desk.world.rows(contacts)
        assert same.email_invalid == "bounced"
        outcome = await desk.take(contacts=text.replace("anne@", "compta@"))
        assert desk.counts(outcome) == {"contacts_changed": 1}
        assert await desk.names_of(desk.enrolled) == {"C1"}
        [now] = await desk.world.rows(contacts)
        assert (now.email, now.email_invalid, now.opted_out) == ("compta@martin.test", "", ["sms"])


async def test_a_dispute_comes_and_goes_with_the_file_but_not_against_people(
    store_url: str,
) -> None:
    def text(flag: str) -> str:
        return (
            HEADER.replace("amount", "amount,disputed,dispute_reason")
            + f"C1,F1,2026-10-01,2026-10-31,EUR,100.00,{flag},price\n"
        )

    async with a_desk(store_url) as desk:
        await desk.take(customers=CUSTOMERS, items=text("no"))
        assert desk.counts(await desk.take(items=text("yes"))) == {"changed": 1}
        disputed = await desk.item("F1")
        assert (disputed.family, disputed.status_reason) == ("dispute", "price")
        await desk.set(items, disputed.id, family="dispute_resolved")
        assert desk.counts(await desk.take(items=text("yes"))) == {}
        assert (await desk.item("F1")).family == "dispute_resolved"
        await desk.take(items=text("no"))
        await desk.take(items=text("yes"))
        await desk.take(items=text("no"))
        assert (await desk.item("F1")).family == "dispute_resolved"
        await desk.set(items, disputed.id, family="litigation")
        await desk.take(items=text("yes"))
        assert (await desk.item("F1")).family == "litigation"


async def test_a_written_off_invoice_leaves_and_returns_when_that_is_undone(
    store_url: str,
) -> None:
    def text(flag: str) -> str:
        return (
            HEADER.replace("amount", "amount,cancelled")
            + f"C1,F1,2026-10-01,2026-10-31,EUR,100.00,{flag}\n"
        )

    async with a_desk(store_url) as desk:
        await desk.take(customers=CUSTOMERS, items=text("no"))
        assert desk.counts(await desk.take(items=text("yes"))) == {"settled": 1}
        gone = await desk.item("F1")
        assert (gone.open, gone.cancelled, gone.settled_on) == (0, True, desk.world.today)
        assert desk.counts(await desk.take(items=text("yes"))) == {}
        assert desk.counts(await desk.take(items=text("no"))) == {"reopened": 1}
        back = await desk.item("F1")
        assert (back.open, back.cancelled, back.settled_on) == (10000, False, None)


async def test_each_instalment_is_an_item_of_its_own(store_url: str) -> None:
    text = (
        HEADER.replace("amount", "amount,part") + "C1,F1,2026-10-01,2026-10-31,EUR,50.00,1\n"
        "C1,F1,2026-10-01,2026-11-30,EUR,50.00,2\n"
    )
    async with a_desk(store_url) as desk:
        assert desk.counts(await desk.take(customers=CUSTOMERS, items=text))["new"] == 2
        paid = "customer,source,source_kind,target,target_part,amount,currency,allocated_on\n"
        await desk.take(
            payments="customer,payment,paid_on,currency,amount\nC1,P1,2026-11-02,EUR,50\n",
            allocations=paid + "C1,P1,,F1,1,50,EUR,2026-11-02\n",
        )
        assert [(await desk.item("F1", part=part)).open for part in (1, 2)] == [0, 5000]


async def test_amounts_keep_the_decimals_of_their_currency(store_url: str) -> None:
    text = (
        HEADER + "C1,F1,2026-10-01,2026-10-31,JPY,1200\nC1,F2,2026-10-01,2026-10-31,TND,1.5\n"
        "C1,F3,2026-10-01,2026-10-31,,7\n"
    )
    async with a_desk(store_url) as desk:
        outcome = await desk.take(customers=CUSTOMERS, items=text)
        assert await desk.open_amounts() == {"F1": 1200, "F2": 1500, "F3": 700}
        assert isinstance(outcome, Imported)
        totals = {change.currency: str(change.open_after) for change in outcome.changes.items}
        assert totals == {"JPY": "1200", "TND": "1.500", "EUR": "7.00"}


async def test_a_dry_run_shows_everything_and_writes_nothing(store_url: str) -> None:
    async with a_desk(store_url) as desk:
        await desk.take(customers=CUSTOMERS, items=TWO)
        before, journal = await desk.everything(), await desk.imports()
        outcome = await desk.stock(
            items=HEADER + "C1,F1,2026-10-01,2026-10-31,EUR,90.00\nC1,F3,2026-10-01,,EUR,1.00\n",
            dry_run=True,
        )
        assert desk.counts(outcome) == {"new": 1, "changed": 1, "settled": 1}
        assert isinstance(outcome, Imported)
        shown = {change.event.value: change for change in outcome.changes.items}
        assert shown["settled"].examples == ("F2",)
        assert (str(shown["changed"].open_before), str(shown["changed"].open_after)) == (
            "100.00",
            "90.00",
        )
        assert desk.reasons(outcome) == [(3, "", "no due date: kept, but never reminded")]
        assert await desk.everything() == before
        assert await desk.imports() == journal


async def test_two_organisations_do_not_see_each_other(store_url: str) -> None:
    async with a_desk(store_url) as desk:
        second = await desk.world._insert(
            organisations, {"name": "Other", "send_at": time(8), "send_until": time(9)}
        )
        other = Desk(world=desk.world, folder=desk.folder, organisation=second)
        await desk.take(customers=CUSTOMERS, items=TWO)
        assert desk.counts(await other.take(customers=CUSTOMERS, items=TWO)) == {
            "new": 2,
            "customers_new": 2,
        }
        outcome = await other.stock(items=TWO.replace("F1", "F9"))
        assert desk.counts(outcome) == {"new": 1, "settled": 1}
        mine = [row for row in await desk.world.rows(items) if row.number in ("F1", "F2")]
        assert sorted(row.open for row in mine) == [0, 5050, 5050, 10000]


async def test_a_key_is_what_the_file_says_however_odd(store_url: str) -> None:
    odd = "O'Brien; DROP TABLE items;--\t\\N \\x \u20ac"
    async with a_desk(store_url) as desk:
        await desk.take(
            customers=f'reference,name\n"{odd}","=cmd|\'/C calc\'!A0"\n',
            items=HEADER + f'"{odd}","{odd}",2026-10-01,,EUR,1\n',
        )
        wanted = " ".join(odd.split())
        assert set(await desk.open_amounts()) == {wanted}
        [row] = await desk.world.rows(customers)
        assert (row.reference, row.name) == (wanted, "=cmd|'/C calc'!A0")


async def test_the_first_of_the_lines_that_name_a_customer_or_a_contact_is_kept(
    store_url: str,
) -> None:
    async with a_desk(store_url) as desk:
        outcome = await desk.take(
            customers="reference,name,language\nC1,One,fr\nC2,Two,fr\nC1,One,fr\nC1,Other,fr\n",
            others="reference,name\nC2,In another file\n",
            contacts="customer,contact,email\nC1,K,a@one.test\nC2,K,a@two.test\nC1,K,b@one.test\n",
        )
        assert desk.counts(outcome) == {"customers_new": 2, "contacts_new": 2}
        assert desk.reasons(outcome) == [
            (5, "", "the customer differs from line 2, which is kept"),
            (4, "", "the contact differs from line 2, which is kept"),
        ]
        assert {row.name for row in await desk.world.rows(customers)} == {"One", "Two"}
        assert {row.email for row in await desk.world.rows(contacts)} == {
            "a@one.test",
            "a@two.test",
        }
