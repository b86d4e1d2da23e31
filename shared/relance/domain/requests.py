"""What people ask for that is no decision on one action: pauses, absences, plans (rules §7, §8).

A request is a value that its kind names. Whether it is granted is settled where it is applied.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any, ClassVar, TypeAlias

from relance.domain.house_requests import (
    AddMember,
    ChangeRoles,
    ChangeSettings,
    RemoveMember,
    SwitchKill,
    SwitchTest,
)
from relance.domain.people import ADMINS, Role
from relance.domain.plan_requests import (
    AddRule,
    AssignPlan,
    ChangePlan,
    PausePlan,
    RemoveRule,
    ResumePlan,
    SwitchCustomers,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class PauseEverything:
    """Nothing automatic leaves for the organisation, `until` that day or until it is resumed."""

    kind: ClassVar = "pause_everything"
    roles: ClassVar = ADMINS

    until: date | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ResumeEverything:
    """The end of `PauseEverything`, before its day."""

    kind: ClassVar = "resume_everything"
    roles: ClassVar = ADMINS


Request: TypeAlias = (
    PauseEverything
    | ResumeEverything
    | PausePlan
    | ResumePlan
    | ChangePlan
    | AssignPlan
    | SwitchCustomers
    | AddRule
    | RemoveRule
    | SwitchKill
    | SwitchTest
    | ChangeSettings
    | AddMember
    | ChangeRoles
    | RemoveMember
)
REQUESTS: tuple[type[Request], ...] = (
    PauseEverything,
    ResumeEverything,
    PausePlan,
    ResumePlan,
    ChangePlan,
    AssignPlan,
    SwitchCustomers,
    AddRule,
    RemoveRule,
    SwitchKill,
    SwitchTest,
    ChangeSettings,
    AddMember,
    ChangeRoles,
    RemoveMember,
)


class Decline(StrEnum):
    """Why a request changes nothing."""

    NOT_ALLOWED = "not_allowed"
    GONE = "gone"  # what it is about is not there, or another organisation's
    STALE = "stale"  # what it is about has changed since the person saw it
    INVALID = "invalid"
    UNCHANGED = "unchanged"  # it stands so already


@dataclass(frozen=True, slots=True, kw_only=True)
class Declined:
    """Nothing changes; `fields` names what to mend, field -> wording key."""

    why: Decline
    fields: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Granted:
    """It is done; `detail` are facts that the answer tells, as JSON takes them."""

    detail: Mapping[str, Any] = field(default_factory=dict)


Answer: TypeAlias = Granted | Declined


def may_ask(request: Request, roles: frozenset[Role]) -> bool:
    """Whether one of these roles may ask for this at all; a kind without roles is everybody's."""
    return not request.roles or bool(request.roles & roles)
