"""In test mode no customer is mailed: all goes to one address, and says for whom it was (F57)."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from relance.store.database import Database
from relance.store.tables import actions, attempts
from relance_dispatcher.claims import Claims
from relance_dispatcher.sending import Sending
from tests.dispatching import EAGER, Desk, a_desk, a_transport

pytestmark = pytest.mark.asyncio

SINK = "sink@atelier.test"


@asynccontextmanager
async def by_hand(desk: Desk) -> AsyncIterator[tuple[Claims, Sending]]:
    """The two halves of a dispatcher, to turn a switch between them."""
    database, clock = Database(desk.url, service="dispatcher"), desk.world.clock
    async with a_transport(desk.office.port) as transport:
        yield Claims(database, clock, EAGER), Sending(database, transport, clock, EAGER)
    await database.close()


async def test_everything_goes_to_the_one_address_and_says_for_whom_it_was(
    store_url: str,
) -> None:
    async with a_desk(store_url) as desk:
        action, _ = await desk.reminded("Acme", cc=["accounts"])
        row = await desk.world.row(actions, action)
        await desk.world.contact(row.customer_id, "cc@client.test", position="accounts")
        await desk.world.set_organisation(test_address=SINK)
        await desk.settle()
        [mail] = desk.office.mails
        assert desk.office.addresses == [SINK]
        assert mail.message["To"] == SINK
        assert mail.message["Cc"] is None
        assert mail.message["Subject"].startswith("[Test: acme@client.test, cc@client.test] ")
        assert mail.message["X-Relance-Intended-For"] == "acme@client.test, cc@client.test"
        [attempt] = await desk.world.rows(attempts)
        assert attempt.recipients == [SINK]
        assert attempt.subject.startswith("[Test: acme@client.test")
        assert await desk.state(action) == ("executed", "")


@pytest.mark.parametrize("released", [False, True], ids=["automatic", "by a person"])
async def test_what_was_claimed_before_it_is_not_handed_over_within_it(
    store_url: str, released: bool
) -> None:
    async with a_desk(store_url) as desk:
        by = desk.world.alice if released else None
        action, _ = await desk.reminded("Acme", released_by=by)
        async with by_hand(desk) as (claims, sending):
            claimed, _ = await claims.take([action])
            await desk.world.set_organisation(test_address=SINK)
            await sending.hand_over(claimed)
        assert desk.office.mails == []
        assert await desk.outcomes(action) == ["try_later"]
        await desk.settle()
        assert desk.office.addresses == [SINK]
        assert await desk.state(action) == ("executed", "")


async def test_what_was_claimed_within_it_does_not_leave_as_a_test_afterwards(
    store_url: str,
) -> None:
    async with a_desk(store_url) as desk:
        await desk.world.set_organisation(test_address=SINK)
        action, _ = await desk.reminded("Acme")
        async with by_hand(desk) as (claims, sending):
            claimed, _ = await claims.take([action])
            await desk.world.set_organisation(test_address="")
            await sending.hand_over(claimed)
        await desk.settle()
        assert desk.office.addresses == ["acme@client.test"]
        [mail] = desk.office.mails
        assert mail.message["X-Relance-Intended-For"] is None


async def test_what_was_claimed_before_the_kill_switch_stays(store_url: str) -> None:
    async with a_desk(store_url) as desk:
        action, _ = await desk.reminded("Acme")
        async with by_hand(desk) as (claims, sending):
            claimed, _ = await claims.take([action])
            await desk.world.set_organisation(kill_switch=True)
            await sending.hand_over(claimed)
        await desk.settle()
        assert desk.office.mails == []
        assert await desk.state(action) == ("queued", "")
        await desk.world.set_organisation(kill_switch=False)
        await desk.settle()
        assert desk.office.addresses == ["acme@client.test"]


async def test_a_wrong_address_sends_nothing_to_customers(store_url: str) -> None:
    async with a_desk(store_url) as desk:
        await desk.world.set_organisation(test_address="no address")
        action, _ = await desk.reminded("Acme")
        await desk.settle()
        assert desk.office.mails == []
        assert await desk.state(action) == ("waiting", "message_broken")
