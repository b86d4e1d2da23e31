"""`/relance settings`: when things leave, whose what is nobody's is, what is fresh (F48)."""

from collections.abc import Mapping

from slack_bolt.app.async_app import AsyncApp

from relance.domain.house_requests import ChangeSettings
from relance.domain.people import ADMINS
from relance.store.house_settings import load_settings, read_settings
from relance.store.organisations import load_organisations
from relance.store.plans import load_plan
from relance_bot.blocks import modals, settings
from relance_bot.blocks.kit import Json
from relance_bot.blocks.settings import SettingsView
from relance_bot.blocks.words import knows, say
from relance_bot.listeners.desk import Acknowledge, Desk, refusal_of
from relance_bot.listeners.opening import open_light, show
from relance_bot.listeners.payloads import Command, identity_of, submission_of
from relance_bot.listeners.replies import Reply, Word
from relance_bot.people import Colleague

CLEAR = {"response_action": "clear"}


class HouseSettings:
    """A setting that somebody else has changed meanwhile is not undone: the scheduler says so."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    @property
    def words(self) -> Mapping[str, Word]:
        return {"settings": self.settings}

    def register(self, app: AsyncApp) -> None:
        app.view(settings.CALLBACK)(self._desk.minded(self.on_sent))

    async def settings(self, command: Command, who: Colleague) -> Reply:
        if refused := await self._desk.refuses(ADMINS, who):
            return [refused]
        view_id = await open_light(self._desk, command.trigger_id, who.user, command.channel)
        if view_id:
            view = await self._view(who, command.channel)
            await show(self._desk, view_id, settings.form(view, who.language))
        return None

    async def on_sent(self, ack: Acknowledge, body: Json) -> None:
        """Mistakes at their fields; only what was changed is asked for."""
        desk, view = self._desk, body["view"]
        who = await desk.people.who(identity_of(body))
        seen = settings.seen_in(view["private_metadata"])
        if not isinstance(who, Colleague):
            refused = modals.refusal(who.language, refusal_of(who))
            await ack(response_action="update", view=refused)
            return
        text = await desk.refuses(ADMINS, who)
        if text or seen is None:
            text = text or say(who.language, "answer.old_button")
            await ack(response_action="update", view=modals.refusal(who.language, text))
            return
        standing, channel = seen
        typed = settings.typed_in(view)
        changes = {name: value for name, value in typed.items() if value != standing.get(name)}
        async with desk.database.read() as tx:
            read = await read_settings(tx, who.organisation, changes, standing)
        if read.mistakes:
            errors = {name: _mistake(key, who) for name, key in read.mistakes.items()}
            await ack(response_action="errors", errors=errors)
            return
        await ack(**CLEAR)
        if changes:
            before = {name: standing.get(name) for name in changes}
            request = ChangeSettings(changes=changes, seen=before)
            await desk.asking.ask(request, who, submission_of(body).origin, channel)

    async def _view(self, who: Colleague, channel: str) -> SettingsView:
        async with self._desk.database.read() as tx:
            standing = await load_settings(tx, who.organisation)
            house = (await load_organisations(tx, [who.organisation]))[who.organisation]
            plan = await load_plan(tx, house.default_plan) if house.default_plan else None
        team = await self._desk.colleagues(who.organisation)
        return SettingsView(
            standing=standing,
            members=sorted(((m.id.hex, m.name) for m in team), key=lambda pair: pair[1]),
            plan=plan.name if plan else "",
            channel=channel,
        )


def _mistake(key: str, who: Colleague) -> str:
    name = f"mistake.{key}"
    return say(who.language, name if knows(name) else "mistake.other")
