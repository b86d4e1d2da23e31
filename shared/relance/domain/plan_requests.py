"""What admins ask for about plans: versions, pauses, who follows them, who is reminded."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar

from relance.domain.people import ADMINS


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangePlan:
    """The plan's next version (F39, F56); `seen` is the version it was made from, 0 for none."""

    kind: ClassVar = "change_plan"
    roles: ClassVar = ADMINS

    plan: str
    seen: int
    document: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class AssignPlan:
    """Who follows the plan from now on (F27, F58): one customer, a profile's, or all the others.

    One of `customer` (its reference), `profile` (its name) and `others` is given. Of a profile,
    those with an e-mail address, or with `without_email` those without.
    """

    kind: ClassVar = "assign_plan"
    roles: ClassVar = ADMINS

    plan: str
    customer: str = ""
    profile: str = ""
    without_email: bool = False
    others: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SwitchCustomers:
    """Whether a customer, or all where none is named, are reminded at all (F31)."""

    kind: ClassVar = "switch_customers"
    roles: ClassVar = ADMINS

    enabled: bool
    customer: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AddRule:
    """Gives the plan to customers of that country, language and profile (F58); empty: of any.

    It stands at place `at`, counted from 1, or with 0 after all others; the first match wins.
    """

    kind: ClassVar = "add_rule"
    roles: ClassVar = ADMINS

    plan: str
    country: str = ""
    language: str = ""
    profile: str = ""
    at: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoveRule:
    """The end of the rule at that place, counted from 1; `plan` is what it gave when seen."""

    kind: ClassVar = "remove_rule"
    roles: ClassVar = ADMINS

    at: int
    plan: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PausePlan:
    """Nothing of this plan leaves, `until` that day or until it is resumed; `plan` is its key."""

    kind: ClassVar = "pause_plan"
    roles: ClassVar = ADMINS

    plan: str
    until: date | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ResumePlan:
    """The end of `PausePlan`, before its day."""

    kind: ClassVar = "resume_plan"
    roles: ClassVar = ADMINS

    plan: str
