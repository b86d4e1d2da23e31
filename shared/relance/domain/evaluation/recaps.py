"""Statements of account at a recurrence (rules §3, `recap`)."""

from collections.abc import Iterator
from datetime import date

from relance.domain.calendar import later
from relance.domain.cases import Run
from relance.domain.evaluation.eligibility import asked, silence
from relance.domain.evaluation.prospects import (
    Prospect,
    Quiet,
    Situation,
    Upcoming,
    blocked,
    earliest_day,
    open_steps,
)
from relance.domain.evaluation.triggers import last_occurrence, next_occurrence
from relance.domain.ledger import Item
from relance.domain.plans import Recurrence


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
    stated_on = [date.fromisoformat(t.occurrence) for t in run.taken if t.occurrence] if run else []
    after = max([*stated_on, later(max(now.case.enrolled_on, known_on), -1)])
    moved = now.case.next_on
    if moved is None or moved < now.case.enrolled_on:
        last, resumes = last_occurrence(recurrence, today, start), date.min
    else:
        resumes = _resumes_after(now.case.enrolled_on, moved, recurrence, stated_on, start)
        if moved > today:
            return moved
        last = last_occurrence(recurrence, today, start)
        last = last if last and last > resumes else moved
    if last and last > after:
        return last
    return next_occurrence(recurrence, max(after, today, resumes), start)


def _resumes_after(
    enrolled_on: date, moved: date, recurrence: Recurrence, stated_on: list[date], start: date
) -> date:
    """A date that was set takes the place of the next regular one, earlier or later than it."""
    before = max((day for day in stated_on if day < moved), default=later(enrolled_on, -1))
    return max(moved, next_occurrence(recurrence, before, start))
