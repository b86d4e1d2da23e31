"""Plans as YAML files: every mistake at once, each with its place; and the canonical text."""

from relance.plan_files.draft import Surroundings
from relance.plan_files.files import (
    Mistake,
    Reading,
    canonical,
    check,
    faults_of,
    read_plan,
    write_plan,
)
from relance.plan_files.presets import LANGUAGES, PRESETS, preset

__all__ = [
    "LANGUAGES",
    "PRESETS",
    "Mistake",
    "Reading",
    "Surroundings",
    "canonical",
    "check",
    "faults_of",
    "preset",
    "read_plan",
    "write_plan",
]
