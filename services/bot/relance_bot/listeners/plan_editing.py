"""The modal of a plan under change: its steps moved about, their effect, and the request."""

import asyncio

from slack_bolt.app.async_app import AsyncApp

from relance.domain.documents import Document, document_of
from relance.domain.documents.editing import moved, step_of, switched, without_step
from relance.domain.plan_requests import ChangePlan
from relance.plan_files import canonical
from relance_bot.blocks import modals, plan_editing
from relance_bot.blocks.kit import Json
from relance_bot.blocks.words import say
from relance_bot.listeners.desk import Acknowledge
from relance_bot.listeners.opening import show
from relance_bot.listeners.payloads import submission_of
from relance_bot.listeners.plan_desk import PlanDesk, value_of
from relance_bot.listeners.plan_steps import PlanSteps

CLEAR = {"response_action": "clear"}
_AT_ONCE = 1.5  # seconds within which the effect is the acknowledgement itself; Slack waits for 3
_ANSWERED = 0.5  # seconds until Slack shows what an acknowledgement says, for what comes after it


class PlanEditing:
    """What is done to a draft is done once: a click on an older state only shows the newer one."""

    def __init__(self, plans: PlanDesk, steps: PlanSteps) -> None:
        self._plans = plans
        self._steps = steps

    def register(self, app: AsyncApp) -> None:
        minded = self._plans.desk.minded
        app.action("plan_step")(minded(self.on_step))
        app.action("plan_restart")(minded(self.on_restart))
        app.action("plan_merge")(minded(self.on_merge))
        app.action("plan_back")(minded(self.on_back))
        app.view(plan_editing.PAGE)(minded(self.on_next))
        app.view(plan_editing.EFFECT)(minded(self.on_save))

    async def on_step(self, ack: Acknowledge, body: Json) -> None:
        """A step's menu: change it in a form, or move, switch or remove it at once."""
        await ack()
        name, _, key = value_of(body).partition(".")
        found = await self._plans.pressed(body)
        if found is None:
            return
        who, at, standing = found
        document = standing.draft.document
        if step_of(document, key) is None:
            await self._plans.show_page(body["view"]["id"], at.draft, who, at.channel)
        elif name == "change":
            await self._steps.open_form(body, at, standing, key, who)
        elif standing.draft.edits == at.edits:
            await self._plans.drafts.change(standing.draft, _changed(document, key, name))
            await self._plans.show_page(body["view"]["id"], at.draft, who, at.channel)

    async def on_restart(self, ack: Acknowledge, body: Json) -> None:
        """What was changed is thrown away: the person has confirmed it."""
        await ack()
        found = await self._plans.pressed(body)
        if found is None:
            return
        who, at, standing = found
        current = standing.current
        document = (
            document_of(current)
            if current
            else {"plan": standing.draft.plan, "name": standing.draft.document["name"]}
        )
        draft = await self._plans.drafts.restart(who, document, current.version if current else 0)
        await self._plans.show_page(body["view"]["id"], draft.id, who, at.channel)

    async def on_merge(self, ack: Acknowledge, body: Json) -> None:
        await ack()
        if found := await self._plans.pressed(body):
            who, at, standing = found
            await self._plans.drafts.merge(standing)
            await self._plans.show_page(body["view"]["id"], at.draft, who, at.channel)

    async def on_back(self, ack: Acknowledge, body: Json) -> None:
        await ack()
        if found := await self._plans.pressed(body):
            who, at, _ = found
            await self._plans.show_page(body["view"]["id"], at.draft, who, at.channel)

    async def on_next(self, ack: Acknowledge, body: Json) -> None:
        """From the steps to what they would do; a draft with mistakes stays where it is."""
        found = await self._plans.sent(ack, body)
        if found is None:
            return
        who, at, standing = found
        view = await self._plans.drafts.view(standing, who, at.channel)
        refused = ""
        if not standing.is_changed and standing.current:
            refused = say(who.language, "plan.effect.unchanged")
        mistakes = any(not fault.warning for fault in view.faults)
        if refused or mistakes or view.newer:
            page = plan_editing.page(view, who.language, refused)
            await ack(response_action="update", view=page)
            return
        effect = asyncio.ensure_future(self._plans.effect(at.draft, who, at.channel))
        await asyncio.wait({effect}, timeout=_AT_ONCE)
        if effect.done():
            await ack(response_action="update", view=effect.result())
            return
        await ack(response_action="update", view=modals.loading(who.language))
        page = await effect
        await asyncio.sleep(_ANSWERED)
        await show(self._plans.desk, body["view"]["id"], page)

    async def on_save(self, ack: Acknowledge, body: Json) -> None:
        """The version that was seen goes along: somebody else's newer one is shown instead."""
        found = await self._plans.sent(ack, body)
        if found is None:
            return
        who, at, standing = found
        if standing.is_stale or standing.draft.edits != at.edits:
            view = await self._plans.drafts.view(standing, who, at.channel)
            await ack(response_action="update", view=plan_editing.page(view, who.language))
            return
        await ack(**CLEAR)
        draft = standing.draft
        request = ChangePlan(plan=draft.plan, seen=draft.seen, document=canonical(draft.document))
        origin = submission_of(body).origin
        if refused := await self._plans.desk.asking.ask(request, who, origin, at.channel):
            await self._plans.desk.whisper(who.user, at.channel, refused)


def _changed(document: Document, key: str, name: str) -> Document:
    match name:
        case "up":
            return moved(document, key, -1)
        case "down":
            return moved(document, key, 1)
        case "on" | "off":
            return switched(document, key)
        case "remove":
            return without_step(document, key)
        case _:
            return document
