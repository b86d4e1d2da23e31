"""evaluate(case, plan, calendar, now): what is due now, or when to look again (rules §2-§4)."""

from relance.domain.acts import (
    Act,
    NewAction,
    PassedOver,
    Reach,
    Rest,
    Start,
    Wait,
)

__all__ = ["Act", "NewAction", "PassedOver", "Reach", "Rest", "Start", "Wait"]
