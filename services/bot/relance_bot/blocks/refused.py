"""Addresses that were refused, or that nobody is to write to any more: which, and why (F34)."""

from collections.abc import Mapping

from relance.domain.plans import Channel
from relance.domain.problems import Problem
from relance.domain.worklist import DraftLine, ShownAction
from relance_bot.blocks import kit
from relance_bot.blocks.words import Language, knows, say

MOST_LINES = 5
_ABOUT_ADDRESSES = (Problem.REJECTED, Problem.ADDRESS_INVALID)


def wants_address(action: ShownAction, draft: DraftLine | None) -> bool:
    """Whether another address is what the action waits for."""
    trouble = action.problem or (draft.problem if draft else "")
    return action.channel is Channel.EMAIL and trouble in _ABOUT_ADDRESSES


def trouble_of(action: ShownAction, draft: DraftLine | None) -> str:
    """Why a person must act; a wording key of the card's, empty where nothing is wrong."""
    found = action.problem or (draft.problem if draft else "")
    return "address_refused" if found == Problem.REJECTED and action.refused else found


def refusals(action: ShownAction, language: Language) -> str:
    """A line for each address; empty where there is none."""
    lines = [
        say(language, "address.refused", address=kit.datum(address, 120), why=_why(why, language))
        for address, why in _refused(action).items()
    ]
    if (more := len(lines) - MOST_LINES) > 0:
        lines[MOST_LINES:] = [say(language, "names.more", n=more)]
    return "\n".join(lines)


def _refused(action: ShownAction) -> Mapping[str, str]:
    """Those of the last attempt first."""
    marked = {contact.refused: contact.why for contact in action.contacts if contact.refused}
    return {**action.refused, **marked}


def _why(why: str, language: Language) -> str:
    """A provider's words as they are, or our own."""
    key = f"address.why.{why}"
    return say(language, key) if knows(key) else kit.datum(why, 200) or "-"
