"""`/relance plan WORD` alone: a modal asks for what is missing, and names complete themselves."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date

import sqlalchemy as sa
from slack_bolt.app.async_app import AsyncApp

from relance.domain.people import ADMINS
from relance.domain.plan_requests import AssignPlan, PausePlan, ResumePlan
from relance.domain.requests import Request
from relance.store.tables import profiles
from relance_bot.blocks import choosing, modals
from relance_bot.blocks.choosing import Choice
from relance_bot.blocks.confirming import Question
from relance_bot.blocks.kit import Json, Message
from relance_bot.blocks.modals import value_in
from relance_bot.blocks.words import say
from relance_bot.listeners.assigning import Assigning
from relance_bot.listeners.desk import Acknowledge, Desk, refusal_of
from relance_bot.listeners.opening import open_light, show
from relance_bot.listeners.payloads import Command, identity_of, submission_of
from relance_bot.listeners.plan_looking import Looking
from relance_bot.listeners.plan_opening import PlanOpening
from relance_bot.listeners.plans import SubWord
from relance_bot.listeners.replies import Reply, message_of
from relance_bot.people import Colleague

CLEAR = {"response_action": "clear"}
LOOKING = ("show", "history", "export")
CHANGING = ("edit", "pause", "resume", "assign")


class Choosing:
    """To look is everybody's; for the rest rights are looked at before the modal and after it."""

    def __init__(
        self, desk: Desk, looking: Looking, opening: PlanOpening, assigning: Assigning
    ) -> None:
        self._desk = desk
        self._looking = looking
        self._opening = opening
        self._assigning = assigning

    @property
    def words(self) -> Mapping[str, SubWord]:
        """What follows `/relance plan`, where nothing follows it."""
        return dict.fromkeys((*LOOKING, *CHANGING), self.choose)

    def register(self, app: AsyncApp) -> None:
        app.view(choosing.CALLBACK)(self._desk.minded(self.on_chosen))

    async def choose(self, word: str, command: Command, who: Colleague) -> Reply:
        if word in CHANGING and (refused := await self._desk.refuses(ADMINS, who)):
            return [refused]
        view_id = await open_light(self._desk, command.trigger_id, who.user, command.channel)
        if view_id:
            choice = Choice(word=word, channel=command.channel)
            form = choosing.form(choice, await self._profiles(who), who.language)
            await show(self._desk, view_id, form)
        return None

    async def on_chosen(self, ack: Acknowledge, body: Json) -> None:
        """What the whole command would have done."""
        desk, view = self._desk, body["view"]
        who = await desk.people.who(identity_of(body))
        choice = choosing.choice_in(view["private_metadata"])
        if not isinstance(who, Colleague):
            refused = modals.refusal(who.language, refusal_of(who))
            await ack(response_action="update", view=refused)
            return
        text = await desk.refuses(ADMINS, who) if choice and choice.word in CHANGING else None
        if text or choice is None:
            text = text or say(who.language, "answer.old_button")
            await ack(response_action="update", view=modals.refusal(who.language, text))
            return
        plan = value_in(view, choosing.PLAN)
        match choice.word:
            case "edit":
                await ack(response_action="update", view=modals.loading(who.language))
                await self._opening.edit_in(view["id"], plan, who, choice.channel)
            case "pause" | "resume":
                await self._switch(ack, body, choice, plan, who)
            case "assign":
                await self._assign(ack, body, choice, plan, who)
            case _:
                reply = await self._looking.look(choice.word, plan, who)
                message = reply if isinstance(reply, Message) else message_of(reply or [])
                shown = choosing.shown(message, who.language)
                await ack(response_action="update", view=shown)

    async def _switch(
        self, ack: Acknowledge, body: Json, choice: Choice, plan: str, who: Colleague
    ) -> None:
        view = body["view"]
        request: Request = ResumePlan(plan=plan)
        if choice.word == "pause":
            until = value_in(view, "until")
            day = date.fromisoformat(until) if until else None
            request = PausePlan(plan=plan, until=day, reason=value_in(view, "reason"))
        await ack(**CLEAR)
        origin = submission_of(body).origin
        await self._desk.asking.ask(request, who, origin, choice.channel)

    async def _assign(
        self, ack: Acknowledge, body: Json, choice: Choice, plan: str, who: Colleague
    ) -> None:
        """The same modal turns into the dry run."""
        target = choosing.target_typed(body["view"])
        if not target:
            missing = say(who.language, "choice.nobody")
            await ack(response_action="errors", errors={choosing.CUSTOMER: missing})
            return
        found = await self._assigning.question(plan, target, who, always=True)
        if isinstance(found, Question):
            question = replace(found, channel=choice.channel)
            view = self._assigning.confirming.view(question, who)
        else:
            lines = [] if isinstance(found, AssignPlan) else found
            view = modals.refusal(who.language, "\n".join(lines))
        await ack(response_action="update", view=view)

    async def _profiles(self, who: Colleague) -> list[str]:
        async with self._desk.database.read() as tx:
            names = await tx.scalars(
                sa.select(profiles.c.name)
                .where(profiles.c.organisation_id == who.organisation)
                .order_by(profiles.c.name)
            )
            return list(names)
