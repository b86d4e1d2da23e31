"""The transport against a real SMTP server, with faults before and after the final dot."""

import asyncio
import ssl
import subprocess
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from pydantic import SecretStr

from relance.domain.outcomes import Delivered, Refusal, Rejected, TryLater, Unknown
from relance_dispatcher.email import SmtpSettings, SmtpTransport

pytestmark = pytest.mark.asyncio

FROM = "billing@relance.example"
RAW = b"Subject: Reminder\r\n\r\nDear customer,\r\n.hidden\r\n"


@dataclass
class Post:
    """What the server was told and what it answers; a None answer hangs up, "silence" waits."""

    mail: str = "250 OK"
    rcpt: dict[str, str] = field(default_factory=dict)
    data: str | None = "354 go on"
    final: str | None = "250 2.0.0 Ok: queued as 4XyZ12"
    taken: list[tuple[str | None, list[str], bytes]] = field(default_factory=list)
    connections: list[SMTP] = field(default_factory=list)
    running: int = 0
    most: int = 0
    first_is_tired: bool = False
    pipelining: bool = False

    async def handle_EHLO(  # noqa: N802 - the name aiosmtpd calls
        self,
        _server: SMTP,
        session: Session,
        _envelope: Envelope,
        hostname: str,
        answers: list[str],
    ) -> list[str]:
        session.host_name = hostname
        return [*answers[:-1], *["250-PIPELINING"] * self.pipelining, answers[-1]]

    async def handle_MAIL(  # noqa: N802 - the name aiosmtpd calls
        self, server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        if self.first_is_tired and server is self.connections[0]:
            return "421 too many messages on this connection"
        if self.mail.startswith("250"):
            envelope.mail_from = address
        return self.mail

    async def handle_RCPT(  # noqa: N802 - the name aiosmtpd calls
        self,
        _server: SMTP,
        _session: Session,
        envelope: Envelope,
        address: str,
        _options: list[str],
    ) -> str:
        answer = self.rcpt.get(address, "250 OK")
        if answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(  # noqa: N802 - the name aiosmtpd calls
        self, server: SMTP, _session: Session, envelope: Envelope
    ) -> str:
        self.running += 1
        self.most = max(self.most, self.running)
        await asyncio.sleep(0.005)
        self.running -= 1
        assert isinstance(envelope.content, bytes)
        if self.final is None:
            hang_up(server)
        elif self.final == "silence":
            await asyncio.sleep(60)
        elif self.final.startswith("250"):
            self.taken.append((envelope.mail_from, list(envelope.rcpt_tos), envelope.content))
        return self.final or ""


class Faulty(SMTP):
    """aiosmtpd, made to fail before the content as its post says."""

    async def smtp_DATA(self, arg: str) -> None:  # noqa: N802 - the name aiosmtpd calls
        post = self.event_handler
        assert isinstance(post, Post)
        if post.data is None:
            hang_up(self)
        elif post.data == "hang up at the content":
            await self.push("354 go on")
            hang_up(self)
        elif post.data == "go on regardless":
            await self.push("354 go on")
        elif post.data.startswith("354"):
            await super().smtp_DATA(arg)
        else:
            await self.push(post.data)


def hang_up(server: SMTP) -> None:
    assert isinstance(server.transport, asyncio.Transport)
    server.transport.abort()


@pytest.fixture(params=[False, True], ids=["one by one", "pipelining"])
def a_post(request: pytest.FixtureRequest) -> Callable[..., Post]:
    """Makes a post, whose server hears one command at a time, or several."""
    return partial(Post, pipelining=request.param)


@asynccontextmanager
async def serving(post: Post, **options: Any) -> AsyncIterator[int]:
    """The port of a server on loopback."""

    def connected() -> SMTP:
        server = Faulty(post, hostname="post.test", timeout=30, **options)
        post.connections.append(server)
        return server

    listener = await asyncio.get_running_loop().create_server(connected, "127.0.0.1", 0)
    try:
        yield listener.sockets[0].getsockname()[1]
    finally:
        listener.close()
        for server in post.connections:
            if server.transport is not None:
                hang_up(server)
        await asyncio.sleep(0)


@asynccontextmanager
async def transport_to(
    port: int, *, monotonic: Callable[[], float] = time.monotonic, **settings: Any
) -> AsyncIterator[SmtpTransport]:
    transport = SmtpTransport(
        SmtpSettings(
            host="127.0.0.1",
            port=port,
            greeting_name="relance.test",
            **{"encryption": "none", "step_timeout": 1.0, "answer_timeout": 0.3, **settings},
        ),
        monotonic=monotonic,
    )
    try:
        yield transport
    finally:
        await transport.close()


def soon() -> float:
    return time.monotonic() + 5


async def test_a_message_arrives_byte_for_byte_and_the_queue_identifier_is_kept(
    a_post: Callable[..., Post],
) -> None:
    post = a_post()
    async with serving(post) as port, transport_to(port) as transport:
        outcome = await transport.send(FROM, ("a@acme.test", "b@acme.test"), RAW, deadline=soon())
    assert outcome == Delivered(response="2.0.0 Ok: queued as 4XyZ12", provider_id="4XyZ12")
    assert post.taken == [(FROM, ["a@acme.test", "b@acme.test"], RAW)]


async def test_a_connection_is_kept_for_the_next_message(a_post: Callable[..., Post]) -> None:
    post = a_post()
    async with serving(post) as port, transport_to(port) as transport:
        for _ in range(5):
            await transport.send(FROM, ("a@acme.test",), RAW, deadline=soon())
    assert len(post.taken) == 5
    assert len(post.connections) == 1


async def test_many_senders_share_the_allowed_number_of_connections(
    a_post: Callable[..., Post],
) -> None:
    post = a_post()
    async with serving(post) as port, transport_to(port, max_connections=3) as transport:
        sends = (
            transport.send(FROM, (f"c{n}@acme.test",), RAW, deadline=soon()) for n in range(30)
        )
        outcomes = await asyncio.gather(*sends)
    assert all(isinstance(outcome, Delivered) for outcome in outcomes)
    assert sorted(to for _, (to,), _ in post.taken) == sorted(f"c{n}@acme.test" for n in range(30))
    assert len(post.connections) == 3
    assert post.most == 3


async def test_a_kept_connection_lost_meanwhile_is_silently_replaced(
    a_post: Callable[..., Post],
) -> None:
    post = a_post()
    async with serving(post) as port, transport_to(port) as transport:
        await transport.send(FROM, ("a@acme.test",), RAW, deadline=soon())
        hang_up(post.connections[0])
        outcome = await transport.send(FROM, ("b@acme.test",), RAW, deadline=soon())
    assert isinstance(outcome, Delivered)
    assert [to for _, to, _ in post.taken] == [["a@acme.test"], ["b@acme.test"]]


async def test_a_kept_connection_told_to_go_away_is_silently_replaced(
    a_post: Callable[..., Post],
) -> None:
    post = a_post()
    async with serving(post) as port, transport_to(port) as transport:
        await transport.send(FROM, ("a@acme.test",), RAW, deadline=soon())
        post.first_is_tired = True
        outcome = await transport.send(FROM, ("b@acme.test",), RAW, deadline=soon())
    assert len(post.connections) == 2
    assert isinstance(outcome, Delivered)


async def test_an_idle_connection_is_closed_after_its_time(a_post: Callable[..., Post]) -> None:
    post = a_post()
    async with serving(post) as port, transport_to(port, idle_timeout=0.05) as transport:
        await transport.send(FROM, ("a@acme.test",), RAW, deadline=soon())
        await asyncio.sleep(0.25)
        assert post.connections[0].transport is None


async def test_nobody_listening_means_try_later(a_post: Callable[..., Post]) -> None:
    async with serving(a_post()) as port:
        pass
    async with transport_to(port) as transport:
        outcome = await transport.send(FROM, ("a@acme.test",), RAW, deadline=soon())
    assert isinstance(outcome, TryLater)


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        ({"mail": "451 busy"}, TryLater(reason="busy", code=451)),
        ({"mail": "550 sender unknown"}, Rejected(code=550, reason="sender unknown")),
        ({"data": "452 full"}, TryLater(reason="full", code=452)),
        ({"data": "554 no"}, Rejected(code=554, reason="no")),
        ({"final": "451 4.7.1 greylisted"}, TryLater(reason="4.7.1 greylisted", code=451)),
        ({"final": "554 5.7.1 spam"}, Rejected(code=554, reason="5.7.1 spam")),
    ],
)
async def test_a_refusal_without_a_recipient_blames_no_contact_and_keeps_the_connection(
    a_post: Callable[..., Post], fault: dict[str, str], expected: TryLater | Rejected
) -> None:
    post = a_post(**fault)
    async with serving(post) as port, transport_to(port) as transport:
        assert await transport.send(FROM, ("a@acme.test",), RAW, deadline=soon()) == expected
        assert post.taken == []
        post.mail, post.data, post.final = "250 OK", "354 go on", "250 OK"
        later = await transport.send(FROM, ("b@acme.test",), RAW, deadline=soon())
    assert isinstance(later, Delivered)
    assert [to for _, to, _ in post.taken] == [["b@acme.test"]]


