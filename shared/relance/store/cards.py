"""The bot's rows: what cards show, the decisions taken on them, who has been told the answer."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from relance.domain.actions import Decision, Refusal
from relance.store.decisions import decision_of, input_of
from relance.store.tables import (
    action_owners,
    actions,
    cards,
    customers,
    decision_answers,
    decisions,
)
from relance.store.upsert import insert
from relance.store.worklist import WAITING

LEASE = timedelta(seconds=60)
_CLAIMED = ("version", "channel", "ts", "drawn", "told", "problem")


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """A card to be posted, or to be drawn again."""

    action: UUID
    member: UUID
    posted: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A card that is ours to draw until the lease ends; `version` is as the claim found it."""

    action: UUID
    member: UUID
    leased_until: datetime
    version: int
    channel: str | None = None
    ts: str | None = None
    drawn: str = ""
    told: tuple[str, ...] = ()
    problem: str = ""  # why it could not be shown the last time


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """A decision as a person took it; `origin` names the click, `reply_to` where they are."""

    id: UUID
    action: UUID
    member: UUID
    decision: Decision
    origin: str
    reply_to: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """A refused decision whose person has not been told; `fields` as the domain names them."""

    taken: Taken
    why: Refusal
    fields: Mapping[str, str]


async def due_cards(
    tx: AsyncConnection,
    now: datetime,
    midnight: datetime,
    action_ids: Collection[UUID] | None = None,
    *,
    limit: int = 500,
) -> list[Due]:
    """What Slack does not show as it is, of these actions or of all; cards to change come first.

    A card of a waiting action is drawn again on each new day (`midnight` began the present one):
    it says how late things are.
    """
    found = await _outdated(tx, now, midnight, action_ids, limit)
    return found + await _unposted(tx, action_ids, limit)


async def _outdated(
    tx: AsyncConnection,
    now: datetime,
    midnight: datetime,
    action_ids: Collection[UUID] | None,
    limit: int,
) -> list[Due]:
    moved = sa.or_(
        cards.c.version != actions.c.version,
        sa.and_(cards.c.drawn_at < midnight, actions.c.closed_at.is_(None)),
    )
    # Of those rung for, amounts alone may have changed: what is drawn the same is left alone.
    wanted = (
        sa.and_(sa.not_(cards.c.settled), moved)
        if action_ids is None
        else cards.c.action_id.in_(action_ids)
    )
    rows = await tx.execute(
        sa.select(cards.c.action_id, cards.c.member_id, cards.c.ts)
        .join_from(cards, actions)
        .where(wanted, _is_free(now))
        .order_by(cards.c.action_id)
        .limit(limit)
    )
    return [Due(action=r.action_id, member=r.member_id, posted=r.ts is not None) for r in rows]


async def _unposted(
    tx: AsyncConnection, action_ids: Collection[UUID] | None, limit: int
) -> list[Due]:
    """Each person's oldest first: one person's many keep nobody else waiting."""
    turn = sa.func.row_number().over(
        partition_by=action_owners.c.member_id, order_by=(actions.c.made_at, actions.c.id)
    )
    rows = await tx.execute(
        sa.select(action_owners)
        .join_from(action_owners, actions)
        .join(
            cards,
            sa.and_(
                cards.c.action_id == action_owners.c.action_id,
                cards.c.member_id == action_owners.c.member_id,
            ),
            isouter=True,
        )
        .where(
            actions.c.closed_at.is_(None),
            actions.c.state.in_(WAITING),
            cards.c.action_id.is_(None),
            sa.true() if action_ids is None else actions.c.id.in_(action_ids),
        )
        .order_by(turn, actions.c.made_at, actions.c.id)
        .limit(limit)
    )
    return [Due(action=r.action_id, member=r.member_id, posted=False) for r in rows]


async def claim_card(
    tx: AsyncConnection, action_id: UUID, member_id: UUID, now: datetime
) -> Claim | None:
    """The card, ours for LEASE; None while another process draws it or it must rest."""
    until = now + LEASE
    key = {"action_id": action_id, "member_id": member_id}
    new = insert(tx, cards).values(**key, leased_until=until).on_conflict_do_nothing()
    if (await tx.execute(new.returning(cards.c.action_id))).first():
        return Claim(action=action_id, member=member_id, leased_until=until, version=0)
    return await claim_known_card(tx, action_id, member_id, now)


async def claim_known_card(
    tx: AsyncConnection, action_id: UUID, member_id: UUID, now: datetime
) -> Claim | None:
    """The same, where there is such a card: whoever has none gets none by it."""
    until = now + LEASE
    taken = await tx.execute(
        sa.update(cards)
        .where(_is_card(action_id, member_id), _is_free(now))
        .values(leased_until=until)
        .returning(*(cards.c[name] for name in _CLAIMED))
    )
    row = taken.one_or_none()
    if row is None:
        return None
    return Claim(
        action=action_id,
        member=member_id,
        leased_until=until,
        version=row.version,
        channel=row.channel,
        ts=row.ts,
        drawn=row.drawn,
        told=tuple(row.told),
        problem=row.problem or "",
    )


