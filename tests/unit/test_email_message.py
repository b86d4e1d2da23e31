"""The bytes of an e-mail: the same for the same input, and no datum ever becomes a header."""

import sys
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.utils import getaddresses
from typing import Any

import pytest
from email_validator import EmailNotValidError, validate_email
from hypothesis import given
from hypothesis import strategies as st

from relance_dispatcher.email import (
    BadAddress,
    Mailbox,
    OutgoingEmail,
    ascii_address,
    build,
    message_id,
)
from relance_dispatcher.email.headers import inert

HEADERS = [
    "Message-ID", "Date", "From", "To", "Cc", "Reply-To", "Subject", "Auto-Submitted",
    "MIME-Version", "Content-Type",
]  # fmt: skip
# What the standard library of some releases decodes into a header of its own.
ENCODED = "=?utf-8?q?Acme=0D=0ABcc=3A_thief=40evil=2Etest?="


def email(**changes: Any) -> OutgoingEmail:
    return OutgoingEmail(
        **{
            "message_id": message_id("attempt-1", "relance.example"),
            "date": datetime(2025, 6, 3, 6, 30, tzinfo=UTC),
            "sender": Mailbox(address="compta@relance.example", name="Élise Martin"),
            "to": (Mailbox(address="ap@acme.test", name='O\'Brien, "Bob"'),),
            "cc": (Mailbox(address="cfo@acme.test"),),
            "reply_to": Mailbox(address="elise@relance.example"),
            "subject": "Facture F-2025-014 échue",
            "text": "Bonjour,\n.\nÀ bientôt\n",
            "html": "<p>Bonjour</p>",
            **changes,
        }
    )


def test_the_message_holds_what_was_given() -> None:
    parsed = message_from_bytes(build(email()), policy=policy.default)
    assert list(parsed.keys()) == HEADERS
    assert parsed["Subject"] == "Facture F-2025-014 échue"
    assert parsed["From"].addresses[0].display_name == "Élise Martin"
    assert parsed["To"].addresses[0].display_name == 'O\'Brien, "Bob"'
    assert parsed["Message-ID"] == "<attempt-1@relance.example>"
    assert parsed["Date"] == "Tue, 03 Jun 2025 06:30:00 +0000"
    assert parsed["Auto-Submitted"] == "auto-generated"
    assert isinstance(parsed, EmailMessage)
    plain, html = parsed.iter_parts()
    assert plain.get_content() == "Bonjour,\r\n.\r\nÀ bientôt\r\n"
    assert html.get_content() == "<p>Bonjour</p>\r\n"
    assert html.get_content_type() == "text/html"


