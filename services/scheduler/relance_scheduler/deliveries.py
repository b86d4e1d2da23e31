"""What became of attempts: the action follows, and the case goes on (rules §6)."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import groupby
from typing import Any
from uuid import UUID

import sqlalchemy as sa
import structlog
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from relance.clock import Clock
from relance.contracts.messages import ActionsChanged
from relance.domain.actions import ActionState
from relance.domain.plans import Mode
from relance.domain.problems import Problem
from relance.messaging.outbox import post
from relance.store.bulk import among
from relance.store.dispatch import refused_addresses
from relance.store.locks import lock_customers
from relance.store.tables import actions, attempts, contacts, customers
from relance_scheduler.decisions import note_amounts, note_contact, wake
from relance_scheduler.enrolment import enrol
from relance_scheduler.history import Event, record
from relance_scheduler.reconsider import reconsider
from relance_scheduler.withdrawal import forget_steps

EVENTS = {
    "delivered": "sent",
    "unknown": "uncertain",
    "rejected": "rejected",
    "impossible": "impossible",
    "returned": "returned",
    "cancelled": "cancelled",
}
_BY_PERSON = ("rejected", "impossible", "returned")

log = structlog.get_logger(__name__)


class Deliveries:
    """Applies the outcomes of attempts to their actions, each once."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    async def handle(self, tx: AsyncConnection, attempt_ids: tuple[UUID, ...]) -> None:
        rows = await _outcomes(tx, attempt_ids)
        await lock_customers(tx, {row["customer_id"] for row in rows})
        for _, alike in groupby(rows, _likeness):
            await self._apply(tx, list(alike))

    async def _apply(self, tx: AsyncConnection, alike: Sequence[Mapping[Any, Any]]) -> None:
        """To their actions, where these are still as the claim found them."""
        now, one = self._clock.now(), alike[0]
        changed = await tx.scalars(
            sa.update(actions)
            .where(
                among(tx, actions.c.id, [row["action_id"] for row in alike]),
                actions.c.version == one["action_version"],
                actions.c.state == ActionState.QUEUED,
            )
            .values(**_values(one), version=actions.c.version + 1)
            .returning(actions.c.id)
        )
        found = set(changed)
        rows = [row for row in alike if row["action_id"] in found]
        if not rows:
            return
        reached = [row["customer_id"] for row in rows]
        if one["outcome"] == "delivered":
            await note_contact(tx, reached, one["organisation_id"], one["recorded_at"])
        if await _mark_addresses(tx, one):
            await enrol(tx, reached, now)  # without any address another plan may apply
        if one["outcome"] == "cancelled":
            await forget_steps(tx, [one["action_id"]])
        await record(tx, [_event(row) for row in rows])
        await wake(tx, reached, now)
        if one["outcome"] in _BY_PERSON:
            await self._ask(tx, one, now)
        await post(tx, "scheduler", ActionsChanged, [row["action_id"] for row in rows], now)

    async def _ask(self, tx: AsyncConnection, row: Mapping[Any, Any], now: datetime) -> None:
        """What a person is to decide may have been settled during the call."""
        try:
            async with tx.begin_nested():
                await reconsider(tx, [row["customer_id"]], now)
        except DBAPIError:
            raise
        except Exception as error:  # a plan that cannot be read: its owner hears of it all the same
            log.exception("not_reconsidered", attempt_id=str(row["id"]), error=type(error).__name__)
        if row["outcome"] == "returned":  # as it is shown now, its owner may release it
            await note_amounts(tx, row["action_id"])


def _likeness(row: Mapping[Any, Any]) -> tuple[Any, ...]:
    """What reached everybody is applied together, and is nearly all there is; the rest singly."""
    if row["outcome"] == "delivered" and not refused_addresses(row["outcome_detail"] or ""):
        return row["organisation_id"], row["action_version"], row["recorded_at"]
    return (row["id"],)


async def _outcomes(tx: AsyncConnection, attempt_ids: tuple[UUID, ...]) -> list[Mapping[Any, Any]]:
    rows = await tx.execute(
        sa.select(
            attempts.c.id,
            attempts.c.action_id,
            attempts.c.action_version,
            attempts.c.outcome,
            attempts.c.outcome_detail,
            attempts.c.recipients,
            attempts.c.recorded_at,
            actions.c.customer_id,
            customers.c.organisation_id,
        )
        .join_from(attempts, actions)
        .join(customers, customers.c.id == actions.c.customer_id)
        .where(attempts.c.id.in_(attempt_ids), attempts.c.outcome.in_(EVENTS))
        .order_by(attempts.c.recorded_at, attempts.c.id)
    )
    return list(rows.mappings())


def _values(row: Mapping[Any, Any]) -> dict[str, Any]:
    detail = row["outcome_detail"] or ""
    by_person = {"state": ActionState.WAITING, "mode": Mode.MANUAL, "leave_at": None}
    match row["outcome"]:
        case "delivered":
            return {"state": ActionState.EXECUTED, "closed_at": row["recorded_at"]}
        case "unknown":
            return {"state": ActionState.UNCERTAIN}
        case "rejected":
            return {**by_person, "problem": Problem.REJECTED}
        case "cancelled":
            return {
                "state": ActionState.CANCELLED,
                "closed_at": row["recorded_at"],
                "reason": detail,
            }
        case _:
            return {**by_person, "problem": detail}


async def _mark_addresses(tx: AsyncConnection, row: Mapping[Any, Any]) -> bool:
    """Marks what the provider refused for good, so that nobody writes there again (F34)."""
    refused = refused_addresses(row["outcome_detail"] or "")
    for address, why in refused.items():
        await tx.execute(
            sa.update(contacts)
            .where(
                contacts.c.customer_id == row["customer_id"],
                sa.func.lower(contacts.c.email) == address.lower(),
            )
            .values(email_invalid=why)
        )
    return bool(refused)


def _event(row: Mapping[Any, Any]) -> Event:
    return Event(
        event=EVENTS[row["outcome"]],
        at=row["recorded_at"],
        customer=row["customer_id"],
        action=row["action_id"],
        from_version=row["action_version"],
        to_version=row["action_version"] + 1,
        detail={"attempt": str(row["id"]), "why": row["outcome_detail"] or ""},
    )
