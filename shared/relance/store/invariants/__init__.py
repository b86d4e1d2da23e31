"""What holds of the rows at any moment, looked at from outside: what does not is a finding."""

from relance.store.invariants.finding import Finding, Grade, Invariant, Sighting
from relance.store.invariants.look import INVARIANTS, PROMISES, QUICK, look, sightings
from relance.store.invariants.standing import STILL_ASKING
from relance.store.invariants.waking import FORGOTTEN, NOT_EVALUATED, Tell

__all__ = [
    "FORGOTTEN",
    "INVARIANTS",
    "NOT_EVALUATED",
    "PROMISES",
    "QUICK",
    "STILL_ASKING",
    "Finding",
    "Grade",
    "Invariant",
    "Sighting",
    "Tell",
    "look",
    "sightings",
]
