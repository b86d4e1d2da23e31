"""Requests as rows: the bot writes what was asked, the scheduler reads it back and answers."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from pydantic import TypeAdapter, ValidationError
from sqlalchemy.ext.asyncio import AsyncConnection

from relance.domain.requests import (
    REQUESTS,
    Answer,
    Decline,
    Declined,
    Granted,
    Request,
)
from relance.store.tables import request_answers, requests
from relance.store.upsert import insert

_KINDS: dict[str, type[Request]] = {request.kind: request for request in REQUESTS}
# What another release asks for is left to it.
_KNOWN = requests.c.kind.in_(_KINDS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A request as a person made it; `origin` names the click, `reply_to` where they are."""

    id: UUID
    organisation: UUID
    member: UUID
    request: Request
    origin: str
    reply_to: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """A request with its answer, which its person has not been told."""

    asked: Asked
    answer: Answer


def written_request(request: Request) -> dict[str, Any]:
    """What was typed, as JSON takes it."""
    written: dict[str, Any] = _adapter(request.kind).dump_python(request, mode="json")
    return written


def read_request(kind: str, written: Mapping[str, Any]) -> Request | None:
    """The request of that kind; None where it is none of ours."""
    try:
        return _adapter(kind).validate_python(written)
    except (KeyError, ValidationError):
        return None


async def take_request(tx: AsyncConnection, asked: Asked, now: datetime) -> bool:
    """Writes the request; False when this very click has been taken before."""
    row = insert(tx, requests).values(
        id=asked.id,
        organisation_id=asked.organisation,
        member_id=asked.member,
        kind=asked.request.kind,
        input=written_request(asked.request),
        taken_at=now,
        reply_to=dict(asked.reply_to),
        origin=asked.origin,
    )
    written = await tx.execute(row.on_conflict_do_nothing().returning(requests.c.id))
    return written.first() is not None


async def unanswered_requests(tx: AsyncConnection, ids: Collection[UUID]) -> list[Asked]:
    """Those of these that have no answer, in the order in which they were made; locked."""
    mine = requests.c.id.in_(ids)
    await tx.execute(sa.select(requests.c.id).where(mine).order_by(requests.c.id).with_for_update())
    # After the lock: another scheduler may have answered while this one waited for it.
    rows = await tx.execute(
        sa.select(requests)
        .join(request_answers, isouter=True)
        .where(mine, _KNOWN, request_answers.c.request_id.is_(None))
        .order_by(requests.c.taken_at, requests.c.id)
    )
    return [_asked(row) for row in rows.mappings()]


async def answer_request(
    tx: AsyncConnection, request_id: UUID, answer: Answer, now: datetime
) -> None:
    """Writes the one answer of a request."""
    declined = answer if isinstance(answer, Declined) else None
    await tx.execute(
        sa.insert(request_answers).values(
            request_id=request_id,
            granted=declined is None,
            why=declined.why if declined else "",
            fields=dict(declined.fields) if declined else {},
            detail=dict(answer.detail) if isinstance(answer, Granted) else {},
            answered_at=now,
        )
    )


async def overdue_requests(tx: AsyncConnection, before: datetime, limit: int) -> list[UUID]:
    """Those that nobody has answered though they were made before then, in their order."""
    rows = await tx.scalars(
        sa.select(requests.c.id)
        .join(request_answers, isouter=True)
        .where(
            _KNOWN,
            requests.c.told_at.is_(None),
            requests.c.taken_at <= before,
            request_answers.c.request_id.is_(None),
        )
        .order_by(requests.c.taken_at, requests.c.id)
        .limit(limit)
    )
    return list(rows)


async def untold_answers(tx: AsyncConnection, *, limit: int = 50) -> list[Answered]:
    """Answered requests whose people have not been told, oldest first."""
    rows = await tx.execute(
        sa.select(
            requests,
            request_answers.c.granted,
            request_answers.c.why,
            request_answers.c.fields,
            request_answers.c.detail,
        )
        .join_from(requests, request_answers)
        .where(_KNOWN, requests.c.told_at.is_(None))
        .order_by(requests.c.taken_at, requests.c.id)
        .limit(limit)
    )
    return [Answered(asked=_asked(row), answer=_answer(row)) for row in rows.mappings()]


async def note_answer_told(tx: AsyncConnection, request_id: UUID, now: datetime | None) -> bool:
    """Notes that its person is told, once; None takes the note back: telling failed."""
    was = requests.c.told_at.is_(None) if now else requests.c.told_at.is_not(None)
    noted = await tx.execute(
        sa.update(requests).where(requests.c.id == request_id, was).values(told_at=now)
    )
    return noted.rowcount > 0


def _asked(row: Mapping[Any, Any]) -> Asked:
    request = _adapter(row["kind"]).validate_python(row["input"])
    return Asked(
        id=row["id"],
        organisation=row["organisation_id"],
        member=row["member_id"],
        request=request,
        origin=row["origin"] or "",
        reply_to=row["reply_to"],
    )


def _answer(row: Mapping[Any, Any]) -> Answer:
    if row["granted"]:
        return Granted(detail=row["detail"])
    return Declined(why=Decline(row["why"]), fields=row["fields"])


@cache
def _adapter(kind: str) -> TypeAdapter[Request]:
    return TypeAdapter(_KINDS[kind])