async def test_a_recipient_refused_for_good_is_named_and_the_others_get_the_message(
    a_post: Callable[..., Post],
) -> None:
    post = a_post(rcpt={"gone@acme.test": "550 5.1.1 no such user"})
    async with serving(post) as port, transport_to(port) as transport:
        outcome = await transport.send(
            FROM, ("gone@acme.test", "here@acme.test"), RAW, deadline=soon()
        )
    assert isinstance(outcome, Delivered)
    assert outcome.refused == (
        Refusal(recipient="gone@acme.test", code=550, reason="5.1.1 no such user"),
    )
    assert [to for _, to, _ in post.taken] == [["here@acme.test"]]


async def test_a_recipient_refused_for_now_holds_the_whole_set_back(
    a_post: Callable[..., Post],
) -> None:
    post = a_post(rcpt={"busy@acme.test": "450 mailbox busy"})
    async with serving(post) as port, transport_to(port) as transport:
        outcome = await transport.send(
            FROM, ("here@acme.test", "busy@acme.test"), RAW, deadline=soon()
        )
        assert outcome == TryLater(reason="mailbox busy", code=450)
        assert post.taken == []
        await transport.send(FROM, ("other@acme.test",), RAW, deadline=soon())
    assert [to for _, to, _ in post.taken] == [["other@acme.test"]]
    assert len(post.connections) == 1


