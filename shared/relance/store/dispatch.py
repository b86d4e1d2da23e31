"""Claims and their outcomes: what may leave, who has it, what came of it (reliability §2)."""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, TypeAlias
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlalchemy.ext.asyncio import AsyncConnection

from relance.domain.actions import ActionState
from relance.store.bulk import among
from relance.store.tables import actions, attempts, cases, customers, imports
from relance.store.types import Instant
from relance.store.upsert import insert

AnyRow: TypeAlias = Mapping[Any, Any]
AttemptRow: TypeAlias = dict[str, Any]

TRY_LATER = "try_later"
UNKNOWN = "unknown"
# The detail of an attempt without outcome whose hand-over nobody has begun. Another release's
# attempts have none: what may have left is never taken for what did not.
NOT_BEGUN = "not_begun"
_RECORDED = ("id", "token", "outcome", "outcome_detail", "live", "retry_at")


@dataclass(frozen=True, slots=True, kw_only=True)
class Queued:
    """An action that may leave: its plan's identifier, and what was tried before.

    `tries` are the hand-overs put off since its last decision, `attempts` all there ever were.
    """

    id: UUID
    version: int
    channel: str
    customer: UUID
    organisation: UUID
    case: UUID | None
    plan: UUID | None
    released_by: UUID | None
    edited_amounts: Mapping[str, int] | None
    attempts: int
    tries: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """What came of an attempt; only its own `token` may say so, and only once.

    Without an outcome it says that the hand-over begins: it must be written before it does.
    """

    attempt: UUID
    token: UUID
    outcome: str | None = None
    detail: str | None = None
    live: bool = True
    retry_at: datetime | None = None


def answer_text(answer: str, refused: Mapping[str, str]) -> str:
    """A provider's answer for `outcome_detail`, with why it refused which address, a line each."""
    lines = [answer, *(f"{address}: {why}" for address, why in refused.items())]
    return "\n".join(" ".join(line.split()) for line in lines)


def refused_addresses(detail: str) -> dict[str, str]:
    """The addresses in an `answer_text` with the reasons: their contacts are to be marked."""
    lines = (line.partition(": ") for line in detail.split("\n")[1:])
    return {address: why for address, _, why in lines}


async def load_queued(
    tx: AsyncConnection, now: datetime, only: Collection[UUID] | None = None
) -> list[Queued]:
    """The actions that may be claimed now, those that waited longest first."""
    own = attempts.c.action_id == actions.c.id
    put_off = (attempts.c.outcome == TRY_LATER) & (attempts.c.action_version == actions.c.version)
    wanted = claimable(now) if only is None else among(tx, actions.c.id, only) & claimable(now)
    rows = await tx.execute(
        sa.select(
            actions.c.id,
            actions.c.version,
            actions.c.channel,
            actions.c.customer_id.label("customer"),
            customers.c.organisation_id.label("organisation"),
            actions.c.case_id.label("case"),
            cases.c.plan_id.label("plan"),
            actions.c.released_by,
            actions.c.edited_amounts,
            _number(own).label("attempts"),
            _number(own & put_off).label("tries"),
        )
        .join(customers, customers.c.id == actions.c.customer_id)
        .join(cases, cases.c.id == actions.c.case_id, isouter=True)
        .where(wanted)
        .order_by(actions.c.leave_at, actions.c.id)
    )
    return [Queued(**row) for row in rows.mappings()]


async def customers_of(tx: AsyncConnection, action_ids: Collection[UUID]) -> set[UUID]:
    """Whose actions these are."""
    wanted = among(tx, actions.c.id, action_ids)
    return set(await tx.scalars(sa.select(actions.c.customer_id).where(wanted)))


async def last_imports(tx: AsyncConnection) -> dict[UUID, datetime]:
    """When each organisation's last successful import came to its end."""
    ended = sa.func.max(imports.c.ended_at, type_=imports.c.ended_at.type).label("ended_at")
    rows = await tx.execute(
        sa.select(imports.c.organisation_id, ended)
        .where(imports.c.ended_at.is_not(None))
        .group_by(imports.c.organisation_id)
    )
    return {row.organisation_id: row.ended_at for row in rows}


