"""What waits too long for its message is looked for in the rows: a bell may be lost."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
import structlog

from relance.clock import Clock
from relance.contracts.messages import AttemptsRecorded, DecisionsTaken, Message, RequestsTaken
from relance.domain.actions import ActionState
from relance.messaging.inbox import Handle
from relance.messaging.outbox import uncarried_traces
from relance.messaging.tracing import span
from relance.store.database import Database
from relance.store.requests import overdue_requests
from relance.store.tables import actions, attempts, decision_answers, decisions
from relance_scheduler.deliveries import EVENTS

# With the dispatcher's poll, a click's mail leaves within a minute though no message is carried.
PATIENCE = timedelta(seconds=20)
_MOST = 200

log = structlog.get_logger(__name__)


class Overdue:
    """Hands decisions, requests and outcomes to their handlers when their messages did not.

    The handlers take each only once, so a message that arrives after all does no harm.
    """

    def __init__(
        self,
        database: Database,
        clock: Clock,
        decided: Handle,
        granted: Handle,
        delivered: Handle,
    ) -> None:
        self._database = database
        self._clock = clock
        self._decided = decided
        self._granted = granted
        self._delivered = delivered
        self._looked_at: datetime | None = None

    async def tick(self) -> int:
        """Looks every so often, and says how many it handled."""
        last, now = self._looked_at, self._clock.now()
        if last is not None and last <= now < last + PATIENCE:
            return 0
        self._looked_at = now
        async with self._database.read() as tx:
            untaken = (await tx.scalars(_unanswered(now - PATIENCE))).all()
            asked = await overdue_requests(tx, now - PATIENCE, _MOST)
            unheard = (await tx.scalars(_not_applied(now - PATIENCE))).all()
        handled = await self._handle(DecisionsTaken, self._decided, untaken)
        handled += await self._handle(RequestsTaken, self._granted, asked)
        return handled + await self._handle(AttemptsRecorded, self._delivered, unheard)

    async def _handle(self, kind: type[Message], handle: Handle, ids: Sequence[UUID]) -> int:
        if not ids:
            return 0
        traces = await uncarried_traces(self._database, kind)
        done = 0
        for row_id in ids:  # each by itself: one that fails holds up no other
            try:
                with span(f"look for {kind.kind}", traces.get(row_id, ""), row=row_id):
                    async with self._database.write() as tx:
                        await handle(tx, (row_id,))
                done += 1
            except Exception as error:
                log.exception("overdue_not_handled", row_id=str(row_id), error=type(error).__name__)
        return done


def _unanswered(before: datetime) -> sa.Select[UUID]:
    """Decisions, in their order; one whose answer was shown needs no look."""
    answered = sa.select(decision_answers.c.decision_id).where(
        decision_answers.c.decision_id == decisions.c.id
    )
    return (
        sa.select(decisions.c.id)
        .where(decisions.c.told_at.is_(None), decisions.c.taken_at <= before, ~answered.exists())
        .order_by(decisions.c.taken_at, decisions.c.id)
        .limit(_MOST)
    )


def _not_applied(before: datetime) -> sa.Select[UUID]:
    """Attempts that came to an end while their actions stayed as they were."""
    # Written out, not bound: SQLite uses a partial index only for conditions it can read.
    queued = actions.c.state == sa.literal(ActionState.QUEUED.value, literal_execute=True)
    return (
        sa.select(attempts.c.id)
        .join(actions, actions.c.id == attempts.c.action_id)
        .where(
            queued,
            attempts.c.action_version == actions.c.version,
            attempts.c.outcome.in_(EVENTS),
            attempts.c.recorded_at <= before,
        )
        .order_by(attempts.c.recorded_at, attempts.c.id)
        .limit(_MOST)
    )
