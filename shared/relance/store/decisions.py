"""Decisions as rows: the bot writes what was typed, the scheduler reads it back."""

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

from relance.domain.actions import CallOutcome, Decision, Edit, Verb
from relance.domain.plans import Channel


def input_of(decision: Decision) -> dict[str, Any]:
    """What was typed, as decisions.input keeps it; what was left alone is absent."""
    edit = decision.edit
    typed: dict[str, Any] = {
        "reason": decision.reason,
        "note": decision.note,
        "call_outcome": decision.call_outcome,
        "until": decision.until.isoformat() if decision.until else None,
        "new_owner": str(decision.new_owner) if decision.new_owner else None,
        "edit": _present(
            {
                "channel": edit.channel,
                "subject": edit.subject,
                "body": edit.body,
                "to": None if edit.to is None else list(edit.to),
                "cc": None if edit.cc is None else list(edit.cc),
                "items": None if edit.items is None else [str(item) for item in edit.items],
                "note": edit.note,
                "wrong": list(edit.wrong) or None,
            }
        )
        if edit
        else None,
    }
    return _present(typed)


def decision_of(row: Mapping[Any, Any]) -> Decision:
    """The decision in a row of decisions."""
    typed = row["input"]
    return Decision(
        verb=Verb(row["verb"]),
        version=row["version"],
        reason=typed.get("reason", ""),
        note=typed.get("note", ""),
        call_outcome=CallOutcome(typed["call_outcome"]) if "call_outcome" in typed else None,
        until=date.fromisoformat(typed["until"]) if "until" in typed else None,
        new_owner=UUID(typed["new_owner"]) if "new_owner" in typed else None,
        edit=_edit(typed["edit"]) if "edit" in typed else None,
    )


def _edit(typed: Mapping[str, Any]) -> Edit:
    return Edit(
        channel=Channel(typed["channel"]) if "channel" in typed else None,
        subject=typed.get("subject"),
        body=typed.get("body"),
        to=tuple(typed["to"]) if "to" in typed else None,
        cc=tuple(typed["cc"]) if "cc" in typed else None,
        items=tuple(UUID(item) for item in typed["items"]) if "items" in typed else None,
        note=typed.get("note"),
        wrong=tuple(typed.get("wrong", ())),
    )


def _present(values: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in values.items() if value not in (None, "")}
