"""What happened to an action, line by line: who, what, when."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from relance.domain.actions import ActionState
from relance.domain.plans import Channel
from relance.domain.problems import Problem
from relance.domain.worklist import Deed, ShownAction
from relance_bot.blocks import figures, kit
from relance_bot.blocks.kit import Message
from relance_bot.blocks.words import Language, knows, say

# What nobody needs to be told: it is what the card itself says, or a matter of the log.
SILENT = frozenset({"made", "queued", "refused", "imported", "finished"})
MOST_LINES = 6

_EVENT_OF_STATE = {
    ActionState.EXECUTED: "sent",
    ActionState.SKIPPED: "skipped",
    ActionState.CANCELLED: "cancelled",
    ActionState.EXPIRED: "expired",
    ActionState.PASSED: "passed",
}


def told(action: ShownAction) -> tuple[Deed, ...]:
    """The deeds worth telling, oldest first; at least one for a closed action."""
    found = tuple(deed for deed in action.deeds if deed.event not in SILENT)
    event = _EVENT_OF_STATE.get(action.state)
    if found or event is None or action.closed_at is None:
        return found
    detail = {"reason": action.reason}
    return (
        Deed(id=action.id, event=event, at=action.closed_at, by=action.decided_by, detail=detail),
    )


def lines(language: Language, action: ShownAction) -> str:
    """The latest deeds as lines of mrkdwn."""
    return "\n".join(line(language, action, deed) for deed in told(action)[-MOST_LINES:])


def latest(language: Language, action: ShownAction) -> str:
    """The last thing that happened, for somebody who came too late; empty when nothing did."""
    return next((line(language, action, deed) for deed in reversed(told(action))), "")


def line(language: Language, action: ShownAction, deed: Deed) -> str:
    """One deed as mrkdwn."""
    at = figures.moment(language, action.zone, deed.at)
    who = kit.datum(deed.by, 80) or say(language, "the_clock")
    key, values = _wording(language, action, deed)
    said = say(language, key, at=at, who=who, **values)
    reason = deed.detail.get("reason", "")
    if deed.event == "skipped" and reason:
        said += f" · {say(language, 'reason', reason=kit.datum(str(reason), 300))}"
    return said


def news(language: Language, action: ShownAction, deed: Deed) -> Message:
    """One deed as a reply in the card's thread."""
    return Message(text=line(language, action, deed))


def parting(language: Language, action: ShownAction, deed: Deed) -> Message | None:
    """For somebody whose action it no longer is: who gave it to whom, and nothing else of it."""
    if deed.event != "reassigned":
        return None
    at = figures.moment(language, action.zone, deed.at)
    who = kit.datum(deed.by, 80) or say(language, "the_clock")
    to = owners(language, (owner.name for owner in action.owners))
    return Message(text=say(language, "news.reassigned_to", at=at, who=who, owners=to))


def _wording(language: Language, action: ShownAction, deed: Deed) -> tuple[str, dict[str, Any]]:
    match deed.event:
        case "sent" if action.sent_to:
            return "news.sent_to", {"to": figures.names(language, action.sent_to)}
        case "cancelled":
            cause = deed.detail.get("reason") or deed.detail.get("why") or action.reason
            return "news.cancelled", {"why": why(language, str(cause))}
        case "call_logged" if outcome := deed.detail.get("call_outcome"):
            return "news.called", {"outcome": say(language, f"call.{outcome}")}
        case "validated" if _by_hand(action):
            return "news.done", {}
        case event if knows(f"news.{event}"):
            return f"news.{event}", {}
        case _:
            return "news.other", {}


def why(language: Language, cause: str) -> str:
    """The sentence for the reason of a cancellation."""
    return say(language, f"cause.{cause}" if knows(f"cause.{cause}") else "cause.other")


def problem(language: Language, key: str) -> str:
    """Why a person must act, and what to do; whatever follows a colon in the key is left out."""
    name = key.partition(":")[0]
    return say(language, f"problem.{name}" if knows(f"problem.{name}") else "problem.other")


def owners(language: Language, people: Iterable[str]) -> str:
    """Whose it is, for mrkdwn."""
    return figures.names(language, tuple(people)) or "-"


def without_content(action: ShownAction) -> ShownAction:
    """Who did what and when, for those who may know no more: no recipients, no reasons."""
    bare = tuple(replace(deed, detail={}) for deed in action.deeds)
    return replace(action, sent_to=(), reason="", deeds=bare)


def _by_hand(action: ShownAction) -> bool:
    return (
        action.channel in (Channel.TASK, Channel.OTHER)
        or action.problem == Problem.CHANNEL_NOT_CONNECTED
    )
