"""The messages. Each is a bell: it says which rows to look at, never what is in them."""

from typing import ClassVar, TypeAlias
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

MOST_IDS = 500


class Message(BaseModel):
    """Identifiers of rows that changed. `kind` and `version` name the message on the wire."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    kind: ClassVar[str]
    version: ClassVar[int] = 1

    ids: tuple[UUID, ...] = Field(min_length=1, max_length=MOST_IDS)


class ActionsQueued(Message):
    """To the dispatcher: these actions may leave."""

    kind = "actions.queued"


class ActionsChanged(Message):
    """To the bot: draw the cards of these actions again."""

    kind = "actions.changed"


class AttemptsRecorded(Message):
    """To the scheduler: these attempts have an outcome."""

    kind = "attempts.recorded"


class DecisionsTaken(Message):
    """To the scheduler: people have decided; apply what still matches."""

    kind = "decisions.taken"


class DecisionsAnswered(Message):
    """To the bot: these decisions have been applied or refused."""

    kind = "decisions.answered"


class RequestsTaken(Message):
    """To the scheduler: people have asked for something; grant or decline it."""

    kind = "requests.taken"


class RequestsAnswered(Message):
    """To the bot: these requests have been granted or declined."""

    kind = "requests.answered"


MESSAGES: tuple[type[Message], ...] = (
    ActionsQueued,
    ActionsChanged,
    AttemptsRecorded,
    DecisionsTaken,
    DecisionsAnswered,
    RequestsTaken,
    RequestsAnswered,
)

Kinds: TypeAlias = dict[tuple[str, int], type[Message]]
BY_KIND: Kinds = {(m.kind, m.version): m for m in MESSAGES}
