"""Buttons: some decide at once, the others open a modal."""

import re
from collections.abc import Awaitable, Callable
from typing import Any

from slack_bolt.app.async_app import AsyncApp

from relance.domain.actions import Decision, Verb
from relance.domain.worklist import Person, ShownAction
from relance_bot.blocks import edit, modals
from relance_bot.blocks.card import CardView
from relance_bot.blocks.figures import today_of
from relance_bot.blocks.kit import Json
from relance_bot.blocks.typed import switched, typed_in
from relance_bot.blocks.values import Target, metadata_of
from relance_bot.blocks.words import say
from relance_bot.deciding import Again, No
from relance_bot.listeners.desk import Desk
from relance_bot.listeners.opening import open_light, show
from relance_bot.listeners.payloads import Click, click_of, identity_of
from relance_bot.people import Colleague

AT_ONCE = (Verb.VALIDATE, Verb.MARK_SENT, Verb.SEND_AGAIN)
# Buttons that open a modal -> the verb whose rights are needed; None: to look is enough.
OPENING: dict[str, Verb | None] = {
    "edit": Verb.EDIT,
    "skip": Verb.SKIP,
    "snooze": Verb.SNOOZE,
    "log_call": Verb.LOG_CALL,
    "done": Verb.VALIDATE,
    "reassign": Verb.REASSIGN,
    "review": None,
}


Acknowledge = Callable[..., Awaitable[Any]]


class Clicks:
    """Acknowledges first; what a button's value says is checked against the database."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def register(self, app: AsyncApp) -> None:
        channel: dict[str, str | re.Pattern[str]] = {"block_id": "channel", "action_id": "value"}
        app.action(channel)(self._desk.minded(self.on_channel))
        app.action(re.compile(""))(self._desk.minded(self.on_button))  # every other one

    async def on_button(self, ack: Acknowledge, body: Json) -> None:
        await ack()
        click = click_of(body)
        if not self._desk.is_new(click.origin):
            return
        if click.target is None or click.name not in (*AT_ONCE, *OPENING):
            user, language = click.identity.user, self._desk.people.language(click.identity.user)
            await self._desk.whisper(user, click.channel, say(language, "answer.old_button"))
        elif click.name in OPENING:
            await self._open(click, click.target)
        else:
            await self._decide(click, click.target, Verb(click.name))

    async def on_channel(self, ack: Acknowledge, body: Json) -> None:
        """Another channel in the edit modal: other fields, and nothing typed is lost."""
        await ack()
        view = body["view"]
        metadata = metadata_of(view["private_metadata"])
        who = await self._desk.admit(identity_of(body))
        if who is None or metadata is None:
            return
        found = await self._desk.deciding.look(metadata.target, Verb.EDIT, who)
        typed = typed_in(view, metadata.kept)
        if isinstance(found, CardView):
            form = edit.form(found, who.language, typed=switched(typed, typed.channel))
            await show(self._desk, view["id"], form, view["hash"])
        elif isinstance(found, No):
            refused = modals.refusal(who.language, found.text, typed.body or "")
            await show(self._desk, view["id"], refused, view["hash"])

    async def _decide(self, click: Click, target: Target, verb: Verb) -> None:
        desk = self._desk
        who = await desk.admit(click.identity, click.channel)
        if who is None:
            return
        found = await desk.deciding.look(target, verb, who, click.origin)
        decision = Decision(verb=verb, version=target.version)
        if isinstance(found, CardView):
            found = desk.deciding.check(found.action, decision, who) or found
        if isinstance(found, CardView):
            place = {"user": who.user, "channel": click.channel}
            new = await desk.deciding.take(target.action, decision, who, click.origin, place)
            if not new:
                found = await desk.deciding.look(target, verb, who, click.origin)
        if isinstance(found, No):
            await desk.whisper(who.user, click.channel, found.text)
        if isinstance(found, Again):
            return
        await self._follow(click, target, who)

    async def _follow(self, click: Click, target: Target, who: Colleague) -> None:
        """The card shows at once that a decision is being applied; so does the review."""
        await self._desk.redraw(target.action, who.member.id)
        if click.in_modal and click.view:
            found = await self._desk.deciding.look(target, None, who)
            if isinstance(found, CardView):
                after = modals.after(found, who.language, self._desk.clock.now())
                await show(self._desk, click.view["id"], after)

    async def _open(self, click: Click, target: Target) -> None:
        """A light modal while the trigger lives; then what it is for, if they may."""
        desk = self._desk
        user, channel = click.identity.user, click.channel
        view_id = await open_light(desk, click.trigger_id, user, channel, on_top=click.in_modal)
        if view_id is None:
            return
        who = await desk.people.who(click.identity)
        if not isinstance(who, Colleague):
            text = say(who.language, f"answer.{who.why}")
            await show(self._desk, view_id, modals.refusal(who.language, text))
            return
        verb = OPENING[click.name]
        found = await desk.deciding.look(target, verb, who)
        if isinstance(found, CardView):
            await show(self._desk, view_id, await self._form(click.name, found, who))
        elif isinstance(found, No):
            await show(self._desk, view_id, modals.refusal(who.language, found.text))
            await desk.redraw(target.action, who.member.id)

    async def _form(self, name: str, view: CardView, who: Colleague) -> Json:
        action, language, now = view.action, who.language, self._desk.clock.now()
        match name:
            case "edit":
                return edit.form(view, language)
            case "skip":
                return modals.skip(action, language)
            case "snooze":
                return modals.snooze(action, language, today_of(action, now))
            case "log_call":
                return modals.call(action, language)
            case "done":
                return modals.done(action, language)
            case "reassign":
                return modals.reassign(action, language, await self._others(action, who))
            case _:
                return modals.review(view, language, now)

    async def _others(self, action: ShownAction, who: Colleague) -> list[Person]:
        owners = {owner.id for owner in action.owners}
        members = await self._desk.colleagues(who.organisation)
        return [Person(id=m.id, name=m.name) for m in members if {m.id} != owners]
