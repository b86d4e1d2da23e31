"""A plan under change, as its modals need it: who is at it, on which draft, and what to show."""

from typing import TypeAlias
from uuid import UUID

from relance.domain.people import ADMINS
from relance_bot.blocks import modals, plan_editing
from relance_bot.blocks.kit import Json
from relance_bot.blocks.plan_values import DraftAt, draft_at
from relance_bot.blocks.words import say
from relance_bot.drafting_plans import DraftingPlans, Standing
from relance_bot.listeners.desk import Acknowledge, Desk, refusal_of
from relance_bot.listeners.opening import show
from relance_bot.listeners.payloads import identity_of
from relance_bot.people import Colleague

At: TypeAlias = tuple[Colleague, DraftAt, Standing]


class PlanDesk:
    """Rights are looked at when a modal opens, at every click and when it is sent."""

    def __init__(self, desk: Desk, drafts: DraftingPlans) -> None:
        self.desk = desk
        self.drafts = drafts

    async def show_page(self, view_id: str, draft: UUID, who: Colleague, channel: str) -> None:
        view = await self._page(draft, who, channel)
        await show(self.desk, view_id, view)

    async def _page(self, draft: UUID, who: Colleague, channel: str) -> Json:
        standing = await self.drafts.find(who, draft)
        if standing is None:
            return modals.refusal(who.language, say(who.language, "plan.draft_gone"))
        return plan_editing.page(await self.drafts.view(standing, who, channel), who.language)

    async def show_effect(self, view_id: str, draft: UUID, who: Colleague, channel: str) -> None:
        await show(self.desk, view_id, await self.effect(draft, who, channel))

    async def effect(self, draft: UUID, who: Colleague, channel: str) -> Json:
        """The page of the draft's effect; its steps where it has none to show."""
        standing = await self.drafts.find(who, draft)
        if standing is None:
            return await self._page(draft, who, channel)
        view = await self.drafts.view(standing, who, channel)
        if view.newer or any(not fault.warning for fault in view.faults):
            return plan_editing.page(view, who.language)
        found = await self.drafts.effect(standing)
        return plan_editing.effect_page(view, found, who.language)

    async def pressed(self, body: Json) -> At | None:
        """Who pressed, and on which draft; whoever may not, or comes too late, is told."""
        desk, view = self.desk, body.get("view") or {}
        origin = f"{body['user']['id']}/{body['actions'][0]['action_ts']}"
        at = draft_at(view.get("private_metadata", ""))
        if at is None or not desk.is_new(origin):
            return None
        who = await desk.admit(identity_of(body), at.channel)
        if who is None:
            return None
        if refused := await desk.refuses(ADMINS, who):
            await show(desk, view["id"], modals.refusal(who.language, refused))
            return None
        standing = await self.drafts.find(who, at.draft)
        if standing is None:
            gone = say(who.language, "plan.draft_gone")
            await show(desk, view["id"], modals.refusal(who.language, gone))
            return None
        return who, at, standing

    async def sent(self, ack: Acknowledge, body: Json) -> At | None:
        """Who sent a modal, and on which draft; else the modal turns into why not."""
        desk, view = self.desk, body["view"]
        at = draft_at(view["private_metadata"])
        who = await desk.people.who(identity_of(body))
        if not isinstance(who, Colleague):
            text, language = refusal_of(who), who.language
        else:
            language = who.language
            refused = await desk.refuses(ADMINS, who)
            standing = await self.drafts.find(who, at.draft) if at and not refused else None
            if at and standing:
                return who, at, standing
            text = refused or say(language, "plan.draft_gone")
        await ack(response_action="update", view=modals.refusal(language, text))
        return None


def value_of(body: Json) -> str:
    """What a button or a menu says."""
    action = body["actions"][0]
    option = action.get("selected_option") or {}
    return str(action.get("value") or option.get("value") or "")
