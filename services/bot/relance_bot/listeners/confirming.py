"""A dry run, then the request: what touches many is shown first and asked again (F58)."""

import json
from dataclasses import dataclass

from slack_bolt.app.async_app import AsyncApp

from relance.domain.requests import Request
from relance.store.requests import read_request, written_request
from relance_bot.blocks import confirming, modals
from relance_bot.blocks.confirming import Question
from relance_bot.blocks.kit import Json
from relance_bot.blocks.words import say
from relance_bot.listeners.desk import Acknowledge, Desk, refusal_of
from relance_bot.listeners.opening import open_light, show
from relance_bot.listeners.payloads import Command, identity_of, submission_of
from relance_bot.people import Colleague

CLEAR = {"response_action": "clear"}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """The request that a modal carries, and where its person is."""

    request: Request
    channel: str


class Confirming:
    """What the modal carries is read again, and rights are looked at again when it is sent."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def register(self, app: AsyncApp) -> None:
        app.view(confirming.CALLBACK)(self._desk.minded(self.on_sent))

    def view(self, question: Question, who: Colleague) -> Json:
        """The modal in the person's language."""
        return confirming.confirm(question, _text(question), who.language)

    async def ask(self, question: Question, command: Command, who: Colleague) -> None:
        view_id = await open_light(self._desk, command.trigger_id, who.user, command.channel)
        if view_id:
            await show(self._desk, view_id, self.view(question, who))

    async def on_sent(self, ack: Acknowledge, body: Json) -> None:
        desk, asked = self._desk, _asked_in(body["view"]["private_metadata"])
        who = await desk.people.who(identity_of(body))
        if not isinstance(who, Colleague):
            refused: str | None = refusal_of(who)
        elif asked is None:
            refused = say(who.language, "answer.old_button")
        else:
            refused = await desk.refuses(asked.request.roles, who)
            if refused is None:
                await ack(**CLEAR)
                origin = submission_of(body).origin
                await desk.asking.ask(asked.request, who, origin, asked.channel)
                return
        view = modals.refusal(who.language, refused or "")
        await ack(response_action="update", view=view)


def _text(question: Question) -> str:
    request = question.request
    return json.dumps([request.kind, written_request(request), question.channel])


def _asked_in(metadata: str) -> _Asked | None:
    """What a modal was about; None where it is none of ours."""
    try:
        kind, written, channel = json.loads(metadata)
    except (ValueError, TypeError):
        return None
    request = read_request(str(kind), written)
    return _Asked(request=request, channel=str(channel)) if request else None
