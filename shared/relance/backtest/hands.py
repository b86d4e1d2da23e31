"""The people and the post of a replay: what is queued leaves at once, owners act by a fixed rule.

Both write what the dispatcher and the bot write, with their messages, and the scheduler takes it
from there. No message is rendered: a replay asks when and to whom, not in which words.
"""

from enum import StrEnum
from typing import Any

import sqlalchemy as sa

from relance.clock import Clock
from relance.contracts.messages import AttemptsRecorded, DecisionsTaken
from relance.domain.actions import ActionState, CallOutcome, Decision, Verb
from relance.domain.plans import Channel
from relance.messaging.outbox import post
from relance.store.database import Database
from relance.store.decisions import input_of
from relance.store.tables import action_owners, actions, attempts, decisions
from relance.store.types import new_id

BATCH = 500


class OwnersRule(StrEnum):
    """What owners do with what they get: all of it at once, nothing ever, or skip it at once."""

    VALIDATE = "validate"
    WAIT = "wait"
    SKIP = "skip"


class Post:
    """Carries out what is queued as soon as it may leave."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def tick(self) -> int:
        """Delivers a batch and says how many."""
        async with self._database.read() as tx:
            found = (await tx.execute(self._queued())).all()
        if not found:
            return 0
        async with self._database.write() as tx:
            rows = [self._delivered(row) for row in found]
            await tx.execute(sa.insert(attempts), rows)
            ids = [row["id"] for row in rows]
            await post(tx, "dispatcher", AttemptsRecorded, ids, self._clock.now())
        return len(found)

    def _queued(self) -> sa.Select[Any]:
        tried = sa.select(attempts.c.id).where(attempts.c.action_id == actions.c.id).exists()
        # Written out, not bound: SQLite uses a partial index only for conditions it can read.
        queued = actions.c.state == sa.literal(ActionState.QUEUED.value, literal_execute=True)
        return (
            sa.select(actions.c.id, actions.c.version, actions.c.channel)
            .where(queued, actions.c.leave_at <= self._clock.now(), ~tried)
            .order_by(actions.c.leave_at, actions.c.id)
            .limit(BATCH)
        )

    def _delivered(self, row: sa.Row[Any]) -> dict[str, Any]:
        now = self._clock.now()
        return {
            "id": new_id(),
            "action_id": row.id,
            "action_version": row.version,
            "number": 1,
            "channel": row.channel,
            "token": new_id(),
            "claimed_at": now,
            "lease_until": now,
            "message_id": f"<{row.id}@replay.invalid>",
            "recipients": [],
            "outcome": "delivered",
            "recorded_at": now,
            "live": True,
        }


class Owners:
    """Decide what waits for them by the rule, each action by the first of its owners."""

    def __init__(self, database: Database, clock: Clock, rule: OwnersRule) -> None:
        self._database = database
        self._clock = clock
        self._rule = rule

    async def tick(self) -> int:
        """Decides a batch and says how many."""
        if self._rule is OwnersRule.WAIT:
            return 0
        async with self._database.read() as tx:
            first = {row.id: row for row in reversed((await tx.execute(_waiting())).all())}
        if not first:
            return 0
        async with self._database.write() as tx:
            rows = [self._decision(row) for row in reversed(first.values())]
            await tx.execute(sa.insert(decisions), rows)
            ids = [row["id"] for row in rows]
            await post(tx, "bot", DecisionsTaken, ids, self._clock.now())
        return len(first)

    def _decision(self, row: sa.Row[Any]) -> dict[str, Any]:
        decision = self._choice(Channel(row.channel), row.version)
        return {
            "id": new_id(),
            "action_id": row.id,
            "member_id": row.member_id,
            "verb": decision.verb,
            "version": decision.version,
            "input": input_of(decision),
            "taken_at": self._clock.now(),
        }

    def _choice(self, channel: Channel, version: int) -> Decision:
        if self._rule is OwnersRule.SKIP:
            return Decision(verb=Verb.SKIP, version=version)
        if channel is Channel.CALL:
            return Decision(verb=Verb.LOG_CALL, version=version, call_outcome=CallOutcome.REACHED)
        return Decision(verb=Verb.VALIDATE, version=version)


def _waiting() -> sa.Select[Any]:
    """Actions that wait and on which nobody has decided at their present version."""
    decided = (
        sa.select(decisions.c.id)
        .where(decisions.c.action_id == actions.c.id, decisions.c.version == actions.c.version)
        .exists()
    )
    return (
        sa.select(actions.c.id, actions.c.version, actions.c.channel, action_owners.c.member_id)
        .join(action_owners, action_owners.c.action_id == actions.c.id)
        .where(actions.c.state == ActionState.WAITING, actions.c.closed_at.is_(None), ~decided)
        .order_by(actions.c.made_at, actions.c.id, action_owners.c.member_id)
        .limit(BATCH)
    )
