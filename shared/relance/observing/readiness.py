"""Whether a process does its work, and what it has to show: more than that it is connected."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from time import monotonic

from sqlalchemy.exc import DBAPIError

from relance.clock import Clock
from relance.messaging.rabbit import RabbitCarrier
from relance.observing.gauges import Gauges
from relance.service import Loop
from relance.store.database import Database
from relance.store.figures import load_figures, outboxes

ANSWERS_WITHIN = 3.0  # seconds
ROUNDS_WITHIN = 300.0  # seconds
LATE = timedelta(minutes=2)


class Readiness:
    """Looks at the database, at what waits in it, at the queue's canaries and at the loops."""

    def __init__(
        self,
        database: Database,
        carrier: RabbitCarrier,
        loops: Sequence[Loop],
        clock: Clock,
    ) -> None:
        self.gauges = Gauges()
        self.stopping = False
        self._database = database
        self._carrier = carrier
        self._loops = loops
        self._clock = clock

    async def ailments(self) -> list[str]:
        """What keeps the process from its work, a sentence each; none when it is ready."""
        health = self._carrier.health
        found = [
            "It is stopping." if self.stopping else "",
            f"RabbitMQ takes nothing: {health.publishing}." if health.publishing else "",
            f"RabbitMQ delivers nothing: {health.consuming}." if health.consuming else "",
            *(_ails(loop) for loop in self._loops),
            await self._database_ails(),
        ]
        return [sentence for sentence in found if sentence]

    async def refresh(self) -> None:
        """Has the gauges show what is so now; of the database, what it was while that is away."""
        self.gauges.ready = not await self.ailments()
        try:
            async with asyncio.timeout(ANSWERS_WITHIN), self._database.read() as tx:
                now = self._clock.now()
                self.gauges.show(await load_figures(tx, now), now)
        except (DBAPIError, OSError, TimeoutError):
            return

    async def _database_ails(self) -> str:
        try:
            async with asyncio.timeout(ANSWERS_WITHIN), self._database.read() as tx:
                waits = (await outboxes(tx)).get(self._database.service)
        except (DBAPIError, OSError, TimeoutError) as error:
            return f"The database does not answer ({type(error).__name__})."
        if waits and waits.since and self._clock.now() - waits.since > LATE:
            return f"{waits.count} messages wait to be carried, since {waits.since:%H:%M:%S} UTC."
        return ""


def _ails(loop: Loop) -> str:
    if loop.fault:
        return f"The part “{loop.name}” fails: {loop.fault}."
    if monotonic() - loop.well_at > ROUNDS_WITHIN:
        return f"The part “{loop.name}” has not come round for {ROUNDS_WITHIN:.0f} seconds."
    return ""
