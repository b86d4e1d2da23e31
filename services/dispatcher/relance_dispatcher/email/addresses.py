"""E-mail addresses as they may stand on an envelope: checked without the network, in ASCII."""

from dataclasses import dataclass

from email_validator import EmailNotValidError, validate_email

from relance_dispatcher.email.headers import has_control


@dataclass(frozen=True, slots=True, kw_only=True)
class Mailbox:
    """An address with the name to show; only `ascii_address` answers belong in `address`."""

    address: str
    name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class BadAddress:
    """Why a text is no address a message can be sent to."""

    text: str
    reason: str


def ascii_address(text: str) -> str | BadAddress:
    """The address for the envelope, its domain in IDNA; sub-domains of `.test` are accepted."""
    if has_control(text):
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
