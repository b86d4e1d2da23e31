"""Nothing is sent twice, and what is shown is what happened (reliability §1)."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from relance.domain.actions import OPEN_STATES, ActionState, Verb
from relance.store.invariants.finding import Invariant
from relance.store.invariants.rule import Rule, newest, of_actions
from relance.store.tables import (
    action_items,
    actions,
    attempts,
    cases,
    customers,
    decision_answers,
    decisions,
    run_steps,
    runs,
)

_LEFT = ("delivered", "unknown")
_HANDED_OVER = (*_LEFT, "rejected", "try_later")
_KEEP = "Keep the rows as they are, stop the dispatchers, and look at the attempts of the action."


def _again(_now: datetime) -> sa.Select[Any]:
    """A further hand-over of what may have left, with nobody's decision between the two."""
    first, second = attempts.alias(), attempts.alias()
    consent = (
        sa.select(decisions.c.id)
        .join(decision_answers, decision_answers.c.decision_id == decisions.c.id)
        .where(
            decisions.c.action_id == first.c.action_id,
            decision_answers.c.accepted,
            decisions.c.verb == Verb.SEND_AGAIN,
            decisions.c.version > first.c.action_version,
            decisions.c.version < second.c.action_version,
        )
    )
    pair = (
        sa.select(first.c.id)
        .join(second, second.c.action_id == first.c.action_id)
        .where(
            first.c.action_id == actions.c.id,
            first.c.number < second.c.number,
            first.c.outcome.in_(_LEFT) | first.c.outcome.is_(None),
            second.c.outcome.in_(_HANDED_OVER) | second.c.outcome.is_(None),
            ~consent.exists(),
        )
    )
    several = sa.select(attempts.c.action_id).group_by(attempts.c.action_id)
    tried_again = actions.c.id.in_(several.having(sa.func.count() > 1))
    since = newest(attempts.c.claimed_at, attempts.c.action_id == actions.c.id)
    return of_actions(since, tried_again, pair.exists())


def _step_sent_twice(_now: datetime) -> sa.Select[Any]:
    """What had dropped out of an action before it left was not sent by it."""
    shown = sa.select(action_items.c.item_id).where(
        action_items.c.action_id == run_steps.c.action_id,
        action_items.c.item_id == runs.c.item_id,
        action_items.c.included,
    )
    delivered = attempts.c.action_id == run_steps.c.action_id, attempts.c.outcome == "delivered"
    return _steps(
        sa.func.max(attempts.c.recorded_at, type_=attempts.c.recorded_at.type),
        run_steps.c.live | shown.exists(),
    ).join(attempts, sa.and_(*delivered))


def _two_actions(_now: datetime) -> sa.Select[Any]:
    made = sa.func.max(actions.c.made_at, type_=actions.c.made_at.type)
    return _steps(made, run_steps.c.live).join(actions, actions.c.id == run_steps.c.action_id)


def _steps(since: sa.ColumnElement[Any], *where: sa.ColumnElement[bool]) -> sa.Select[Any]:
    """Runs that reached a step more than once; to be joined with what counts."""
    whose = (customers.c.organisation_id, customers.c.reference, run_steps.c.run_id)
    return (
        sa.select(
            whose[0].label("organisation"),
            whose[1].label("customer"),
            whose[2].label("subject"),
            since.label("since"),
        )
        .select_from(run_steps)
        .join(runs, runs.c.id == run_steps.c.run_id)
        .join(cases, cases.c.id == runs.c.case_id)
        .join(customers, customers.c.id == cases.c.customer_id)
        .where(*where)
        .group_by(*whose, run_steps.c.step, run_steps.c.occurrence)
        .having(sa.func.count() > 1)
    )


def _two_attempts(_now: datetime) -> sa.Select[Any]:
    several = sa.select(attempts.c.action_id).where(attempts.c.live).group_by(attempts.c.action_id)
    since = newest(attempts.c.claimed_at, attempts.c.action_id == actions.c.id)
    return of_actions(since, actions.c.id.in_(several.having(sa.func.count() > 1)))


def _no_trace(_now: datetime) -> sa.Select[Any]:
    """Executed by the clock, and no provider ever said yes."""
    delivered = sa.select(attempts.c.id).where(
        attempts.c.action_id == actions.c.id, attempts.c.outcome == "delivered"
    )
    by_clock = actions.c.decided_by.is_(None) & (actions.c.state == ActionState.EXECUTED)
    return of_actions(actions.c.closed_at, by_clock, ~delivered.exists())


def _shown_otherwise(_now: datetime) -> sa.Select[Any]:
    """Sent, and its action says something else that no bell will put right."""
    not_told = sa.and_(
        actions.c.state == ActionState.QUEUED, actions.c.version == attempts.c.action_version
    )
    return of_actions(
        attempts.c.recorded_at,
        attempts.c.outcome == "delivered",
        actions.c.state != ActionState.EXECUTED,
        ~not_told,
    ).join(attempts, attempts.c.action_id == actions.c.id)


def _half_closed(_now: datetime) -> sa.Select[Any]:
    is_open = actions.c.state.in_(OPEN_STATES)
    ended = actions.c.closed_at.is_not(None)
    return of_actions(actions.c.made_at, (is_open & ended) | (~is_open & ~ended))


def _no_reason(_now: datetime) -> sa.Select[Any]:
    by_clock = (ActionState.CANCELLED, ActionState.EXPIRED, ActionState.PASSED)
    return of_actions(actions.c.closed_at, actions.c.state.in_(by_clock), actions.c.reason == "")


RULES = (
    Rule(
        invariant=Invariant(
            key="handed_over_again",
            title="Handed over again though it may have left, without anybody's decision",
            mend=_KEEP,
        ),
        broken=_again,
    ),
    Rule(
        invariant=Invariant(
            key="step_sent_twice",
            title="The same step of a run sent by two actions",
            mend=_KEEP,
            noun="run",
        ),
        broken=_step_sent_twice,
    ),
    Rule(
        invariant=Invariant(
            key="two_live_actions",
            title="Two actions for the same step of a run",
            mend="The index uq_run_steps_once is missing: withdraw one action, then make it again.",
            noun="run",
        ),
        broken=_two_actions,
    ),
    Rule(
        invariant=Invariant(
            key="two_live_attempts",
            title="Two attempts at once",
            mend="The index uq_attempts_live is missing: stop the dispatchers and make it again.",
        ),
        broken=_two_attempts,
    ),
    Rule(
        invariant=Invariant(
            key="executed_without_attempt",
            title="Shown as sent, but no attempt was delivered",
            mend="The customer was not reminded: look at the action's history.",
        ),
        broken=_no_trace,
    ),
    Rule(
        invariant=Invariant(
            key="delivered_but_not_executed",
            title="Sent, but shown as something else",
            mend="Its owner must not send it again: look at the action's history.",
        ),
        broken=_shown_otherwise,
    ),
    Rule(
        invariant=Invariant(
            key="half_closed",
            title="Open with an end, or ended without one",
            mend="A service of this release does not write this: was the row changed by hand?",
        ),
        broken=_half_closed,
    ),
    Rule(
        invariant=Invariant(
            key="ended_without_reason",
            title="Ended by the clock without a reason",
            mend="A service of this release does not write this: was the row changed by hand?",
        ),
        broken=_no_reason,
    ),
)
