"""What another version of a plan would change, in numbers (F39)."""

from collections.abc import Mapping
from dataclasses import dataclass

from relance.domain.documents.changes import PlanChanges

DAYS = 7  # looked ahead


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """`before` and `after` count by step's key what is due within DAYS under each version.

    They are of `looked_at` customers, out of the `customers` that follow the plan.
    """

    changes: PlanChanges
    customers: int
    looked_at: int
    before: Mapping[str, int]
    after: Mapping[str, int]

    @property
    def is_estimate(self) -> bool:
        return self.looked_at < self.customers
