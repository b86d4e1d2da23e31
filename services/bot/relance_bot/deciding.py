"""From a person's wish to a row: looked at first, written once, then the scheduler's to apply."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias
from uuid import UUID

import structlog

from relance.clock import Clock
from relance.contracts.messages import DecisionsTaken
from relance.domain.actions import (
    OPEN_STATES,
    Action,
    ActionState,
    Actor,
    Decision,
    Refusal,
    Refused,
    Verb,
    decide,
    may_decide,
)
from relance.domain.people import Member
from relance.domain.problems import Problem
from relance.domain.worklist import ShownAction
from relance.messaging.outbox import post
from relance.messaging.tracing import span
from relance.store.cards import Taken, is_taken, take_decision
from relance.store.database import Database
from relance.store.types import new_id
from relance_bot.blocks import deeds
from relance_bot.blocks.card import CardView
from relance_bot.blocks.figures import today_of
from relance_bot.blocks.values import Target
from relance_bot.blocks.words import Language, knows, say
from relance_bot.people import Colleague
from relance_bot.showing import card_view

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Again:
    """This very click has been seen to before: there is nothing to say."""


@dataclass(frozen=True, slots=True, kw_only=True)
class No:
    """Nothing changes, and what the person is told; `fields` (field -> key) can be mended.

    `gone`: there is no such action, as far as they may know.
    """

    text: str
    fields: Mapping[str, str] = field(default_factory=dict)
    gone: bool = False


Look: TypeAlias = CardView | No | Again


class Deciding:
    """Checks rights and versions in the database, at the click and again at submission.

    The scheduler decides: what passes here may still be refused by it, and is then answered.
    """

    def __init__(self, database: Database, clock: Clock, kick: Callable[[], None]) -> None:
        self._database = database
        self._clock = clock
        self._kick = kick

    async def look(
        self, target: Target, verb: Verb | None, who: Colleague, origin: str = ""
    ) -> Look:
        """The action as the person may see it now, if they may still do this at that version.

        Without a verb it is only to be looked at.
        """
        async with self._database.read() as tx:
            if origin and await is_taken(tx, origin):
                return Again()
            view = await card_view(tx, target.action, who.member.id, self._clock.now())
        if view is None or view.action.organisation != who.organisation:
            log.info("click_on_nothing", action_id=str(target.action), verb=verb)
            return No(text=say(who.language, "answer.gone"), gone=True)
        if refusal := _refusal(view.action, verb, target, who.member):
            _log_refused(view.action, verb, who.member, refusal)
            return No(text=wording(view.action, refusal, who))
        return view

    def check(self, action: ShownAction, decision: Decision, who: Colleague) -> No | None:
        """What the domain says of the input: mistakes are shown at their fields."""
        today = today_of(action, self._clock.now())
        answer = decide(_domain(action), decision, _actor(who.member), today)
        if not isinstance(answer, Refused):
            return None
        _log_refused(action, decision.verb, who.member, answer.why)
        return No(text=wording(action, answer.why, who, answer.fields), fields=answer.fields)

    async def take(
        self,
        action_id: UUID,
        decision: Decision,
        who: Colleague,
        origin: str,
        reply_to: Mapping[str, str],
    ) -> bool:
        """Writes the decision and its message; False when another one is being applied."""
        now = self._clock.now()
        taken = Taken(
            id=new_id(),
            action=action_id,
            member=who.member.id,
            decision=decision,
            origin=origin,
            reply_to=reply_to,
        )
        with span("decide", decision=taken.id, action=action_id, verb=decision.verb.value):
            async with self._database.write() as tx:
                new = await take_decision(tx, taken, now)
                if new:
                    await post(tx, self._database.service, DecisionsTaken, [taken.id], now)
        if new:
            self._kick()
        return new


def wording(
    action: ShownAction,
    why: Refusal,
    who: Colleague,
    fields: Mapping[str, str] | None = None,
) -> str:
    """Why nothing has changed, for the person who clicked."""
    language = who.language
    match why:
        case Refusal.NOT_YOURS:
            names = deeds.owners(language, (owner.name for owner in action.owners))
            return say(language, "answer.not_yours", owners=names)
        case Refusal.NOT_ALLOWED:
            return say(language, "answer.not_allowed")
        case Refusal.STALE | Refusal.CLOSED if action.pending:
            if action.pending.by.id == who.member.id:
                return say(language, "answer.pending_yours")
            name = deeds.owners(language, [action.pending.by.name])
            return say(language, "answer.pending", who=name)
        case Refusal.STALE | Refusal.CLOSED:
            mine = who.member.id in {owner.id for owner in action.owners}
            shown = action if mine else deeds.without_content(action)
            return say(language, "answer.moved_on", what=deeds.latest(language, shown))
        case Refusal.INVALID:
            mistakes = " ".join(mistake(language, key) for key in (fields or {}).values())
            return say(language, "answer.invalid", mistakes=mistakes)


def mistake(language: Language, key: str) -> str:
    """A wording key of the domain's as a sentence."""
    return say(language, f"mistake.{key}" if knows(f"mistake.{key}") else "mistake.other")


def _refusal(
    action: ShownAction, verb: Verb | None, target: Target, member: Member
) -> Refusal | None:
    domain, actor = _domain(action), _actor(member)
    if verb is None:
        return None if may_decide(domain, Verb.VALIDATE, actor) else Refusal.NOT_YOURS
    if not may_decide(domain, verb, actor):
        return Refusal.NOT_ALLOWED if verb is Verb.REASSIGN else Refusal.NOT_YOURS
    if action.state not in OPEN_STATES:
        return Refusal.CLOSED
    queued = action.state is ActionState.QUEUED
    if target.version != action.version or action.pending or queued:
        return Refusal.STALE
    return None


def _log_refused(action: ShownAction, verb: Verb | None, member: Member, why: Refusal) -> None:
    action_id, member_id = str(action.id), str(member.id)
    log.info("click_refused", action_id=action_id, member_id=member_id, verb=verb, why=why)


def _domain(action: ShownAction) -> Action:
    return Action(
        id=action.id,
        channel=action.channel,
        mode=action.mode,
        state=action.state,
        version=action.version,
        owners=frozenset(owner.id for owner in action.owners),
        by_hand=action.problem == Problem.CHANNEL_NOT_CONNECTED,
    )


def _actor(member: Member) -> Actor:
    return Actor(member=member.id, roles=member.roles, active=member.active)
