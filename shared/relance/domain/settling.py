"""Acts applied to a case in memory, until the clock has nothing left to bring about."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import date, datetime
from typing import TypeAlias
from uuid import UUID

from relance.domain.calendar import Calendar, calendar_for, local_day, moment
from relance.domain.cases import Case, Run, StepState, Taken
from relance.domain.evaluation import evaluate_at
from relance.domain.evaluation.acts import Act, NewAction, PassedOver, Rest, Start, Wait
from relance.domain.evaluation.eligibility import accounts
from relance.domain.plans import CONTACT_CHANNELS, Mode, Plan

Identify: TypeAlias = Callable[[NewAction | PassedOver], UUID]


def settle_case(
    case: Case, plan: Plan, calendar: Calendar, now: datetime, identify: Identify
) -> tuple[tuple[Act, ...], Wait | Rest]:
    """All the acts of this instant, in order, and what comes after them.

    `identify` names each action as it is made or passed over. RuntimeError when the acts do not
    come to an end: a mistake in the rules, not in the case.
    """
    acts: list[Act] = []
    own = calendar_for(plan, calendar)
    at = moment(own, now)
    owed = accounts(case, at.day)
    today = local_day(calendar, now)
    # Each run begins, expires, passes over each of its steps, makes one and finishes.
    bound = (len(case.items) + len(case.runs) + 1) * (len(plan.steps) + 4)
    for _ in range(bound):
        answer = evaluate_at(case, plan, own, at, owed)
        if not isinstance(answer, Act):
            return tuple(acts), answer
        acts.append(answer)
        case = apply(case, plan, answer, today, identify)
    raise RuntimeError(f"case {case.id} does not settle under plan {plan.key}")


def apply(case: Case, plan: Plan, act: Act, today: date, identify: Identify) -> Case:
    """The case as it stands once the act is written on that day."""
    runs = {run.item: run for run in case.runs}
    _start(runs, case, act.start, today)
    contacts = {step.key for step in plan.steps if step.channel in CONTACT_CHANNELS}
    for item, taken in (
        *_made(act, contacts, today, identify),
        *_passed(act, contacts, today, identify),
    ):
        runs[item] = replace(runs[item], taken=(*runs[item].taken, taken))
    if act.expire:
        runs = {item: _expired(run, act.expire, today) for item, run in runs.items()}
    for item in act.finish:
        runs[item] = replace(runs[item], finished=True)
    return replace(case, runs=tuple(runs.values()))


def _start(runs: dict[UUID | None, Run], case: Case, starts: Iterable[Start], today: date) -> None:
    number = max((run.number for run in runs.values()), default=0)
    currencies = {item.id: item.currency for item in case.items} if starts else {}
    for start in starts:
        number += start.leads
        known = runs.get(start.item)
        runs[start.item] = Run(
            item=start.item,
            number=number if start.leads else 0,
            started_on=today,
            after=start.after,
            taken=known.taken if known else (),
            currency=currencies[start.item] if start.item else "",
        )


def _made(
    act: Act, contacts: set[str], today: date, identify: Identify
) -> Iterator[tuple[UUID | None, Taken]]:
    for new in act.make:
        action = identify(new)
        for reach in new.reaches:
            yield (
                reach.item,
                Taken(
                    step=reach.step,
                    action=action,
                    state=StepState.OPEN,
                    on=today,
                    occurrence=reach.occurrence,
                    waiting=new.mode is not Mode.AUTOMATIC,
                    contact=reach.step in contacts,
                ),
            )


def _passed(
    act: Act, contacts: set[str], today: date, identify: Identify
) -> Iterator[tuple[UUID | None, Taken]]:
    for passed in act.pass_over:
        action = identify(passed)
        for reach in passed.reaches:
            yield (
                reach.item,
                Taken(
                    step=reach.step,
                    action=action,
                    state=StepState.PASSED,
                    on=today,
                    occurrence=reach.occurrence,
                    contact=reach.step in contacts,
                ),
            )


def _expired(run: Run, actions: tuple[UUID, ...], today: date) -> Run:
    return replace(
        run,
        taken=tuple(
            replace(taken, state=StepState.EXPIRED, on=today, waiting=False)
            if taken.action in actions and taken.state is StepState.OPEN
            else taken
            for taken in run.taken
        ),
    )
