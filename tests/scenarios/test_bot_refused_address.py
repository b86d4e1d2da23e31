"""A refused address: its card says which and why, and another one is chosen at once (F34)."""

from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import pytest
import pytest_asyncio
import sqlalchemy as sa

from relance.store.database import Database
from relance.store.dispatch import answer_text
from relance.store.tables import actions, attempts, contacts, customers, history
from relance.store.types import new_id
from relance_scheduler.deliveries import Deliveries
from tests.scenarios.agreeing import disagreements
from tests.scenarios.office import BOB, Office, an_office, buttons, said

pytestmark = pytest.mark.asyncio

WHY = "550 5.1.1 No such user <pay@acme.test>"


@pytest_asyncio.fixture
async def office(store_url: str) -> AsyncIterator[Office]:
    async with an_office(store_url) as office:
        yield office
        assert office.workspace.failures == []


async def refuse(office: Office, action: UUID, *addresses: str) -> None:
    """As the dispatcher leaves it when the provider refuses these addresses for good."""
    world, now = office.world, office.world.clock.now()
    found = await world.row(actions, action)
    url = world.database.engine.url.render_as_string(hide_password=False)
    dispatcher = Database(url, service="dispatcher")
    row = {
        "id": new_id(),
        "action_id": action,
        "number": 1,
        "channel": "email",
        "action_version": found.version,
        "token": new_id(),
        "claimed_at": now,
        "lease_until": now,
        "message_id": "m",
        "recipients": list(addresses),
        "outcome": "rejected",
        "outcome_detail": answer_text("refused", dict.fromkeys(addresses, WHY)),
        "recorded_at": now,
        "live": False,
    }
    async with dispatcher.write() as tx:
        await tx.execute(sa.insert(attempts).values(row))
    await dispatcher.close()
    async with world.database.write() as tx:
        await Deliveries(world.clock).handle(tx, (row["id"],))
    await office.settle()


async def refused(office: Office, **changes: Any) -> UUID:
    action = await office.waiting(**changes)
    await office.press("validate")
    await office.settle()
    await refuse(office, action, "pay@acme.test")
    return action


async def test_the_card_says_which_address_was_refused_and_why(office: Office) -> None:
    await refused(office)
    text = said(office.card()["blocks"])
    assert "The address was refused: please choose another one." in text
    assert "*pay@acme.test*: 550 5.1.1 No such user &lt;pay@acme.test&gt;" in text
    assert buttons(office.card()["blocks"]) == ["address", "edit", "skip"]


async def test_a_typed_address_takes_its_place_and_the_action_waits_as_edited(
    office: Office,
) -> None:
    action = await refused(office)
    await office.press("address")
    await office.submit(to_typed__email="new@acme.test")
    await office.settle()
    row = await office.world.row(actions, action)
    assert (row.state, row.to, row.problem) == ("waiting", ["new@acme.test"], "")
    assert (row.edited_body, row.edited_subject) == (None, None)
    card = office.card()
    assert "To: new@acme.test" in said(card["blocks"])
    assert buttons(card["blocks"]) == ["validate", "edit", "skip"]
    lines = await office.world.rows(history, history.c.event == "edited")
    assert [line.detail["edit"]["to"] for line in lines] == [["new@acme.test"]]
    assert await disagreements(office) == []


async def test_another_contact_is_chosen_by_name(office: Office) -> None:
    action = await refused(office)
    [customer] = await office.world.rows(customers)
    await office.world.contact(customer.id, "cfo@acme.test", name="Carla", position="finance")
    await office.press("address")
    text = said(office.modal()["blocks"])
    assert "Carla · finance · cfo@acme.test" in text
    await office.submit(to__email=["cfo@acme.test"])
    await office.settle()
    assert (await office.world.row(actions, action)).to == ["cfo@acme.test"]


async def test_an_address_may_be_marked_as_wrong_by_whoever_knows(office: Office) -> None:
    action = await office.waiting(problem="rejected")
    await office.press("address")
    await office.submit(to_typed__email="new@acme.test", wrong=["pay@acme.test"])
    await office.settle()
    [contact] = await office.world.rows(contacts)
    assert contact.email_invalid == "by_hand"
    await office.world.set(actions, action, to=[], version=9)
    await office.changed(action)
    text = said(office.card()["blocks"])
    assert "No contact has a valid address" in text
    assert "*pay@acme.test*: marked as wrong by a colleague" in text
    assert buttons(office.card()["blocks"]) == ["address", "edit", "skip"]


@pytest.mark.parametrize(
    ("fields", "place", "mistake"),
    [
        ({}, "to_typed-email", "Please choose or type at least one recipient."),
        ({"to_typed__email": "nonsense"}, "to_typed-email", "“nonsense” is not"),
        (
            {"to_typed__email": "PAY@acme.test", "wrong": ["pay@acme.test"]},
            "to_typed-email",
            "not to be used any more",
        ),
    ],
)
async def test_each_mistake_stands_at_its_field(
    office: Office, fields: dict[str, Any], place: str, mistake: str
) -> None:
    await office.waiting(problem="rejected")
    await office.press("address")
    await office.submit(**fields)
    errors = office.modal()["errors"]
    assert list(errors) == [place]
    assert mistake in errors[place]


async def test_a_modal_that_came_too_late_gives_the_address_back(office: Office) -> None:
    action = await refused(office)
    await office.press("address")
    await office.world.set(actions, action, version=9)
    await office.submit(to_typed__email="new@acme.test")
    modal = office.modal()
    typed = [b["element"]["initial_value"] for b in modal["blocks"] if b["type"] == "input"]
    assert typed == ["new@acme.test"]


async def test_a_french_owner_reads_it_in_french(office: Office) -> None:
    action = await office.waiting(owners=(office.bob,))
    await office.press("validate", BOB)
    await office.settle()
    await refuse(office, action, "pay@acme.test")
    text = said(office.card(BOB)["blocks"])
    assert "L’adresse a été refusée" in text
    assert "Choisir une autre adresse" in text
