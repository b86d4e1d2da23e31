"""What became of something a member did."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from relance_sandbox.slack.people import Json


@dataclass(frozen=True, slots=True, kw_only=True)
class Acknowledged:
    """The app answered in time; `payload` is what it sent along, `after` is in seconds."""

    payload: Json | None = None
    after: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Late:
    """No answer within the time allowed: the member saw "the app did not respond"."""

    what: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """It could not be done; `fields` says what is wrong by block_id (a code or a sentence)."""

    code: str
    message: str = ""
    fields: Mapping[str, str] = field(default_factory=dict)


Outcome = Acknowledged | Late | Refused


@dataclass(slots=True, kw_only=True)
class Failure:
    """A mistake of the app that a member or Slack noticed; tests expect this list to be empty.

    `kind`: late, no_connection, bad_answer. `acknowledged_after` (seconds) is set when the late
    answer did come.
    """

    at: datetime
    kind: str
    member: str
    what: str
    detail: str = ""
    acknowledged_after: float | None = None
