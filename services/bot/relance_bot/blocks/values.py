"""What a button or a modal carries: which action, at which version. Nothing else is trusted."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import UUID

MOST_METADATA = 3_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """The action as the person had it on the screen."""

    action: UUID
    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A message in Slack."""

    channel: str
    ts: str


def value_of(target: Target) -> str:
    """The target as a button's value."""
    return f"{target.action.hex}.{target.version}"


def target_of(value: str) -> Target | None:
    """The target in a button's value; None when it is none of ours."""
    action, _, version = value.partition(".")
    try:
        return Target(action=UUID(hex=action), version=int(version))
    except ValueError:
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Metadata:
    """What a modal carries. `kept` is what was typed in fields that are hidden for the moment.

    The marks only tell whether its own person has changed a text, and whether the amounts have
    moved since: they are compared, never believed.
    """

    target: Target
    text_mark: str = ""
    amounts_mark: str = ""
    kept: Mapping[str, str | list[str]] = field(default_factory=dict)


def metadata_text(metadata: Metadata) -> str:
    """The metadata as a modal's private_metadata; what is too long to be kept is left out."""
    head = [value_of(metadata.target), metadata.text_mark, metadata.amounts_mark]
    text = json.dumps([*head, dict(metadata.kept)])
    return text if len(text) <= MOST_METADATA else json.dumps([*head, {}])


def metadata_of(text: str) -> Metadata | None:
    """The metadata in a private_metadata; None when it is none of ours."""
    try:
        value, text_mark, amounts_mark, kept = json.loads(text)
        target = target_of(value)
        kept = {str(name): held for name, held in kept.items()}
    except (ValueError, TypeError, AttributeError):
        return None
    if target is None:
        return None
    return Metadata(
        target=target, text_mark=str(text_mark), amounts_mark=str(amounts_mark), kept=kept
    )
