"""A dispatcher at work in a small world: its real parts, and the scheduler's answer to it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from relance.contracts.messages import AttemptsRecorded
from relance.messaging.carrier import InProcessCarrier
from relance.messaging.inbox import Inbox
from relance.messaging.outbox import Relay
from relance.service import drain
from relance.store.database import Database
from relance.store.tables import actions, attempts
from relance_dispatcher.dispatcher import Dispatcher
from relance_dispatcher.email import SmtpSettings, SmtpTransport
from relance_dispatcher.pace import Pace
from relance_dispatcher.sending import Transport
from relance_dispatcher.wiring import build
from relance_scheduler.deliveries import Deliveries
from tests.post_office import PostOffice, a_post_office
from tests.world import TUESDAY, World, a_world

EAGER = Pace(poll_every=timedelta(0))  # every tick looks at everything


@dataclass(kw_only=True)
class Desk:
    """The world, the post office and a dispatcher between them, driven by `settle`."""

    url: str
    world: World
    office: PostOffice
    dispatcher: Dispatcher
    carrier: InProcessCarrier
    relay: Relay

    async def settle(self) -> int:
        """Until nothing moves: sends, records, and lets the scheduler take note."""
        return await drain(self.dispatcher.tick, self.relay.tick)

    async def reminded(self, name: str, *amounts: str, **changes: Any) -> tuple[UUID, list[UUID]]:
        """A customer of that name, its invoices, and an automatic reminder of them in the queue."""
        world = self.world
        customer = await world.customer(name)
        await world.contact(customer, f"{name.lower()}@client.test", name=name)
        invoices = [await world.invoice(customer, amount) for amount in amounts or ("100",)]
        case = await world.case(customer, self.plan)
        queued = {"state": "queued", "mode": "automatic"} | changes
        return await world.action(customer, invoices, case=case, **queued), invoices

    plan: UUID

    async def state(self, action: UUID) -> tuple[str, str]:
        """The action's state, and its problem or reason."""
        row = await self.world.row(actions, action)
        return row.state, row.problem or row.reason

    async def outcomes(self, action: UUID) -> list[str | None]:
        """Of its attempts, in their order."""
        found = await self.world.rows(attempts, attempts.c.action_id == action)
        return [row.outcome for row in sorted(found, key=lambda row: int(row.number))]

    def pass_time(self, **span: float) -> None:
        self.world.clock.move_to(self.world.clock.now() + timedelta(**span))


@asynccontextmanager
async def a_transport(port: int, **settings: Any) -> AsyncIterator[SmtpTransport]:
    transport = SmtpTransport(
        SmtpSettings(
            host="127.0.0.1",
            port=port,
            greeting_name="relance.test",
            **{"encryption": "none", "step_timeout": 2.0, "answer_timeout": 2.0, **settings},
        )
    )
    try:
        yield transport
    finally:
        await transport.close()


@asynccontextmanager
async def a_desk(url: str, at: datetime = TUESDAY, **pace: Any) -> AsyncIterator[Desk]:
    """A plan with the sample steps and a template are there already."""
    async with (
        a_world(url, at) as world,
        a_post_office() as office,
        a_transport(office.port) as transport,
        a_dispatcher(url, world, transport, **pace) as (dispatcher, carrier, relay),
    ):
        plan = await world.plan()
        await world.template()
        yield Desk(
            url=url,
            world=world,
            office=office,
            dispatcher=dispatcher,
            carrier=carrier,
            relay=relay,
            plan=plan,
        )
        await dispatcher.close()


@asynccontextmanager
async def a_dispatcher(
    url: str, world: World, transport: Transport, **pace: Any
) -> AsyncIterator[tuple[Dispatcher, InProcessCarrier, Relay]]:
    """With a carrier of its own, at whose other end the scheduler applies what became of it."""
    database = Database(url, service="dispatcher")
    carrier = InProcessCarrier()
    deliveries = Deliveries(world.clock)
    Inbox(world.database, {AttemptsRecorded: deliveries.handle}, world.clock).subscribe(carrier)
    dispatcher = build(database, carrier, world.clock, transport, pace=replace(EAGER, **pace))
    try:
        yield dispatcher, carrier, Relay(database, carrier, world.clock)
    finally:
        await database.close()