async def test_when_every_recipient_is_refused_the_message_is_rejected_with_their_names(
    a_post: Callable[..., Post],
) -> None:
    post = a_post(rcpt={"x@acme.test": "550 no", "y@acme.test": "553 never"})
    async with serving(post) as port, transport_to(port) as transport:
        outcome = await transport.send(FROM, ("x@acme.test", "y@acme.test"), RAW, deadline=soon())
    assert isinstance(outcome, Rejected)
    assert outcome.recipients == ("x@acme.test", "y@acme.test")


async def test_a_server_that_wants_the_content_though_it_refused_gets_not_even_its_end() -> None:
    post = Post(
        rcpt={"x@acme.test": "550 no"},
        mail="250 OK",
        data="go on regardless",
        pipelining=True,
    )
    async with serving(post) as port, transport_to(port) as transport:
        outcome = await transport.send(FROM, ("x@acme.test",), RAW, deadline=soon())
        assert isinstance(outcome, Rejected)
        post.rcpt, post.data = {}, "354 go on"
        await transport.send(FROM, ("y@acme.test",), RAW, deadline=soon())
    assert [to for _, to, _ in post.taken] == [["y@acme.test"]]
    assert len(post.connections) == 2


async def test_what_a_server_says_unasked_is_no_answer_to_the_next_command(
    a_post: Callable[..., Post],
) -> None:
    post = a_post()
    async with serving(post) as port, transport_to(port) as transport:
        await transport.send(FROM, ("a@acme.test",), RAW, deadline=soon())
        await post.connections[0].push("250 and by the way")
        await asyncio.sleep(0.05)
        post.rcpt = {"b@acme.test": "550 no"}
        outcome = await transport.send(FROM, ("b@acme.test",), RAW, deadline=soon())
    assert isinstance(outcome, Rejected)
    assert len(post.connections) == 2


@pytest.mark.parametrize("data", [None, "421 closing"])
async def test_a_connection_lost_before_the_content_was_not_handed_over(
    a_post: Callable[..., Post], data: str | None
) -> None:
    post = a_post(data=data)
    async with serving(post) as port, transport_to(port) as transport:
        outcome = await transport.send(FROM, ("a@acme.test",), RAW, deadline=soon())
    assert isinstance(outcome, TryLater)
    assert post.taken == []


@pytest.mark.parametrize("final", [None, "silence"])
async def test_an_answer_lost_after_the_content_is_unknown(
    a_post: Callable[..., Post], final: str | None
) -> None:
    post = a_post(final=final)
    async with serving(post) as port, transport_to(port) as transport:
        outcome = await transport.send(FROM, ("a@acme.test",), RAW, deadline=soon())
        assert isinstance(outcome, Unknown)
        post.final = "250 OK"
        later = await transport.send(FROM, ("b@acme.test",), RAW, deadline=soon())
    assert isinstance(later, Delivered)
    assert [to for _, to, _ in post.taken] == [["b@acme.test"]]


async def test_a_malformed_answer_to_the_content_is_unknown(a_post: Callable[..., Post]) -> None:
    async with (
        serving(a_post(final="what? 250")) as port,
        transport_to(port) as transport,
    ):
        outcome = await transport.send(FROM, ("a@acme.test",), RAW, deadline=soon())
    assert isinstance(outcome, Unknown)


