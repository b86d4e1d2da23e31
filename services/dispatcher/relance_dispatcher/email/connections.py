"""SMTP connections: opened, encrypted and logged in, kept while used, closed when idle."""

import asyncio
import ssl
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, TypeAlias

from aiosmtplib import SMTP, SMTPException, SMTPHeloError
from pydantic import SecretStr

from relance_dispatcher.email.conversation import Conversation

Encryption: TypeAlias = Literal["none", "starttls", "tls"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SmtpSettings:
    """Where and how to hand messages over; times in seconds.

    `answer_timeout` is how long the answer to the content is awaited after the deadline's last
    check: an attempt's lease must outlast deadline and answer together.
    """

    host: str
    port: int
    encryption: Encryption = "starttls"
    username: str | None = None
    password: SecretStr | None = None
    greeting_name: str | None = None
    max_connections: int = 4
    idle_timeout: float = 45.0
    step_timeout: float = 10.0
    answer_timeout: float = 15.0
    tls_context: ssl.SSLContext | None = None


@dataclass(frozen=True, slots=True)
class _Kept:
    line: Conversation
    idle_since: float


class Connections:
    """The idle ones; whoever takes one gives it back or closes it."""

    def __init__(self, settings: SmtpSettings, *, monotonic: Callable[[], float]) -> None:
        self._settings = settings
        self._monotonic = monotonic
        self._idle: deque[_Kept] = deque()
        self._sweep: asyncio.TimerHandle | None = None
        self._closed = False

    async def open(self, within: float) -> Conversation:
        """A new connection, encrypted and logged in as set; at most `within` seconds."""
        settings = self._settings
        client = SMTP(
            hostname=settings.host,
            port=settings.port,
            username=settings.username,
            password=settings.password.get_secret_value() if settings.password else None,
            local_hostname=settings.greeting_name,
            timeout=settings.step_timeout,
            use_tls=settings.encryption == "tls",
            start_tls=settings.encryption == "starttls",
            tls_context=settings.tls_context,
        )
        try:
            async with asyncio.timeout(within):
                await client.connect()
                await _greet(client)
            return Conversation(client)
        except BaseException:
            client.close()
            raise

    def take(self) -> Conversation | None:
        """The connection used last, if one is idle; it may have died since."""
        self._drop_stale()
        return self._idle.pop().line if self._idle else None

    async def give_back(self, line: Conversation) -> None:
        """Keep it for the next message, unless it is lost or the house is closing."""
        if not line.is_open:
            line.close()
        elif self._closed:
            await _part(line)
        else:
            self._idle.append(_Kept(line, self._monotonic()))
            self._sweep_later()

    async def close(self) -> None:
        """Part from the idle ones; those in use are parted from when given back."""
        self._closed = True
        if self._sweep is not None:
            self._sweep.cancel()
        while self._idle:
            await _part(self._idle.pop().line)

    def _sweep_later(self) -> None:
        if self._sweep is None:
            loop = asyncio.get_running_loop()
            self._sweep = loop.call_later(self._settings.idle_timeout, self._swept)

    def _swept(self) -> None:
        self._sweep = None
        self._drop_stale()
        if self._idle:
            self._sweep_later()

    def _drop_stale(self) -> None:
        oldest = self._monotonic() - self._settings.idle_timeout
        alive: deque[_Kept] = deque()
        for kept in self._idle:
            if kept.line.is_open and kept.idle_since > oldest:
                alive.append(kept)
            else:
                kept.line.close()
        self._idle = alive


async def _greet(client: SMTP) -> None:
    """Tells who we are, where encrypting or logging in has not yet, and learns what it can do."""
    if not client.is_ehlo_or_helo_needed:
        return
    try:
        await client.ehlo()
    except SMTPHeloError:
        await client.helo()


async def _part(line: Conversation) -> None:
    try:
        await line.ask(b"QUIT\r\n", 1.0)
    except (SMTPException, OSError):
        pass
    finally:
        line.close()
