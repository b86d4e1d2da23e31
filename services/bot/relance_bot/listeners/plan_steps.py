"""The forms of a plan under change: one step, or the rules of the whole plan."""

from collections.abc import Mapping
from typing import Any

from slack_bolt.app.async_app import AsyncApp

from relance.domain.documents import Document
from relance.domain.documents.editing import step_of, with_fields, with_new_step, with_step
from relance.reporting.plan_checking import plan_faults, surroundings
from relance_bot.blocks import plan_editing, step_form
from relance_bot.blocks.kit import Json
from relance_bot.blocks.plan_values import DraftAt
from relance_bot.blocks.words import say
from relance_bot.drafting_plans import Standing
from relance_bot.listeners.desk import Acknowledge
from relance_bot.listeners.opening import open_light, show
from relance_bot.listeners.plan_desk import PlanDesk
from relance_bot.people import Colleague

NEW_STEP = {"name": "", "channel": "email", "mode": "confirm"}
_AT_FIELDS = frozenset({"template", "mode", "owner", "condition", "name"})


class PlanSteps:
    """Mistakes are shown at their fields; what holds between steps is said beside the steps."""

    def __init__(self, plans: PlanDesk) -> None:
        self._plans = plans

    def register(self, app: AsyncApp) -> None:
        minded = self._plans.desk.minded
        app.action("plan_add")(minded(self.on_add))
        app.action("plan_rules")(minded(self.on_rules))
        app.view(step_form.STEP)(minded(self.on_step_sent))
        app.view(step_form.RULES)(minded(self.on_rules_sent))

    async def on_add(self, ack: Acknowledge, body: Json) -> None:
        await ack()
        if found := await self._plans.pressed(body):
            who, at, standing = found
            await self.open_form(body, at, standing, "", who)

    async def on_rules(self, ack: Acknowledge, body: Json) -> None:
        await ack()
        found = await self._plans.pressed(body)
        if found is None:
            return
        who, at, standing = found
        view_id = await open_light(
            self._plans.desk, body["trigger_id"], who.user, at.channel, on_top=True
        )
        if view_id:
            form = step_form.rules_form(at, standing.draft.document, who.language)
            await show(self._plans.desk, view_id, form)

    async def open_form(
        self, body: Json, at: DraftAt, standing: Standing, key: str, who: Colleague
    ) -> None:
        desk = self._plans.desk
        view_id = await open_light(desk, body["trigger_id"], who.user, at.channel, on_top=True)
        if view_id is None:
            return
        document = standing.draft.document
        step = (step_of(document, key) if key else None) or dict(NEW_STEP)
        about = DraftAt(draft=at.draft, edits=at.edits, step=key, channel=at.channel)
        choices = await self._choices(who)
        await show(desk, view_id, step_form.step_form(about, document, step, choices, who.language))

    async def on_step_sent(self, ack: Acknowledge, body: Json) -> None:
        """The form of a step: mistakes at their fields, else the steps again with this one."""
        found = await self._plans.sent(ack, body)
        if found is None:
            return
        who, at, standing = found
        document = standing.draft.document
        before = step_of(document, at.step) if at.step else {}
        if before is None:  # removed in another window: then it is a new one
            before, at = {}, DraftAt(draft=at.draft, channel=at.channel)
        typed = step_form.typed_step(body["view"], document, before)
        changed = _with(document, at.step, typed.fields)
        mistakes = typed.mistakes or await self._step_mistakes(changed, document, at.step, who)
        if mistakes:
            await ack(response_action="errors", errors=_said(mistakes, body, who))
            return
        await ack()
        await self._plans.drafts.change(standing.draft, changed)
        await self._plans.show_page(_below(body), at.draft, who, at.channel)

    async def on_rules_sent(self, ack: Acknowledge, body: Json) -> None:
        found = await self._plans.sent(ack, body)
        if found is None:
            return
        who, at, standing = found
        typed = step_form.typed_rules(body["view"], standing.draft.document)
        if typed.mistakes:
            await ack(response_action="errors", errors=_said(typed.mistakes, body, who))
            return
        await ack()
        changed = with_fields(standing.draft.document, typed.fields)
        await self._plans.drafts.change(standing.draft, changed)
        await self._plans.show_page(_below(body), at.draft, who, at.channel)

    async def _step_mistakes(
        self, changed: Document, before: Document, key: str, who: Colleague
    ) -> dict[str, str]:
        """What is wrong with the step itself; how steps go together is said beside them."""
        old = {step["key"] for step in before.get("steps", ())}
        places = (
            at
            for at, step in enumerate(changed["steps"])
            if step["key"] == key or (not key and step["key"] not in old)
        )
        at = next(places, None)  # none where the form came twice
        async with self._plans.desk.database.read() as tx:
            faults = await plan_faults(tx, who.organisation, changed)
        found = {}
        for fault in faults:
            if fault.warning or fault.place[:2] != ("steps", at) or len(fault.place) < 3:
                continue
            field = str(fault.place[2])
            place = "template" if field == "channel" else field
            key_of = plan_editing.mistake_key(field)
            if place in _AT_FIELDS:
                found[place] = key_of
        return found

    async def _choices(self, who: Colleague) -> step_form.Choices:
        async with self._plans.desk.database.read() as tx:
            around = await surroundings(tx, who.organisation)
        channels: dict[str, list[str]] = {}
        for channel, keys in (around.templates or {}).items():
            for key in keys:
                channels.setdefault(key, []).append(channel)
        members = await self._plans.desk.colleagues(who.organisation)
        return step_form.Choices(templates=channels, members=[(m.email, m.name) for m in members])


def _with(document: Document, key: str, fields: Mapping[str, Any]) -> Document:
    return with_step(document, key, fields) if key else with_new_step(document, fields)


def _said(mistakes: Mapping[str, str], body: Json, who: Colleague) -> dict[str, str]:
    """Each at its field; where the form has no such field, at the first."""
    fields = [b["block_id"] for b in body["view"]["blocks"] if b["type"] == "input"]
    return {
        field if field in fields else fields[0]: say(who.language, key)
        for field, key in mistakes.items()
    }


def _below(body: Json) -> str:
    """The modal that comes back when this one goes."""
    view = body["view"]
    return str(view.get("previous_view_id") or view["root_view_id"])
