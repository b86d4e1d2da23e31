"""Who stands on an envelope and in a header; addresses are checked where drafts are made."""

from dataclasses import dataclass

from relance.drafting.addresses import BadAddress, ascii_address

__all__ = ["BadAddress", "Mailbox", "ascii_address"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Mailbox:
    """An address with the name to show; only `ascii_address` answers belong in `address`."""

    address: str
    name: str = ""
