"""Actions as people see them, loaded set-wise."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from typing import Any, TypeAlias
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from relance.domain.actions import ActionState, CallOutcome, Verb
from relance.domain.ledger import ItemKind
from relance.domain.money import from_minor
from relance.domain.plans import Channel, Mode, Phase
from relance.domain.worklist import ContactLine, Deed, ItemLine, Pending, Person, ShownAction
from relance.store.dispatch import refused_addresses
from relance.store.tables import (
    action_items,
    action_owners,
    actions,
    attempts,
    contacts,
    customers,
    decision_answers,
    decisions,
    history,
    items,
    members,
    organisations,
)

AnyRow: TypeAlias = Mapping[Any, Any]
Groups: TypeAlias = Mapping[UUID, Sequence[AnyRow]]

WAITING = (ActionState.WAITING, ActionState.UNCERTAIN)  # for a person


async def load_shown(tx: AsyncConnection, action_ids: Collection[UUID]) -> dict[UUID, ShownAction]:
    """These actions by identifier; those that do not exist are left out."""
    if not action_ids:
        return {}
    rows = await tx.execute(
        sa.select(
            actions,
            customers.c.name.label("customer"),
            customers.c.organisation_id,
            organisations.c.zone,
            organisations.c.test_address,
        )
        .join_from(actions, customers)
        .join(organisations, organisations.c.id == customers.c.organisation_id)
        .where(actions.c.id.in_(action_ids))
    )
    found = rows.mappings().all()
    owners = await _owners(tx, action_ids)
    lines = await _items(tx, action_ids)
    reached = await _contacts(tx, {row["customer_id"] for row in found})
    deeds = await _deeds(tx, action_ids)
    pending = await _pending(tx, action_ids)
    sent = await _sent(tx, action_ids)
    return {
        row["id"]: _shown(
            row,
            owners=owners[row["id"]],
            lines=lines[row["id"]],
            reached=reached[row["customer_id"]],
            deeds=deeds[row["id"]],
            pending=pending[row["id"]],
            sent=sent[row["id"]],
        )
        for row in found
    }


async def waiting_for(tx: AsyncConnection, member_id: UUID) -> list[UUID]:
    """The actions that this member has to decide."""
    rows = await tx.execute(
        sa.select(actions.c.id)
        .join(action_owners, action_owners.c.action_id == actions.c.id)
        .where(
            action_owners.c.member_id == member_id,
            actions.c.closed_at.is_(None),
            actions.c.state.in_(WAITING),
        )
    )
    return list(rows.scalars())


async def waiting_for_others(
    tx: AsyncConnection, organisation_id: UUID, member_id: UUID
) -> list[UUID]:
    """The organisation's actions that others than this member have to decide, oldest first."""
    # For each open action: a member's own of all the years would be read to the last.
    own = sa.exists().where(
        action_owners.c.action_id == actions.c.id, action_owners.c.member_id == member_id
    )
    rows = await tx.execute(
        sa.select(actions.c.id)
        .join(customers, customers.c.id == actions.c.customer_id)
        .where(
            customers.c.organisation_id == organisation_id,
            actions.c.closed_at.is_(None),
            actions.c.state.in_(WAITING),
            ~own,
        )
        .order_by(actions.c.made_at, actions.c.id)
    )
    return list(rows.scalars())


async def _owners(tx: AsyncConnection, action_ids: Collection[UUID]) -> Groups:
    rows = await tx.execute(
        sa.select(action_owners.c.action_id, members.c.id, members.c.name)
        .join_from(action_owners, members)
        .where(action_owners.c.action_id.in_(action_ids))
        .order_by(members.c.name, members.c.id)
    )
    return _grouped(rows.mappings(), "action_id")


async def _items(tx: AsyncConnection, action_ids: Collection[UUID]) -> Groups:
    rows = await tx.execute(
        sa.select(action_items.c.action_id, action_items.c.included, items)
        .join_from(action_items, items)
        .where(action_items.c.action_id.in_(action_ids))
        .order_by(items.c.due_on, items.c.number, items.c.part)
    )
    return _grouped(rows.mappings(), "action_id")


async def _contacts(tx: AsyncConnection, customer_ids: Collection[UUID]) -> Groups:
    rows = await tx.execute(
        sa.select(contacts)
        .where(contacts.c.customer_id.in_(customer_ids))
        .order_by(contacts.c.main.desc(), contacts.c.name, contacts.c.id)
    )
    return _grouped(rows.mappings(), "customer_id")