async def on_their_way(
    tx: AsyncConnection, customer_ids: Collection[UUID]
) -> dict[UUID, dict[UUID, datetime]]:
    """When what is not on record as a contact yet was claimed, by customer and action."""
    rows = await tx.execute(
        sa.select(actions.c.customer_id, attempts.c.action_id, attempts.c.claimed_at)
        .join(attempts, attempts.c.action_id == actions.c.id)
        .where(
            among(tx, actions.c.customer_id, customer_ids),
            actions.c.closed_at.is_(None),
            attempts.c.live,
        )
    )
    found: dict[UUID, dict[UUID, datetime]] = {}
    for row in rows:
        found.setdefault(row.customer_id, {})[row.action_id] = row.claimed_at
    return found


async def retire_unknown(tx: AsyncConnection, action_ids: Collection[UUID]) -> None:
    """Makes room for a further attempt where a person has decided on it: `load_queued` saw that."""
    await tx.execute(
        sa.update(attempts)
        .where(
            among(tx, attempts.c.action_id, action_ids),
            attempts.c.live,
            attempts.c.outcome == UNKNOWN,
        )
        .values(live=False)
    )


async def insert_attempts(tx: AsyncConnection, rows: Sequence[AttemptRow]) -> set[UUID]:
    """Writes the attempts and says which; where another is live, that one stands."""
    if not rows:
        return set()
    if tx.dialect.name == "sqlite":
        statement = insert(tx, attempts).on_conflict_do_nothing().returning(attempts.c.id)
        return set(await tx.scalars(statement, list(rows)))
    bodies, made, start = list[bytes](), list[AttemptRow](), 1
    for row in rows:
        body = row["body"]
        size = None if body is None else len(body)
        made.append({**row, "body": None, "starts_at": start, "size": size})
        bodies.append(body or b"")
        start += size or 0
    parameters = {"made": json.dumps(made, default=str), "bodies": b"".join(bodies)}
    return set(await tx.scalars(_inserting(tuple(rows[0])), parameters))


async def record_outcomes(
    tx: AsyncConnection, found: Collection[Recorded], now: datetime
) -> set[UUID]:
    """Writes the outcomes in one statement and says which; the others had been decided before."""
    if not found:
        return set()
    parameters = {"found": _as_json(tx, found), "now": now}
    return set(await tx.scalars(_recording(tx.dialect.name), parameters))


async def expire_leases(tx: AsyncConnection, now: datetime) -> list[UUID]:
    """Ends what was claimed and never answered for, and says which.

    Unknown where a hand-over may have begun (rules §6); where none has, none will, as its beginning
    is written under the same condition: the action may be claimed again.
    """
    open_ones = attempts.c.outcome.is_(None) & (attempts.c.lease_until <= now)
    begun = attempts.c.outcome_detail.is_distinct_from(NOT_BEGUN)
    made = await tx.execute(
        sa.update(attempts)
        .where(open_ones)
        .values(
            outcome=sa.case((begun, UNKNOWN), else_=TRY_LATER),
            outcome_detail="lease_expired",
            live=begun,
            retry_at=sa.case((begun, sa.null()), else_=sa.literal(now, Instant)),
            recorded_at=now,
        )
        .returning(attempts.c.id)
    )
    return list(made.scalars())


async def has_expired_leases(tx: AsyncConnection, now: datetime) -> bool:
    """Whether `expire_leases` would find any: a look costs no writer's lock."""
    open_ones = attempts.c.outcome.is_(None) & (attempts.c.lease_until <= now)
    return (
        await tx.execute(sa.select(attempts.c.id).where(open_ones).limit(1))
    ).first() is not None


