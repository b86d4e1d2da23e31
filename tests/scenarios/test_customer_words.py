"""`/relance customer`, `/relance history`: all at a glance, nothing of what others decide."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
import sqlalchemy as sa

from relance.store.tables import organisations
from relance.store.types import new_id
from relance_bot.blocks.kit import Message
from relance_bot.blocks.limits import check_message
from tests.scenarios.office import ALICE, BOB, LEA, Office, an_office, said

pytestmark = pytest.mark.asyncio

CURRENCIES = "EUR USD GBP CHF JPY SEK NOK DKK PLN CZK HUF CAD".split()


@pytest_asyncio.fixture
async def office(store_url: str) -> AsyncIterator[Office]:
    async with an_office(store_url) as office:
        yield office
        assert office.workspace.failures == []


async def reply(office: Office, text: str, user: str = ALICE) -> dict[str, Any]:
    before = len(office.at(user).ephemerals())
    await office.at(user).command("/relance", text)
    await office.settle()
    [message] = office.at(user).ephemerals()[before:]
    return dict(message)


async def answer(office: Office, text: str, user: str = ALICE) -> str:
    message = await reply(office, text, user)
    plain = said(message.get("blocks", [])) or str(message["text"])
    return plain.replace("\u202f", " ").replace("\xa0", " ")


def table(message: dict[str, Any]) -> list[list[str]]:
    [found] = [block for block in message["blocks"] if block["type"] == "table"]
    return [[cell["text"] for cell in row] for row in found["rows"]]


async def a_customer(office: Office) -> None:
    world = office.world
    customer = await world.customer("Dupont & <fils>")
    await world.case(customer, await world.plan())
    await world.contact(customer, "pay@dupont.test", name="Paul", phone="+33 1 23")
    await world.contact(customer, "boss@dupont.test", name="Anne", position="Director")
    first = await world.invoice(customer, "1200.00", late=17, number="F-17")
    await world.invoice(customer, "300.00", late=70, number="F-70")
    await world.invoice(customer, "80.00", late=-10, number="F-0", currency="USD")
    await world.invoice(customer, "50.00", late=0, kind="credit_note", number="A-1")
    await office.changed(await world.action(customer, [first]))


async def test_the_sheet_shows_what_is_owed_how_old_it_is_whom_to_write_to_and_where_it_stands(
    office: Office,
) -> None:
    await a_customer(office)
    message = await reply(office, "customer dupont")
    assert table(message) == [
        ["Currency", "Balance", "Not due", "1–30 days", "61–90 days", "Credits"],
        ["EUR", "€1,450.00", "-", "€1,200.00", "€300.00", "€50.00"],
        ["USD", "US$80.00", "US$80.00", "-", "-", "-"],
    ]
    text = said(message["blocks"])
    assert text.startswith("Dupont & <fils> (C")
    assert "Plan: Standard." in text
    assert "“First reminder” waits for Alice since 24 November 2026." in text
    assert "*F-70* · due on 15 Sept 2026 · 70 days late · €300.00" in text
    assert "*A-1* · credit note" in text
    assert "Paul · pay@dupont.test · +33 1 23" in text
    assert "Anne · Director · boss@dupont.test" in text
    assert "Nothing has been done yet." in text


async def test_it_is_shown_in_the_reader_s_language(office: Office) -> None:
    await a_customer(office)
    text = await answer(office, "client dupont", BOB)
    assert "*F-17* · échéance 7 nov. 2026 · 17 jours de retard · 1 200,00 €" in text
    assert "61–90 jours" in text


async def test_the_history_says_who_did_what_and_keeps_what_others_decided_to_themselves(
    office: Office,
) -> None:
    await a_customer(office)
    await office.press("skip")
    await office.submit(reason="They pay on Friday")
    await office.settle()
    mine = await answer(office, "history dupont")
    assert "*First reminder* – Skipped by Alice" in mine
    assert "They pay on Friday" in mine
    assert "They pay on Friday" not in await answer(office, "history dupont", BOB)
    theirs = await answer(office, "history dupont", LEA)
    assert "They pay on Friday" not in theirs
    assert "*First reminder* (Alice) – Skipped by Alice" in theirs


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("customer", "/relance customer CUSTOMER"),
        ("client", "/relance customer CUSTOMER"),
        ("history", "/relance history CUSTOMER"),
        ("customer nobody <here>", "No customer matches “nobody &lt;here&gt;”."),
        ("customer fils", "Several customers match “fils”:"),
    ],
)
async def test_what_names_nobody_or_several_is_answered_with_those_there_are(
    office: Office, text: str, said: str
) -> None:
    for name in ("Dupont et fils", "Martin et fils"):
        await office.world.customer(name)
    assert said in await answer(office, text)


async def test_another_organisation_s_customer_is_nobody(office: Office) -> None:
    house = await office.world.row(organisations, office.world.organisation)
    other = new_id()
    async with office.world.database.write() as tx:
        row = {**house._mapping, "id": other, "name": "Elsewhere"}
        await tx.execute(sa.insert(organisations).values(row))
    await office.world.customer("ACME", organisation_id=other)
    assert "No customer matches “ACME”." in await answer(office, "customer ACME")


async def test_the_heaviest_customer_stays_within_slack_s_limits(office: Office) -> None:
    world = office.world
    async with world.at_once():
        customer = await world.customer("مرحبا 🧾" * 40, reference="R" * 200)
        for number in range(60):
            currency = CURRENCIES[number % len(CURRENCIES)]
            await world.invoice(
                customer, f"{1_000_000 + number}", late=number * 3 - 20, currency=currency
            )
        for number in range(20):
            await world.contact(
                customer, f"{'a' * 60}{number}@{'b' * 60}.test", name="ÿ" * 200, position="p"
            )
        for _ in range(60):
            await world.action(customer, [], state="executed", closed_at=world.clock.now())
    for word in ("customer", "history"):
        message = await reply(office, f"{word} {'R' * 200}")
        shown = Message(text=message["text"], blocks=tuple(message["blocks"]))
        assert check_message(shown) == []
        assert len(message["blocks"]) > 3
