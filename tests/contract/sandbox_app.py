"""A sandbox with a real Bolt app in it, for the sandbox's own tests."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from slack_bolt.adapter.socket_mode.async_handler import AsyncSocketModeHandler
from slack_bolt.app.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from relance_sandbox import App, Channel, Command, Member, Sandbox

ALICE = Member(
    id="U1",
    name="alice",
    real_name="Alice Martin",
    email="alice@example.org",
    locale="en-GB",
)
BRUNO = Member(
    id="U2",
    name="bruno",
    real_name="Bruno Petit",
    email="bruno@example.org",
    locale="fr-FR",
    title="Collector",
)
GONE = Member(id="U3", name="gone", real_name="Gone Away", deleted=True)
CHANNELS = (
    Channel(id="C1", name="cash", members=("U1", "U2")),
    Channel(id="C2", name="random", members=("U1",), with_app=False),
    Channel(id="C3", name="board", members=("U2",), is_private=True, with_app=False),
)
APP = App(name="Example", commands=(Command(name="/do", usage="[what]"),))


@dataclass(slots=True)
class Clock:
    """A clock that a test moves."""

    instant: datetime = datetime(2026, 11, 23, 7, 30, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.instant

    def move(self, **much: float) -> None:
        self.instant += timedelta(**much)


def sandbox_of(clock: Callable[[], datetime] | None = None, **more: Any) -> Sandbox:
    return Sandbox(
        now=clock or Clock(),
        members=(ALICE, BRUNO, GONE),
        channels=CHANNELS,
        **{"app": APP, **more},
    )


def bolt_app(sandbox: Sandbox) -> AsyncApp:
    """The real thing: only its base address tells it from production."""
    return AsyncApp(client=AsyncWebClient(token=sandbox.bot_token, base_url=sandbox.slack_api_url))


@asynccontextmanager
async def connected(sandbox: Sandbox, app: AsyncApp) -> AsyncIterator[None]:
    """The app listens by Socket Mode meanwhile."""
    handler: Any = AsyncSocketModeHandler(app, sandbox.app_token)
    await handler.connect_async()
    try:
        yield
    finally:
        await handler.close_async()


def section(text: str, **more: Any) -> dict[str, Any]:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}, **more}


def plain(text: str) -> dict[str, Any]:
    return {"type": "plain_text", "text": text}


def button(action_id: str, text: str = "Go", **more: Any) -> dict[str, Any]:
    return {"type": "button", "action_id": action_id, "text": plain(text), **more}


def actions(*elements: dict[str, Any], block_id: str = "buttons") -> dict[str, Any]:
    return {"type": "actions", "block_id": block_id, "elements": list(elements)}


def text_input(name: str, *, optional: bool = False, **more: Any) -> dict[str, Any]:
    return {
        "type": "input",
        "block_id": name,
        "label": plain(name),
        "optional": optional,
        "element": {"type": "plain_text_input", "action_id": "text", **more},
    }


def option(value: str) -> dict[str, Any]:
    return {"text": plain(value), "value": value}


def modal(*blocks: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "type": "modal",
        "callback_id": "form",
        "title": plain("Form"),
        "submit": plain("Save"),
        "close": plain("Cancel"),
        "blocks": list(blocks),
        **more,
    }
