"""What was found wrong or worth knowing: counted in full, kept up to a number that can be read."""

from dataclasses import dataclass, field

from relance_scheduler.ledger.records import Problem, Severity

MOST_KEPT = 200  # of each severity


@dataclass(slots=True, kw_only=True)
class Findings:
    """Collects the problems of one import. A bad line counts once, whatever is bad in it."""

    problems: list[Problem] = field(default_factory=list)
    counts: dict[Severity, int] = field(default_factory=lambda: dict.fromkeys(Severity, 0))
    _bad: set[tuple[str, int]] = field(default_factory=set)

    def add(self, problem: Problem) -> None:
        """Takes a problem."""
        place = (problem.file, problem.line)
        if problem.severity is not Severity.BAD_LINE or place not in self._bad:
            self.counts[problem.severity] += 1
        if problem.severity is Severity.BAD_LINE:
            self._bad.add(place)
        if sum(kept.severity is problem.severity for kept in self.problems) < MOST_KEPT:
            self.problems.append(problem)

    def add_line(self, problem: Problem) -> None:
        """Takes a problem unless its line is known to be bad."""
        if (problem.file, problem.line) not in self._bad:
            self.add(problem)

    @property
    def bad_lines(self) -> int:
        return self.counts[Severity.BAD_LINE]

    @property
    def unreadable(self) -> bool:
        return bool(self.counts[Severity.FILE])
