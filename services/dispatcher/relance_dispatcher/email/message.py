"""The exact bytes of an e-mail: multipart/alternative, the same for the same input, for ever."""

import binascii
import hashlib
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from email.header import decode_header
from email.utils import format_datetime

from relance_dispatcher.email.addresses import Mailbox, ascii_address
from relance_dispatcher.email.headers import header, inert, phrase, unstructured

_IDENTIFIER = re.compile(r"[A-Za-z0-9._+-]{1,200}")
_MESSAGE_ID = re.compile(r"<[A-Za-z0-9._+-]{1,200}@[A-Za-z0-9.-]{1,250}>")
_BLOCK = re.compile(rb"(?:[A-Za-z-]+:[ -~]*(?:\r\n +[!-~][ -~]*)*\r\n)+")
_LINK = re.compile(r"(https://|mailto:)[!-;=?-~]{1,1000}")


@dataclass(frozen=True, slots=True, kw_only=True)
class OutgoingEmail:
    """One message for one recipient set; `date` is the instant it was composed.

    `automatic` adds Auto-Submitted (RFC 3834), which keeps out-of-office answers away.
    `references` are Message-IDs of earlier messages of the same thread, oldest first.
    `intended` are those who would have got it, had it not been redirected to somebody else.
    `unsubscribe` is an https or mailto link (RFC 2369; https also offers RFC 8058's one click).
    """

    message_id: str
    date: datetime
    sender: Mailbox
    to: tuple[Mailbox, ...]
    subject: str
    text: str
    html: str
    cc: tuple[Mailbox, ...] = ()
    reply_to: Mailbox | None = None
    references: tuple[str, ...] = ()
    automatic: bool = True
    intended: tuple[str, ...] = ()
    unsubscribe: str | None = None

    @property
    def recipients(self) -> tuple[str, ...]:
        """The envelope: every To and Cc address once, in order."""
        return tuple(dict.fromkeys(box.address for box in (*self.to, *self.cc)))


def message_id(attempt: str, domain: str) -> str:
    """The deterministic Message-ID of an attempt; ValueError when either part could break it."""
    found = f"<{attempt}@{domain.encode('idna').decode('ascii')}>"
    if not _IDENTIFIER.fullmatch(attempt) or not _MESSAGE_ID.fullmatch(found):
        raise ValueError(f"{attempt!r} at {domain!r} makes no Message-ID")
    return found


def build(message: OutgoingEmail) -> bytes:
    """The message as it goes after DATA, lines ended by CRLF, 7-bit.

    ValueError where an address, link or identifier is not what it should be: data that people
    type is checked before it comes here.
    """
    parts = tuple(
        (subtype, _quoted_printable(content))
        for subtype, content in (("plain", message.text), ("html", message.html))
        if content
    )
    headers = _headers(message)
    if len(parts) > 1:
        return _verified(message, headers) + _alternative(message.message_id, parts)
    subtype, body = parts[0] if parts else ("plain", b"")
    return _verified(message, headers) + _part_headers(subtype) + b"\r\n" + body


def _headers(message: OutgoingEmail) -> list[tuple[str, str]]:
    if message.date.tzinfo is None:
        raise ValueError("the date of a message is an instant with its zone")
    if not message.to:
        raise ValueError("a message needs somebody to go to")
    identifiers = (message.message_id, *message.references)
    for identifier in identifiers:
        if not _MESSAGE_ID.fullmatch(identifier):
            raise ValueError(f"{identifier!r} is no Message-ID")
    found = [
        ("Message-ID", message.message_id),
        ("Date", format_datetime(message.date.astimezone(UTC))),
        ("From", _mailbox(message.sender)),
        ("To", _mailboxes(message.to)),
        ("Cc", _mailboxes(message.cc)),
        ("Reply-To", _mailbox(message.reply_to) if message.reply_to else ""),
        ("Subject", unstructured(message.subject)),
        ("In-Reply-To", message.references[-1] if message.references else ""),
        ("References", " ".join(message.references)),
        ("Auto-Submitted", "auto-generated" if message.automatic else ""),
        ("X-Relance-Intended-For", ", ".join(message.intended)),
        *_unsubscribe(message.unsubscribe),
        ("MIME-Version", "1.0"),
    ]
    return [(name, value) for name, value in found if value or name == "Subject"]


def _unsubscribe(link: str | None) -> list[tuple[str, str]]:
    if link is None:
        return []
    if not _LINK.fullmatch(link):
        raise ValueError(f"{link!r} is no https or mailto link")
    one_click = "List-Unsubscribe=One-Click" if link.startswith("https:") else ""
    return [("List-Unsubscribe", f"<{link}>"), ("List-Unsubscribe-Post", one_click)]


def _mailbox(box: Mailbox) -> str:
    if ascii_address(box.address) != box.address:
        raise ValueError(f"{box.address!r} is no address")
    name = phrase(box.name)
    return f"{name} <{box.address}>" if name else box.address


def _mailboxes(boxes: tuple[Mailbox, ...]) -> str:
    return ", ".join(_mailbox(box) for box in boxes)


def _verified(message: OutgoingEmail, headers: list[tuple[str, str]]) -> bytes:
    """The header block, read back and compared: a header more, less or other is a fault of ours."""
    block = b"".join(header(name, value) for name, value in headers)
    read = _read(block)
    if read != headers:
        raise ValueError("the message does not read back as it was written")
    if _decoded(dict(read)["Subject"]) != inert(message.subject):
        raise ValueError("the subject does not read back as it was written")
    return block


def _read(block: bytes) -> list[tuple[str, str]] | None:
    """The headers as RFC 5322 has them read, folds undone; None where it is no header block."""
    if not _BLOCK.fullmatch(block):
        return None
    lines = block.decode("ascii").replace("\r\n ", " ").split("\r\n")[:-1]
    return [(name, value.strip(" ")) for name, _, value in (line.partition(":") for line in lines)]


def _decoded(value: str) -> str:
    if "=?" not in value:
        return value
    return "".join(
        part if isinstance(part, str) else part.decode(charset or "ascii")
        for part, charset in decode_header(value)
    )


def _part_headers(subtype: str) -> bytes:
    return (
        f"Content-Type: text/{subtype}; charset=utf-8\r\n"
        "Content-Transfer-Encoding: quoted-printable\r\n"
    ).encode("ascii")


def _alternative(identifier: str, parts: tuple[tuple[str, bytes], ...]) -> bytes:
    # Quoted-printable never leaves `=_` standing, so no body can contain the boundary.
    digest = hashlib.sha256(identifier.encode("ascii") + b"".join(body for _, body in parts))
    boundary = f"=_{digest.hexdigest()[:32]}".encode("ascii")
    pieces = [b'Content-Type: multipart/alternative; boundary="' + boundary + b'"\r\n\r\n']
    pieces += [
        b"--" + boundary + b"\r\n" + _part_headers(subtype) + b"\r\n" + body + b"\r\n"
        for subtype, body in parts
    ]
    return b"".join(pieces) + b"--" + boundary + b"--\r\n"


def _quoted_printable(content: str) -> bytes:
    lines = content.replace("\r\n", "\n").replace("\r", "\n").rstrip("\n") + "\n"
    # b2a_qp breaks long lines in the style of the first line end it meets.
    return binascii.b2a_qp(lines.encode("utf-8", "replace"), istext=True).replace(b"\n", b"\r\n")
