"""What admins ask for about plans: another version, and pauses (rules §3)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar

from relance.domain.people import Role

ADMINS = frozenset({Role.ADMIN})


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangePlan:
    """The plan's next version (F39, F56); `seen` is the version it was made from, 0 for none."""

    kind: ClassVar = "change_plan"
    roles: ClassVar = ADMINS

    plan: str
    seen: int
    document: Mapping[str, Any]


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
