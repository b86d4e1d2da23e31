"""What every listener needs at hand: who it is, what they may, and a private word with them."""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from functools import wraps
from typing import Any
from uuid import UUID

import structlog

from relance.clock import Clock
from relance.domain.people import Member, Role
from relance.domain.requests import Request
from relance.store.database import Database
from relance.store.organisations import load_members
from relance_bot.asking import Asking
from relance_bot.blocks import deeds
from relance_bot.blocks.kit import Message
from relance_bot.blocks.values import Place
from relance_bot.blocks.words import Language, say
from relance_bot.deciding import Deciding
from relance_bot.listeners.payloads import Command
from relance_bot.people import Colleague, Identity, People, Stranger
from relance_bot.slack import Failure, Slack, failure_of

MOST_SEEN = 10_000

log = structlog.get_logger(__name__)

Acknowledge = Callable[..., Awaitable[Any]]
Respond = Callable[..., Awaitable[Any]]
Listener = Callable[..., Awaitable[None]]
Redraw = Callable[[UUID, UUID, Place | None], Awaitable[None]]


@dataclass(slots=True, kw_only=True)
class Desk:
    """`redraw` draws one card at once: (action, member, the one pressed)."""

    database: Database
    clock: Clock
    slack: Slack
    people: People
    deciding: Deciding
    asking: Asking
    redraw: Redraw
    seen: OrderedDict[str, None] = field(default_factory=OrderedDict)
    busy: set[asyncio.Task[object]] = field(default_factory=set)

    def minded(self, listener: Listener) -> Listener:
        """The listener, known to `idle` while it works: what is acknowledged is also done."""

        @wraps(listener)
        async def listen(*args: Any, **kwargs: Any) -> None:
            task = asyncio.current_task()
            assert task is not None  # noqa: S101 - a coroutine runs in a task
            self.busy.add(task)
            task.add_done_callback(self.busy.discard)  # after Bolt has handled its errors
            await listener(*args, **kwargs)

        return listen

    async def idle(self) -> None:
        """Waits for the listeners at work."""
        while self.busy:
            await asyncio.wait(self.busy)

    def is_new(self, origin: str) -> bool:
        """Whether this process sees the delivery for the first time."""
        if origin in self.seen:
            return False
        self.seen[origin] = None
        if len(self.seen) > MOST_SEEN:
            self.seen.popitem(last=False)
        return True

    async def admit(self, identity: Identity, channel: str = "") -> Colleague | None:
        """The colleague; anybody else is refused privately."""
        who = await self.people.who(identity)
        if isinstance(who, Colleague):
            return who
        log.info("person_refused", user=identity.user, why=who.why)
        if who.why != "outsider" or identity.team == self.people.team:
            await self.whisper(identity.user, channel, refusal_of(who))
        return None

    async def whisper(self, user: str, channel: str, said: str | Message) -> None:
        """A private word; when Slack does not take it, the log says so."""
        try:
            await self.slack.whisper(user, channel or None, said)
        except Failure as error:
            log.warning("not_told", user=user, error=failure_of(error))

    async def failed(self, user: str, channel: str, language: Language) -> None:
        """Something went wrong on our side, and the person knows."""
        await self.whisper(user, channel, say(language, "answer.failed"))

    async def ask(self, request: Request, who: Colleague, command: Command) -> Sequence[str] | None:
        """Asks for what a command says; lines only where it is refused at once.

        Whose role forbids it hears who may: an admin, by name.
        """
        if request.roles and (who_may := await self.refuses(request.roles, who)):
            return [who_may]
        origin = f"{command.identity.team}/{command.identity.user}/{command.trigger_id}"
        refused = await self.asking.ask(request, who, origin, command.channel)
        return [refused] if refused else None

    async def refuses(self, roles: frozenset[Role], who: Colleague) -> str | None:
        """Why somebody without any of these roles may not, and who may; None for the others."""
        if roles & who.member.roles:
            return None
        log.info("role_refused", member_id=str(who.member.id), needed=sorted(roles))
        return await self._who_may(who)

    async def _who_may(self, who: Colleague) -> str:
        admins = [m for m in await self.colleagues(who.organisation) if Role.ADMIN in m.roles]
        names = deeds.owners(who.language, (admin.name for admin in admins[:3]))
        ask = say(who.language, "command.admin.ask", names=names) if admins else ""
        return say(who.language, "command.admin", admins=ask).strip()

    async def colleagues(self, organisation: UUID) -> tuple[Member, ...]:
        """Those who may become owners."""
        async with self.database.read() as tx:
            return tuple(m for m in await load_members(tx, organisation) if m.active)


def refusal_of(who: Stranger) -> str:
    """Why somebody may not act, in their language."""
    return say(who.language, f"answer.{who.why}")