def claimable(now: datetime) -> sa.ColumnElement[bool]:
    """Queued, at its time, and no attempt speaks against a further one.

    An attempt that may have left is no obstacle once a person has queued the action again: only
    that raises the version of a queued action past the attempt's.
    """
    attempt, action = attempts.c, actions.c
    current = attempt.action_version >= action.version
    against = sa.or_(
        attempt.live & (attempt.outcome.is_distinct_from(UNKNOWN) | current),
        ~attempt.live & current & (attempt.outcome != TRY_LATER),
        ~attempt.live & current & (attempt.retry_at > now),
    )
    # Written out, not bound: SQLite uses a partial index only for conditions it can read.
    queued = action.state == sa.literal(ActionState.QUEUED.value, literal_execute=True)
    refused = sa.select(attempt.id).where(attempt.action_id == action.id, against).exists()
    return sa.and_(queued, action.leave_at <= now, ~refused)


def _number(which: sa.ColumnElement[bool]) -> sa.ScalarSelect[int]:
    return sa.select(sa.func.count()).select_from(attempts).where(which).scalar_subquery()


@lru_cache(maxsize=4)
def _inserting(names: Sequence[str]) -> sa.Executable:
    """One document for all rows, and one string of bytes that their bodies are cut from.

    A value for each row's each column is written one by one, and bodies among them as hexadecimals.
    """
    types = {name: attempts.c[name].type for name in names if name != "body"}
    typed = [sa.column(name, of) for name, of in types.items()]
    places = [sa.column(name, sa.Integer) for name in ("starts_at", "size")]
    document = sa.cast(sa.bindparam("made", type_=sa.Text), sa.JSON)
    table = sa.func.json_to_recordset(document).table_valued(*typed, *places)
    made = table.render_derived(name="made", with_types=True).c
    bodies = sa.bindparam("bodies", type_=sa.LargeBinary)
    body = sa.func.substring(bodies, made.starts_at, made.size)
    columns = [body if name == "body" else made[name] for name in names]
    return (
        postgresql.insert(attempts)
        .from_select(names, sa.select(*columns))
        .on_conflict_do_nothing()
        .returning(attempts.c.id)
    )


@lru_cache(maxsize=2)
def _recording(dialect: str) -> sa.Update:
    """One statement for any number of attempts, the same text each time."""
    found = _found(dialect)
    ended = found["outcome"].is_not(None)
    return (
        sa.update(attempts)
        .where(
            attempts.c.id == found["id"],
            attempts.c.token == found["token"],
            attempts.c.outcome.is_(None),
        )
        .values(
            **{name: found[name] for name in ("outcome", "outcome_detail", "live", "retry_at")},
            recorded_at=sa.case((ended, sa.bindparam("now", type_=Instant)), else_=sa.null()),
        )
        .returning(attempts.c.id)
    )


def _found(dialect: str) -> Mapping[str, sa.ColumnElement[Any]]:
    """The columns of what is recorded, out of one parameter."""
    rows = sa.bindparam("found", type_=sa.Text)
    types = {name: attempts.c[name].type for name in _RECORDED}
    if dialect == "sqlite":
        each = sa.func.json_each(rows).table_valued("value", name="found")
        return {
            name: sa.func.json_extract(
                each.c.value, sa.literal(f"$.{name}", literal_execute=True), type_=of
            )
            for name, of in types.items()
        }
    typed = [sa.column(name, of) for name, of in types.items()]
    table = sa.func.json_to_recordset(sa.cast(rows, sa.JSON)).table_valued(*typed)
    return {**table.render_derived(name="found", with_types=True).c}


def _as_json(tx: AsyncConnection, found: Collection[Recorded]) -> str:
    as_stored = attempts.c.retry_at.type.dialect_impl(tx.dialect).bind_processor(tx.dialect)
    rows = [
        {
            "id": one.attempt.hex,
            "token": one.token.hex,
            "outcome": one.outcome,
            "outcome_detail": one.detail,
            "live": one.live,
            "retry_at": as_stored(one.retry_at) if as_stored and one.retry_at else None,
        }
        for one in found
    ]
    return json.dumps(rows, default=str)
