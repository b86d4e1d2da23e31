"""Claims that nobody answered for: the process died, or its answer was lost (rules §6)."""

from relance.clock import Clock
from relance.contracts.messages import AttemptsRecorded
from relance.messaging.outbox import post
from relance.messaging.tracing import span
from relance.store.database import Database
from relance.store.dispatch import expire_leases, has_expired_leases


async def reconcile(database: Database, clock: Clock) -> int:
    """Calls unknown what outlived its lease, and says how many: an SMTP server cannot be asked."""
    now = clock.now()
    async with database.read() as tx:
        if not await has_expired_leases(tx, now):
            return 0
    with span("reconcile"):
        async with database.write() as tx:
            doubtful = await expire_leases(tx, now)
            await post(tx, database.service, AttemptsRecorded, doubtful, now)
    return len(doubtful)
