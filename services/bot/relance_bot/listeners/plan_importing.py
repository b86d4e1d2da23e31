"""`/relance plan import`: a plan's file pasted into a modal, its mistakes said by line (F2)."""

from collections.abc import Mapping
from uuid import UUID

from slack_bolt.app.async_app import AsyncApp

from relance.domain.people import ADMINS
from relance.plan_files import Mistake, read_plan
from relance.reporting.plan_checking import surroundings
from relance.store.plans import find_plan
from relance_bot.blocks import kit, modals
from relance_bot.blocks.kit import Json
from relance_bot.blocks.modals import value_in
from relance_bot.blocks.words import Language, say
from relance_bot.listeners.desk import Acknowledge, refusal_of
from relance_bot.listeners.opening import open_light, show
from relance_bot.listeners.payloads import Command, identity_of
from relance_bot.listeners.plan_desk import PlanDesk
from relance_bot.listeners.plans import SubWord
from relance_bot.listeners.replies import Reply
from relance_bot.people import Colleague

CALLBACK = "plan_import"
PARTS = 4  # of 3,000 characters, which is what an input of Slack's holds
MOST_SAID = 8


class PlanImporting:
    """What is right becomes a draft like any other: its effect is seen before it is saved."""

    def __init__(self, plans: PlanDesk) -> None:
        self._plans = plans

    @property
    def words(self) -> Mapping[str, SubWord]:
        """What follows `/relance plan`, where nothing follows it."""
        return {"import": self.ask}

    def register(self, app: AsyncApp) -> None:
        app.view(CALLBACK)(self._plans.desk.minded(self.on_sent))

    async def ask(self, _word: str, command: Command, who: Colleague) -> Reply:
        desk = self._plans.desk
        if refused := await desk.refuses(ADMINS, who):
            return [refused]
        view_id = await open_light(desk, command.trigger_id, who.user, command.channel)
        if view_id:
            await show(desk, view_id, _form(command.channel, who.language))
        return None

    async def on_sent(self, ack: Acknowledge, body: Json) -> None:
        desk, view = self._plans.desk, body["view"]
        who = await desk.people.who(identity_of(body))
        if not isinstance(who, Colleague):
            refused: str | None = refusal_of(who)
        else:
            refused = await desk.refuses(ADMINS, who)
        if refused or not isinstance(who, Colleague):
            text = refused or ""
            await ack(response_action="update", view=modals.refusal(who.language, text))
            return
        draft = await self._draft("".join(_typed(view)), who)
        if isinstance(draft, UUID):
            await ack(response_action="update", view=modals.loading(who.language))
            await self._plans.show_effect(view["id"], draft, who, view["private_metadata"])
        else:
            await ack(response_action="errors", errors={"file-0": draft})

    async def _draft(self, source: str, who: Colleague) -> UUID | str:
        """The file as the person's draft, or its mistakes in words."""
        async with self._plans.desk.database.read() as tx:
            around = await surroundings(tx, who.organisation)
            reading = read_plan(source, around.templates, around.members)
            if reading.document is None:
                return _said(reading.mistakes, who.language)
            current = await find_plan(tx, who.organisation, str(reading.document["plan"]))
        seen = current.version if current else 0
        return (await self._plans.drafts.restart(who, reading.document, seen)).id


def _form(channel: str, language: Language) -> Json:
    blocks = [
        kit.field(
            f"file-{at}",
            say(language, "plan.import.part", part=at + 1) if at else say(language, "plan.import"),
            kit.line_input(multiline=True),
            optional=bool(at),
            hint="" if at else say(language, "plan.import.hint"),
        )
        for at in range(PARTS)
    ]
    return kit.modal(
        CALLBACK,
        say(language, "plan.import.title"),
        blocks,
        submit=say(language, "plan.edit.next"),
        close=say(language, "modal.cancel"),
        metadata=channel,
    )


def _typed(view: Json) -> list[str]:
    """The parts, one after another: a part's end is no line's end."""
    return [value_in(view, f"file-{at}").replace("\r\n", "\n") for at in range(PARTS)]


def _said(mistakes: tuple[Mistake, ...], language: Language) -> str:
    wrong = [mistake for mistake in mistakes if not mistake.warning]
    lines = [
        say(
            language,
            "plan.import.line",
            line=mistake.line,
            mistake="; ".join(filter(None, (mistake.message, mistake.mend))),
        )
        for mistake in wrong[:MOST_SAID]
    ]
    if len(wrong) > MOST_SAID:
        lines.append(say(language, "names.more", n=len(wrong) - MOST_SAID))
    return kit.clip("\n".join(lines), 1_900)
