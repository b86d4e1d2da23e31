"""Nothing waits too long: messages, claims, decisions, cases."""

from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from relance.domain.actions import ActionState
from relance.store.invariants.finding import Grade, Invariant
from relance.store.invariants.rule import Rule, of_actions, of_house
from relance.store.tables import (
    actions,
    attempts,
    cases,
    customers,
    dead_letters,
    decision_answers,
    decisions,
    inbox,
    outbox,
    request_answers,
    requests,
)

MINUTE = timedelta(minutes=1)
PATIENCE = timedelta(minutes=5)  # longer than any poll
_OUTCOMES = ("delivered", "unknown", "rejected", "impossible", "returned", "cancelled")


def _outbox(now: datetime) -> sa.Select[Any]:
    what = outbox.c.service + " " + outbox.c.kind
    return of_house(what, outbox.c.created_at, outbox.c.created_at < now - MINUTE)


def _untaken(now: datetime) -> sa.Select[Any]:
    overdue = inbox.c.retry_at < now - MINUTE
    return of_house(inbox.c.message_id, inbox.c.received_at, ~inbox.c.done, overdue)


def _retried(now: datetime) -> sa.Select[Any]:
    return of_house(
        inbox.c.message_id,
        inbox.c.received_at,
        ~inbox.c.done,
        inbox.c.retry_at.is_(None) | (inbox.c.retry_at >= now - MINUTE),
    )


def _dead(_now: datetime) -> sa.Select[Any]:
    return of_house(dead_letters.c.id, dead_letters.c.died_at)


def _expired_leases(now: datetime) -> sa.Select[Any]:
    """A poll, once a minute, calls them unknown."""
    overdue = attempts.c.outcome.is_(None) & (attempts.c.lease_until < now - 2 * MINUTE)
    return of_actions(attempts.c.lease_until, overdue).join(
        attempts, attempts.c.action_id == actions.c.id
    )


def _not_applied(now: datetime) -> sa.Select[Any]:
    return of_actions(
        attempts.c.recorded_at,
        actions.c.state == ActionState.QUEUED,
        attempts.c.action_version == actions.c.version,
        attempts.c.outcome.in_(_OUTCOMES),
        attempts.c.recorded_at < now - PATIENCE,
    ).join(attempts, attempts.c.action_id == actions.c.id)


def _unanswered(now: datetime) -> sa.Select[Any]:
    answered = sa.select(decision_answers.c.decision_id).where(
        decision_answers.c.decision_id == decisions.c.id
    )
    waits = decisions.c.told_at.is_(None) & (decisions.c.taken_at < now - MINUTE)
    return of_actions(decisions.c.taken_at, waits, ~answered.exists()).join(
        decisions, decisions.c.action_id == actions.c.id
    )


def _unanswered_requests(now: datetime) -> sa.Select[Any]:
    answered = sa.select(request_answers.c.request_id).where(
        request_answers.c.request_id == requests.c.id
    )
    waits = requests.c.told_at.is_(None) & (requests.c.taken_at < now - MINUTE)
    return of_house(requests.c.kind, requests.c.taken_at, waits, ~answered.exists())


def _of_cases(since: sa.ColumnElement[Any], *where: sa.ColumnElement[bool]) -> sa.Select[Any]:
    return (
        sa.select(
            customers.c.organisation_id.label("organisation"),
            customers.c.reference.label("customer"),
            cases.c.id.label("subject"),
            since.label("since"),
        )
        .join_from(cases, customers)
        .where(cases.c.ended_on.is_(None), *where)
    )


def _overslept(now: datetime) -> sa.Select[Any]:
    return _of_cases(cases.c.wake_at, cases.c.wake_at < now - PATIENCE)


def _put_off(_now: datetime) -> sa.Select[Any]:
    return _of_cases(cases.c.wake_at, cases.c.resting == "fault")


def _no_wake_up(_now: datetime) -> sa.Select[Any]:
    never = sa.null().cast(cases.c.wake_at.type)
    return _of_cases(never, cases.c.wake_at.is_(None), cases.c.resting == "")


RULES = (
    Rule(
        invariant=Invariant(
            key="outbox",
            title="Not carried for over a minute",
            mend="Is that service running, and the broker up? relance doctor says.",
            noun="message",
        ),
        broken=_outbox,
    ),
    Rule(
        invariant=Invariant(
            key="inbox_overdue",
            title="Due for another try, and not tried",
            mend="Is the scheduler running? It tries these from the database.",
            noun="message",
        ),
        broken=_untaken,
    ),
    Rule(
        invariant=Invariant(
            key="inbox_retrying",
            title="Could not be taken, and will be tried again",
            mend="The log line message_not_handled says why.",
            noun="message",
            grade=Grade.NOTE,
        ),
        broken=_retried,
    ),
    Rule(
        invariant=Invariant(
            key="dead_letters",
            title="Given up: dead letters",
            mend="relance dead-letters list shows them.",
            noun="message",
        ),
        broken=_dead,
    ),
    Rule(
        invariant=Invariant(
            key="expired_leases",
            title="Claimed, its lease over, without an outcome",
            mend="Is a dispatcher running? Its poll settles these within a minute.",
        ),
        broken=_expired_leases,
    ),
    Rule(
        invariant=Invariant(
            key="outcome_not_applied",
            title="Has an outcome that the action does not show",
            mend="Is the scheduler running? Look for overdue_not_handled in its log.",
        ),
        broken=_not_applied,
    ),
    Rule(
        invariant=Invariant(
            key="decisions_unanswered",
            title="Decided by somebody, and not answered for over a minute",
            mend="Is the scheduler running? Look for overdue_not_handled in its log.",
        ),
        broken=_unanswered,
    ),
    Rule(
        invariant=Invariant(
            key="requests_unanswered",
            title="Asked for by somebody, and not answered for over a minute",
            mend="Is the scheduler running? Look for overdue_not_handled in its log.",
            noun="request",
        ),
        broken=_unanswered_requests,
    ),
    Rule(
        invariant=Invariant(
            key="cases_awake",
            title="Awake for over five minutes, and not looked at",
            mend="Is a scheduler running? After an import of many customers, give it time.",
            noun="case",
        ),
        broken=_overslept,
    ),
    Rule(
        invariant=Invariant(
            key="cases_put_off",
            title="Cannot be evaluated, and put off for an hour",
            mend="The log line case_put_off says why; most often it is a plan that cannot be read.",
            noun="case",
        ),
        broken=_put_off,
    ),
    Rule(
        invariant=Invariant(
            key="cases_without_wake_up",
            title="Neither a wake-up nor a reason to rest",
            mend="Import the customer's ledger again, or disable and enable the customer.",
            noun="case",
        ),
        broken=_no_wake_up,
    ),
)
