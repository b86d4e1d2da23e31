"""The rows that drafts are made of, set-wise: one statement a table for any number of actions."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from relance.domain.evaluation.acts import Reach
from relance.domain.ledger import Item, ItemKind
from relance.store.bulk import among
from relance.store.cases import item_of, under_specific_actions
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
    """Everything a draft of one action needs.

    `chosen` are its items that are left in, `left_out` those its owner took out; `reaches` what it
    was made for, `run_items` the items of those runs: reference items, or payments to thank for.
    """

    action: AnyRow
    customer: AnyRow
    organisation: AnyRow
    owners: Sequence[UUID]
    contacts: Sequence[AnyRow]
    members: Mapping[UUID, AnyRow]
    templates: Sequence[StoredTemplate]
    open_items: Sequence[Item]
    chosen: frozenset[UUID]
    chosen_credits: frozenset[UUID]
    left_out: frozenset[UUID]
    reaches: tuple[Reach, ...]
    run_items: Sequence[Item]


async def load_draft_rows(
    tx: AsyncConnection,
    action_ids: Collection[UUID],
    known: Mapping[UUID, Sequence[Item]] | None = None,
) -> dict[UUID, DraftRows]:
    """The rows of these actions, by action; identifiers of no action are left out.

    `known` are the items of customers' cases where the same transaction has loaded them.
    """
    found = await _by_id(tx, actions, action_ids)
    debtors = await _by_id(tx, customers, {row["customer_id"] for row in found.values()})
    houses = await _by_id(tx, organisations, {row["organisation_id"] for row in debtors.values()})
    texts = {house: tuple((await load_templates(tx, house)).values()) for house in houses}
    staff = {
        house: {row["id"]: row for row in of}
        for house, of in (await _grouped(tx, members, "organisation_id", houses)).items()
    }
    people = await _grouped(tx, contacts, "customer_id", debtors)
    owners = await _grouped(tx, action_owners, "action_id", found)
    choices = await _choices(tx, found)
    reached = await _reached(tx, found)
    ledgers = await _ledgers(tx, found.values(), reached, known or {})
    drafts = {}
    for action_id, action in found.items():
        customer = debtors[action["customer_id"]]
        house = customer["organisation_id"]
        ledger = ledgers[action_id]
        picked = choices[action_id]
        reaches = reached[action_id]
        drafts[action_id] = DraftRows(
            action=action,
            customer=customer,
            organisation=houses[house],
            owners=[row["member_id"] for row in owners[action_id]],
            contacts=people[customer["id"]],
            members=staff.get(house, {}),
            templates=texts[house],
            open_items=ledger.open_items,
            chosen=frozenset(r["item_id"] for r in picked if r["included"]),
            chosen_credits=frozenset(
                r["item_id"] for r in picked if r["included"] and r["kind"] != ItemKind.INVOICE
            ),
            left_out=frozenset(r["item_id"] for r in picked if not r["included"]),
            reaches=tuple(
                Reach(item=r["item_id"], step=r["step"], occurrence=r["occurrence"])
                for r in reaches
            ),
            run_items=ledger.run_items,
        )
    return drafts


@dataclass(frozen=True, slots=True, kw_only=True)
class _Ledger:
    open_items: tuple[Item, ...]
    run_items: tuple[Item, ...]


async def _ledgers(
    tx: AsyncConnection,
    found: Collection[AnyRow],
    reached: Mapping[UUID, Sequence[AnyRow]],
    known: Mapping[UUID, Sequence[Item]],
) -> dict[UUID, _Ledger]:
    """The items that each action may speak of, by action."""
    unknown = {row["customer_id"] for row in found if not _is_known(row, known)}
    elsewhere = await under_specific_actions(tx, unknown) if unknown else set[UUID]()
    open_rows = await _open_items(tx, unknown) if unknown else {}
    own = {row["id"]: _own(row, known, open_rows, elsewhere) for row in found}
    runs_of = {key: [r["item_id"] for r in reached[key] if r["item_id"]] for key in own}
    missing = {item for key, of in runs_of.items() for item in of if item not in own[key]}
    settled = await _by_id(tx, items, missing) if missing else {}
    return {
        key: _Ledger(
            open_items=tuple(item for item in of.values() if item.open),
            run_items=tuple(of[i] if i in of else item_of(settled[i]) for i in runs_of[key]),
        )
        for key, of in own.items()
    }


def _is_known(action: AnyRow, known: Mapping[UUID, Sequence[Item]]) -> bool:
    return action["case_id"] is not None and action["customer_id"] in known


def _own(
    action: AnyRow,
    known: Mapping[UUID, Sequence[Item]],
    open_rows: Mapping[UUID, Sequence[AnyRow]],
    elsewhere: Collection[UUID],
) -> dict[UUID, Item]:
    """The customer's items; to an action outside the plan none is under another such action."""
    customer = action["customer_id"]
    if _is_known(action, known):
        return {item.id: item for item in known[customer]}
    specific = elsewhere if action["case_id"] else frozenset[UUID]()
    rows = open_rows.get(customer, ())
    return {r["id"]: item_of(r, in_specific_action=r["id"] in specific) for r in rows}


async def _by_id(tx: AsyncConnection, table: sa.Table, ids: Collection[UUID]) -> ById:
    rows = (await tx.execute(sa.select(table).where(among(tx, table.c.id, ids)))).mappings()
    return {row["id"]: row for row in rows}


async def _grouped(tx: AsyncConnection, table: sa.Table, by: str, ids: Collection[UUID]) -> Groups:
    """Rows by the identifier in that column, in the order of the table's key."""
    statement = sa.select(table).where(among(tx, table.c[by], ids))
    return await _groups(tx, statement.order_by(*table.primary_key.columns), by)


async def _groups(tx: AsyncConnection, statement: sa.Select[Any], by: str) -> Groups:
    found: Groups = defaultdict(list)
    for row in (await tx.execute(statement)).mappings():
        found[row[by]].append(row)
    return found


async def _open_items(tx: AsyncConnection, customer_ids: Collection[UUID]) -> Groups:
    open_ones = (
        among(tx, items.c.customer_id, customer_ids),
        items.c.open > 0,
        ~items.c.cancelled,
    )
    return await _groups(tx, sa.select(items).where(*open_ones), "customer_id")


async def _choices(tx: AsyncConnection, action_ids: Collection[UUID]) -> Groups:
    statement = (
        sa.select(action_items, items.c.kind)
        .join(items, items.c.id == action_items.c.item_id)
        .where(among(tx, action_items.c.action_id, action_ids))
    )
    return await _groups(tx, statement, "action_id")


async def _reached(tx: AsyncConnection, action_ids: Collection[UUID]) -> Groups:
    """The runs that reached the actions; that of a recap has no item."""
    statement = (
        sa.select(run_steps.c.action_id, run_steps.c.step, run_steps.c.occurrence, runs.c.item_id)
        .join(runs, runs.c.id == run_steps.c.run_id)
        .where(among(tx, run_steps.c.action_id, action_ids), run_steps.c.live)
        .order_by(run_steps.c.id)
    )
    return await _groups(tx, statement, "action_id")
