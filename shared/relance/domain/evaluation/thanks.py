"""Thank-yous for payments that are allocated in full (rules §3, F28)."""

from collections.abc import Iterator

from relance.domain.cases import Run
from relance.domain.evaluation.eligibility import is_thankable
from relance.domain.evaluation.prospects import (
    Prospect,
    Situation,
    Upcoming,
    blocked,
    earliest_day,
    open_steps,
    place_of,
)
from relance.domain.evaluation.triggers import trigger_day
from relance.domain.ledger import Item


def thanks(now: Situation) -> Iterator[Prospect]:
    """What lies ahead of every payment since the enrolment; the balance does not matter."""
    if not any(step.active for step in now.thanks.steps):
        return
    payments = [
        item
        for item in now.case.items
        if is_thankable(item) and item.issued_on >= now.case.enrolled_on
    ]
    for payment in sorted(payments, key=lambda item: (item.issued_on, item.number, item.id)):
        yield from _of_payment(now, payment, now.runs.get(payment.id))


def _of_payment(now: Situation, payment: Item, run: Run | None) -> Iterator[Prospect]:
    held = open_steps(run, now.ladder) if run else ()
    if run and held:
        yield from (blocked(run, taken) for taken in held)
        return
    steps = now.thanks.steps
    dates = {taken.step: taken.on for taken in run.taken} if run else {}
    first = place_of(run, now.thanks) + 1 if run else 0
    for place in range(first, len(steps)):
        if steps[place].active:
            day = trigger_day(steps, place, payment, dates)
            yield Upcoming(
                item=payment,
                run=run,
                step=steps[place],
                triggers_on=day,
                earliest=earliest_day(now, steps[place], day, run),
            )
            return
