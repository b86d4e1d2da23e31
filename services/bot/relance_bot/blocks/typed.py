"""What the fields of the edit modal hold, channel by channel."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from uuid import UUID

from relance.domain.plans import Channel
from relance_bot.blocks.kit import Json

ADDRESSED = (Channel.EMAIL, Channel.SMS)
WITH_SUBJECT = (Channel.EMAIL, Channel.LETTER)


@dataclass(frozen=True, slots=True, kw_only=True)
class Typed:
    """What the fields of the modal hold; None where there is no such field."""

    channel: Channel
    to: tuple[str, ...] | None = None
    to_typed: str = ""
    cc: tuple[str, ...] | None = None
    cc_typed: str = ""
    subject: str | None = None
    body: str | None = None
    items: frozenset[UUID] | None = None
    note: str = ""
    kept: Mapping[str, str | list[str]] = field(default_factory=dict)

    def recipients(self) -> tuple[str, ...] | None:
        """Chosen and typed ones, once each, in their order."""
        return None if self.to is None else _once(self.to, self.to_typed)

    def copies(self) -> tuple[str, ...] | None:
        return None if self.cc is None else _once(self.cc, self.cc_typed)


def typed_in(view: Json, kept: Mapping[str, str | list[str]]) -> Typed:
    """What a submitted or changed view holds; `kept` is of fields that its channel has hidden."""
    values = view["state"]["values"]
    channel = Channel(next(iter(_chosen(values, "channel")), Channel.EMAIL))
    bodies = [name for name in values if name.startswith("body-")]
    bodies.sort(key=lambda name: int(name.partition("-")[2]))
    chosen = [
        UUID(hex=v) for name in values if name.startswith("items-") for v in _chosen(values, name)
    ]
    with_items = any(name.startswith("items-") for name in values)
    here = {name: _held(values, name) for name in values if not name.startswith(("body", "items"))}
    return Typed(
        channel=channel,
        to=tuple(_chosen(values, f"to-{channel}")) if channel in ADDRESSED else None,
        to_typed=_text(values, f"to_typed-{channel}"),
        cc=tuple(_chosen(values, "cc")) if channel is Channel.EMAIL else None,
        cc_typed=_text(values, "cc_typed"),
        subject=_text(values, "subject") if channel in WITH_SUBJECT else None,
        body="\n".join(_text(values, name) for name in bodies) if bodies else None,
        items=frozenset(chosen) if with_items else None,
        note=_text(values, "note"),
        kept={**kept, **here},
    )


def switched(typed: Typed, channel: Channel) -> Typed:
    """The same fields for another channel, with what they held when it was last chosen."""
    kept = typed.kept
    return replace(
        typed,
        channel=channel,
        to=tuple(kept.get(f"to-{channel}", ())) if channel in ADDRESSED else None,
        to_typed=str(kept.get(f"to_typed-{channel}", "")),
        cc=tuple(kept.get("cc", ())) if channel is Channel.EMAIL else None,
        cc_typed=str(kept.get("cc_typed", "")),
        subject=str(kept.get("subject", "")) if channel in WITH_SUBJECT else None,
    )


def _once(chosen: Sequence[str], typed: str) -> tuple[str, ...]:
    pieces = typed.replace(";", "\n").replace(",", "\n").splitlines()
    return tuple(dict.fromkeys([*chosen, *(p.strip() for p in pieces if p.strip())]))


def _text(values: Json, block_id: str) -> str:
    held = values.get(block_id, {}).get("value", {}).get("value")
    return (held or "").replace("\r\n", "\n")


def _chosen(values: Json, block_id: str) -> list[str]:
    held = values.get(block_id, {}).get("value", {})
    options = held.get("selected_options") or [held.get("selected_option")]
    return [option["value"] for option in options if option]


def _held(values: Json, block_id: str) -> str | list[str]:
    return _chosen(values, block_id) or _text(values, block_id)