async def test_past_the_deadline_nothing_leaves_even_right_before_the_content(
    a_post: Callable[..., Post],
) -> None:
    """The clock jumps while the server answers RCPT; what was open is not kept."""
    post, late = a_post(), 0.0

    def clock() -> float:
        return time.monotonic() + late

    async def slow(server: SMTP, session: Session, envelope: Envelope, *_: object) -> str:
        nonlocal late
        late = 60.0
        envelope.rcpt_tos.append("a@acme.test")
        return "250 OK"

    post.handle_RCPT = slow  # type: ignore[method-assign,assignment]  # a server that takes its time
    async with serving(post) as port, transport_to(port, monotonic=clock) as transport:
        outcome = await transport.send(FROM, ("a@acme.test",), RAW, deadline=soon())
        assert isinstance(outcome, TryLater)
        assert "deadline" in outcome.reason
    assert post.taken == []


async def test_waiting_for_a_free_connection_ends_at_the_deadline(
    a_post: Callable[..., Post],
) -> None:
    post = a_post(final="silence")
    async with (
        serving(post) as port,
        transport_to(port, max_connections=1, answer_timeout=0.6) as transport,
    ):
        first = asyncio.create_task(transport.send(FROM, ("a@acme.test",), RAW, deadline=soon()))
        await asyncio.sleep(0.1)
        second = await transport.send(FROM, ("b@acme.test",), RAW, deadline=time.monotonic() + 0.1)
        assert isinstance(second, TryLater)
        assert isinstance(await first, Unknown)


async def test_a_cancelled_send_gives_its_place_back_and_its_connection_up(
    a_post: Callable[..., Post],
) -> None:
    post = a_post(final="silence")
    async with (
        serving(post) as port,
        transport_to(port, max_connections=1, answer_timeout=5.0) as transport,
    ):
        task = asyncio.create_task(transport.send(FROM, ("a@acme.test",), RAW, deadline=soon()))
        await asyncio.sleep(0.1)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        post.final = "250 OK"
        outcome = await transport.send(FROM, ("b@acme.test",), RAW, deadline=soon())
    assert isinstance(outcome, Delivered)
    assert len(post.connections) == 2


async def test_a_hidden_end_of_message_stays_inside_the_one_message(
    a_post: Callable[..., Post],
) -> None:
    post = a_post()
    smuggled = RAW + b"\n.\r\nMAIL FROM:<x@evil.test>\r\nRCPT TO:<y@evil.test>\r\nDATA\r\n\r.\n"
    async with serving(post) as port, transport_to(port) as transport:
        await transport.send(FROM, ("a@acme.test",), smuggled, deadline=soon())
        await transport.send(FROM, ("b@acme.test",), RAW, deadline=soon())
    assert [to for _, to, _ in post.taken] == [["a@acme.test"], ["b@acme.test"]]
    assert b"MAIL FROM:<x@evil.test>" in post.taken[0][2]


def certificate(folder: Path) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """The server's context and a client's that trusts it."""
    key, chain = folder / "key.pem", folder / "chain.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-keyout",
         key, "-out", chain, "-subj", "/CN=post.test", "-addext", "subjectAltName=IP:127.0.0.1"],
        check=True, capture_output=True,
    )  # fmt: skip
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(chain, key)
    return server, ssl.create_default_context(cafile=str(chain))


def right_password(
    server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: Any
) -> AuthResult:
    right = isinstance(data, LoginPassword) and data.password == b"secret"
    return AuthResult(success=right, handled=False)


async def test_starttls_and_login_and_a_stranger_s_certificate_is_not_trusted(
    a_post: Callable[..., Post], tmp_path: Path
) -> None:
    theirs, ours = certificate(tmp_path)
    post = a_post()
    login: dict[str, Any] = {"encryption": "starttls", "username": "relance"}
    async with serving(
        post, tls_context=theirs, require_starttls=True, authenticator=right_password,
        auth_required=True,
    ) as port:  # fmt: skip
        right = {**login, "password": SecretStr("secret"), "tls_context": ours}
        async with transport_to(port, **right) as transport:
            assert isinstance(
                await transport.send(FROM, ("a@acme.test",), RAW, deadline=soon()), Delivered
            )
        async with transport_to(port, **{**right, "password": SecretStr("no")}) as transport:
            refused = await transport.send(FROM, ("a@acme.test",), RAW, deadline=soon())
            assert isinstance(refused, TryLater)
            assert refused.code == 535
        async with transport_to(port, **{**right, "tls_context": None}) as transport:
            assert isinstance(
                await transport.send(FROM, ("a@acme.test",), RAW, deadline=soon()), TryLater
            )
    assert len(post.taken) == 1


async def test_without_starttls_on_the_other_side_nothing_leaves_in_clear(
    a_post: Callable[..., Post],
) -> None:
    post = a_post()
    async with serving(post) as port, transport_to(port, encryption="starttls") as transport:
        outcome = await transport.send(FROM, ("a@acme.test",), RAW, deadline=soon())
    assert isinstance(outcome, TryLater)
    assert post.taken == []
