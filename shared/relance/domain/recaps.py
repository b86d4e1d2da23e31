"""Statements of account at a recurrence (rules §3, `recap`)."""

from collections.abc import Iterator
from datetime import date

from relance.domain.calendar import later
from relance.domain.cases import Run
from relance.domain.eligibility import asked, silence
from relance.domain.ledger import Item
from relance.domain.plans import Recurrence
from relance.domain.prospects import (
    Prospect,
    Quiet,
    Situation,
    Upcoming,
    blocked,
    earliest_day,
    open_steps,
)
from relance.domain.triggers import last_occurrence, next_occurrence


def recaps(now: Situation) -> Iterator[Prospect]:
    """The next statement of account; missed ones make one."""
    step = next((step for step in now.ladder.steps if step.active), None)
    recurrence = now.plan.recurrence
    if step is None or recurrence is None:
        yield Quiet(reason="no_step")
        return
    run = now.runs.get(None)
    held = open_steps(run, now.thanks) if run else ()
    if run and held:
        yield from (blocked(run, taken) for taken in held)
        return
    items = stated(now)
    if not items:
        yield from _unstated(now)
        return
    yield from _freed(now)
    day = _occurrence(now, recurrence, run, min(item.known_on for item in items))
    yield Upcoming(
        item=None,
        run=run,
        step=step,
        triggers_on=day,
        earliest=earliest_day(now, step, day, run),
        occurrence=day.isoformat(),
    )


def stated(now: Situation) -> list[Item]:
    """The items a statement lists, due or not, of the currencies in which anything is asked for."""
    found: list[Item] = []
    for account in now.accounts.values():
        amount = asked(account.eligible, account.credits).get(account.currency, 0)
        if account.eligible and amount > 0 and not silence(account, now.plan):
            found.extend(account.eligible)
    return found


def _unstated(now: Situation) -> Iterator[Quiet]:
    """Why there is nothing to state, by currency."""
    if not now.accounts:
        yield Quiet(reason="nothing_eligible")
    for account in now.accounts.values():
        reason = silence(account, now.plan)
        default = "covered" if account.eligible else "nothing_eligible"
        yield Quiet(
            reason=reason or default,
            currency=account.currency,
            until=None if reason else account.frees_on,
        )


def _freed(now: Situation) -> Iterator[Quiet]:
    """An item known for longer that becomes eligible may bring a date back that had passed."""
    for account in now.accounts.values():
        if account.frees_on and not silence(account, now.plan):
            yield Quiet(
                reason="nothing_eligible", currency=account.currency, until=account.frees_on
            )


def _occurrence(now: Situation, recurrence: Recurrence, run: Run | None, known_on: date) -> date:
    """The latest date not yet stated that has come, or else the next one.

    A date before anything in the statement was known has passed for good: an invoice that arrives
    on the 15th waits for the next statement.
    """
    today = now.at.day
    start = recurrence.start or now.case.enrolled_on
    stated_on = sorted(date.fromisoformat(t.occurrence) for t in run.taken) if run else []
    moved = now.case.next_on
    if moved is not None and moved > max(stated_on, default=date.min):
        if moved > today:
            return moved
        after = later(moved, -1)
        last = max(moved, last_occurrence(recurrence, today, start) or moved)
    else:
        after = _stated_until(now, recurrence, stated_on, start)
        last = last_occurrence(recurrence, today, start) or date.min
    after = max(after, later(max(now.case.enrolled_on, known_on), -1))
    return last if last > after else next_occurrence(recurrence, max(after, today), start)


def _stated_until(
    now: Situation, recurrence: Recurrence, stated_on: list[date], start: date
) -> date:
    """The last date that is dealt with: stated, or replaced by one that was."""
    if not stated_on:
        return date.min
    if stated_on[-1] != now.case.next_on:
        return stated_on[-1]
    before = stated_on[-2] if len(stated_on) > 1 else later(now.case.enrolled_on, -1)
    return max(stated_on[-1], next_occurrence(recurrence, before, start))
