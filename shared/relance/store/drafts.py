"""The rows that drafts are made of, set-wise: one statement a table for any number of actions."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from relance.domain.ledger import Item
from relance.store.cases import item_of
from relance.store.plans import StoredTemplate, load_templates
from relance.store.tables import (
    action_items,
    action_owners,
    actions,
    contacts,
    customers,
    items,
    members,
    organisations,
    run_steps,
    runs,
)

AnyRow: TypeAlias = Mapping[Any, Any]
ById: TypeAlias = dict[UUID, AnyRow]
Groups: TypeAlias = dict[UUID, list[AnyRow]]


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftRows:
    """Everything a draft of one action needs; `choices` say of its items which are left in.

    `run_items` are those whose runs reached it: reference items, or payments to thank for.
    """

    action: AnyRow
    customer: AnyRow
    organisation: AnyRow
    owners: Sequence[UUID]
    contacts: Sequence[AnyRow]
    members: Mapping[UUID, AnyRow]
    templates: Sequence[StoredTemplate]
    open_items: Sequence[Item]
    choices: Mapping[UUID, bool]
    run_items: Sequence[Item]


async def load_draft_rows(
    tx: AsyncConnection, action_ids: Collection[UUID]
) -> dict[UUID, DraftRows]:
    """The rows of these actions, by action; identifiers of no action are left out."""
    found = await _by_id(tx, actions, action_ids)
    debtors = await _by_id(tx, customers, {row["customer_id"] for row in found.values()})
    houses = await _by_id(tx, organisations, {row["organisation_id"] for row in debtors.values()})
    texts = {house: tuple((await load_templates(tx, house)).values()) for house in houses}
    staff = await _grouped(tx, members, "organisation_id", houses)
    people = await _grouped(tx, contacts, "customer_id", debtors)
    owners = await _grouped(tx, action_owners, "action_id", found)
    choices = await _grouped(tx, action_items, "action_id", found)
    ledgers = await _open_items(tx, debtors)
    run_items = await _run_items(tx, found)
    elsewhere = await _under_specific_actions(tx, debtors)
    drafts = {}
    for action_id, action in found.items():
        customer = debtors[action["customer_id"]]
        house = customer["organisation_id"]
        specific = elsewhere if action["case_id"] else frozenset[UUID]()
        drafts[action_id] = DraftRows(
            action=action,
            customer=customer,
            organisation=houses[house],
            owners=[row["member_id"] for row in owners[action_id]],
            contacts=people[customer["id"]],
            members={row["id"]: row for row in staff[house]},
            templates=texts[house],
            open_items=_items(ledgers[customer["id"]], specific),
            choices={row["item_id"]: row["included"] for row in choices[action_id]},
            run_items=_items(run_items[action_id], specific),
        )
    return drafts


def _items(rows: Iterable[AnyRow], elsewhere: Collection[UUID]) -> tuple[Item, ...]:
    return tuple(item_of(row, in_specific_action=row["id"] in elsewhere) for row in rows)


async def _by_id(tx: AsyncConnection, table: sa.Table, ids: Collection[UUID]) -> ById:
    rows = (await tx.execute(sa.select(table).where(table.c.id.in_(ids)))).mappings()
    return {row["id"]: row for row in rows}


async def _grouped(tx: AsyncConnection, table: sa.Table, by: str, ids: Collection[UUID]) -> Groups:
    """Rows by the identifier in that column, in the order of the table's key."""
    statement = sa.select(table).where(table.c[by].in_(ids))
    return await _groups(tx, statement.order_by(*table.primary_key.columns), by)


async def _groups(tx: AsyncConnection, statement: sa.Select[Any], by: str) -> Groups:
    found: Groups = defaultdict(list)
    for row in (await tx.execute(statement)).mappings():
        found[row[by]].append(row)
    return found


async def _open_items(tx: AsyncConnection, customer_ids: Collection[UUID]) -> Groups:
    open_ones = (items.c.customer_id.in_(customer_ids), items.c.open > 0, ~items.c.cancelled)
    return await _groups(tx, sa.select(items).where(*open_ones), "customer_id")


async def _run_items(tx: AsyncConnection, action_ids: Collection[UUID]) -> Groups:
    statement = (
        sa.select(items, run_steps.c.action_id)
        .join_from(run_steps, runs, runs.c.id == run_steps.c.run_id)
        .join(items, items.c.id == runs.c.item_id)
        .where(run_steps.c.action_id.in_(action_ids))
    )
    return await _groups(tx, statement, "action_id")


async def _under_specific_actions(
    tx: AsyncConnection, customer_ids: Collection[UUID]
) -> frozenset[UUID]:
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
    return frozenset(rows.scalars())
