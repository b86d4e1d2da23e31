"""Templates, what they may say, and what comes of them: subject, text and HTML."""

from relance.rendering.checking import check
from relance.rendering.engine import EndlessTemplate
from relance.rendering.facts import (
    Contact,
    Customer,
    MessageFacts,
    Organisation,
    Owner,
    Payment,
    Reference,
    Row,
    Sender,
)
from relance.rendering.render import BadTemplate, Rendered, Style, compose, render
from relance.rendering.sms import MOST_SEGMENTS, segments
from relance.rendering.templates import (
    Mistake,
    Template,
    choose,
    dump,
    in_file,
    load,
    load_folder,
    shipped,
)

__all__ = [
    "MOST_SEGMENTS",
    "BadTemplate",
    "Contact",
    "Customer",
    "EndlessTemplate",
    "MessageFacts",
    "Mistake",
    "Organisation",
    "Owner",
    "Payment",
    "Reference",
    "Rendered",
    "Row",
    "Sender",
    "Style",
    "Template",
    "check",
    "choose",
    "compose",
    "dump",
    "in_file",
    "load",
    "load_folder",
    "render",
    "segments",
    "shipped",
]
