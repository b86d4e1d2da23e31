"""`/relance plan edit|new|duplicate|restore`: a plan is put under change (F39, F56)."""

from collections.abc import Mapping
from typing import Any

from slack_bolt.app.async_app import AsyncApp

from relance.domain.documents import Document, document_of
from relance.domain.people import ADMINS
from relance.domain.plans import Plan
from relance.reporting.plan_checking import plan_faults
from relance.store.plan_drafts import PlanDraft
from relance.store.plans import find_plan, load_versions
from relance_bot.blocks import kit, modals
from relance_bot.blocks.kit import Json
from relance_bot.blocks.words import say
from relance_bot.listeners.desk import Acknowledge
from relance_bot.listeners.opening import open_light, show
from relance_bot.listeners.payloads import Command, identity_of
from relance_bot.listeners.plan_desk import PlanDesk, value_of
from relance_bot.listeners.plan_looking import find_named
from relance_bot.listeners.plans import SubWord
from relance_bot.listeners.replies import Reply
from relance_bot.people import Colleague


class PlanOpening:
    """The words, and the button beside an earlier version in a plan's history."""

    def __init__(self, plans: PlanDesk) -> None:
        self._plans = plans

    @property
    def words(self) -> Mapping[str, SubWord]:
        """What follows `/relance plan`."""
        return {
            "edit": self.edit,
            "new": self.new,
            "duplicate": self.duplicate,
            "restore": self.restore,
        }

    def register(self, app: AsyncApp) -> None:
        app.action("plan_restore")(self._plans.desk.minded(self.on_restore))

    async def edit(self, named: str, command: Command, who: Colleague) -> Reply:
        """`plan edit PLAN`."""
        if refused := await self._plans.desk.refuses(ADMINS, who):
            return [refused]
        async with self._plans.desk.database.read() as tx:
            plan = await find_named(tx, named, who)
        if not isinstance(plan, Plan):
            return [plan]
        return await self._open(document_of(plan), plan.version, command, who)

    async def edit_in(self, view_id: str, key: str, who: Colleague, channel: str) -> None:
        """The same in a modal that is open already."""
        async with self._plans.desk.database.read() as tx:
            plan = await find_named(tx, key, who)
        if isinstance(plan, Plan):
            draft = await self._plans.drafts.begin(who, document_of(plan), plan.version)
            await self._plans.show_page(view_id, draft.id, who, channel)
        else:
            await show(self._plans.desk, view_id, modals.refusal(who.language, plan))

    async def new(self, rest: str, command: Command, who: Colleague) -> Reply:
        """`plan new KEY [NAME]`: a plan without steps yet."""
        key, _, name = rest.partition(" ")
        return await self._make({"plan": key, "name": name.strip() or key}, command, who)

    async def duplicate(self, rest: str, command: Command, who: Colleague) -> Reply:
        """`plan duplicate PLAN KEY [NAME]`."""
        named, _, more = rest.partition(" ")
        key, _, name = more.strip().partition(" ")
        if not key:
            return [say(who.language, "usage.plan")]
        async with self._plans.desk.database.read() as tx:
            plan = await find_named(tx, named, who)
        if not isinstance(plan, Plan):
            return [plan]
        copy = document_of(plan) | {"plan": key, "name": name.strip() or f"{plan.name} ({key})"}
        return await self._make(copy, command, who)

    async def restore(self, rest: str, command: Command, who: Colleague) -> Reply:
        """`plan restore PLAN VERSION`: its effect first, as with every change."""
        named, _, number = rest.rpartition(" ")
        if not named or not number.isdecimal() or len(number) > 6:
            return [say(who.language, "usage.plan")]
        if refused := await self._plans.desk.refuses(ADMINS, who):
            return [refused]
        draft = await self._earlier(named, int(number), who)
        if not isinstance(draft, PlanDraft):
            return [draft]
        view_id = await open_light(self._plans.desk, command.trigger_id, who.user, command.channel)
        if view_id:
            await self._plans.show_effect(view_id, draft.id, who, command.channel)
        return None

    async def _make(self, document: Document, command: Command, who: Colleague) -> Reply:
        if refused := await self._plans.desk.refuses(ADMINS, who):
            return [refused]
        key = str(document["plan"])
        async with self._plans.desk.database.read() as tx:
            taken = await find_plan(tx, who.organisation, key)
            faults = await plan_faults(tx, who.organisation, document)
        if taken:
            return [say(who.language, "plan.taken", key=kit.datum(key, 60))]
        if any(fault.place == ("plan",) for fault in faults):
            return [say(who.language, "plan.key", key=kit.datum(key, 60))]
        return await self._open(document, 0, command, who)

    async def _open(
        self, document: Mapping[str, Any], seen: int, command: Command, who: Colleague
    ) -> Reply:
        view_id = await open_light(self._plans.desk, command.trigger_id, who.user, command.channel)
        if view_id is None:
            return None
        draft = await self._plans.drafts.begin(who, document, seen)
        await self._plans.show_page(view_id, draft.id, who, command.channel)
        return None

    async def _earlier(self, named: str, number: int, who: Colleague) -> PlanDraft | str:
        """A draft of the plan as that version had it, or what is said where there is none."""
        async with self._plans.desk.database.read() as tx:
            plan = await find_named(tx, named, who)
            if not isinstance(plan, Plan):
                return plan
            versions = await load_versions(tx, plan.id)
        wanted = next((v.plan for v in versions if v.plan.version == number), None)
        if wanted is None:
            name = kit.datum(plan.name, 60)
            return say(who.language, "plan.no_version", number=number, plan=name)
        return await self._plans.drafts.restart(who, document_of(wanted), plan.version)

    async def on_restore(self, ack: Acknowledge, body: Json) -> None:
        """The button beside an earlier version in a plan's history."""
        await ack()
        desk = self._plans.desk
        channel = (body.get("channel") or {}).get("id", "")
        who = await desk.admit(identity_of(body), channel)
        if who is None:
            return
        if refused := await desk.refuses(ADMINS, who):
            await desk.whisper(who.user, channel, refused)
            return
        inside = "view" in body  # a history that was shown in a modal
        view_id = await open_light(desk, body["trigger_id"], who.user, channel, on_top=inside)
        if view_id is None:
            return
        number, _, key = value_of(body).partition(".")
        draft = await self._earlier(key, int(number), who)
        if isinstance(draft, PlanDraft):
            await self._plans.show_effect(view_id, draft.id, who, channel)
        else:
            await show(desk, view_id, modals.refusal(who.language, draft))