async def _deeds(tx: AsyncConnection, action_ids: Collection[UUID]) -> Groups:
    rows = await tx.execute(
        sa.select(history, members.c.name.label("by"))
        .join_from(history, members, isouter=True)
        .where(history.c.action_id.in_(action_ids))
        .order_by(history.c.at, history.c.id)
    )
    return _grouped(rows.mappings(), "action_id")


async def _pending(tx: AsyncConnection, action_ids: Collection[UUID]) -> Groups:
    """Decisions that have no answer yet, the first one first."""
    rows = await tx.execute(
        sa.select(decisions, members.c.name)
        .join_from(decisions, members)
        .join(decision_answers, isouter=True)
        .where(decisions.c.action_id.in_(action_ids), decision_answers.c.decision_id.is_(None))
        .order_by(decisions.c.taken_at, decisions.c.id)
    )
    return _grouped(rows.mappings(), "action_id")


async def _sent(tx: AsyncConnection, action_ids: Collection[UUID]) -> Groups:
    """The attempts that left, or may have left."""
    rows = await tx.execute(
        sa.select(attempts.c.action_id, attempts.c.recipients, attempts.c.recorded_at)
        .where(attempts.c.action_id.in_(action_ids))
        .where(attempts.c.outcome.in_(("delivered", "unknown")))
        .order_by(attempts.c.number)
    )
    return _grouped(rows.mappings(), "action_id")


def _grouped(rows: Any, key: str) -> Groups:
    groups: defaultdict[UUID, list[AnyRow]] = defaultdict(list)
    for row in rows:
        groups[row[key]].append(row)
    return groups


def _shown(
    row: AnyRow,
    *,
    owners: Sequence[AnyRow],
    lines: Sequence[AnyRow],
    reached: Sequence[AnyRow],
    deeds: Sequence[AnyRow],
    pending: Sequence[AnyRow],
    sent: Sequence[AnyRow],
) -> ShownAction:
    said = tuple(_deed(deed) for deed in deeds)
    outcome = row["call_outcome"]
    return ShownAction(
        id=row["id"],
        version=row["version"],
        organisation=row["organisation_id"],
        zone=row["zone"],
        customer=row["customer"],
        step_name=row["step_name"],
        phase=Phase(row["phase"]),
        channel=Channel(row["channel"]),
        mode=Mode(row["mode"]),
        state=ActionState(row["state"]),
        due_on=row["due_on"],
        made_at=row["made_at"],
        owners=tuple(Person(id=owner["id"], name=owner["name"]) for owner in owners),
        items=tuple(_item(line) for line in lines),
        contacts=tuple(_contact(contact) for contact in reached),
        problem=row["problem"],
        reason=row["reason"],
        note=row["note"],
        call_outcome=CallOutcome(outcome) if outcome else None,
        snoozed_until=row["snoozed_until"],
        decided_by=next((d.by for d in reversed(said) if d.by), ""),
        closed_at=row["closed_at"],
        edited=row["edited_body"] is not None or row["edited_subject"] is not None,
        sent_at=sent[-1]["recorded_at"] if sent else None,
        sent_to=tuple(sent[-1]["recipients"]) if sent else (),
        refused=_refused(said),
        deeds=said,
        pending=_first(pending),
        test_address=row["test_address"],
    )


def _refused(said: Sequence[Deed]) -> Mapping[str, str]:
    rejections = (deed.detail.get("why", "") for deed in reversed(said) if deed.event == "rejected")
    return refused_addresses(str(next(rejections, "")))


def _item(row: AnyRow) -> ItemLine:
    return ItemLine(
        id=row["id"],
        number=f"{row['number']}/{row['part']}" if row["part"] else row["number"],
        kind=ItemKind(row["kind"]),
        due_on=row["due_on"],
        open=from_minor(row["open"], row["currency"]),
        currency=row["currency"],
        included=row["included"],
    )


def _contact(row: AnyRow) -> ContactLine:
    why = row["email_invalid"]
    return ContactLine(
        name=row["name"],
        email="" if why else row["email"],
        phone=row["phone"],
        position=row["position"],
        refused=row["email"] if why else "",
        why=why,
    )


def _deed(row: AnyRow) -> Deed:
    return Deed(
        id=row["id"], event=row["event"], at=row["at"], by=row["by"] or "", detail=row["detail"]
    )


def _first(pending: Sequence[AnyRow]) -> Pending | None:
    if not pending:
        return None
    row = pending[0]
    return Pending(
        verb=Verb(row["verb"]),
        by=Person(id=row["member_id"], name=row["name"]),
        at=row["taken_at"],
        origin=row["origin"] or "",
    )
