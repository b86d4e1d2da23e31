"""Rate limits and other refusals that a test can switch on."""

import math
from collections import defaultdict, deque
from dataclasses import dataclass, field
from time import monotonic
from typing import Any

CALLS_A_MINUTE = {1: 1, 2: 20, 3: 50, 4: 100}


@dataclass(slots=True)
class Pace:
    """Slack's rate limits, off by default: one post a second and channel, the rest by tier."""

    on: bool = False
    posted: dict[str, float] = field(default_factory=dict)
    called: defaultdict[str, deque[float]] = field(default_factory=lambda: defaultdict(deque))

    def wait(self, method: str, tier: int, channel: str) -> int | None:
        """Whole seconds to wait before this call, or None when it may go now."""
        if not self.on:
            return None
        now = monotonic()
        if method == "chat.postMessage":
            return self.after_last_post(channel, now)
        recent = self.called[method]
        while recent and now - recent[0] >= 60:
            recent.popleft()
        if len(recent) >= CALLS_A_MINUTE[tier]:
            return math.ceil(60 - (now - recent[0]))
        recent.append(now)
        return None

    def after_last_post(self, channel: str, now: float) -> int | None:
        if now - self.posted.get(channel, float("-inf")) < 1:
            return 1
        self.posted[channel] = now
        return None


@dataclass(slots=True, kw_only=True)
class CallFault:
    """An answer given instead of the real one, `times` times; 429 needs `retry_after`.

    `page` is what a proxy says in Slack's place. `lost`: the call is made, its answer never comes.
    """

    error: str
    status: int = 200
    times: int = 1
    retry_after: int = 1
    page: str | None = None
    page_type: str = "text/html"
    lost: bool = False


@dataclass(slots=True)
class CallFaults:
    """Faults by Web API method, taken in the order they were planned."""

    planned: defaultdict[str, list[CallFault]] = field(default_factory=lambda: defaultdict(list))

    def plan(self, method: str, error: str = "internal_error", **how: Any) -> None:
        """`how`: the fields of CallFault."""
        self.planned[method].append(CallFault(error=error, **how))

    def take(self, method: str) -> CallFault | None:
        faults = self.planned.get(method)
        if not faults:
            return None
        faults[0].times -= 1
        return faults.pop(0) if faults[0].times == 0 else faults[0]
