"""What admins ask for about plans: another version, pauses, who follows which (rules §3)."""

from collections.abc import Mapping
from dataclasses import dataclass
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
