"""An action's states, and what a person's decision does to it (rules §6, §7)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from uuid import UUID

from relance.domain.people import Role
from relance.domain.plans import AUTOMATIC_CHANNELS, CONTACT_CHANNELS, Channel, Mode


class ActionState(StrEnum):
    """WAITING for its owner, QUEUED to leave, UNCERTAIN whether it left; the others are final."""

    WAITING = "waiting"
    QUEUED = "queued"
    UNCERTAIN = "uncertain"
    EXECUTED = "executed"
    SKIPPED = "skipped"
    EXPIRED = "expired"
    CANCELLED = "cancelled"
    PASSED = "passed"


OPEN_STATES = frozenset({ActionState.WAITING, ActionState.QUEUED, ActionState.UNCERTAIN})


class Verb(StrEnum):
    """What a person may decide."""

    VALIDATE = "validate"
    EDIT = "edit"
    SKIP = "skip"
    SNOOZE = "snooze"
    REASSIGN = "reassign"
    LOG_CALL = "log_call"
    MARK_SENT = "mark_sent"
    SEND_AGAIN = "send_again"


class CallOutcome(StrEnum):
    """What became of a telephone call (F36)."""

    REACHED = "reached"
    VOICEMAIL = "voicemail"
    NO_ANSWER = "no_answer"
    WRONG_NUMBER = "wrong_number"
    PROMISE = "promise"
    DISPUTE = "dispute"


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """What a decision is taken on; every change of an action raises its version.

    `by_hand`: no provider carries its channel here, so validating says that the owner did it.
    """

    id: UUID
    channel: Channel
    mode: Mode
    state: ActionState
    version: int
    owners: frozenset[UUID]
    by_hand: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """Who decides, with the roles of our own table."""

    member: UUID
    roles: frozenset[Role]
    active: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """What an owner typed; None keeps what was there. `items` are those left in.

    `wrong` are addresses of the customer's to which nobody is to write any more (F34).
    """

    channel: Channel | None = None
    subject: str | None = None
    body: str | None = None
    to: tuple[str, ...] | None = None
    cc: tuple[str, ...] | None = None
    items: tuple[UUID, ...] | None = None
    note: str | None = None
    wrong: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """A verb on an action as the person saw it at `version`."""

    verb: Verb
    version: int
    reason: str = ""
    note: str = ""
    call_outcome: CallOutcome | None = None
    edit: Edit | None = None
    until: date | None = None
    new_owner: UUID | None = None


class Refusal(StrEnum):
    """Why a decision changes nothing."""

    NOT_YOURS = "not_yours"
    NOT_ALLOWED = "not_allowed"
    STALE = "stale"
    CLOSED = "closed"
    INVALID = "invalid"


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """Nothing changes; `fields` names what to mend, field -> wording key."""

    why: Refusal
    fields: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    """The action's next state; `contact` when the customer has been contacted by it."""

    state: ActionState
    contact: bool = False


_NEEDS = {
    Verb.VALIDATE: ActionState.WAITING,
    Verb.EDIT: ActionState.WAITING,
    Verb.SNOOZE: ActionState.WAITING,
    Verb.LOG_CALL: ActionState.WAITING,
    Verb.MARK_SENT: ActionState.UNCERTAIN,
    Verb.SEND_AGAIN: ActionState.UNCERTAIN,
}


def decide(action: Action, decision: Decision, actor: Actor, today: date) -> Accepted | Refused:
    """What the decision does. Rights come first, then the version, then the input (F15, F18)."""
    if not may_decide(action, decision.verb, actor):
        reassigning = decision.verb is Verb.REASSIGN
        return Refused(why=Refusal.NOT_ALLOWED if reassigning else Refusal.NOT_YOURS)
    if action.state not in OPEN_STATES:
        return Refused(why=Refusal.CLOSED)
    needed = _NEEDS.get(decision.verb, action.state)
    if decision.version != action.version or action.state is not needed:
        return Refused(why=Refusal.STALE)
    if action.state is ActionState.QUEUED:
        return Refused(why=Refusal.STALE)
    fields = _mistakes(action, decision, today)
    return Refused(why=Refusal.INVALID, fields=fields) if fields else _outcome(action, decision)


def may_decide(action: Action, verb: Verb, actor: Actor) -> bool:
    """Owners decide, admins included only as owners; a lead or an admin may reassign."""
    if not actor.active:
        return False
    if verb is Verb.REASSIGN:
        return bool(actor.roles & {Role.LEAD, Role.ADMIN})
    return actor.member in action.owners


def _outcome(action: Action, decision: Decision) -> Accepted:
    match decision.verb:
        case Verb.VALIDATE | Verb.LOG_CALL:
            if action.channel in AUTOMATIC_CHANNELS and not action.by_hand:
                return Accepted(state=ActionState.QUEUED)
            contact = action.channel in CONTACT_CHANNELS
            return Accepted(state=ActionState.EXECUTED, contact=contact)
        case Verb.SKIP:
            return Accepted(state=ActionState.SKIPPED)
        case Verb.MARK_SENT:
            return Accepted(state=ActionState.EXECUTED, contact=True)
        case Verb.SEND_AGAIN:
            return Accepted(state=ActionState.QUEUED)
        case Verb.EDIT | Verb.SNOOZE | Verb.REASSIGN:
            return Accepted(state=action.state)


def _mistakes(action: Action, decision: Decision, today: date) -> dict[str, str]:
    match decision.verb:
        case Verb.VALIDATE if action.channel is Channel.CALL and decision.call_outcome is None:
            return {"call_outcome": "call_outcome_missing"}
        case Verb.LOG_CALL if action.channel is not Channel.CALL:
            return {"call_outcome": "not_a_call"}
        case Verb.LOG_CALL if decision.call_outcome is None:
            return {"call_outcome": "call_outcome_missing"}
        case Verb.SNOOZE if decision.until is None or decision.until <= today:
            return {"until": "date_not_ahead"}
        case Verb.REASSIGN if decision.new_owner is None:
            return {"new_owner": "owner_missing"}
        case Verb.EDIT:
            return _edit_mistakes(action, decision.edit)
        case _:
            return {}


def _edit_mistakes(action: Action, edit: Edit | None) -> dict[str, str]:
    if edit is None:
        return {"body": "text_missing"}
    found = {}
    channel = edit.channel or action.channel
    if edit.body is not None and not edit.body.strip() and channel in AUTOMATIC_CHANNELS:
        found["body"] = "text_missing"
    if channel is Channel.EMAIL and edit.subject is not None and not edit.subject.strip():
        found["subject"] = "subject_missing"
    if edit.items is not None and not edit.items:
        found["items"] = "items_missing"
    if edit.to is not None and not edit.to and channel in AUTOMATIC_CHANNELS:
        found["to"] = "recipient_missing"
    if {address.casefold() for address in edit.to or ()} & {a.casefold() for a in edit.wrong}:
        found["to"] = "recipient_wrong"
    return found
