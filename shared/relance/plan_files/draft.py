"""What a rule looks at: a plan as far as it could be read, and what it may name."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from relance.domain.documents import Values
from relance.domain.plans import PlanKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What a plan may name: template keys by channel, members' addresses; None: not known."""

    templates: Mapping[str, Collection[str]] | None = None
    members: Collection[str] | None = None


Step: TypeAlias = tuple[int, Values]


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A plan as far as it could be read. Of `written`, the document, only names are looked at."""

    plan: Values
    written: Mapping[str, Any]
    around: Surroundings

    @property
    def steps(self) -> Iterator[Step]:
        return enumerate(self.plan.get("steps", ()))

    @property
    def active_steps(self) -> list[Step]:
        return [(i, step) for i, step in self.steps if step.get("active", True)]

    @property
    def is_recap(self) -> bool:
        return self.plan.get("kind") is PlanKind.RECAP

    def said(self, index: int, name: str) -> object:
        """What the step's document has in that field, readable or not; None: nothing."""
        step = self.written["steps"][index]
        return step.get(name) if isinstance(step, Mapping) else None
