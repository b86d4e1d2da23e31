"""What lives for a short real time: trigger ids and response URLs. Seconds are monotonic."""

import itertools
import secrets
from collections.abc import Iterator
from dataclasses import dataclass, field
from time import monotonic

from relance_sandbox.slack.refusal import Refusal


@dataclass(slots=True, kw_only=True)
class Timers:
    """Slack's limits in seconds; a test may shorten them."""

    acknowledge: float = 3.0
    trigger: float = 3.0
    response_url: float = 30 * 60.0
    event_retries: tuple[float, ...] = (0.0, 60.0, 300.0)


@dataclass(slots=True)
class Trigger:
    member: str
    born: float
    used: bool = False


@dataclass(slots=True)
class Triggers:
    """Trigger ids: each opens one view, once, within `timers.trigger` seconds."""

    timers: Timers
    issued: dict[str, Trigger] = field(default_factory=dict)
    numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def issue(self, member: str) -> str:
        trigger_id = f"{next(self.numbers)}.1.{secrets.token_hex(8)}"
        self.issued[trigger_id] = Trigger(member, monotonic())
        return trigger_id

    def exchange(self, trigger_id: str) -> str:
        """The member it was made for; Refusal when unknown, old or used."""
        trigger = self.issued.get(trigger_id)
        if trigger is None:
            raise Refusal("invalid_trigger_id")
        if trigger.used:
            raise Refusal("exchanged_trigger_id")
        if monotonic() - trigger.born > self.timers.trigger:
            raise Refusal("expired_trigger_id")
        trigger.used = True
        return trigger.member


@dataclass(slots=True, kw_only=True)
class ResponseUrl:
    """Where an answer goes; `ts` is the message it may replace."""

    channel: str
    member: str
    ts: str | None
    thread_ts: str | None
    born: float
    used: int = 0


@dataclass(slots=True)
class ResponseUrls:
    """Answers to an interaction: 5 posts within `timers.response_url` seconds."""

    timers: Timers
    issued: dict[str, ResponseUrl] = field(default_factory=dict)

    def issue(
        self, channel: str, member: str, ts: str | None = None, thread_ts: str | None = None
    ) -> str:
        name = secrets.token_hex(12)
        self.issued[name] = ResponseUrl(
            channel=channel, member=member, ts=ts, thread_ts=thread_ts, born=monotonic()
        )
        return name

    def use(self, name: str) -> ResponseUrl:
        """The place to answer at; Refusal(invalid_url | expired_url | used_url)."""
        url = self.issued.get(name)
        if url is None:
            raise Refusal("invalid_url")
        if monotonic() - url.born > self.timers.response_url:
            raise Refusal("expired_url")
        if url.used >= 5:
            raise Refusal("used_url")
        url.used += 1
        return url

    def expire(self) -> None:
        """Let every URL issued so far be too old."""
        for url in self.issued.values():
            url.born = float("-inf")
