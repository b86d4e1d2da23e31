"""The customers' mail server, spoken to by the product's own SMTP library."""

import asyncio
import errno
import socket
from collections.abc import AsyncIterator
from email.message import EmailMessage

import aiohttp
import aiosmtplib
import pytest
import pytest_asyncio

from relance_sandbox import Sandbox
from tests.contract.sandbox_app import Clock, sandbox_of

pytestmark = pytest.mark.asyncio


@pytest_asyncio.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    async with sandbox_of(Clock()) as running:
        yield running


@pytest_asyncio.fixture
async def smtp(sandbox: Sandbox) -> AsyncIterator[aiosmtplib.SMTP]:
    client = aiosmtplib.SMTP(hostname=sandbox.smtp_host, port=sandbox.smtp_port, timeout=2)
    await client.connect()
    yield client
    client.close()


def letter(
    to: str = "jeanne@acme.example", subject: str = "Rappel n° 1 — échéance"
) -> EmailMessage:
    message = EmailMessage()
    message["From"] = "Martin & Fils <compta@martin.example>"
    message["To"] = to
    message["Subject"] = subject
    message.set_content("Bonjour,\n.\nmerci d’avance\n")
    message.add_alternative("<p>Bonjour</p>", subtype="html")
    message.add_attachment(b"%PDF-", maintype="application", subtype="pdf", filename="f1.pdf")
    return message


async def test_a_mail_is_kept_with_its_parts_and_exactly_as_it_came(
    sandbox: Sandbox, smtp: aiosmtplib.SMTP
) -> None:
    sent = letter()
    await smtp.send_message(sent)
    [mail] = await sandbox.mailbox.received(1)
    assert mail.envelope_from == "compta@martin.example"
    assert mail.envelope_to == ("jeanne@acme.example",)
    assert mail.subject == "Rappel n° 1 — échéance"
    assert mail.text == "Bonjour,\n.\nmerci d’avance\n"
    assert mail.html.strip() == "<p>Bonjour</p>"
    assert mail.attachments == ("f1.pdf",)
    assert mail.header("subject") == mail.subject
    assert mail.at == Clock().instant
    assert b"\r\n.\r\nmerci" in mail.raw
    assert sandbox.mailbox.to("jeanne@acme.example") == [mail]
    assert sandbox.mailbox.search("ACME échéance") == [mail]
    assert sandbox.mailbox.search("acme nobody") == []


async def test_a_kept_connection_carries_many_mails(
    sandbox: Sandbox, smtp: aiosmtplib.SMTP
) -> None:
    for count in range(30):
        await smtp.send_message(letter(subject=str(count)))
    assert {mail.connection for mail in sandbox.mailbox.mails} == {1}
    assert [mail.number for mail in sandbox.mailbox.mails] == list(range(1, 31))


async def test_a_refused_recipient_stays_refused_and_others_get_theirs(
    sandbox: Sandbox, smtp: aiosmtplib.SMTP
) -> None:
    sandbox.mailbox.refuse_recipient("gone@acme.example")
    for _ in range(2):
        with pytest.raises(aiosmtplib.SMTPRecipientsRefused) as refused:
            await smtp.send_message(letter("gone@acme.example"))
        assert refused.value.recipients[0].code == 550
    await smtp.send_message(letter())
    assert len(sandbox.mailbox.mails) == 1


async def test_a_temporary_refusal_passes(sandbox: Sandbox, smtp: aiosmtplib.SMTP) -> None:
    sandbox.mailbox.refuse_for_now()
    with pytest.raises(aiosmtplib.SMTPSenderRefused) as refused:
        await smtp.send_message(letter())
    assert refused.value.code == 451
    await smtp.send_message(letter())
    assert len(sandbox.mailbox.mails) == 1


async def test_a_421_closes_the_connection(sandbox: Sandbox, smtp: aiosmtplib.SMTP) -> None:
    sandbox.mailbox.refuse_for_now("421 4.3.2 Closing", stage="message")
    with pytest.raises(aiosmtplib.SMTPException):
        await smtp.send_message(letter())
    with pytest.raises(aiosmtplib.SMTPServerDisconnected):
        await smtp.noop()
    assert sandbox.mailbox.mails == []


async def test_an_answer_is_lost_after_the_mail_was_taken(
    sandbox: Sandbox, smtp: aiosmtplib.SMTP
) -> None:
    sandbox.mailbox.lose_answer()
    with pytest.raises(aiosmtplib.SMTPServerDisconnected):
        await smtp.send_message(letter())
    assert len(await sandbox.mailbox.received(1)) == 1


async def test_a_connection_cut_at_data_has_taken_nothing(
    sandbox: Sandbox, smtp: aiosmtplib.SMTP
) -> None:
    sandbox.mailbox.close_after_data()
    with pytest.raises(aiosmtplib.SMTPServerDisconnected):
        await smtp.send_message(letter())
    assert sandbox.mailbox.mails == []


async def test_a_server_that_hangs_is_left_by_the_client(sandbox: Sandbox) -> None:
    sandbox.mailbox.hang("ehlo")
    client = aiosmtplib.SMTP(hostname=sandbox.smtp_host, port=sandbox.smtp_port, timeout=0.3)
    with pytest.raises(aiosmtplib.SMTPTimeoutError):
        await client.connect()
    client.close()


async def test_a_slow_server_answers_in_the_end_and_behaves_when_told(
    sandbox: Sandbox, smtp: aiosmtplib.SMTP
) -> None:
    sandbox.mailbox.slow(0.2)
    started = asyncio.get_running_loop().time()
    await smtp.send_message(letter())
    assert asyncio.get_running_loop().time() - started >= 0.2
    sandbox.mailbox.behave()
    assert sandbox.mailbox.faults == []


@pytest.mark.parametrize("name", ["port", "smtp_port"])
async def test_a_taken_port_is_named_with_what_to_do(name: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        taken = other.getsockname()[1]
        with pytest.raises(OSError, match=f"{taken}.*choose another {name} ") as refused:
            await sandbox_of().start(**{name: taken})
    assert refused.value.errno == errno.EADDRINUSE


async def test_the_sandbox_listens_on_this_machine_only_and_under_its_own_name(
    sandbox: Sandbox,
) -> None:
    assert sandbox.url.startswith("http://127.0.0.1:")
    assert sandbox.smtp_host == "127.0.0.1"
    async with aiohttp.ClientSession() as session:
        async with session.get(sandbox.url, headers={"Host": "evil.example"}) as answer:
            assert answer.status == 403
        form = {"deed": "open_home", "as": "U1"}
        async with session.post(f"{sandbox.url}/page/act", data=form) as answer:
            assert answer.status == 415
