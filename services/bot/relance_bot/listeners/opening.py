"""Opening a modal in time: a light one while the trigger lives, then what it is for."""

import structlog

from relance_bot.blocks import modals
from relance_bot.blocks.kit import Json
from relance_bot.blocks.words import say
from relance_bot.listeners.desk import Desk
from relance_bot.slack import Failure, failure_of

_CLOSED = ("not_found", "hash_conflict")  # the modal is gone, or is another by now

log = structlog.get_logger(__name__)


async def open_light(
    desk: Desk, trigger_id: str, user: str, channel: str, *, on_top: bool = False
) -> str | None:
    """The identifier of an empty modal; None where it did not open, and the person knows."""
    language = desk.people.language(user)
    try:
        return await desk.slack.open_view(trigger_id, modals.loading(language), on_top=on_top)
    except Failure as error:
        code = failure_of(error)
        log.info("modal_not_opened", error=code)
        if code != "exchanged_trigger_id":  # that one is a repeated delivery
            await desk.whisper(user, channel, say(language, "answer.too_slow"))
        return None


async def fill(desk: Desk, view_id: str, view: Json, user: str, channel: str) -> None:
    """What the light one was opened for; what Slack does not take leaves nobody before nothing."""
    if await show(desk, view_id, view) in ("", *_CLOSED):
        return
    language = desk.people.language(user)
    told = modals.refusal(language, say(language, "answer.failed"))
    if await show(desk, view_id, told):
        await desk.failed(user, channel, language)


async def show(desk: Desk, view_id: str, view: Json, seen: str | None = None) -> str:
    """Changes a modal; one that is closed or has moved on meanwhile is left alone.

    Why it was not changed; empty when it was.
    """
    try:
        await desk.slack.change_view(view_id, view, seen)
    except Failure as error:
        log.info("modal_not_changed", error=failure_of(error))
        return failure_of(error)
    return ""
