"""What is chosen in the edit modal changes its other fields, and nothing typed is lost (F17)."""

import re
from collections import OrderedDict

from slack_bolt.app.async_app import AsyncApp

from relance.domain.actions import Verb
from relance_bot.blocks import edit, modals
from relance_bot.blocks.card import CardView
from relance_bot.blocks.kit import Json
from relance_bot.blocks.typed import switched, typed_in
from relance_bot.blocks.values import metadata_of
from relance_bot.deciding import No
from relance_bot.listeners.desk import Acknowledge, Desk
from relance_bot.listeners.opening import show
from relance_bot.listeners.payloads import identity_of, texts_of

MOST_VIEWS = 1_000


class Editing:
    """Of two choices in a modal the later one counts, however they overtake each other."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._latest: OrderedDict[str, float] = OrderedDict()  # view -> when it was chosen in

    def register(self, app: AsyncApp) -> None:
        channel: dict[str, str | re.Pattern[str]] = {"block_id": "channel", "action_id": "value"}
        app.action(channel)(self._desk.minded(self.on_choice))

    async def on_choice(self, ack: Acknowledge, body: Json) -> None:
        await ack()
        self._note(body)
        metadata = metadata_of(body["view"]["private_metadata"])
        who = await self._desk.admit(identity_of(body))
        if who is None or metadata is None:
            return
        found = await self._desk.deciding.look(metadata.target, Verb.EDIT, who)
        if isinstance(found, CardView):
            typed = typed_in(body["view"], metadata.kept)
            form = edit.form(found, who.language, typed=switched(typed, typed.channel))
            await self._show(body, form)
        elif isinstance(found, No):
            typed_text = texts_of(body["view"])
            await self._show(body, modals.refusal(who.language, found.text, typed_text))

    def _note(self, body: Json) -> None:
        view_id = body["view"]["id"]
        self._latest[view_id] = max(_chosen_at(body), self._latest.get(view_id, 0.0))
        self._latest.move_to_end(view_id)
        if len(self._latest) > MOST_VIEWS:
            self._latest.popitem(last=False)

    def _counts(self, body: Json) -> bool:
        return _chosen_at(body) >= self._latest.get(body["view"]["id"], 0.0)

    async def _show(self, body: Json, view: Json) -> None:
        seen = body["view"]
        if not self._counts(body):
            return
        failure = await show(self._desk, seen["id"], view, seen["hash"])
        if failure == "hash_conflict" and self._counts(body):
            await show(self._desk, seen["id"], view)


def _chosen_at(body: Json) -> float:
    return float(body["actions"][0]["action_ts"])
