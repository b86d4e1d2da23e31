"""What the modals of a plan under change carry: which draft, as of which edit, which step."""

import json
from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftAt:
    """A draft as it was on the screen. `step` is the key of the one step a modal is about."""

    draft: UUID
    edits: int = 0
    step: str = ""
    channel: str = ""


def text_of(at: DraftAt) -> str:
    """As a modal's private_metadata."""
    return json.dumps([at.draft.hex, at.edits, at.step, at.channel])


def draft_at(text: str) -> DraftAt | None:
    """What a private_metadata says; None when it is none of ours."""
    try:
        draft, edits, step, channel = json.loads(text)
        return DraftAt(
            draft=UUID(hex=draft), edits=int(edits), step=str(step), channel=str(channel)
        )
    except (ValueError, TypeError, AttributeError):
        return None
