"""Reminder plans: an ordered list of steps with its rules (rules §3)."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, time
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from relance.domain.ledger import Pause


class PlanKind(StrEnum):
    """Escalation raises the tone step by step; a recap repeats a statement of account."""

    ESCALATION = "escalation"
    RECAP = "recap"


class Scope(StrEnum):
    """Whether one run covers the whole account (per currency) or each item has its own."""

    ACCOUNT = "account"
    ITEM = "item"


class Logic(StrEnum):
    """How a late customer enters: at the first reminder, or at the step of its age."""

    STANDARD = "standard"
    CONTEXTUAL = "contextual"


class OnReferenceSettled(StrEnum):
    """Where the next reference item enters when the last one has left (F10)."""

    RESTART = "restart"
    INHERIT = "inherit"
    CONTEXTUAL = "contextual"


class Phase(StrEnum):
    """Before the due date, after it, and after a payment (F28)."""

    PRE_DUE = "pre_due"
    REMINDER = "reminder"
    THANK_YOU = "thank_you"


class Anchor(StrEnum):
    """What a trigger counts its days from."""

    ISSUE_DATE = "issue_date"
    DUE_DATE = "due_date"
    PREVIOUS_STEP = "previous_step"
    PAYMENT_DATE = "payment_date"
    RECURRENCE = "recurrence"


class Channel(StrEnum):
    """How an action reaches the customer, or, for tasks, a colleague."""

    EMAIL = "email"
    SMS = "sms"
    LETTER = "letter"
    CALL = "call"
    TASK = "task"
    OTHER = "other"


AUTOMATIC_CHANNELS = frozenset({Channel.EMAIL, Channel.SMS, Channel.LETTER})
CONTACT_CHANNELS = AUTOMATIC_CHANNELS | {Channel.CALL}
TEMPLATE_CHANNELS = frozenset({Channel.EMAIL, Channel.LETTER})
CONNECTED = frozenset({Channel.EMAIL})  # those that a provider carries in this release


class Mode(StrEnum):
    """Who sets it off: a person, a person's yes to a prepared message, or the clock (F4)."""

    MANUAL = "manual"
    CONFIRM = "confirm"
    AUTOMATIC = "automatic"


@dataclass(frozen=True, slots=True, kw_only=True)
class Trigger:
    """So many days from the anchor, negative before it; then perhaps to the end of that month."""

    anchor: Anchor
    days: int = 0
    end_of_month: bool = False


class OwnerKind(StrEnum):
    """Where a step looks for its owners first (rules §7)."""

    ACCOUNT_MANAGER = "account_manager"
    CUSTOMER_OWNERS = "customer_owners"
    PLAN_OWNER = "plan_owner"
    ROLE = "role"
    MEMBERS = "members"


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnerRule:
    """`names` holds the role, or the members' e-mail addresses, where the kind asks for them."""

    kind: OwnerKind = OwnerKind.ACCOUNT_MANAGER
    names: tuple[str, ...] = ()


class ConditionKind(StrEnum):
    """What must hold for a step not to be passed over (F72)."""

    NO_REPLY = "no_reply"
    NOT_OPENED = "not_opened"
    AMOUNT_ABOVE = "amount_above"


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """`amounts` is per currency and only for AMOUNT_ABOVE; a currency without one passes."""

    kind: ConditionKind
    amounts: Mapping[str, Decimal] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One element of a plan; `key` names it for ever, across versions of the plan.

    `to` and `cc` hold contact positions or addresses; empty `to` means the main contact.
    `sender` is "account_manager", "owner" or a member's address. `automatic_since` is the day
    this step last became automatic, unset where it has always been.
    """

    key: str
    name: str
    phase: Phase
    trigger: Trigger
    channel: Channel
    mode: Mode
    owner: OwnerRule = OwnerRule()
    template: str | None = None
    sender: str = "account_manager"
    to: tuple[str, ...] = ()
    cc: tuple[str, ...] = ()
    attachments: tuple[str, ...] = ()
    condition: Condition | None = None
    active: bool = True
    automatic_since: date | None = None


class Every(StrEnum):
    """The three rhythms of a recap."""

    WEEK = "week"
    MONTH = "month"
    DAYS = "days"


@dataclass(frozen=True, slots=True, kw_only=True)
class Recurrence:
    """`on` is the weekday (Monday 0), the day of the month, or the number of days from `start`.

    A month shorter than its day uses its last day.
    """

    every: Every
    on: int
    start: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Slots:
    """A plan's own slots where it overrides the organisation's; None keeps theirs."""

    send_at: time | None = None
    send_until: time | None = None
    weekdays: frozenset[int] | None = None
    holidays: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A version of a plan. `floors`, `ceilings` are per currency; one without has none."""

    id: UUID
    key: str
    name: str
    version: int = 1
    kind: PlanKind = PlanKind.ESCALATION
    scope: Scope = Scope.ACCOUNT
    logic: Logic = Logic.STANDARD
    on_reference_settled: OnReferenceSettled = OnReferenceSettled.RESTART
    contact_delay: int = 5
    steps: tuple[Step, ...] = ()
    recurrence: Recurrence | None = None
    floors: Mapping[str, Decimal] = field(default_factory=dict)
    ceilings: Mapping[str, Decimal] = field(default_factory=dict)
    slots: Slots = Slots()
    owner: str | None = None
    by_hand_only: bool = False
    active: bool = True
    pause: Pause | None = None


def active_steps(plan: Plan, phase: Phase | None = None) -> tuple[Step, ...]:
    """The steps that are switched on, in order, of one phase or of all."""
    return tuple(s for s in plan.steps if s.active and (phase is None or s.phase is phase))


def by_hand_where(plan: Plan, unconnected: Collection[Channel]) -> Plan:
    """The plan where nothing carries these channels: their steps are their owners' to do."""
    if not any(step.channel in unconnected for step in plan.steps):
        return plan
    steps = (
        replace(step, mode=Mode.MANUAL) if step.channel in unconnected else step
        for step in plan.steps
    )
    return replace(plan, steps=tuple(steps))
