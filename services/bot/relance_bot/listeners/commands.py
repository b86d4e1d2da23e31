"""`/relance …` and App Home: answers that only the asker sees."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol
from uuid import UUID

from slack_bolt.app.async_app import AsyncApp

from relance_bot.blocks import kit
from relance_bot.blocks.kit import Json
from relance_bot.blocks.words import Language, say
from relance_bot.homes import Homes
from relance_bot.listeners.desk import Desk, refusal_of
from relance_bot.listeners.payloads import command_of
from relance_bot.people import Colleague, Identity

FORECAST_DAYS = 30
MOST_DAYS = 90
MOST_TEXT = 2_900
MOST_BLOCKS = 4

Acknowledge = Callable[..., Awaitable[Any]]
Respond = Callable[..., Awaitable[Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Asker:
    """Who asks, in which language to answer."""

    member: UUID
    organisation: UUID
    language: Language


class Why(Protocol):
    """Says in one line per cause why something is or is not due for a customer (F43)."""

    async def __call__(self, customer: str, asker: Asker) -> Sequence[str]: ...


class Forecast(Protocol):
    """Says line by line what leaves within so many days if nothing changes (F42)."""

    async def __call__(self, days: int, asker: Asker) -> Sequence[str]: ...


class Commands:
    """Unknown words and mistakes answer with the usage."""

    def __init__(
        self, desk: Desk, homes: Homes, why: Why | None = None, forecast: Forecast | None = None
    ) -> None:
        self._desk = desk
        self._homes = homes
        self._why = why
        self._forecast = forecast

    def register(self, app: AsyncApp) -> None:
        app.command("/relance")(self._desk.minded(self.on_command))
        app.event("app_home_opened")(self._desk.minded(self.on_home))

    async def on_command(self, ack: Acknowledge, body: Json, respond: Respond) -> None:
        await ack()
        command = command_of(body)
        if not self._desk.is_new(command.trigger_id):
            return
        who = await self._desk.people.who(command.identity)
        if isinstance(who, Colleague):
            lines = await self._answer(command.word, command.rest, who)
        else:
            lines = [refusal_of(who)]
        text, blocks = _paragraphs(lines)
        await respond(text=text, blocks=blocks, response_type="ephemeral")

    async def on_home(self, event: Json, body: Json) -> None:
        if event.get("tab") != "home":
            return
        team = body["team_id"]
        identity = Identity(team=team, user=event["user"], home_team=team)
        who = await self._desk.people.who(identity)
        if isinstance(who, Colleague):
            await self._homes.show(who, identity)
        else:
            section = kit.section("refused", refusal_of(who))
            refused = {"type": "home", "callback_id": "home", "blocks": [section]}
            await self._desk.slack.publish_home(identity.user, refused)

    async def _answer(self, word: str, rest: str, who: Colleague) -> Sequence[str]:
        """Lines of mrkdwn."""
        language = who.language
        match word:
            case "" | "help" | "aide":
                return [say(language, "command.usage")]
            case "why" | "pourquoi":
                return await self._say_why(rest, who)
            case "forecast":
                return await self._say_forecast(rest, who)
            case "home":
                view = await self._homes.view(who)
                return [say(language, "command.home", n=len(view.own))]
            case _:
                unknown = say(language, "command.unknown", word=kit.datum(word, 60))
                return [unknown, say(language, "command.usage")]

    async def _say_why(self, customer: str, who: Colleague) -> Sequence[str]:
        if self._why is None:
            return [say(who.language, "command.unavailable")]
        if not customer:
            return [say(who.language, "command.why.missing")]
        lines = await self._why(customer, _asker(who))
        return _escaped(lines, who.language)

    async def _say_forecast(self, given: str, who: Colleague) -> Sequence[str]:
        if self._forecast is None:
            return [say(who.language, "command.unavailable")]
        days = int(given) if given.isdecimal() and len(given) < 5 else 0 if given else FORECAST_DAYS
        if not 1 <= days <= MOST_DAYS:
            wrong = say(who.language, "command.forecast.days", word=kit.datum(given, 60))
            return [wrong, say(who.language, "command.usage")]
        return _escaped(await self._forecast(days, _asker(who)), who.language)


def _asker(who: Colleague) -> Asker:
    return Asker(member=who.member.id, organisation=who.organisation, language=who.language)


def _escaped(lines: Sequence[str], language: Language) -> Sequence[str]:
    return [kit.datum(line, 500) for line in lines] or [say(language, "command.nothing")]


def _paragraphs(lines: Sequence[str]) -> tuple[str, list[Json]]:
    """The lines in as many sections as they need, as far as a message goes."""
    pieces: list[str] = []
    for line in lines:
        if pieces and len(pieces[-1]) + 1 + len(line) <= MOST_TEXT:
            pieces[-1] += f"\n{line}"
        else:
            pieces.append(line)
    shown = pieces[:MOST_BLOCKS]
    if len(pieces) > MOST_BLOCKS:
        shown[-1] += kit.ELLIPSIS
    blocks = [kit.section(f"answer-{at}", piece) for at, piece in enumerate(shown)]
    return lines[0], blocks
