"""Encoding of messages: JSON with an identifier of its own, kind and version."""

from dataclasses import dataclass
from uuid import UUID

from pydantic import BaseModel, ConfigDict, ValidationError

from relance.contracts.messages import BY_KIND, Message

MOST_BYTES = 64 * 1024


class MalformedMessageError(ValueError):
    """Bytes that are no message of ours; the text says why and shows none of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """A message on its way: `id` is the same each time it is carried.

    `trace` travels beside it, not in it: the context of whoever posted it.
    """

    id: UUID
    message: Message
    trace: str = ""


class _Wire(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")
    id: UUID
    kind: str
    version: int
    ids: list[UUID]


def encode(envelope: Envelope) -> bytes:
    """The envelope as UTF-8 JSON."""
    message = envelope.message
    wire = _Wire(id=envelope.id, kind=message.kind, version=message.version, ids=list(message.ids))
    return wire.model_dump_json().encode()


def decode(body: bytes) -> Envelope:
    """The envelope in the bytes, or MalformedMessageError."""
    if len(body) > MOST_BYTES:
        raise MalformedMessageError(f"a message of {len(body)} bytes: {MOST_BYTES} at most")
    try:
        wire = _Wire.model_validate_json(body)
        known = BY_KIND.get((wire.kind, wire.version))
        if known is None:
            raise MalformedMessageError("a message of no known kind and version")
        return Envelope(id=wire.id, message=known(ids=tuple(wire.ids)))
    except ValidationError as error:
        places = ", ".join(dict.fromkeys(_place(e["loc"]) for e in error.errors()))
        raise MalformedMessageError(f"not a message: {places}") from None


def _place(loc: tuple[int | str, ...]) -> str:
    """Our own name of what is wrong: another's may be data."""
    if not loc:
        return "body"
    return str(loc[0]) if loc[0] in _Wire.model_fields else "an unknown field"
