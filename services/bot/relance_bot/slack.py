"""Slack's Web API as the bot uses it: typed, paced, checked before it leaves."""

import asyncio
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic
from typing import Any

import aiohttp
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.http_retry.builtin_async_handlers import (
    AsyncConnectionErrorRetryHandler,
    AsyncRateLimitErrorRetryHandler,
)
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from relance.counters import SLACK_CALLS
from relance_bot.blocks.kit import Json, Message
from relance_bot.blocks.limits import OverLimitError, kept_message, kept_view

# What a call may end in besides success; anything else is a mistake of ours.
Failure = (SlackApiError, SlackClientError, aiohttp.ClientError, TimeoutError, OverLimitError)

# Of a message that Slack refuses for what is in it: sent again, it is refused again.
TOO_MUCH = frozenset(
    {
        "over_limit",
        "msg_too_long",
        "msg_blocks_too_long",
        "invalid_blocks",
        "invalid_blocks_format",
        "no_text",
    }
)
# Of a person to whom nothing can be said in this workspace.
NOBODY = frozenset({"not_in_slack", "user_not_found", "user_disabled", "cannot_dm_bot"})
# Slack's own trouble, or that of the network before it: it may pass.
PASSING = frozenset(
    {
        "unreachable",
        "timeout",
        "ratelimited",
        "internal_error",
        "fatal_error",
        "request_timeout",
        "service_unavailable",
        "team_added_to_org",
    }
)


def failure_of(error: BaseException) -> str:
    """What went wrong, as Slack's code or our own word; never what was sent."""
    match error:
        case SlackApiError():
            return _code_of(error.response)
        case OverLimitError():
            return "over_limit"
        case TimeoutError():
            return "timeout"
        case _:
            return "unreachable"


def is_passing(failure: str) -> bool:
    """Whether the same call may go well a little later."""
    return failure in PASSING or failure.startswith("http_5")


def _code_of(response: object) -> str:
    """Slack's code; the status of an answer that is a proxy's page and none of Slack's."""
    told = response if isinstance(response, dict) else getattr(response, "data", None)
    if isinstance(told, dict) and told.get("error"):
        return str(told["error"])
    status = getattr(response, "status_code", None) or getattr(response, "status", None)
    return f"http_{status}" if status else "unknown_error"


class CountedClient(AsyncWebClient):
    """Each call is counted by its method and outcome."""

    async def api_call(self, api_method: str, **how: Any) -> AsyncSlackResponse:
        outcome = "ok"
        try:
            return await super().api_call(api_method, **how)
        except AttributeError:  # slack_sdk's, of a plain text that says 200: a proxy's
            outcome = "not_slack"
            raise SlackClientError("the answer is none of Slack's") from None
        except BaseException as error:
            outcome = failure_of(error)
            raise
        finally:
            SLACK_CALLS.labels(api_method, outcome).inc()


def web_client(token: str, api_url: str = "") -> AsyncWebClient:
    """A client that waits when Slack says so; `api_url` is another base address than Slack's."""
    retries = [
        AsyncRateLimitErrorRetryHandler(max_retry_count=2),
        AsyncConnectionErrorRetryHandler(max_retry_count=1),
    ]
    base = f"{api_url.rstrip('/')}/" if api_url else AsyncWebClient.BASE_URL
    return CountedClient(token=token, base_url=base, retry_handlers=[*retries], timeout=20)


class Pace:
    """One message a channel in so many seconds, as Slack wants it; `seconds=0`: no pace."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._free_at: defaultdict[str, float] = defaultdict(float)

    def is_free(self, channel: str) -> bool:
        """Whether a message could go now."""
        return monotonic() >= self._free_at[channel]

    async def turn(self, channel: str) -> None:
        """Waits for the channel's turn and takes it."""
        now = monotonic()
        starts = max(now, self._free_at[channel])
        self._free_at[channel] = starts + self._seconds
        if starts > now:
            await asyncio.sleep(starts - now)


class Slack:
    """The calls that the bot makes; each raises one of Failure when it did not go."""

    def __init__(self, client: AsyncWebClient, pace: Pace) -> None:
        self.client = client
        self.pace = pace
        self._direct: dict[str, str] = {}

    async def direct(self, user: str) -> str:
        """The direct message with this person."""
        if user not in self._direct:
            opened = await self.client.conversations_open(users=[user])
            self._direct[user] = opened["channel"]["id"]
        return self._direct[user]

    async def post(self, channel: str, message: Message, thread_ts: str | None = None) -> str:
        """Says it and answers its `ts`."""
        kept_message(message)
        await self.pace.turn(channel)
        with self._found(channel):
            posted = await self.client.chat_postMessage(
                channel=channel,
                text=message.text,
                blocks=[*message.blocks],
                thread_ts=thread_ts,
                unfurl_links=False,
                unfurl_media=False,
            )
        return str(posted["ts"])

    async def change(self, channel: str, ts: str, message: Message) -> None:
        kept_message(message)
        await self.client.chat_update(
            channel=channel, ts=ts, text=message.text, blocks=[*message.blocks]
        )

    async def whisper(self, user: str, channel: str | None, said: str | Message) -> None:
        """Says it to this person only: where they are, or in their direct message."""
        message = kept_message(Message(text=said) if isinstance(said, str) else said)
        if channel:
            try:
                await self._whisper(user, channel, message)
            except SlackApiError:  # not among them, or we are not: then nobody sees it there
                pass
            else:
                return
        direct = await self.direct(user)
        with self._found(direct):
            await self._whisper(user, direct, message)

    async def _whisper(self, user: str, channel: str, message: Message) -> None:
        blocks = [*message.blocks] or None
        text = message.text
        await self.client.chat_postEphemeral(channel=channel, user=user, text=text, blocks=blocks)

    @contextmanager
    def _found(self, channel: str) -> Iterator[None]:
        """A direct message that is no longer there is looked for anew the next time."""
        try:
            yield
        except SlackApiError as error:
            if failure_of(error) in ("channel_not_found", "is_archived", "not_in_channel"):
                self._direct = {user: at for user, at in self._direct.items() if at != channel}
            raise

    async def open_view(self, trigger_id: str, view: Json, *, on_top: bool) -> str:
        """Opens a modal, `on_top` of the one the person is in, and answers its id."""
        kept_view(view)
        call = self.client.views_push if on_top else self.client.views_open
        opened = await call(trigger_id=trigger_id, view=view)
        return str(opened["view"]["id"])

    async def change_view(self, view_id: str, view: Json, seen: str | None = None) -> None:
        """Replaces an open modal; `seen` is the hash of what it must still be."""
        kept_view(view)
        await self.client.views_update(view_id=view_id, view=view, hash=seen)

    async def publish_home(self, user: str, view: Json) -> None:
        kept_view(view)
        await self.client.views_publish(user_id=user, view=view)
