"""The passage of reference items through an escalation: where it enters and what is next (§4)."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from uuid import UUID

from relance.domain.cases import Run, Taken
from relance.domain.evaluation.eligibility import Account, seniority, silence
from relance.domain.evaluation.prospects import (
    Begin,
    Blocked,
    Ended,
    Ladder,
    Prospect,
    Quiet,
    Situation,
    Upcoming,
    blocked,
    earliest_day,
    open_steps,
    place_of,
)
from relance.domain.evaluation.triggers import trigger_day
from relance.domain.ledger import Item
from relance.domain.plans import (
    Anchor,
    Logic,
    OnReferenceSettled,
    Phase,
    Plan,
    Scope,
    Step,
    active_steps,
)


def escalations(now: Situation) -> Iterator[Prospect]:
    """What lies ahead of every run of an escalation plan."""
    if not any(step.active for step in now.ladder.steps):
        yield Quiet(reason="no_step")
        return
    for account in now.accounts.values():
        if reason := silence(account, now.plan):
            yield Quiet(reason=reason, currency=account.currency)
            continue
        if account.frees_on:
            yield Quiet(
                reason="nothing_eligible", currency=account.currency, until=account.frees_on
            )
        if now.plan.scope is Scope.ITEM:
            yield from _of_items(now, account)
        else:
            yield from _of_account(now, account)


def _of_items(now: Situation, account: Account) -> Iterator[Prospect]:
    if not account.eligible:
        yield Quiet(reason="nothing_eligible", currency=account.currency)
    for item in account.eligible:
        run = now.runs.get(item.id)
        blocks = [] if run is None else list(_blocks(now, run, item))
        if blocks:
            yield from blocks
        elif run is None or run.number == 0:
            yield Begin(item=item, after=_moved_from(now))
        else:
            yield next_step(now, run, item)


def _of_account(now: Situation, account: Account) -> Iterator[Prospect]:
    """One run leads each account. An open action holds it: a new reference begins afterwards."""
    runs = _runs_in(now, account.currency)
    items = {item.id: item for item in account.eligible} if runs else {}
    blocks = [
        block
        for run in runs
        for block in _blocks(now, run, items.get(run.item) if run.item else None)
    ]
    if blocks:
        yield from blocks
        return
    if not account.eligible:
        yield Quiet(reason="nothing_eligible", currency=account.currency)
        return
    item = reference(now.plan, account.eligible)
    run = now.runs.get(item.id)
    if run is None or run.number == 0:
        yield Begin(item=item, after=_entry(now, account, item, runs))
    else:
        yield next_step(now, run, item)


def reference(plan: Plan, eligible: Sequence[Item]) -> Item:
    """The oldest item, of those in the order of seniority: by issue date where reminders use it."""
    anchors = {step.trigger.anchor for step in active_steps(plan, Phase.REMINDER)}
    if Anchor.ISSUE_DATE in anchors and Anchor.DUE_DATE not in anchors:
        return min(eligible, key=lambda item: (item.issued_on, seniority(item)[1:]))
    return eligible[0]


def _runs_in(now: Situation, currency: str) -> list[Run]:
    """The currency's runs, oldest first; a run that does not know its currency asks its item."""
    known = {} if all(run.currency for run in now.case.runs) else _currencies(now)
    found = [
        run
        for run in now.case.runs
        if run.item and currency == (run.currency or known.get(run.item))
    ]
    return sorted(found, key=lambda run: run.number)


def _currencies(now: Situation) -> dict[UUID, str]:
    return {item.id: item.currency for item in now.case.items}


def _moved_from(now: Situation) -> str | None:
    """Where a case moved between the plans of a pair goes on: only its first runs do (F27)."""
    return None if any(run.number > 0 for run in now.case.runs) else now.case.after


def _entry(now: Situation, account: Account, item: Item, runs: Sequence[Run]) -> str | None:
    """The step after which a new reference enters (F10); None: at the foot of the plan."""
    leading = [run for run in runs if run.number > 0]
    if not leading:
        return _moved_from(now)
    prior = max(leading, key=_last_active)
    if any(prior.item == other.id for other in account.eligible):
        return None  # an older item takes over: the run starts again
    match now.plan.on_reference_settled:
        case OnReferenceSettled.RESTART:
            return None
        case OnReferenceSettled.INHERIT:
            return _key_at(now.ladder, place_of(prior, now.ladder))
        case OnReferenceSettled.CONTEXTUAL:
            return _before_age(now, item)


def _last_active(run: Run) -> tuple[date, int]:
    """Orders the references an account has had; one that came back may have led last."""
    return max((taken.on for taken in run.taken), default=run.started_on), run.number


