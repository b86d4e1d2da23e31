"""The clock's buttons: what they call, and whether it is still at work."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from relance_sandbox.mailbox import Mailbox
from relance_sandbox.slack.workspace import Workspace


@dataclass(frozen=True, slots=True, kw_only=True)
class Controls:
    """What the page's clock buttons do; `status` is a line shown while they run."""

    next_morning: Callable[[], Awaitable[None]]
    next_week: Callable[[], Awaitable[None]]
    status: Callable[[], str] | None = None


@dataclass(slots=True, kw_only=True)
class Page:
    """What the page shows and moves.

    `tz` is its clock's zone, `start_as` who one is at first, `hint` a line by language (en, fr).
    """

    workspace: Workspace
    mailbox: Mailbox
    controls: Controls | None
    hint: Mapping[str, str]
    tz: str
    start_as: str | None
    busy: str = ""
    closed: bool = False

    def close(self) -> None:
        """Let the open event streams end."""
        self.closed = True
        self.workspace.changed()


def turn(page: Page, step: str) -> bool:
    """Begin to move the clock (`morning` or `week`); False when there is nothing to do or busy."""
    if page.controls is None or page.busy:
        return False
    steps = {"morning": page.controls.next_morning, "week": page.controls.next_week}
    if step not in steps:
        return False
    page.busy = step
    page.workspace.later(turning(page, steps[step]))
    return True


async def turning(page: Page, move: Callable[[], Awaitable[None]]) -> None:
    """Run it to its end, telling the page now and then; an error is shown, the page goes on."""
    work = asyncio.ensure_future(move())
    try:
        while not work.done():
            page.workspace.changed()
            await asyncio.wait({work}, timeout=0.3)
    finally:
        work.cancel()
        page.busy = ""
        page.workspace.changed()
    if error := work.exception():
        page.workspace.fail("clock", "", f"{type(error).__name__}: {error}")
