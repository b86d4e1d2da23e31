"""App Home, opened; and `/relance home` (F60)."""

from collections.abc import Mapping, Sequence

from slack_bolt.app.async_app import AsyncApp

from relance_bot.blocks import kit
from relance_bot.blocks.kit import Json
from relance_bot.blocks.words import say
from relance_bot.homes import Homes
from relance_bot.listeners.desk import Desk, refusal_of
from relance_bot.listeners.payloads import Command
from relance_bot.listeners.replies import Word
from relance_bot.people import Colleague, Identity


class OpeningHome:
    """Publishes the person's Home each time they open it."""

    def __init__(self, desk: Desk, homes: Homes) -> None:
        self._desk = desk
        self._homes = homes

    @property
    def words(self) -> Mapping[str, Word]:
        return {"home": self.home}

    def register(self, app: AsyncApp) -> None:
        app.event("app_home_opened")(self._desk.minded(self.on_home))

    async def home(self, _command: Command, who: Colleague) -> Sequence[str]:
        view = await self._homes.view(who)
        return [say(who.language, "command.home", n=len(view.own))]

    async def on_home(self, event: Json, body: Json) -> None:
        if event.get("tab") != "home":
            return
        team = body["team_id"]
        identity = Identity(team=team, user=event["user"], home_team=team)
        who = await self._desk.people.who(identity)
        if isinstance(who, Colleague):
            await self._homes.show(who, identity)
        else:
            if who.why == "unchecked":
                self._homes.check_later(identity)
            section = kit.section("refused", refusal_of(who))
            refused = {"type": "home", "callback_id": "home", "blocks": [section]}
            await self._desk.slack.publish_home(identity.user, refused)
