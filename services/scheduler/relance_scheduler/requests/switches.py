"""The kill switch and the test mode of an organisation (F57)."""

from collections.abc import Mapping

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from relance.domain.house_requests import SwitchKill, SwitchTest
from relance.domain.requests import Answer, Decline, Declined, Granted, Request
from relance.drafting.addresses import is_address
from relance.store.organisations import load_organisations
from relance.store.tables import organisations
from relance_scheduler.history import Event, record
from relance_scheduler.requests.asker import Asker, Grant


async def switch_kill(tx: AsyncConnection, asked: SwitchKill, asker: Asker) -> Answer:
    """What is queued stays queued, and leaves in its slots once it is off."""
    house = (await load_organisations(tx, [asker.organisation]))[asker.organisation]
    if house.kill_switch is asked.on:
        return Declined(why=Decline.UNCHANGED)
    await _set(tx, asker, "kill_on" if asked.on else "kill_off", {}, kill_switch=asked.on)
    return Granted(detail={} if asked.on else {"off": ""})


async def switch_test(tx: AsyncConnection, asked: SwitchTest, asker: Asker) -> Answer:
    """From the next hand-over on: the dispatcher looks at it before each (rules §5)."""
    address = asked.address.strip()
    if address and not is_address(address):
        return Declined(why=Decline.INVALID, fields={"address": "test_address"})
    house = (await load_organisations(tx, [asker.organisation]))[asker.organisation]
    if house.test_address == address:
        return Declined(why=Decline.UNCHANGED)
    detail = {"address": address} if address else {}
    event = "test_on" if address else "test_off"
    await _set(tx, asker, event, detail, test_address=address)
    return Granted(detail={"address": address})


async def _set(
    tx: AsyncConnection, asker: Asker, event: str, detail: Mapping[str, str], **columns: object
) -> None:
    mine = organisations.c.id == asker.organisation
    await tx.execute(sa.update(organisations).where(mine).values(**columns))
    line = Event(event=event, at=asker.now, member=asker.member.id, detail=detail)
    await record(tx, [line])


GRANTS: Mapping[type[Request], Grant] = {SwitchKill: switch_kill, SwitchTest: switch_test}
