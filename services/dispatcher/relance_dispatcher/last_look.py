"""The last look: what is checked at the moment of sending, from the database (rules §5)."""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import TypeAlias

from relance.domain.calendar import Calendar, calendar_for, is_allowed, local_day, slot_on
from relance.domain.evaluation.eligibility import is_paused, over_ceiling
from relance.domain.ledger import Pause
from relance.domain.plans import CONNECTED, Phase, Plan
from relance.domain.problems import Problem
from relance.domain.revision import Cancel, Keep, OpenAction, Shrink, revise
from relance.drafting import Draft, draft
from relance.store.cases import CaseFile
from relance.store.dispatch import Queued
from relance.store.drafts import DraftRows
from relance.store.organisations import Organisation, pause_of


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """What holds for all of an organisation's messages under one plan (None: outside plans)."""

    organisation: Organisation
    plan: Plan | None
    last_import: datetime | None

    @property
    def calendar(self) -> Calendar:
        """The slots of its automatic actions."""
        calendar = self.organisation.calendar
        return calendar_for(self.plan, calendar) if self.plan else calendar


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """One queued action with everything the last look may see; no `file`: no current case.

    `contacted_on` is the last day on which something else reached the customer, or may have.
    """

    queued: Queued
    house: House
    file: CaseFile | None
    rows: DraftRows
    contacted_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Send:
    """Nothing speaks against it: this is what leaves."""

    draft: Draft


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """Not now: it stays queued and is looked at again."""

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """Not as it stands: `impossible`, `returned` to its owner or `cancelled`, and why."""

    outcome: str
    reason: str


Look: TypeAlias = Send | Hold | Decided


def held_back(queued: Queued, house: House, now: datetime) -> str | None:
    """Why nothing of the kind leaves now; needs no look at the customer."""
    today = local_day(house.calendar, now)
    if house.organisation.kill_switch:
        return "kill_switch"
    if _paused(today, house.organisation.pause, house.plan.pause if house.plan else None):
        return "paused"
    if _is_stale(house, now):
        return "stale_data"
    if queued.released_by is None and not _is_open(house.calendar, today, now):
        return "outside_the_slot"
    return None


def last_look(found: Found, now: datetime) -> Look:
    """What becomes of the action now."""
    if reason := held_back(found.queued, found.house, now):
        return Hold(reason=reason)
    today = local_day(found.house.calendar, now)
    if _paused(today, pause_of(found.rows.customer)):
        return Hold(reason="paused")
    rows = _standing(found, today)
    if isinstance(rows, Decided):
        return rows
    message = draft(rows, today)
    if not message.rows and rows.action["phase"] != Phase.THANK_YOU:
        return Decided(outcome="cancelled", reason="settled")
    if _amounts_changed(found.queued, message):
        return Decided(outcome="returned", reason=Problem.AMOUNTS_CHANGED)
    if problem := _problem(found, message):
        return Decided(outcome="impossible", reason=problem)
    if _is_too_soon(found, today):
        return Hold(reason="contact_delay")
    return Send(draft=message)


def _paused(today: date, *pauses: Pause | None) -> bool:
    return any(pause is not None and is_paused(pause, today) for pause in pauses)


def _is_stale(house: House, now: datetime) -> bool:
    hours = house.organisation.fresh_within_hours
    if hours is None:
        return False
    return house.last_import is None or now - house.last_import > timedelta(hours=hours)


def _is_open(calendar: Calendar, today: date, now: datetime) -> bool:
    slot = slot_on(calendar, today)
    return is_allowed(calendar, today) and slot.start <= now < slot.end


def _standing(found: Found, today: date) -> DraftRows | Decided:
    """The rows with those items left in that still stand, or why none does."""
    rows, file, plan = found.rows, found.file, found.house.plan
    if found.queued.case is None:
        return _excluded(rows) or rows
    if file is None or plan is None or file.case.id != found.queued.case:
        return Decided(outcome="cancelled", reason="plan_changed")
    match revise(_open_action(rows), file.case, plan, today):
        case Cancel(reason=reason):
            return Decided(outcome="cancelled", reason=reason)
        case Shrink(items=items):
            return replace(rows, chosen=rows.chosen & {*items} | rows.chosen_credits)
        case Keep():
            return rows


def _excluded(rows: DraftRows) -> Decided | None:
    """A specific action stands outside the plan, not outside what holds for the customer."""
    if rows.customer["archived"]:
        return Decided(outcome="cancelled", reason="archived")
    if not rows.customer["enabled"]:
        return Decided(outcome="cancelled", reason="disabled")
    return None


def _open_action(rows: DraftRows) -> OpenAction:
    return OpenAction(
        phase=Phase(rows.action["phase"]),
        reaches=rows.reaches,
        items=tuple(sorted(rows.chosen - rows.chosen_credits)),
        credits=tuple(sorted(rows.chosen_credits)),
        left_out=rows.left_out,
    )


def _is_too_soon(found: Found, today: date) -> bool:
    """Whether the contact delay keeps it back: what was held up long must not leave in a burst."""
    plan, last = found.house.plan, found.contacted_on
    if plan is None or last is None or found.queued.released_by is not None:
        return False
    return today < last + timedelta(days=plan.contact_delay)


def _amounts_changed(queued: Queued, message: Draft) -> bool:
    """Whether an amount is no longer what it was when the owner wrote the text."""
    if queued.edited_amounts is None:
        return False
    now = {str(item): amount for item, amount in message.amounts.items()}
    return any(now.get(item) != amount for item, amount in queued.edited_amounts.items())


def _problem(found: Found, message: Draft) -> Problem | None:
    """Why it cannot leave though it should: a person must act (rules §5)."""
    if message.channel not in CONNECTED:
        return Problem.CHANNEL_NOT_CONNECTED
    if message.problem:
        return message.problem
    plan = found.house.plan
    automatic = found.queued.released_by is None
    return Problem.CEILING if automatic and plan and over_ceiling(plan, message.asked) else None
