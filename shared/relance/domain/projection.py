"""What will happen to a case if nothing changes but the clock (F42)."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID, uuid4

from relance.domain.calendar import Calendar, local_day
from relance.domain.cases import Case, Run, StepState
from relance.domain.evaluation import evaluate
from relance.domain.evaluation.acts import Act, NewAction, Wait
from relance.domain.plans import Plan
from relance.domain.settling import apply


@dataclass(frozen=True, slots=True, kw_only=True)
class Projected:
    """An action to come, on the organisation's day on which it is made."""

    day: date
    action: NewAction


def project(
    case: Case,
    plan: Plan,
    calendar: Calendar,
    now: datetime,
    until: datetime,
    *,
    owners_act: bool,
    stuck: Collection[UUID] = (),
) -> Iterator[Projected]:
    """The actions of this case from `now` to `until`, excluded, in order.

    Automatic ones leave on their day. With `owners_act` people validate what they get on the day
    they get it; without, what waits for a person waits for ever, and its run with it. So do the
    `stuck` actions, which may have left or not.
    """
    while now < until:
        day = local_day(calendar, now)
        case = _carried_out(case, day, stuck, owners_act=owners_act)
        answer = evaluate(case, plan, calendar, now)
        if isinstance(answer, Act):
            yield from (Projected(day=day, action=action) for action in answer.make)
            case = apply(case, plan, answer, day, lambda _made: uuid4())
        elif isinstance(answer, Wait):
            now = answer.until
        else:
            return


def _carried_out(case: Case, day: date, stuck: Collection[UUID], *, owners_act: bool) -> Case:
    """The case once all that can leave has left on that day."""
    runs = tuple(_run_carried_out(run, day, stuck, owners_act=owners_act) for run in case.runs)
    if runs == case.runs:
        return case
    contacted = any(
        new.contact and new.state is not old.state
        for run, before in zip(runs, case.runs, strict=True)
        for new, old in zip(run.taken, before.taken, strict=True)
    )
    last = max(day, case.last_contact_on or day) if contacted else case.last_contact_on
    return replace(case, runs=runs, last_contact_on=last)


def _run_carried_out(run: Run, day: date, stuck: Collection[UUID], *, owners_act: bool) -> Run:
    taken = tuple(
        replace(step, state=StepState.EXECUTED, on=day, waiting=False)
        if step.state is StepState.OPEN
        and step.action not in stuck
        and (owners_act or not step.waiting)
        else step
        for step in run.taken
    )
    return run if taken == run.taken else replace(run, taken=taken)
