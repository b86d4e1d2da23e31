"""Cases as evaluation sees them, loaded set-wise: a handful of statements for any number."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from relance.domain.actions import OPEN_STATES, ActionState
from relance.domain.calendar import local_day
from relance.domain.cases import Case, Run, StepState, Taken
from relance.domain.ledger import Family, Item, ItemKind, Pause
from relance.domain.money import from_minor
from relance.domain.plans import CONTACT_CHANNELS, Channel
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
    currency = row["currency"]
    return Item(
        id=row["id"],
        number=row["number"],
        kind=ItemKind(row["kind"]),
        part=row["part"],
        issued_on=row["issued_on"],
        due_on=row["due_on"],
        amount=from_minor(row["amount"], currency),
        open=from_minor(row["open"], currency),
        currency=currency,
        known_on=row["known_on"],
        issued=row["issued"] and not row["cancelled"],
        sent=row["sent"],
        direct_debit=row["direct_debit"],
        family=Family(row["family"]),
        promised_for=row["promised_for"],
        pause=pause_of(row),
        in_specific_action=in_specific_action,
        settled_on=row["settled_on"],
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
        .where(cases.c.customer_id.in_(customer_ids), cases.c.ended_on.is_(None))
    )
    return {row["customer_id"]: row for row in rows.mappings()}


async def _items(
    tx: AsyncConnection, heads: Mapping[UUID, Mapping[Any, Any]]
) -> dict[UUID, tuple[Item, ...]]:
    """Open items, and the payments dated since the enrolment, by customer."""
    specific = await under_specific_actions(tx, heads)
    earliest = min((head["enrolled_on"] for head in heads.values()), default=date.max)
    wanted = (
        items.c.open > 0,
        sa.and_(
            items.c.kind == ItemKind.PAYMENT_ON_ACCOUNT,
            items.c.open == 0,
            items.c.issued_on >= earliest,
        ),
    )
    found: dict[UUID, list[Item]] = defaultdict(list)
    for condition in wanted:  # two statements, so that each has an index of its own
        rows = await tx.execute(
            sa.select(items).where(items.c.customer_id.in_(heads), condition, ~items.c.cancelled)
        )
        for row in rows.mappings():
            if row["open"] or row["issued_on"] >= heads[row["customer_id"]]["enrolled_on"]:
                item = item_of(row, in_specific_action=row["id"] in specific)
                found[row["customer_id"]].append(item)
    return {
        customer: tuple(sorted(of, key=lambda i: (i.number, i.part)))
        for customer, of in found.items()
    }


async def under_specific_actions(tx: AsyncConnection, customer_ids: Collection[UUID]) -> set[UUID]:
    """These customers' items that an open action outside the plan follows (rules §8)."""
    rows = await tx.execute(
        sa.select(action_items.c.item_id)
        .join_from(action_items, actions)
        .where(
            actions.c.customer_id.in_(customer_ids),
            actions.c.case_id.is_(None),
            actions.c.closed_at.is_(None),
            action_items.c.included,
        )
    )
    return set(rows.scalars())


async def _runs(
    tx: AsyncConnection,
    heads: Mapping[UUID, Mapping[Any, Any]],
    organisations: Mapping[UUID, Organisation],
) -> dict[UUID, tuple[tuple[UUID, Run], ...]]:
    """The runs of the cases with what was taken in them, by case."""
    case_ids = {head["id"]: head for head in heads.values()}
    taken = await _taken(tx, case_ids, organisations)
    rows = await tx.execute(
        sa.select(runs, items.c.currency)
        .join_from(runs, items, isouter=True)
        .where(runs.c.case_id.in_(case_ids))
        .order_by(runs.c.case_id, runs.c.number)
    )
    found: dict[UUID, list[tuple[UUID, Run]]] = defaultdict(list)
    for row in rows.mappings():
        run = Run(
            item=row["item_id"],
            number=row["number"],
            started_on=row["started_on"],
            after=row["after"],
            taken=tuple(taken.get(row["id"], ())),
            finished=row["finished"],
            currency=row["currency"] or "",
        )
        found[row["case_id"]].append((row["id"], run))
    return {case: tuple(of) for case, of in found.items()}


async def _taken(
    tx: AsyncConnection,
    case_ids: Mapping[UUID, Mapping[Any, Any]],
    organisations: Mapping[UUID, Organisation],
) -> dict[UUID, list[Taken]]:
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
        .where(runs.c.case_id.in_(case_ids), run_steps.c.live)
        .order_by(action.made_at, action.id)
    )
    found: dict[UUID, list[Taken]] = defaultdict(list)
    for row in rows:
        state = ActionState(row.state)
        calendar = organisations[case_ids[row.case_id]["organisation_id"]].calendar
        found[row.run_id].append(
            Taken(
                step=row.step,
                action=row.id,
                state=StepState.OPEN if state in OPEN_STATES else StepState(state.value),
                on=local_day(calendar, row.closed_at or row.made_at),
                occurrence=row.occurrence,
                waiting=state is ActionState.WAITING,
                contact=Channel(row.channel) in CONTACT_CHANNELS,
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
