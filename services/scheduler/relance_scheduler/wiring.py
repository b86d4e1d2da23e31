"""The scheduler from top to bottom: what it consumes, what it looks for, what it sends on."""

from collections.abc import Collection

from relance.clock import Clock
from relance.contracts.messages import AttemptsRecorded, DecisionsTaken, RequestsTaken
from relance.domain.plans import CONNECTED, Channel
from relance.messaging.carrier import Carrier
from relance.messaging.inbox import Inbox
from relance.messaging.outbox import Relay
from relance.store.database import Database
from relance_scheduler.decisions import Decisions
from relance_scheduler.deliveries import Deliveries
from relance_scheduler.overdue import Overdue
from relance_scheduler.requests.granting import Requests
from relance_scheduler.sweep import BATCH, Sweep

SERVICE = "scheduler"


class Scheduler:
    """Works out what is due, applies decisions and outcomes, and passes on what follows."""

    def __init__(
        self,
        database: Database,
        carrier: Carrier,
        clock: Clock,
        connected: Collection[Channel] = CONNECTED,
        *,
        batch: int = BATCH,
    ) -> None:
        self.sweep = Sweep(database, clock, connected, batch=batch)
        decided, delivered = Decisions(clock, connected).handle, Deliveries(clock).handle
        granted = Requests(clock).handle
        handlers = {
            DecisionsTaken: decided,
            RequestsTaken: granted,
            AttemptsRecorded: delivered,
        }
        self.inbox = Inbox(database, handlers, clock)
        self.overdue = Overdue(database, clock, decided, granted, delivered)
        self.relay = Relay(database, carrier, clock)
        self.inbox.subscribe(carrier)

    async def tick(self) -> int:
        """One round of everything; 0 when there was nothing to do."""
        taken_in = await self.inbox.tick() + await self.overdue.tick()
        return taken_in + await self.sweep.tick() + await self.relay.tick()
