"""Plans that somebody is changing: one draft a member and plan, until the next one (F39)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from relance.domain.documents import Document
from relance.store.tables import plan_drafts
from relance.store.types import new_id
from relance.store.upsert import insert


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanDraft:
    """A member's changes to a plan. `seen` is the version they began from, 0 for a new plan.

    `edits` counts the changes: one that was made on an older draft changes nothing.
    """

    id: UUID
    plan: str
    seen: int
    document: Document
    edits: int
    changed_at: datetime


async def find_draft(tx: AsyncConnection, member: UUID, plan: str) -> PlanDraft | None:
    """What this member has under way for the plan of that key."""
    mine = (plan_drafts.c.member_id == member, plan_drafts.c.plan == plan)
    return await _one(tx, *mine)


async def load_draft(tx: AsyncConnection, member: UUID, draft_id: UUID) -> PlanDraft | None:
    """The draft, if it is this member's."""
    return await _one(tx, plan_drafts.c.id == draft_id, plan_drafts.c.member_id == member)


async def begin_draft(
    tx: AsyncConnection,
    organisation: UUID,
    member: UUID,
    document: Mapping[str, Any],
    seen: int,
    now: datetime,
) -> PlanDraft:
    """A draft of this document, in place of what the member had for that plan."""
    key = str(document["plan"])
    await tx.execute(
        sa.delete(plan_drafts).where(plan_drafts.c.member_id == member, plan_drafts.c.plan == key)
    )
    row = insert(tx, plan_drafts).values(
        id=new_id(),
        organisation_id=organisation,
        member_id=member,
        plan=key,
        seen=seen,
        document=dict(document),
        edits=0,
        changed_at=now,
    )
    await tx.execute(row.on_conflict_do_nothing())  # the same click, taken by two bots
    found = await find_draft(tx, member, key)
    if found is None:
        raise LookupError("the draft is gone")
    return found


async def change_draft(
    tx: AsyncConnection,
    draft: PlanDraft,
    document: Mapping[str, Any],
    now: datetime,
    *,
    seen: int | None = None,
) -> bool:
    """Writes the draft's next state; False where it has moved on since it was read."""
    changed = await tx.execute(
        sa.update(plan_drafts)
        .where(plan_drafts.c.id == draft.id, plan_drafts.c.edits == draft.edits)
        .values(
            document=dict(document),
            seen=draft.seen if seen is None else seen,
            edits=draft.edits + 1,
            changed_at=now,
        )
    )
    return changed.rowcount > 0


async def _one(tx: AsyncConnection, *where: sa.ColumnElement[bool]) -> PlanDraft | None:
    row = (await tx.execute(sa.select(plan_drafts).where(*where))).mappings().one_or_none()
    if row is None:
        return None
    return PlanDraft(
        id=row["id"],
        plan=row["plan"],
        seen=row["seen"],
        document=dict(row["document"]),
        edits=row["edits"],
        changed_at=row["changed_at"],
    )
