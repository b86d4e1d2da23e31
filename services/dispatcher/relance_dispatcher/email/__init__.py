"""E-mail: exact bytes, and the wire up to the uncertain point and past it."""

from relance_dispatcher.email.addresses import BadAddress, Mailbox, ascii_address
from relance_dispatcher.email.connections import Encryption, SmtpSettings
from relance_dispatcher.email.message import OutgoingEmail, build, message_id
from relance_dispatcher.email.transport import SmtpTransport

__all__ = [
    "BadAddress",
    "Encryption",
    "Mailbox",
    "OutgoingEmail",
    "SmtpSettings",
    "SmtpTransport",
    "ascii_address",
    "build",
    "message_id",
]
