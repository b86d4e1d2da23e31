"""Buttons: some decide at once, the others open a modal."""

import re
from collections.abc import Awaitable, Callable
from typing import Any

import structlog
from slack_bolt.app.async_app import AsyncApp

from relance.domain.actions import Decision, Verb
from relance.domain.worklist import Person, ShownAction
from relance_bot.blocks import address, edit, modals
from relance_bot.blocks.card import CardView
from relance_bot.blocks.figures import today_of
from relance_bot.blocks.kit import Json, Message
from relance_bot.blocks.values import Target
from relance_bot.blocks.words import say
from relance_bot.deciding import Again, No
from relance_bot.listeners.desk import Desk, refusal_of
from relance_bot.listeners.opening import fill, open_light, show
from relance_bot.listeners.payloads import Click, click_of
from relance_bot.people import Colleague
from relance_bot.slack import Failure, failure_of

AT_ONCE = (Verb.VALIDATE, Verb.MARK_SENT, Verb.SEND_AGAIN)
# Buttons that open a modal -> the verb whose rights are needed; None: to look is enough.
OPENING: dict[str, Verb | None] = {
    "edit": Verb.EDIT,
    "address": Verb.EDIT,
    "skip": Verb.SKIP,
    "snooze": Verb.SNOOZE,
    "log_call": Verb.LOG_CALL,
    "done": Verb.VALIDATE,
    "reassign": Verb.REASSIGN,
    "review": None,
}

log = structlog.get_logger(__name__)

Acknowledge = Callable[..., Awaitable[Any]]


class Clicks:
    """Acknowledges first; what a button's value says is checked against the database."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def register(self, app: AsyncApp) -> None:
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
            await self._refuse(click, found, who)
        if not isinstance(found, Again):
            await self._follow(click, target, who)

    async def _refuse(self, click: Click, refused: No, who: Colleague) -> None:
        await self._desk.whisper(who.user, click.channel, refused.text)
        await self._bury(click, refused)

    async def _bury(self, click: Click, refused: No) -> None:
        """The card of an action that is gone loses its buttons."""
        if refused.gone and click.card:
            try:
                gone = Message(text=refused.text)
                await self._desk.slack.change(click.card.channel, click.card.ts, gone)
            except Failure as error:
                log.info("card_not_changed", error=failure_of(error))

    async def _follow(self, click: Click, target: Target, who: Colleague) -> None:
        """The card shows at once that a decision is being applied; so does the review."""
        await self._desk.redraw(target.action, who.member.id, click.card)
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
        try:
            view = await self._opened(click, target)
        except Exception:
            language = desk.people.language(user)
            await show(desk, view_id, modals.refusal(language, say(language, "answer.failed")))
            raise
        await fill(desk, view_id, view, user, channel)

    async def _opened(self, click: Click, target: Target) -> Json:
        """What they asked for, or why they may not have it."""
        desk = self._desk
        who = await desk.people.who(click.identity)
        if not isinstance(who, Colleague):
            log.info("person_refused", user=click.identity.user, why=who.why)
            return modals.refusal(who.language, refusal_of(who))
        found = await desk.deciding.look(target, OPENING[click.name], who)
        if isinstance(found, CardView):
            return await self._form(click.name, found, who)
        assert isinstance(found, No)  # noqa: S101 - without an origin nothing comes again
        await self._bury(click, found)
        await desk.redraw(target.action, who.member.id, click.card)
        return modals.refusal(who.language, found.text)

    async def _form(self, name: str, view: CardView, who: Colleague) -> Json:
        action, language, now = view.action, who.language, self._desk.clock.now()
        match name:
            case "edit":
                return edit.form(view, language)
            case "address":
                return address.form(view, language)
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
