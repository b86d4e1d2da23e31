"""Why a person must act though nobody asked for one: what `actions.problem` may hold (rules §5)."""

from enum import StrEnum


class Problem(StrEnum):
    """Wording keys; in the order of the way a message takes."""

    CEILING = "ceiling"
    CHANNEL_NOT_CONNECTED = "channel_not_connected"
    NO_CONTACT = "no_contact"
    ADDRESS_INVALID = "address_invalid"
    OPTED_OUT = "opted_out"
    NO_SENDER = "no_sender"
    TEMPLATE_MISSING = "template_missing"
    TEMPLATE_BROKEN = "template_broken"
    MESSAGE_BROKEN = "message_broken"
    AMOUNTS_CHANGED = "amounts_changed"
    REJECTED = "rejected"
    PROVIDER_UNREACHABLE = "provider_unreachable"
    UNEXPECTED_ERROR = "unexpected_error"