def _key_at(ladder: Ladder, place: int) -> str | None:
    return ladder.steps[place].key if place >= 0 else None


def _before_age(now: Situation, item: Item) -> str | None:
    """The step before the one of the item's age; contextual logic finds that by itself."""
    if now.plan.logic is Logic.CONTEXTUAL:
        return None
    reached = [place for place, _, day in _ahead(now, -1, item, {}) if day <= now.at.day]
    return _key_at(now.ladder, max(reached, default=0) - 1)


def _ahead(
    now: Situation, place: int, item: Item, dates: Mapping[str, date]
) -> Iterator[tuple[int, Step, date]]:
    """The active steps beyond a place, with the days of their triggers; no notice once due."""
    steps = now.ladder.steps
    for higher in range(place + 1, len(steps)):
        step = steps[higher]
        if step.active and not (step.phase is Phase.PRE_DUE and _is_due(item, now.at.day)):
            yield higher, step, trigger_day(steps, higher, item, dates)


def _is_due(item: Item, day: date) -> bool:
    return item.due_on is None or day >= item.due_on


def _dates(now: Situation, run: Run) -> dict[str, date]:
    """The days on which the run took its steps, and on which the step it inherited was taken."""
    dates = {taken.step: taken.on for taken in run.taken}
    inherits = now.plan.on_reference_settled is OnReferenceSettled.INHERIT
    if run.after is not None and run.after not in dates and inherits:
        days = [
            taken.on
            for other in now.case.runs
            if other.number > 0 and other.currency == run.currency
            for taken in other.taken
            if taken.step == run.after
        ]
        if days:
            dates[run.after] = max(days)
    return dates


def _blocks(now: Situation, run: Run, item: Item | None) -> Iterator[Blocked]:
    """The open actions of a run; without its item, nothing can expire them."""
    for taken in open_steps(run, now.thanks):
        expires_on = _expiry(now, run, taken, item) if item and taken.waiting else None
        yield blocked(run, taken, expires_on)


def _expiry(now: Situation, run: Run, taken: Taken, item: Item) -> date | None:
    """A notice expires on the due date; under contextual logic any step when the next triggers.

    What is in the machine's hands does not expire: the dispatcher's last look sees to it.
    """
    place = now.ladder.places.get(taken.step)
    if place is None:
        return None
    days = []
    if now.ladder.steps[place].phase is Phase.PRE_DUE and item.due_on:
        days.append(item.due_on)
    if now.plan.logic is Logic.CONTEXTUAL and run.number > 0:
        days.extend(day for _, _, day in _ahead(now, place, item, _dates(now, run)))
    return min(days, default=None)


def next_step(now: Situation, run: Run, item: Item) -> Upcoming | Ended:
    """The step that the run comes to next, due or not yet."""
    if run.finished:
        return Ended(item=item.id, finished=True)
    ahead = _ahead(now, place_of(run, now.ladder), item, _dates(now, run))
    contextual = now.plan.logic is Logic.CONTEXTUAL
    found = _latest(ahead, now.at.day) if contextual else _first(ahead, run)
    if found is None:
        return Ended(item=item.id, finished=False)
    step, triggers_on, turn = found
    if step.phase is Phase.PRE_DUE and item.due_on:
        turn = min(turn or item.due_on, item.due_on)
    return Upcoming(
        item=item,
        run=run,
        step=step,
        triggers_on=triggers_on,
        earliest=earliest_day(now, step, triggers_on, run),
        turn=turn,
    )


def _first(
    ahead: Iterable[tuple[int, Step, date]], run: Run
) -> tuple[Step, date, date | None] | None:
    """Standard logic: one after another; of the notices, those still ahead when the run began."""
    for _, step, triggers_on in ahead:
        if step.phase is not Phase.PRE_DUE or triggers_on >= run.started_on:
            return step, triggers_on, None
    return None


def _latest(
    ahead: Iterable[tuple[int, Step, date]], day: date
) -> tuple[Step, date, date | None] | None:
    """Contextual logic: the latest step that has triggered, and when another takes its place."""
    reached: tuple[Step, date] | None = None
    coming: list[tuple[date, Step]] = []
    for _, step, triggers_on in ahead:
        if triggers_on <= day:
            reached, coming = (step, triggers_on), []
        else:
            coming.append((triggers_on, step))
    turn = min((triggers_on for triggers_on, _ in coming), default=None)
    if reached:
        return *reached, turn
    if not coming:
        return None
    triggers_on, step = min(coming, key=lambda c: c[0])
    return step, triggers_on, turn
