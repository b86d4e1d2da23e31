"""What evaluation asks to write, gathered for many cases and written set-wise."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from relance.contracts.messages import ActionsChanged, ActionsQueued
from relance.domain.actions import ActionState
from relance.domain.evaluation.acts import Act, NewAction, PassedOver, Reach, Start
from relance.domain.people import Member, Responsible, Role, owners_of
from relance.domain.plans import AUTOMATIC_CHANNELS, Channel, Mode, Plan, Step
from relance.domain.problems import Problem
from relance.messaging.outbox import post
from relance.store.bulk import among, insert_many, update_many
from relance.store.cases import CaseFile
from relance.store.tables import action_items, action_owners, actions, cases, run_steps, runs
from relance.store.types import new_id
from relance_scheduler.history import Event, record
from relance_scheduler.withdrawal import close


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """Who can act for an organisation today, and by which channels it can send."""

    members: Sequence[Member]
    addresses: Mapping[str, UUID]  # of the members, case folded
    customer_owners: Mapping[UUID, tuple[UUID, ...]]
    connected: frozenset[Channel]
    now: datetime
    today: date


@dataclass(slots=True)
class PlanWriting:
    """Rows to be written; one instance for one transaction."""

    now: datetime
    runs: list[dict[str, Any]] = field(default_factory=list)
    numbers: dict[UUID, int] = field(default_factory=dict)
    leading: list[dict[str, Any]] = field(default_factory=list)
    finished: list[dict[str, Any]] = field(default_factory=list)
    actions: list[dict[str, Any]] = field(default_factory=list)
    owners: list[dict[str, Any]] = field(default_factory=list)
    items: list[dict[str, Any]] = field(default_factory=list)
    steps: list[dict[str, Any]] = field(default_factory=list)
    expired: list[UUID] = field(default_factory=list)
    ends: list[dict[str, Any]] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    queued: list[UUID] = field(default_factory=list)
    posted: list[UUID] = field(default_factory=list)

    def add(
        self,
        file: CaseFile,
        plan: Plan,
        desk: Desk,
        acts: Iterable[Act],
        ids: Mapping[NewAction | PassedOver, UUID],
    ) -> None:
        """Takes in a case's acts, in order; `ids` are their actions' identifiers."""
        run_ids = dict(file.run_ids)
        for act in acts:
            for start in act.start:
                self._start(file, start, run_ids, desk.today)
            for new in act.make:
                self._make(file, plan, desk, new, ids[new], run_ids)
            for passed in act.pass_over:
                self._pass_over(file, plan, desk, passed, ids[passed], run_ids)
            for item in act.finish:
                self._finish(file, plan, item, run_ids[item])
            self.expired.extend(act.expire)

    def end(self, case_id: UUID, wake_at: datetime | None, resting: str) -> None:
        """When the case is looked at again, or why it is not."""
        self.ends.append({"id": case_id, "wake_at": wake_at, "resting": resting})

    async def write(self, tx: AsyncConnection) -> None:
        """Writes everything into the caller's transaction, messages included."""
        await insert_many(tx, runs, self.runs)
        await insert_many(tx, actions, self.actions)
        await insert_many(tx, action_owners, self.owners)
        await insert_many(tx, action_items, self.items)
        await update_many(tx, runs, self.leading)
        await update_many(tx, runs, self.finished)
        await insert_many(tx, run_steps, self.steps)
        if self.expired:
            which = among(tx, actions.c.id, self.expired)
            await close(tx, which, ActionState.EXPIRED, "expired", self.now)
        await update_many(tx, cases, self.ends)
        await record(tx, self.events)
        await post(tx, "scheduler", ActionsQueued, self.queued, self.now)
        await post(tx, "scheduler", ActionsChanged, self.posted, self.now)

    def _start(
        self, file: CaseFile, start: Start, run_ids: dict[UUID | None, UUID], today: date
    ) -> None:
        latest = max((run.number for run in file.case.runs), default=0)
        self.numbers.setdefault(file.case.id, latest)
        self.numbers[file.case.id] += start.leads
        number = self.numbers[file.case.id] if start.leads else 0
        values = {"number": number, "started_on": today, "after": start.after}
        if start.item in run_ids:
            self.leading.append({"id": run_ids[start.item], **values})
            return
        run_ids[start.item] = new_id()
        self.runs.append(
            {
                "id": run_ids[start.item],
                "case_id": file.case.id,
                "item_id": start.item,
                "finished": False,
                **values,
            }
        )

    def _finish(self, file: CaseFile, plan: Plan, item: UUID | None, run_id: UUID) -> None:
        self.finished.append({"id": run_id, "finished": True})
        self.events.append(
            Event(
                event="finished",
                at=self.now,
                customer=file.case.customer,
                detail={"plan": plan.key, "item": str(item) if item else ""},
            )
        )

    def _make(
        self,
        file: CaseFile,
        plan: Plan,
        desk: Desk,
        new: NewAction,
        action_id: UUID,
        run_ids: Mapping[UUID | None, UUID],
    ) -> None:
        step = next(s for s in plan.steps if s.key == new.step)
        by_hand = step.channel in AUTOMATIC_CHANNELS and step.channel not in desk.connected
        automatic = new.mode is Mode.AUTOMATIC
        problem = Problem.CHANNEL_NOT_CONNECTED if by_hand else new.manual_because or ""
        row = self._action_row(file, plan, step, action_id, new.due_on)
        row |= {
            "mode": new.mode,
            "state": ActionState.QUEUED if automatic else ActionState.WAITING,
            "leave_at": self.now if automatic else None,
            "problem": problem,
        }
        self.actions.append(row)
        self._add_owners(file, plan, step, desk, action_id)
        for item in (*new.items, *new.credits):
            self.items.append({"action_id": action_id, "item_id": item, "included": True})
        self._add_steps(new.reaches, action_id, run_ids)
        (self.queued if automatic else self.posted).append(action_id)
        self.events.append(self._event("made", file, action_id, {"step": step.key}))

    def _pass_over(
        self,
        file: CaseFile,
        plan: Plan,
        desk: Desk,
        passed: PassedOver,
        action_id: UUID,
        run_ids: Mapping[UUID | None, UUID],
    ) -> None:
        step = next(s for s in plan.steps if s.key == passed.reaches[0].step)
        row = self._action_row(file, plan, step, action_id, desk.today)
        closed = {"state": ActionState.PASSED, "closed_at": self.now, "reason": passed.because}
        self.actions.append({**row, **closed})
        self._add_steps(passed.reaches, action_id, run_ids)
        detail = {"step": step.key, "because": passed.because}
        self.events.append(self._event("passed_over", file, action_id, detail))

    def _action_row(
        self, file: CaseFile, plan: Plan, step: Step, action_id: UUID, due_on: date
    ) -> dict[str, Any]:
        return {
            "id": action_id,
            "customer_id": file.case.customer,
            "case_id": file.case.id,
            "plan_key": plan.key,
            "plan_version": plan.version,
            "step": step.key,
            "step_name": step.name,
            "phase": step.phase,
            "channel": step.channel,
            "mode": step.mode,
            "template": step.template,
            "sender": step.sender,
            "to": list(step.to),
            "cc": list(step.cc),
            "state": ActionState.WAITING,
            "version": 1,
            "due_on": due_on,
            "made_at": self.now,
            "leave_at": None,
            "closed_at": None,
            "problem": "",
            "reason": "",
            "note": "",
            "call_outcome": "",
        }

    def _add_owners(
        self, file: CaseFile, plan: Plan, step: Step, desk: Desk, action_id: UUID
    ) -> None:
        responsible = Responsible(
            account_manager=file.account_manager,
            customer_owners=desk.customer_owners.get(file.case.customer, ()),
            plan_owner=desk.addresses.get((plan.owner or "").casefold()),
            default=file.organisation.default_owner,
        )
        owners = owners_of(step.owner, responsible, desk.members, desk.today)
        for member in owners or _admins(desk.members):
            self.owners.append({"action_id": action_id, "member_id": member})

    def _add_steps(
        self,
        reaches: Sequence[Reach],
        action_id: UUID,
        run_ids: Mapping[UUID | None, UUID],
    ) -> None:
        for reach in reaches:
            self.steps.append(
                {
                    "id": new_id(),
                    "run_id": run_ids[reach.item],
                    "step": reach.step,
                    "occurrence": reach.occurrence,
                    "action_id": action_id,
                    "live": True,
                }
            )

    def _event(
        self, event: str, file: CaseFile, action_id: UUID, detail: Mapping[str, Any]
    ) -> Event:
        return Event(
            event=event,
            at=self.now,
            customer=file.case.customer,
            action=action_id,
            to_version=1,
            detail=detail,
        )


def _admins(members: Sequence[Member]) -> tuple[UUID, ...]:
    """Who gets an action that nobody else would: better an admin's card than none."""
    return tuple(m.id for m in members if m.active and Role.ADMIN in m.roles)