def test_a_message_sent_by_a_person_in_a_thread_says_so() -> None:
    earlier = (message_id("a", "relance.example"), message_id("b", "relance.example"))
    parsed = message_from_bytes(
        build(
            email(automatic=False, references=earlier, unsubscribe="https://relance.example/u?t=9")
        )
    )
    assert parsed["Auto-Submitted"] is None
    assert parsed["References"] == " ".join(earlier)
    assert parsed["In-Reply-To"] == earlier[1]
    assert parsed["List-Unsubscribe"] == "<https://relance.example/u?t=9>"
    assert parsed["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


def test_without_html_the_message_is_plain() -> None:
    parsed = message_from_bytes(build(email(html="")))
    assert parsed.get_content_type() == "text/plain"


def test_the_envelope_names_everybody_once() -> None:
    twice = Mailbox(address="ap@acme.test", name="Again")
    assert email(cc=(twice, Mailbox(address="x@acme.test"))).recipients == (
        "ap@acme.test",
        "x@acme.test",
    )


def test_lines_are_ended_by_crlf_and_short_enough_for_any_server() -> None:
    data = build(email(subject="é" * 900, text="mot " * 4000 + "\r\nfin\rsuite"))
    assert data.replace(b"\r\n", b"").count(b"\n") == 0
    assert data.replace(b"\r\n", b"").count(b"\r") == 0
    assert max(map(len, data.split(b"\r\n"))) <= 998
    assert data.isascii()


TEXT = st.text(max_size=120) | st.lists(
    st.sampled_from(
        ["\r\n", "\n", "\r", "\x00", "\u2028", "\x85", "=?", "?=", "=?utf-8?q?", "=0D=0A", "DQ==",
         "=?utf-8?b?", "DQpCY2M6IHhAZXZpbA==", "Bcc: thief@evil.test", "<", ">", ",",
         ";", '"', "\\", "é", " ", "\u202e", "\ud800", "=", "?", ENCODED, "a" * 80]
    ), max_size=12,
).map("".join)  # fmt: skip


@given(subject=TEXT, sender=TEXT, to=TEXT, reply=TEXT, body=TEXT)
def test_hostile_data_never_makes_a_header_nor_a_recipient(
    subject: str, sender: str, to: str, reply: str, body: str
) -> None:
    message = email(
        subject=subject,
        sender=Mailbox(address="compta@relance.example", name=sender),
        to=(Mailbox(address="ap@acme.test", name=to),),
        reply_to=Mailbox(address="elise@relance.example", name=reply),
        text=body + "x",
        html="<p>x</p>",
    )
    data = build(message)
    assert data == build(message)
    for rules in (policy.compat32, policy.default):
        assert message_from_bytes(data, policy=rules).keys() == HEADERS
    parsed = {name: value.replace("\r\n", "") for name, value in message_from_bytes(data).items()}
    assert str(make_header(decode_header(parsed["Subject"]))) == inert(subject)
    assert [address for _, address in getaddresses([parsed["To"]])] == ["ap@acme.test"]
    assert [address for _, address in getaddresses([parsed["From"]])] == ["compta@relance.example"]


def test_the_standard_builder_of_some_releases_makes_a_header_of_a_name_and_ours_does_not() -> None:
    """Why headers are written by ourselves: CPython 3.10.13, 3.11.7 and 3.12.1 fail here."""
    theirs = EmailMessage()
    theirs["Subject"] = ENCODED
    try:
        standard = message_from_bytes(theirs.as_bytes())
    except ValueError:  # newer releases refuse to write it
        standard = message_from_bytes(b"\n")
    flawed = sys.version_info[:3] in {(3, 10, 13), (3, 11, 7), (3, 12, 1)}
    assert ("Bcc" in standard) is flawed
    ours = message_from_bytes(build(email(subject=ENCODED)))
    assert "Bcc" not in ours
    assert ours["Subject"] == "?utf-8?q?Acme=0D=0ABcc=3A_thief=40evil=2Etest?="


@pytest.mark.parametrize(
    "changes",
    [
        {"to": ()},
        {"to": (Mailbox(address="ap@acme.test\r\nBcc: x@evil.test"),)},
        {"to": (Mailbox(address="ap@acme.test, x@evil.test"),)},
        {"message_id": "<a@b>\r\nBcc: x@evil.test"},
        {"references": ("nothing",)},
        {"unsubscribe": "javascript:alert(1)"},
        {"unsubscribe": "https://a.test/>\r\nBcc: x@evil.test"},
        {"date": datetime(2025, 6, 3)},  # noqa: DTZ001 - the naive instant is the mistake
    ],
)
def test_what_is_not_data_but_wrong_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r".+"):
        build(email(**changes))


def test_a_message_identifier_follows_from_attempt_and_domain() -> None:
    assert message_id("0197-ab", "bücher.example") == "<0197-ab@xn--bcher-kva.example>"
    with pytest.raises(ValueError, match="Message-ID"):
        message_id("a>b", "relance.example")


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        (" Anna@Acme.TEST ", "Anna@acme.test"),
        ("compta@bücher.de", "compta@xn--bcher-kva.de"),
        ("a.b+c@sub.acme.example", "a.b+c@sub.acme.example"),
    ],
)
def test_an_address_is_kept_in_ascii(typed: str, expected: str) -> None:
    assert ascii_address(typed) == expected


@pytest.mark.parametrize(
    "typed",
    ["", "nobody", "a@b", "a b@acme.test", "é@acme.test", "a@[127.0.0.1]", '"a b"@acme.test',
     "Anna <a@acme.test>", "a@acme.test\r\nRCPT TO:<x@evil.test>", "a@acme.test,b@acme.test"],
)  # fmt: skip
def test_what_is_no_address_is_answered_with_a_reason(typed: str) -> None:
    answer = ascii_address(typed)
    assert isinstance(answer, BadAddress)
    assert answer.reason


PARTS = st.sampled_from(["a", "B", "é", ".", "..", "-", "--", "_", "+", "0", "xn--", "@", "a-b"])
ENDS = st.sampled_from(
    [".test", ".com", ".fr", ".local", ".invalid", ".arpa", ".onion", ".example", ".c0m", "", "."]
)


@given(st.emails() | st.tuples(st.lists(PARTS, max_size=8).map("".join), ENDS).map("".join))
def test_a_usual_address_is_answered_as_the_library_that_looks_into_it_does(typed: str) -> None:
    try:
        found = validate_email(
            typed,
            check_deliverability=False,
            allow_smtputf8=False,
            test_environment=True,
        ).ascii_email
    except EmailNotValidError:
        found = None
    answer = ascii_address(typed)
    assert (answer if isinstance(answer, str) else None) == found