async def keep_card(tx: AsyncConnection, claim: Claim, **shown: Any) -> None:
    """Writes what the card shows now (columns of `cards`) while the claim is still ours.

    Without a `version` the lease goes on. A card that was marked to be drawn again meanwhile
    stays marked.
    """
    if "version" in shown:
        untouched = cards.c.version == claim.version
        shown["version"] = sa.case((untouched, shown["version"]), else_=0)
        shown["settled"] = sa.case((untouched, shown.get("settled", False)), else_=sa.false())
        shown = {"leased_until": None, "problem": None} | shown
    await tx.execute(sa.update(cards).where(_is_ours(claim)).values(**shown))


async def put_card_off(tx: AsyncConnection, claim: Claim, until: datetime, problem: str) -> None:
    """Remembers why it could not be shown; it is tried again from that instant."""
    await tx.execute(
        sa.update(cards)
        .where(_is_ours(claim))
        .values(leased_until=until, problem=problem, version=0, settled=False)
    )


async def mark_cards(tx: AsyncConnection, action_ids: Collection[UUID]) -> None:
    """Has the cards of these actions drawn again."""
    await tx.execute(
        sa.update(cards).where(cards.c.action_id.in_(action_ids)).values(version=0, settled=False)
    )


async def mark_open_cards(tx: AsyncConnection, organisation: UUID) -> None:
    """Has every card of an open action drawn again: what holds for all of them has changed."""
    of_house = (
        sa.select(actions.c.id)
        .join(customers, customers.c.id == actions.c.customer_id)
        .where(customers.c.organisation_id == organisation, actions.c.closed_at.is_(None))
    )
    await tx.execute(
        sa.update(cards).where(cards.c.action_id.in_(of_house)).values(version=0, settled=False)
    )


async def take_decision(tx: AsyncConnection, taken: Taken, now: datetime) -> bool:
    """Writes the decision; False when this very click, or another, is being applied already."""
    waiting = await tx.execute(
        sa.select(decisions.c.id)
        .join(decision_answers, isouter=True)
        .where(decisions.c.action_id == taken.action, decision_answers.c.decision_id.is_(None))
    )
    if waiting.first():
        return False
    row = insert(tx, decisions).values(
        id=taken.id,
        action_id=taken.action,
        member_id=taken.member,
        verb=taken.decision.verb,
        version=taken.decision.version,
        input=input_of(taken.decision),
        taken_at=now,
        reply_to=dict(taken.reply_to),
        origin=taken.origin,
    )
    written = await tx.execute(row.on_conflict_do_nothing().returning(decisions.c.id))
    if written.first() is None:
        return False
    await mark_cards(tx, [taken.action])
    return True


async def is_taken(tx: AsyncConnection, origin: str) -> bool:
    """Whether this very click has been seen to before."""
    found = await tx.execute(sa.select(decisions.c.id).where(decisions.c.origin == origin))
    return found.first() is not None


async def untold_accepted(tx: AsyncConnection, *, limit: int = 500) -> list[UUID]:
    """Accepted decisions that nobody has looked at since: their cards are the answer."""
    rows = await tx.execute(
        sa.select(decisions.c.id)
        .join_from(decisions, decision_answers)
        .where(decisions.c.told_at.is_(None), decision_answers.c.accepted)
        .limit(limit)
    )
    return list(rows.scalars())


async def untold_refusals(tx: AsyncConnection, *, limit: int = 50) -> list[Answered]:
    """Refused decisions whose people have not been told, oldest first."""
    rows = await tx.execute(
        sa.select(decisions, decision_answers.c.why, decision_answers.c.fields)
        .join_from(decisions, decision_answers)
        .where(decisions.c.told_at.is_(None), sa.not_(decision_answers.c.accepted))
        .order_by(decisions.c.taken_at)
        .limit(limit)
    )
    return [
        Answered(
            taken=Taken(
                id=row["id"],
                action=row["action_id"],
                member=row["member_id"],
                decision=decision_of(row),
                origin=row["origin"] or "",
                reply_to=row["reply_to"],
            ),
            why=Refusal(row["why"]),
            fields=row["fields"],
        )
        for row in rows.mappings()
    ]


async def note_told(
    tx: AsyncConnection, decision_ids: Collection[UUID], now: datetime | None
) -> int:
    """Notes that their people are told, each once; None takes the note back: telling failed."""
    was = decisions.c.told_at.is_(None) if now else decisions.c.told_at.is_not(None)
    noted = await tx.execute(
        sa.update(decisions).where(decisions.c.id.in_(decision_ids), was).values(told_at=now)
    )
    return noted.rowcount


def _is_card(action_id: UUID, member_id: UUID) -> sa.ColumnElement[bool]:
    return sa.and_(cards.c.action_id == action_id, cards.c.member_id == member_id)


def _is_ours(claim: Claim) -> sa.ColumnElement[bool]:
    ours = cards.c.leased_until == claim.leased_until
    return sa.and_(_is_card(claim.action, claim.member), ours)


def _is_free(now: datetime) -> sa.ColumnElement[bool]:
    return sa.or_(cards.c.leased_until.is_(None), cards.c.leased_until <= now)
