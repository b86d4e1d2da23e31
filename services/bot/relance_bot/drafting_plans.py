"""Plans under change: begun, looked at, kept between two clicks (F39, F56)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from relance.clock import Clock
from relance.domain.documents import Document, document_of, plan_of
from relance.domain.documents.changes import changes_between
from relance.domain.documents.merging import merged
from relance.domain.effects import Effect
from relance.domain.example import Example, example
from relance.domain.plans import Plan, active_steps
from relance.plan_files import canonical
from relance.reporting.effect import effect
from relance.reporting.plan_checking import plan_faults
from relance.store.database import Database
from relance.store.organisations import load_organisations
from relance.store.plan_drafts import (
    PlanDraft,
    begin_draft,
    change_draft,
    find_draft,
    load_draft,
)
from relance.store.plans import StoredVersion, find_plan, followers, load_versions
from relance_bot.blocks.plan_editing import DraftView
from relance_bot.blocks.plans import Version
from relance_bot.people import Colleague

_EXAMPLES = (-30, 17)  # days late today


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """A draft beside what holds now; `versions` are the plan's, the latest first."""

    draft: PlanDraft
    current: Plan | None
    versions: Sequence[StoredVersion]

    @property
    def is_stale(self) -> bool:
        """Whether somebody has saved another version since it was begun."""
        return (self.current.version if self.current else 0) != self.draft.seen

    @property
    def base(self) -> Document | None:
        """What the draft was made from."""
        return next(
            (document_of(v.plan) for v in self.versions if v.plan.version == self.draft.seen), None
        )

    @property
    def is_changed(self) -> bool:
        return canonical(self.draft.document) != self.base

    @property
    def is_over(self) -> bool:
        """Whether nothing would be lost with it: it changes nothing, or has been saved."""
        since = (v.plan for v in self.versions if v.plan.version > self.draft.seen)
        document = canonical(self.draft.document)
        return (bool(self.draft.seen) and not self.is_changed) or any(
            document_of(plan) == document for plan in since
        )


class DraftingPlans:
    """A draft is a member's own: nobody else's click changes it."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def begin(self, who: Colleague, document: Mapping[str, Any], seen: int) -> PlanDraft:
        """The member's draft for that plan: the one under way, or else this document."""
        async with self._database.write() as tx:
            found = await find_draft(tx, who.member.id, str(document["plan"]))
            if found and not (await _standing(tx, found, who)).is_over:
                return found
            return await self._fresh(tx, who, document, seen)

    async def restart(self, who: Colleague, document: Mapping[str, Any], seen: int) -> PlanDraft:
        """A draft of this document, whatever was under way."""
        async with self._database.write() as tx:
            return await self._fresh(tx, who, document, seen)

    async def find(self, who: Colleague, draft_id: UUID) -> Standing | None:
        """The draft and what holds; None where it is gone or another member's."""
        async with self._database.read() as tx:
            draft = await load_draft(tx, who.member.id, draft_id)
            return await _standing(tx, draft, who) if draft else None

    async def change(self, draft: PlanDraft, document: Mapping[str, Any]) -> bool:
        async with self._database.write() as tx:
            return await change_draft(tx, draft, document, self._clock.now())

    async def merge(self, found: Standing) -> None:
        """What was changed here goes onto the version that holds now."""
        if found.current is None:
            return
        theirs, base = document_of(found.current), found.base or {}
        both = merged(base, theirs, found.draft.document)
        async with self._database.write() as tx:
            now, seen = self._clock.now(), found.current.version
            await change_draft(tx, found.draft, both, now, seen=seen)

    async def view(self, found: Standing, who: Colleague, channel: str) -> DraftView:
        """The draft as the modal shows it."""
        draft, current = found.draft, found.current
        async with self._database.read() as tx:
            faults = await plan_faults(tx, who.organisation, draft.document)
            following = await followers(tx, who.organisation)
            plan = _plan(found)
            broken = any(not fault.warning for fault in faults)
            return DraftView(
                id=draft.id,
                edits=draft.edits,
                plan=plan,
                current=current,
                customers=following.get(current.id, 0) if current else 0,
                faults=faults,
                newer=compared(found.versions, since=draft.seen),
                examples=() if broken else await self._examples(tx, plan, who),
                changed=found.is_changed,
                channel=channel,
            )

    async def effect(self, found: Standing) -> Effect | None:
        """What saving it would do; None for a plan that is yet to come."""
        if found.current is None:
            return None
        async with self._database.read() as tx:
            return await effect(tx, found.current, _plan(found), self._clock.now())

    async def _examples(self, tx: AsyncConnection, plan: Plan, who: Colleague) -> Sequence[Example]:
        if not active_steps(plan):
            return ()
        house = (await load_organisations(tx, [who.organisation]))[who.organisation]
        now = self._clock.now()
        return [example(plan, house.calendar, now, days_late=late) for late in _EXAMPLES]

    async def _fresh(
        self, tx: AsyncConnection, who: Colleague, document: Mapping[str, Any], seen: int
    ) -> PlanDraft:
        member, now = who.member.id, self._clock.now()
        return await begin_draft(tx, who.organisation, member, document, seen, now)


def compared(stored: Sequence[StoredVersion], since: int = 0) -> list[Version]:
    """Each version after `since` with what it changed in the one before it, the latest first."""
    earlier = {one.plan.version: one for one in stored}
    return [
        Version(
            number=one.plan.version,
            by=one.applied_by or "",
            at=one.applied_at,
            changes=changes_between(before.plan, one.plan) if before else None,
            called={
                step.key: step.name
                for version in (before, one)
                for step in (version.plan.steps if version else ())
            },
        )
        for one in stored
        if one.plan.version > since
        for before in (earlier.get(one.plan.version - 1),)
    ]


async def _standing(tx: AsyncConnection, draft: PlanDraft, who: Colleague) -> Standing:
    current = await find_plan(tx, who.organisation, draft.plan)
    versions = await load_versions(tx, current.id) if current else ()
    return Standing(draft=draft, current=current, versions=versions)


def _plan(found: Standing) -> Plan:
    """The draft as the plan it would become, with what holds beside its document."""
    current = found.current
    if current is None:
        return plan_of(found.draft.document, id=found.draft.id)
    return plan_of(
        found.draft.document,
        id=current.id,
        version=current.version + 1,
        active=current.active,
        pause=current.pause,
    )
