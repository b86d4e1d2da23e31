"""People's decisions: applied where the version they saw still stands, always answered (§7)."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from relance.clock import Clock
from relance.contracts.messages import ActionsChanged, ActionsQueued, DecisionsAnswered
from relance.domain.actions import (
    OPEN_STATES,
    Accepted,
    Action,
    ActionState,
    Actor,
    Decision,
    Edit,
    Refusal,
    Refused,
    Verb,
    decide,
)
from relance.domain.calendar import local_day
from relance.domain.people import Role
from relance.domain.plans import AUTOMATIC_CHANNELS, Channel, Mode
from relance.domain.problems import Problem
from relance.messaging.outbox import post
from relance.store.bulk import among
from relance.store.decisions import decision_of
from relance.store.locks import lock_customers
from relance.store.organisations import load_members, load_organisations
from relance.store.tables import (
    action_items,
    action_owners,
    actions,
    cases,
    contacts,
    customers,
    decision_answers,
    decisions,
    items,
    members,
)
from relance_scheduler.history import Event, record

BY_HAND = "by_hand"  # why an address is marked, where a person said so

_EVENTS = {
    Verb.VALIDATE: "validated",
    Verb.EDIT: "edited",
    Verb.SKIP: "skipped",
    Verb.SNOOZE: "snoozed",
    Verb.REASSIGN: "reassigned",
    Verb.LOG_CALL: "call_logged",
    Verb.MARK_SENT: "marked_sent",
    Verb.SEND_AGAIN: "sent_again",
}


class Decisions:
    """Applies decisions in the order in which they were taken, each once."""

    def __init__(self, clock: Clock, connected: Collection[Channel]) -> None:
        self._clock = clock
        self._connected = frozenset(connected)

    async def handle(self, tx: AsyncConnection, decision_ids: tuple[UUID, ...]) -> None:
        await lock_customers(tx, await _customers_of(tx, decision_ids))
        rows = await self._unanswered(tx, decision_ids)  # under the lock: another may answer too
        for row in rows:
            answer = await self._apply(tx, row)
            await self._answer(tx, row, answer)
        await post(
            tx, "scheduler", DecisionsAnswered, [row["id"] for row in rows], self._clock.now()
        )

    async def _unanswered(
        self, tx: AsyncConnection, decision_ids: Collection[UUID]
    ) -> list[Mapping[Any, Any]]:
        rows = await tx.execute(
            sa.select(decisions, actions.c.customer_id, customers.c.organisation_id)
            .join_from(decisions, actions)
            .join(customers, customers.c.id == actions.c.customer_id)
            .join(decision_answers, isouter=True)
            .where(decisions.c.id.in_(decision_ids), decision_answers.c.decision_id.is_(None))
            .order_by(decisions.c.taken_at, decisions.c.id)
        )
        return list(rows.mappings())

    async def _apply(self, tx: AsyncConnection, row: Mapping[Any, Any]) -> Accepted | Refused:
        now = self._clock.now()
        decision = decision_of(row)
        action, actor = await _parties(tx, row["action_id"], row["member_id"])
        house = row["organisation_id"]
        organisation = (await load_organisations(tx, [house]))[house]
        known = {m.id for m in await load_members(tx, organisation.id) if m.active}
        if actor.member not in known:
            return Refused(why=Refusal.NOT_YOURS)
        if decision.new_owner and decision.new_owner not in known:
            return Refused(why=Refusal.INVALID, fields={"new_owner": "owner_unknown"})
        answer = decide(action, decision, actor, local_day(organisation.calendar, now))
        if isinstance(answer, Accepted):
            values = self._values(action, decision, actor, answer, now)
            changed = await tx.execute(
                sa.update(actions)
                .where(
                    actions.c.id == action.id,
                    actions.c.version == decision.version,
                    actions.c.state == action.state,
                )
                .values(**values, version=actions.c.version + 1)
            )
            if not changed.rowcount:
                return Refused(why=Refusal.STALE)
            await self._follow(tx, row, action, decision, answer, now)
        return answer

    def _values(
        self, action: Action, decision: Decision, actor: Actor, answer: Accepted, now: datetime
    ) -> dict[str, Any]:
        values: dict[str, Any] = {"state": answer.state}
        if answer.state is ActionState.QUEUED:
            values |= {"leave_at": now, "released_by": actor.member, "problem": ""}
        if answer.state not in OPEN_STATES:
            values |= {"closed_at": now}
        if answer.state is not action.state:
            values |= {"decided_by": actor.member, "snoozed_until": None}
        if decision.reason:
            values |= {"reason": decision.reason}
        if decision.note:
            values |= {"note": decision.note}
        if decision.call_outcome:
            values |= {"call_outcome": decision.call_outcome}
        if decision.verb is Verb.SNOOZE:
            values |= {"snoozed_until": decision.until}
        if decision.edit:
            values |= self._edited(action, decision.edit)
        return values

    def _edited(self, action: Action, edit: Edit) -> dict[str, Any]:
        channel = edit.channel or action.channel
        by_hand = channel in AUTOMATIC_CHANNELS and channel not in self._connected
        typed = {
            "channel": edit.channel,
            "edited_subject": edit.subject,
            "edited_body": edit.body,
            "to": None if edit.to is None else list(edit.to),
            "cc": None if edit.cc is None else list(edit.cc),
            "note": edit.note,
        }
        kept = {key: value for key, value in typed.items() if value is not None}
        return {
            **kept,
            "mode": Mode.MANUAL,
            "problem": Problem.CHANNEL_NOT_CONNECTED if by_hand else "",
            "snoozed_until": None,
        }

    async def _follow(
        self,
        tx: AsyncConnection,
        row: Mapping[Any, Any],
        action: Action,
        decision: Decision,
        answer: Accepted,
        now: datetime,
    ) -> None:
        """What else an accepted decision changes: items, owners, history, the case, the queues."""
        if decision.edit:
            await _keep_items(tx, action.id, decision.edit)
            await _keep_amounts(tx, action.id)
            await _mark_addresses(tx, row["customer_id"], decision.edit)
        if decision.verb is Verb.REASSIGN:
            await tx.execute(sa.delete(action_owners).where(action_owners.c.action_id == action.id))
            await tx.execute(
                sa.insert(action_owners).values(action_id=action.id, member_id=decision.new_owner)
            )
        if answer.contact:
            await note_contact(tx, [row["customer_id"]], row["organisation_id"], now)
        if answer.state not in OPEN_STATES:
            await wake(tx, [row["customer_id"]], now)
        await record(tx, [_event(row, action, decision, now)])
        await post(tx, "scheduler", ActionsChanged, [action.id], now)
        if answer.state is ActionState.QUEUED:
            await post(tx, "scheduler", ActionsQueued, [action.id], now)

    async def _answer(
        self, tx: AsyncConnection, row: Mapping[Any, Any], answer: Accepted | Refused
    ) -> None:
        refused = answer if isinstance(answer, Refused) else None
        await tx.execute(
            sa.insert(decision_answers).values(
                decision_id=row["id"],
                accepted=refused is None,
                why=refused.why if refused else "",
                fields=dict(refused.fields) if refused else {},
                answered_at=self._clock.now(),
            )
        )
        if refused and refused.why in (Refusal.NOT_YOURS, Refusal.NOT_ALLOWED):
            await record(
                tx,
                [
                    Event(
                        event="refused",
                        at=self._clock.now(),
                        customer=row["customer_id"],
                        action=row["action_id"],
                        member=row["member_id"],
                        detail={"verb": row["verb"], "why": refused.why},
                    )
                ],
            )


async def _customers_of(tx: AsyncConnection, decision_ids: Collection[UUID]) -> Sequence[UUID]:
    return (
        await tx.scalars(
            sa.select(actions.c.customer_id)
            .join_from(decisions, actions)
            .where(decisions.c.id.in_(decision_ids))
        )
    ).all()


async def wake(tx: AsyncConnection, customer_ids: Collection[UUID], now: datetime) -> None:
    """Has the current cases of these customers evaluated again now."""
    await tx.execute(
        sa.update(cases)
        .where(cases.c.customer_id.in_(customer_ids), cases.c.ended_on.is_(None))
        .values(wake_at=now)
    )


async def note_contact(
    tx: AsyncConnection, customer_ids: Collection[UUID], organisation_id: UUID, at: datetime
) -> None:
    """Remembers that they were contacted on the day of their organisation at that instant."""
    organisation = (await load_organisations(tx, [organisation_id]))[organisation_id]
    day = local_day(organisation.calendar, at)
    earlier = sa.or_(customers.c.last_contact_on.is_(None), customers.c.last_contact_on < day)
    await tx.execute(
        sa.update(customers)
        .where(among(tx, customers.c.id, customer_ids), earlier)
        .values(last_contact_on=day)
    )


async def _parties(tx: AsyncConnection, action_id: UUID, member_id: UUID) -> tuple[Action, Actor]:
    action = (
        (await tx.execute(sa.select(actions).where(actions.c.id == action_id))).mappings().one()
    )
    owners = await tx.execute(
        sa.select(action_owners.c.member_id).where(action_owners.c.action_id == action_id)
    )
    member = (
        (await tx.execute(sa.select(members).where(members.c.id == member_id))).mappings().one()
    )
    return (
        Action(
            id=action["id"],
            channel=Channel(action["channel"]),
            mode=Mode(action["mode"]),
            state=ActionState(action["state"]),
            version=action["version"],
            owners=frozenset(owners.scalars()),
            by_hand=action["problem"] == Problem.CHANNEL_NOT_CONNECTED,
        ),
        Actor(
            member=member["id"],
            roles=frozenset(Role(role) for role in member["roles"]),
            active=member["active"],
        ),
    )


async def _keep_items(tx: AsyncConnection, action_id: UUID, edit: Edit) -> None:
    """Leaves out what the owner unticked."""
    if edit.items is not None:
        await tx.execute(
            sa.update(action_items)
            .where(action_items.c.action_id == action_id)
            .values(included=action_items.c.item_id.in_(edit.items))
        )


async def _mark_addresses(tx: AsyncConnection, customer: UUID, edit: Edit) -> None:
    """Nobody writes there any more (F34). The plan stays: its owner goes on with this action."""
    if edit.wrong:
        wrong = [address.lower() for address in edit.wrong]
        await tx.execute(
            sa.update(contacts)
            .where(
                contacts.c.customer_id == customer,
                sa.func.lower(contacts.c.email).in_(wrong),
                contacts.c.email_invalid == "",
            )
            .values(email_invalid=BY_HAND)
        )


async def _keep_amounts(tx: AsyncConnection, action_id: UUID) -> None:
    """Notes the amounts that a text of the owner's own was saved beside."""
    own = sa.or_(actions.c.edited_body.is_not(None), actions.c.edited_subject.is_not(None))
    if await tx.scalar(sa.select(actions.c.id).where(actions.c.id == action_id, own)):
        await note_amounts(tx, action_id)


async def note_amounts(tx: AsyncConnection, action_id: UUID) -> None:
    """Remembers the amounts that its owner's text stands beside from now on (rules §5)."""
    rows = await tx.execute(
        sa.select(items.c.id, items.c.open)
        .join(action_items, action_items.c.item_id == items.c.id)
        .where(action_items.c.action_id == action_id, action_items.c.included, items.c.open > 0)
    )
    amounts = {str(row.id): row.open for row in rows}
    await tx.execute(
        sa.update(actions).where(actions.c.id == action_id).values(edited_amounts=amounts)
    )


def _event(row: Mapping[Any, Any], action: Action, decision: Decision, now: datetime) -> Event:
    """Who, when, from which version to which, why (rules §7)."""
    return Event(
        event=_EVENTS[decision.verb],
        at=now,
        customer=row["customer_id"],
        action=action.id,
        member=row["member_id"],
        from_version=decision.version,
        to_version=decision.version + 1,
        detail=dict(row["input"]),
    )
