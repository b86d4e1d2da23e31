"""The workspace: everything a Slack team with one app remembers."""

import asyncio
import itertools
from collections import deque
from collections.abc import Callable, Coroutine, Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from relance_sandbox.slack.conversations import (
    Conversation,
    Message,
    Stamps,
    conversation_of,
)
from relance_sandbox.slack.outcomes import Failure
from relance_sandbox.slack.pace import CallFaults, Pace
from relance_sandbox.slack.people import App, Channel, Json, Member
from relance_sandbox.slack.refusal import Refusal
from relance_sandbox.slack.sockets import Sockets
from relance_sandbox.slack.timers import ResponseUrls, Timers, Triggers
from relance_sandbox.slack.views import Views


@dataclass(frozen=True, slots=True, kw_only=True)
class Deed:
    """One line of the activity strip: `kind` says what was done, `where` the channel if any.

    Kinds: message, ephemeral, edit, delete, join; press, submit, close, command; mail;
    refused (a call of the app), failure. `seen_by` are those who may read `what`; None: everyone.
    """

    at: datetime
    kind: str
    who: str
    what: str
    where: str = ""
    seen_by: frozenset[str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One Web API call as the app made it, its token left out; `error` is empty when it went."""

    at: datetime
    method: str
    arguments: Json
    error: str


class Workspace:
    """A team's members, conversations, views and failures; `version` grows with each change."""

    def __init__(
        self,
        *,
        now: Callable[[], datetime],
        members: Iterable[Member],
        channels: Iterable[Channel],
        app: App,
        team_id: str,
        team_name: str,
        bot_token: str,
        app_token: str,
    ) -> None:
        self.now, self.app, self.team_id, self.team_name = now, app, team_id, team_name
        self.bot_token, self.app_token = bot_token, app_token
        self.url = ""  # known once it listens
        self.members = {member.id: member for member in (*members, app.as_member())}
        self.conversations = {c.id: conversation_of(c, app.bot_user_id) for c in channels}
        self.numbers = itertools.count(1)
        self.stamps = Stamps()
        self.timers = Timers()
        self.triggers = Triggers(self.timers)
        self.response_urls = ResponseUrls(self.timers)
        self.sockets = Sockets(self.timers, app.id)
        self.views = Views(self.new_id)
        self.pace = Pace()
        self.faults = CallFaults()
        self.failures: list[Failure] = []
        self.calls: deque[Call] = deque(maxlen=10_000)
        self.activity: deque[Deed] = deque(maxlen=1_000)
        self.files: dict[str, Json] = {}
        self.uploads: dict[str, bytes] = {}
        self.suggested: dict[tuple[str, str], dict[str, list[Json]]] = {}
        self.version = 0
        self.changes = asyncio.Event()
        self.running: set[asyncio.Task[None]] = set()
        self.check_members()

    def check_members(self) -> None:
        for conversation in self.conversations.values():
            for member in conversation.members:
                if member not in self.members:
                    raise ValueError(
                        f"channel {conversation.id} lists {member}, who is no member: "
                        "add a Member with that id or take it out of the channel"
                    )

    def new_id(self, prefix: str) -> str:
        return f"{prefix}{next(self.numbers):09d}"

    def changed(self) -> None:
        self.version += 1
        self.changes.set()
        self.changes = asyncio.Event()

    async def change_after(self, version: int, within: float) -> int:
        """The present version, at once when it is newer, else at the next change or when `within`
        seconds have passed."""
        if self.version <= version:
            with suppress(TimeoutError):
                await asyncio.wait_for(self.changes.wait(), within)
        return self.version

    def later(self, work: Coroutine[None, None, None]) -> None:
        """Run something beside the caller, until `stop`."""
        task = asyncio.create_task(work)
        self.running.add(task)
        task.add_done_callback(self.running.discard)

    async def stop(self) -> None:
        for task in tuple(self.running):
            task.cancel()
        await asyncio.gather(*self.running, return_exceptions=True)
        await self.sockets.close()

    async def until(self, true: Callable[[], object], within: float = 5.0) -> None:
        """Wait until `true()` holds; TimeoutError when it does not within these seconds."""
        async with asyncio.timeout(within):
            while not true():
                await self.change_after(self.version, within=0.02)

    def note(
        self,
        kind: str,
        who: str,
        what: str,
        where: str = "",
        seen_by: frozenset[str] | None = None,
    ) -> None:
        deed = Deed(at=self.now(), kind=kind, who=who, what=what, where=where, seen_by=seen_by)
        self.activity.append(deed)
        self.changed()

    def fail(self, kind: str, member: str, what: str, detail: str = "") -> Failure:
        failure = Failure(at=self.now(), kind=kind, member=member, what=what, detail=detail)
        self.failures.append(failure)
        self.note("failure", member, what, kind)
        return failure

    def member(self, member_id: str) -> Member:
        if member_id not in self.members:
            raise Refusal("user_not_found")
        return self.members[member_id]

    def conversation(self, conversation_id: str, viewer: str | None = None) -> Conversation:
        """The conversation; to a `viewer` outside it, private ones do not exist."""
        held = self.conversations.get(conversation_id)
        hidden = held is not None and (held.is_private or held.kind != "channel")
        if held is None or (hidden and viewer is not None and viewer not in held.members):
            raise Refusal("channel_not_found")
        return held

    def direct(self, *members: str) -> Conversation:
        """The direct message between these members, opened when there was none."""
        together = sorted(set(members))
        for held in self.conversations.values():
            if held.kind != "channel" and sorted(held.members) == together:
                return held
        conversation = Conversation(
            id=self.new_id("D" if len(together) == 2 else "G"),
            kind="im" if len(together) == 2 else "mpim",
            name=f"mpdm-{'--'.join(self.members[m].name for m in together)}",
            members=together,
            is_private=True,
        )
        self.conversations[conversation.id] = conversation
        self.changed()
        return conversation

    def post(self, conversation: Conversation, message: Message, kind: str = "message") -> Message:
        conversation.messages.append(message)
        conversation.read[message.author] = message.ts
        where = f"#{conversation.name}" if conversation.kind == "channel" else ""
        what = " ".join(message.text.split())[:140]
        self.note(kind, message.author, what, where, readers(conversation, message))
        return message

    def next_ts(self) -> str:
        return self.stamps.next(self.now())


def readers(conversation: Conversation, message: Message) -> frozenset[str] | None:
    """Who may read the message; None where the whole workspace may."""
    if message.only_for:
        return frozenset({message.only_for})
    private = conversation.kind != "channel" or conversation.is_private
    return frozenset(conversation.members) if private else None
