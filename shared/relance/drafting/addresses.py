"""E-mail addresses as they may stand on an envelope: checked without the network, in ASCII."""

import re
from dataclasses import dataclass
from functools import lru_cache

from email_validator import SPECIAL_USE_DOMAIN_NAMES, EmailNotValidError, validate_email

# What most addresses are: nothing in them is to be looked into, nor written another way.
_USUAL = re.compile(
    r"[A-Za-z0-9_]+(?:[.+-][A-Za-z0-9_]+)*@(?:[a-z0-9]+(?:-[a-z0-9]+)*\.)+[a-z]{2,}"
)
_SPECIAL = tuple(f".{domain}" for domain in SPECIAL_USE_DOMAIN_NAMES if domain != "test")
_SHORT = 60  # below what is allowed of each part


@dataclass(frozen=True, slots=True, kw_only=True)
class BadAddress:
    """Why a text is no address a message can be sent to."""

    text: str
    reason: str


@lru_cache(maxsize=4096)  # one message asks for the same address again and again
def ascii_address(text: str) -> str | BadAddress:
    """The address for the envelope, its domain in IDNA; sub-domains of `.test` are accepted."""
    if _is_usual(text):
        return text
    if not text.isprintable():
        return BadAddress(text=text, reason="The address contains a line break or control sign.")
    try:
        checked = validate_email(
            text.strip(),
            check_deliverability=False,
            allow_smtputf8=False,
            allow_quoted_local=False,
            allow_domain_literal=False,
            test_environment=True,
        )
    except EmailNotValidError as mistake:
        return BadAddress(text=text, reason=str(mistake))
    if checked.ascii_email is None:
        return BadAddress(text=text, reason="The part before the @ must be plain ASCII.")
    return checked.ascii_email


def _is_usual(text: str) -> bool:
    if len(text) > _SHORT or not _USUAL.fullmatch(text):
        return False
    return not f".{text.rpartition('@')[2]}".endswith(_SPECIAL)


def is_address(text: str) -> bool:
    """Whether mail can be sent there."""
    return isinstance(ascii_address(text), str)
