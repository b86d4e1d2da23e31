"""Applying plans and templates: a new version where something changed, and its customers woken."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from typing import Any, Protocol
from uuid import UUID
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from relance.domain.documents import document_of, plan_of
from relance.domain.documents.changes import PlanChanges, automatic_since, changes_between
from relance.domain.plans import Channel, Plan
from relance.store.plans import find_plan, load_templates
from relance.store.tables import (
    cases,
    organisations,
    plan_versions,
    plans,
    templates,
)
from relance.store.types import new_id
from relance.store.upsert import insert
from relance_scheduler.history import Event, record
from relance_scheduler.waking import wake_where


@dataclass(frozen=True, slots=True, kw_only=True)
class Applied:
    """What applying did: a plan is new without `from_version`, unchanged where both are equal."""

    plan: UUID
    key: str
    from_version: int | None
    version: int
    changes: PlanChanges = field(default_factory=PlanChanges)

    @property
    def is_new(self) -> bool:
        return self.from_version is None

    @property
    def is_unchanged(self) -> bool:
        return self.from_version == self.version


class TemplateText(Protocol):
    """A template as its file gives it."""

    @property
    def key(self) -> str: ...
    @property
    def channel(self) -> str: ...
    @property
    def language(self) -> str: ...
    @property
    def subject(self) -> str: ...
    @property
    def body(self) -> str: ...


async def apply(
    tx: AsyncConnection,
    organisation_id: UUID,
    document: Mapping[str, Any],
    applied_by: UUID | None,
    now: datetime,
) -> Applied:
    """Makes a plan of a checked document, or its next version, which its customers follow at once.

    A step that has just become automatic, a new one too, leaves on a later day than today (F12);
    the steps of a new plan need no such day, for there the customer's enrolment counts.
    """
    wanted = plan_of(document, id=new_id())
    plan_id, current = await _plan_row(tx, organisation_id, wanted)
    if current is None:
        await _write_version(tx, wanted, plan_id, 1, {}, applied_by, now)
        await record(tx, [_event("plan_created", wanted, None, 1, PlanChanges(), applied_by, now)])
        return Applied(plan=plan_id, key=wanted.key, from_version=None, version=1)
    before = current.version
    changes = changes_between(current, wanted)
    if changes == PlanChanges():
        return Applied(plan=plan_id, key=wanted.key, from_version=before, version=before)
    since = automatic_since(current, wanted, await _today(tx, organisation_id, now))
    await _write_version(tx, wanted, plan_id, before + 1, since, applied_by, now)
    await wake_where(tx, cases.c.plan_id == plan_id, now)
    event = _event("plan_changed", wanted, before, before + 1, changes, applied_by, now)
    await record(tx, [event])
    return Applied(
        plan=plan_id, key=wanted.key, from_version=before, version=before + 1, changes=changes
    )


async def apply_templates(
    tx: AsyncConnection,
    organisation_id: UUID,
    texts: Iterable[TemplateText],
    *,
    replace: bool = True,
) -> tuple[tuple[str, str], ...]:
    """Adds templates, and with `replace` renews changed ones; (key, language) of those written."""
    known = await load_templates(tx, organisation_id)
    written = []
    for text in texts:
        old = known.get((text.key, Channel(text.channel), text.language))
        if old and (not replace or (old.subject, old.body) == (text.subject, text.body)):
            continue
        await _write_template(tx, organisation_id, text)
        written.append((text.key, text.language))
    return tuple(written)


async def _plan_row(
    tx: AsyncConnection, organisation_id: UUID, wanted: Plan
) -> tuple[UUID, Plan | None]:
    """The plan's row, made or locked, with its current version unless it was made just now."""
    made = await tx.scalar(
        insert(tx, plans)
        .values(id=wanted.id, organisation_id=organisation_id, key=wanted.key, version=1)
        .on_conflict_do_nothing()
        .returning(plans.c.id)
    )
    if made:
        return wanted.id, None
    mine = (plans.c.organisation_id == organisation_id, plans.c.key == wanted.key)
    # Not the key: whoever opens a case under this plan need not wait.
    found = await tx.execute(sa.select(plans.c.id).where(*mine).with_for_update(key_share=True))
    return found.scalar_one(), await find_plan(tx, organisation_id, wanted.key)


async def _write_version(
    tx: AsyncConnection,
    plan: Plan,
    plan_id: UUID,
    number: int,
    since: Mapping[str, date],
    applied_by: UUID | None,
    now: datetime,
) -> None:
    await tx.execute(
        sa.insert(plan_versions).values(
            plan_id=plan_id,
            number=number,
            document=document_of(plan),
            automatic_since={step: day.isoformat() for step, day in since.items()},
            applied_at=now,
            applied_by=applied_by,
        )
    )
    await tx.execute(sa.update(plans).where(plans.c.id == plan_id).values(version=number))


async def _today(tx: AsyncConnection, organisation_id: UUID, now: datetime) -> date:
    zone = await tx.scalar(
        sa.select(organisations.c.zone).where(organisations.c.id == organisation_id)
    )
    return now.astimezone(ZoneInfo(str(zone))).date()


def _event(
    name: str,
    plan: Plan,
    before: int | None,
    after: int,
    changes: PlanChanges,
    applied_by: UUID | None,
    now: datetime,
) -> Event:
    detail = {part: value for part, value in asdict(changes).items() if value}
    return Event(
        event=name,
        at=now,
        member=applied_by,
        from_version=before,
        to_version=after,
        detail={"plan": plan.key, **detail},
    )


async def _write_template(tx: AsyncConnection, organisation_id: UUID, text: TemplateText) -> None:
    row = insert(tx, templates).values(
        organisation_id=organisation_id,
        key=text.key,
        channel=str(text.channel),
        language=text.language,
        subject=text.subject,
        body=text.body,
    )
    await tx.execute(
        row.on_conflict_do_update(
            index_elements=["organisation_id", "key", "channel", "language"],
            set_={
                "subject": row.excluded.subject,
                "body": row.excluded.body,
                "version": templates.c.version + 1,
            },
        )
    )
