"""Cases as evaluation sees them, loaded set-wise: a handful of statements for any number."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from relance.domain.actions import OPEN_STATES, ActionState
from relance.domain.calendar import Calendar, local_day
from relance.domain.cases import Case, Run, StepState, Taken
from relance.domain.ledger import Family, Item, ItemKind, Pause
from relance.domain.money import from_minor
from relance.domain.plans import CONTACT_CHANNELS
from relance.store.bulk import among
from relance.store.organisations import Organisation, load_organisations, pause_of
from relance.store.tables import (
    action_items,
    actions,
    cases,
    customers,
    items,
    run_steps,
    runs,
)

_KINDS = {kind.value: kind for kind in ItemKind}
_FAMILIES = {family.value: family for family in Family}
# By position: a name for each of many rows' columns costs as much as the reading.
_ITEM = (
    items.c.id,
    items.c.number,
    items.c.part,
    items.c.kind,
    items.c.issued_on,
    items.c.due_on,
    items.c.currency,
    items.c.amount,
    items.c.open,
    items.c.known_on,
    items.c.settled_on,
    items.c.issued,
    items.c.sent,
    items.c.direct_debit,
    items.c.cancelled,
    items.c.paused,
    items.c.paused_until,
    items.c.paused_reason,
    items.c.family,
    items.c.promised_for,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseFile:
    """A case with the plan it is under, the organisation it belongs to and who answers for it."""

    case: Case
    plan_id: UUID
    organisation: Organisation
    account_manager: UUID | None
    run_ids: Mapping[UUID | None, UUID]  # reference item -> run


async def load_case_files(
    tx: AsyncConnection, customer_ids: Collection[UUID]
) -> dict[UUID, CaseFile]:
    """The current cases of these customers, by customer; those without a plan have none."""
    if not customer_ids:
        return {}
    heads = await _heads(tx, customer_ids)
    organisations = await load_organisations(tx, {h["organisation_id"] for h in heads.values()})
    found_items = await _items(tx, heads)
    found_runs = await _runs(tx, heads, organisations)
    return {
        customer: _case_file(
            head,
            organisations[head["organisation_id"]],
            found_items.get(customer, ()),
            found_runs.get(head["id"], ()),
        )
        for customer, head in heads.items()
    }


def item_of(row: Mapping[Any, Any], *, in_specific_action: bool = False) -> Item:
    """A row of items as a value."""
    return _item([row[column.name] for column in _ITEM], in_specific_action)


def _item(values: Sequence[Any], in_specific_action: bool) -> Item:  # noqa: FBT001 - a column, too
    """The values of _ITEM's columns as an item."""
    (
        *_,
        item_id,
        number,
        part,
        kind,
        issued_on,
        due_on,
        currency,
        amount,
        left,
        known_on,
        settled_on,
        issued,
        sent,
        direct_debit,
        cancelled,
        paused,
        paused_until,
        paused_reason,
        family,
        promised_for,
    ) = values
    return Item(
        id=item_id,
        number=number,
        kind=_KINDS[kind],
        part=part,
        issued_on=issued_on,
        due_on=due_on,
        amount=from_minor(amount, currency),
        open=from_minor(left, currency),
        currency=currency,
        known_on=known_on,
        issued=issued and not cancelled,
        sent=sent,
        direct_debit=direct_debit,
        family=_FAMILIES[family],
        promised_for=promised_for,
        pause=Pause(until=paused_until, reason=paused_reason) if paused else None,
        in_specific_action=in_specific_action,
        settled_on=settled_on,
    )


async def _heads(
    tx: AsyncConnection, customer_ids: Collection[UUID]
) -> dict[UUID, Mapping[Any, Any]]:
    customer_columns = (
        customers.c.organisation_id,
        customers.c.account_manager_id,
        customers.c.enabled,
        customers.c.archived,
        customers.c.paused,
        customers.c.paused_until,
        customers.c.paused_reason,
        customers.c.last_contact_on,
    )
    rows = await tx.execute(
        sa.select(cases, *customer_columns)
        .join_from(cases, customers)
        .where(among(tx, cases.c.customer_id, customer_ids), cases.c.ended_on.is_(None))
    )
    return {row["customer_id"]: row for row in rows.mappings()}


