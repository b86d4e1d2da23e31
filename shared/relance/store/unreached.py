"""Cards of people who are not in Slack: their organisation's leads are told of each once.

A card's `problem` says how far that is. While nobody knows: UNREACHED; claimed to be told, until
the lease ends: TELLING; then TOLD, until the person can be shown it after all.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from relance.store.cards import LEASE
from relance.store.tables import action_owners, actions, cards, customers

UNREACHED, TELLING, TOLD = "unreached", "telling", "not_in_slack"
GATHERING = timedelta(seconds=60)  # what comes meanwhile is told in one message


@dataclass(frozen=True, slots=True, kw_only=True)
class Unseen:
    """What of an organisation is ours to tell until the lease ends: actions with their members."""

    organisation: UUID
    cards: tuple[tuple[UUID, UUID], ...]
    leased_until: datetime

    @property
    def actions(self) -> frozenset[UUID]:
        return frozenset(action for action, _member in self.cards)

    @property
    def members(self) -> frozenset[UUID]:
        return frozenset(member for _action, member in self.cards)


async def houses_to_tell(tx: AsyncConnection, now: datetime) -> list[UUID]:
    """The organisations in which something has waited long enough to be told."""
    rows = await tx.scalars(
        sa.select(customers.c.organisation_id)
        .join_from(cards, actions)
        .join(customers, customers.c.id == actions.c.customer_id)
        .where(
            sa.not_(cards.c.settled),
            cards.c.problem.in_((UNREACHED, TELLING)),
            cards.c.leased_until <= now,
        )
        .distinct()
    )
    return list(rows)


async def claim_unseen(tx: AsyncConnection, organisation: UUID, now: datetime) -> Unseen:
    """Everything of the organisation that is to be told, ours for LEASE."""
    until = now + LEASE
    theirs = (
        sa.select(actions.c.id)
        .join(customers, customers.c.id == actions.c.customer_id)
        .where(customers.c.organisation_id == organisation)
    )
    dropped = sa.and_(cards.c.problem == TELLING, cards.c.leased_until <= now)
    taken = await tx.execute(
        sa.update(cards)
        .where(
            sa.not_(cards.c.settled),
            sa.or_(cards.c.problem == UNREACHED, dropped),
            cards.c.action_id.in_(theirs),
        )
        .values(problem=TELLING, leased_until=until)
        .returning(cards.c.action_id, cards.c.member_id)
    )
    found = tuple((row.action_id, row.member_id) for row in taken)
    return Unseen(organisation=organisation, cards=found, leased_until=until)


async def end_telling(
    tx: AsyncConnection, unseen: Unseen, problem: str, rests_until: datetime
) -> None:
    """Writes how it ended, and when the cards are tried again."""
    values = {"problem": problem, "leased_until": rests_until}
    await tx.execute(sa.update(cards).where(_is_ours(unseen)).values(**values))


async def release(
    tx: AsyncConnection, unseen: Unseen, back: Collection[UUID], now: datetime
) -> None:
    """The cards of these members are to be shown: they are there after all."""
    theirs = cards.c.member_id.in_(back)
    values = {"problem": None, "leased_until": now}
    await tx.execute(sa.update(cards).where(_is_ours(unseen), theirs).values(**values))


async def without_a_reader(
    tx: AsyncConnection, unseen: Unseen, back: Collection[UUID]
) -> list[UUID]:
    """Those of the actions that no owner of theirs can see, in the order they were made.

    `back` are members who can be reached, though they have not been shown their cards yet.
    """
    shown = sa.and_(
        cards.c.ts.is_not(None),
        cards.c.problem.is_(None) | cards.c.problem.not_in((UNREACHED, TELLING, TOLD)),
    )
    seen = sa.exists().where(
        cards.c.action_id == actions.c.id,
        sa.or_(shown, cards.c.member_id.in_(back)),
        action_owners.c.action_id == cards.c.action_id,
        action_owners.c.member_id == cards.c.member_id,
    )
    rows = await tx.scalars(
        sa.select(actions.c.id)
        .where(actions.c.id.in_(unseen.actions), actions.c.closed_at.is_(None), ~seen)
        .order_by(actions.c.made_at, actions.c.id)
    )
    return list(rows)


def _is_ours(unseen: Unseen) -> sa.ColumnElement[bool]:
    return sa.and_(
        cards.c.action_id.in_(unseen.actions),
        cards.c.problem == TELLING,
        cards.c.leased_until == unseen.leased_until,
    )
