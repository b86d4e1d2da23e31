"""Whatever needs a person has one, who has been asked (reliability §1)."""

from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from relance.domain.actions import OPEN_STATES, ActionState
from relance.store.invariants.finding import Grade, Invariant
from relance.store.invariants.rule import Rule, newest, of_actions
from relance.store.tables import action_owners, actions, attempts, cards, members

ASKED_WITHIN = timedelta(minutes=5)
SHOWN_WITHIN = timedelta(hours=1)  # a long morning's cards leave one a second

_OWN_CARD = sa.and_(
    cards.c.action_id == action_owners.c.action_id, cards.c.member_id == action_owners.c.member_id
)
_DOUBTED_AT = sa.func.coalesce(
    newest(
        attempts.c.recorded_at,
        attempts.c.action_id == actions.c.id,
        attempts.c.outcome == "unknown",
    ),
    actions.c.made_at,
    type_=actions.c.made_at.type,
)


def _shown(*where: sa.ColumnElement[bool]) -> sa.ColumnElement[bool]:
    """Whether one of the action's owners has a card of it in Slack."""
    return (
        sa.select(cards.c.ts)
        .select_from(action_owners)
        .join(cards, _OWN_CARD)
        .where(action_owners.c.action_id == actions.c.id, cards.c.ts.is_not(None), *where)
        .exists()
    )


def _uncertain(_now: datetime) -> sa.Select[Any]:
    return of_actions(_DOUBTED_AT, actions.c.state == ActionState.UNCERTAIN)


def _uncertain_unseen(now: datetime) -> sa.Select[Any]:
    """A card that shows the doubt; one marked to be drawn again (0) is on its way."""
    present = (cards.c.version >= actions.c.version) | (cards.c.version == 0)
    return of_actions(
        _DOUBTED_AT,
        actions.c.state == ActionState.UNCERTAIN,
        now - ASKED_WITHIN > _DOUBTED_AT,
        ~_shown(present, cards.c.problem.is_(None)),
    )


def _waiting_unseen(now: datetime) -> sa.Select[Any]:
    waits = actions.c.state == ActionState.WAITING, actions.c.made_at < now - SHOWN_WITHIN
    return of_actions(actions.c.made_at, *waits, ~_shown())


def _nobodys(_now: datetime) -> sa.Select[Any]:
    at_work = (
        sa.select(members.c.id)
        .join(action_owners, action_owners.c.member_id == members.c.id)
        .where(action_owners.c.action_id == actions.c.id, members.c.active)
    )
    return of_actions(actions.c.made_at, actions.c.state.in_(OPEN_STATES), ~at_work.exists())


NOBODYS = Rule(
    invariant=Invariant(
        key="no_active_owner",
        title="Open, and no active member owns it",
        mend="A lead or an admin reassigns it in Slack, from Home.",
    ),
    broken=_nobodys,
)

RULES = (
    NOBODYS,
    Rule(
        invariant=Invariant(
            key="uncertain",
            title="Nobody knows whether it left",
            mend="Its owner says so in Slack: sent, send again, or skip.",
            grade=Grade.NOTE,
        ),
        broken=_uncertain,
    ),
    Rule(
        invariant=Invariant(
            key="uncertain_unseen",
            title="Nobody knows whether it left, and no owner has been asked for five minutes",
            mend="Is the bot running? The column problem of its cards says what Slack said.",
        ),
        broken=_uncertain_unseen,
    ),
    Rule(
        invariant=Invariant(
            key="waiting_unseen",
            title="Waits for its owner, who has no card of it for over an hour",
            mend="Is the bot running, and has the owner an account in Slack?",
        ),
        broken=_waiting_unseen,
    ),
)