async def _items(
    tx: AsyncConnection, heads: Mapping[UUID, Mapping[Any, Any]]
) -> dict[UUID, tuple[Item, ...]]:
    """Open items, and the payments dated since the enrolment, by customer."""
    specific = await under_specific_actions(tx, heads)
    earliest = min((head["enrolled_on"] for head in heads.values()), default=date.max)
    payments = sa.and_(
        items.c.kind == ItemKind.PAYMENT_ON_ACCOUNT,
        items.c.open == 0,
        items.c.issued_on >= earliest,
    )
    found: dict[UUID, list[Item]] = defaultdict(list)
    for condition in (items.c.open > 0, payments):  # two statements: each has an index of its own
        rows = await tx.execute(
            sa.select(items.c.customer_id, *_ITEM).where(
                among(tx, items.c.customer_id, heads), condition, ~items.c.cancelled
            )
        )
        for row in rows:
            customer, item_id = row[:2]
            item = _item(row, bool(specific) and item_id in specific)
            if item.open or item.issued_on >= heads[customer]["enrolled_on"]:
                found[customer].append(item)
    return {customer: tuple(sorted(of, key=_by_number)) for customer, of in found.items()}


def _by_number(item: Item) -> tuple[str, int]:
    return item.number, item.part


async def under_specific_actions(tx: AsyncConnection, customer_ids: Collection[UUID]) -> set[UUID]:
    """These customers' items that an open action outside the plan follows (rules §8)."""
    rows = await tx.scalars(
        sa.select(action_items.c.item_id)
        .join_from(action_items, actions)
        .where(
            among(tx, actions.c.customer_id, customer_ids),
            actions.c.case_id.is_(None),
            actions.c.closed_at.is_(None),
            action_items.c.included,
        )
    )
    return set(rows)


async def _runs(
    tx: AsyncConnection,
    heads: Mapping[UUID, Mapping[Any, Any]],
    organisations: Mapping[UUID, Organisation],
) -> dict[UUID, tuple[tuple[UUID, Run], ...]]:
    """The runs of the cases with what was taken in them, by case."""
    calendars = {
        head["id"]: organisations[head["organisation_id"]].calendar for head in heads.values()
    }
    taken = await _taken(tx, calendars)
    rows = await tx.execute(
        sa.select(
            runs.c.case_id,
            runs.c.id,
            runs.c.item_id,
            runs.c.number,
            runs.c.started_on,
            runs.c.after,
            runs.c.finished,
            items.c.currency,
        )
        .join_from(runs, items, isouter=True)
        .where(among(tx, runs.c.case_id, calendars))
        .order_by(runs.c.case_id, runs.c.number)
    )
    found: dict[UUID, list[tuple[UUID, Run]]] = defaultdict(list)
    for case_id, run_id, item, number, started_on, after, finished, currency in rows:
        run = Run(
            item=item,
            number=number,
            started_on=started_on,
            after=after,
            taken=tuple(taken.get(run_id, ())),
            finished=finished,
            currency=currency or "",
        )
        found[case_id].append((run_id, run))
    return {case: tuple(of) for case, of in found.items()}


async def _taken(
    tx: AsyncConnection, calendars: Mapping[UUID, Calendar]
) -> dict[UUID, list[Taken]]:
    """What was taken in the runs of these cases, by run."""
    action = actions.c
    rows = await tx.execute(
        sa.select(
            runs.c.case_id,
            run_steps.c.run_id,
            run_steps.c.step,
            run_steps.c.occurrence,
            action.id,
            action.state,
            action.channel,
            action.made_at,
            action.closed_at,
        )
        .join_from(run_steps, runs)
        .join(actions, action.id == run_steps.c.action_id)
        .where(among(tx, runs.c.case_id, calendars), run_steps.c.live)
        .order_by(action.made_at, action.id)
    )
    found: dict[UUID, list[Taken]] = defaultdict(list)
    for case_id, run_id, step, occurrence, action_id, stored, channel, made_at, closed_at in rows:
        state = ActionState(stored)
        found[run_id].append(
            Taken(
                step=step,
                action=action_id,
                state=StepState.OPEN if state in OPEN_STATES else StepState(stored),
                on=local_day(calendars[case_id], closed_at or made_at),
                occurrence=occurrence,
                waiting=state is ActionState.WAITING,
                contact=channel in CONTACT_CHANNELS,
            )
        )
    return found


def _case_file(
    head: Mapping[Any, Any],
    organisation: Organisation,
    case_items: tuple[Item, ...],
    case_runs: tuple[tuple[UUID, Run], ...],
) -> CaseFile:
    pauses: tuple[Pause | None, ...] = (organisation.pause, pause_of(head))
    case = Case(
        id=head["id"],
        customer=head["customer_id"],
        enrolled_on=head["enrolled_on"],
        enabled=head["enabled"],
        archived=head["archived"],
        pauses=tuple(pause for pause in pauses if pause),
        last_contact_on=head["last_contact_on"],
        after=head["after"],
        next_on=head["next_on"],
        items=case_items,
        runs=tuple(run for _, run in case_runs),
    )
    return CaseFile(
        case=case,
        plan_id=head["plan_id"],
        organisation=organisation,
        account_manager=head["account_manager_id"],
        run_ids={run.item: run_id for run_id, run in case_runs},
    )
