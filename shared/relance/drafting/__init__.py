"""Drafts: what an action would say, to whom and from whom; for the preview and the sending."""

from relance.domain.problems import Problem
from relance.drafting.draft import Draft, Recipient, Sender
from relance.drafting.load import draft, load_drafts

__all__ = ["Draft", "Problem", "Recipient", "Sender", "draft", "load_drafts"]
