"""Invariants that one statement can look at: it selects what they do not hold for."""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from relance.store.invariants.finding import Invariant, Sighting
from relance.store.tables import actions, customers

Statement: TypeAlias = Callable[[datetime], sa.Select[Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """`broken(now)` selects `organisation`, `customer`, `subject` and `since`."""

    invariant: Invariant
    broken: Statement


async def seen_by(tx: AsyncConnection, rule: Rule, now: datetime) -> AsyncIterator[Sighting]:
    """What the rule's statement finds, as it comes from the database: there may be many."""
    async for row in await tx.stream(rule.broken(now)):
        yield _sighting(row)


async def all_seen_by(tx: AsyncConnection, rule: Rule, now: datetime) -> list[Sighting]:
    """The same at once, where there are few."""
    return [_sighting(row) for row in await tx.execute(rule.broken(now))]


def _sighting(row: sa.Row[Any]) -> Sighting:
    return Sighting(
        organisation=row.organisation,
        customer=row.customer,
        subject=str(row.subject),
        since=row.since,
    )


def of_actions(since: sa.ColumnElement[Any], *where: sa.ColumnElement[bool]) -> sa.Select[Any]:
    """Actions and whose they are."""
    return (
        sa.select(
            customers.c.organisation_id.label("organisation"),
            customers.c.reference.label("customer"),
            actions.c.id.label("subject"),
            since.label("since"),
        )
        .select_from(actions)
        .join(customers, customers.c.id == actions.c.customer_id)
        .where(*where)
    )


def of_house(
    subject: sa.ColumnElement[Any], since: sa.ColumnElement[Any], *where: sa.ColumnElement[bool]
) -> sa.Select[Any]:
    """What belongs to no organisation."""
    return sa.select(
        sa.null().label("organisation"),
        sa.null().label("customer"),
        subject.label("subject"),
        since.label("since"),
    ).where(*where)


def newest(column: sa.Column[Any], *where: sa.ColumnElement[bool]) -> sa.ScalarSelect[Any]:
    """The latest instant in the rows that belong to the outer one."""
    return sa.select(sa.func.max(column, type_=column.type)).where(*where).scalar_subquery()
