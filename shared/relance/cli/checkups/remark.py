"""What a look at one part says."""

from dataclasses import dataclass
from enum import StrEnum

WITHIN = 5.0  # seconds, for one answer from outside


class State(StrEnum):
    """OK; a NOTE that is worth knowing; WRONG: something will not work."""

    OK = "ok"
    NOTE = "note"
    WRONG = "wrong"


@dataclass(frozen=True, slots=True, kw_only=True)
class Remark:
    """`says` in one sentence; `mend` is what to do, empty where there is nothing to be done."""

    part: str
    state: State
    says: str
    mend: str = ""


def ok(part: str, says: str) -> Remark:
    return Remark(part=part, state=State.OK, says=says)


def note(part: str, says: str, mend: str = "") -> Remark:
    return Remark(part=part, state=State.NOTE, says=says, mend=mend)


def wrong(part: str, says: str, mend: str) -> Remark:
    return Remark(part=part, state=State.WRONG, says=says, mend=mend)
