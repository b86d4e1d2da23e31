"""Administrative acts: what was done to an organisation, its plans and its people (F56)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

EVENTS = (
    "founded",
    "plan_created",
    "plan_changed",
    "plan_assigned",
    "rule_added",
    "rule_removed",
    "paused",
    "resumed",
    "kill_on",
    "kill_off",
    "test_on",
    "test_off",
    "settings_changed",
    "member_added",
    "roles_changed",
    "member_removed",
    "customers_enabled",
    "customers_disabled",
    "refused",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """One administrative act; `by` is empty for the command line, `customer` where it is one's."""

    event: str
    at: datetime
    by: str = ""
    customer: str = ""
    from_version: int | None = None
    to_version: int | None = None
    detail: Mapping[str, Any]
