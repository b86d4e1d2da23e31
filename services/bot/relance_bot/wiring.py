"""The bot from top to bottom: what it hears, what it draws, what it passes on."""

import logging
from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

import structlog
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.app.async_app import AsyncApp

from relance.clock import Clock
from relance.contracts.messages import (
    MOST_IDS,
    ActionsChanged,
    DecisionsAnswered,
    RequestsAnswered,
)
from relance.messaging.carrier import Carrier
from relance.messaging.inbox import Bells
from relance.messaging.outbox import Relay
from relance.messaging.tracing import present
from relance.settings import Settings
from relance.store.database import Database
from relance_bot.answers import Answers
from relance_bot.asking import Asking
from relance_bot.blocks.kit import Json
from relance_bot.blocks.words import say
from relance_bot.cards import Cards
from relance_bot.deciding import Deciding
from relance_bot.drafting_plans import DraftingPlans
from relance_bot.homes import Homes
from relance_bot.listeners.assigning import Assigning
from relance_bot.listeners.audit import Audit
from relance_bot.listeners.choosing import Choosing
from relance_bot.listeners.clicks import Clicks
from relance_bot.listeners.commands import Commands
from relance_bot.listeners.confirming import Confirming
from relance_bot.listeners.customers import Customers
from relance_bot.listeners.desk import Desk
from relance_bot.listeners.editing import Editing
from relance_bot.listeners.members import Members
from relance_bot.listeners.opening_home import OpeningHome
from relance_bot.listeners.pausing import Pausing
from relance_bot.listeners.plan_desk import PlanDesk
from relance_bot.listeners.plan_editing import PlanEditing
from relance_bot.listeners.plan_importing import PlanImporting
from relance_bot.listeners.plan_looking import Looking
from relance_bot.listeners.plan_opening import PlanOpening
from relance_bot.listeners.plan_steps import PlanSteps
from relance_bot.listeners.plans import Plans
from relance_bot.listeners.questions import Forecast, Questions, Why
from relance_bot.listeners.replies import Worded
from relance_bot.listeners.rules import Rules
from relance_bot.listeners.settings import HouseSettings
from relance_bot.listeners.submissions import Submissions
from relance_bot.listeners.suggesting import Suggesting
from relance_bot.listeners.switching import Switching
from relance_bot.people import People
from relance_bot.reports import Reports
from relance_bot.slack import Failure, Pace, Slack, failure_of, web_client
from relance_bot.telling import Telling
from relance_bot.tokens import app_token_help, bot_token_help, refused, tokens_of
from relance_bot.unreached import Unreached

SERVICE = "bot"
OTHER_WORDS = {"pourquoi": "why", "client": "customer", "historique": "history"}
PACE_SECONDS = 1.1  # a message and channel: Slack takes one a second

log = structlog.get_logger(__name__)


class Bot:
    """Connected from `start()` to `stop()`; `tick()` shows in Slack what has changed."""

    def __init__(
        self,
        *,
        app: AsyncApp,
        app_token: str,
        slack: Slack,
        people: People,
        cards: Cards,
        answers: Answers,
        asking: Asking,
        unreached: Unreached,
        homes: Homes,
        relay: Relay,
        desk: Desk,
        ring: Callable[[], None],
    ) -> None:
        self._app = app
        self._app_token = app_token
        self._socket: Any = None  # a SocketModeClient, whose methods have no types
        self._slack = slack
        self._people = people
        self._cards = cards
        self._answers = answers
        self._asking = asking
        self._unreached = unreached
        self._homes = homes
        self._relay = relay
        self._desk = desk
        self._ring = ring
        self._rung: dict[UUID, str] = {}  # with the trace that goes on

    async def start(self) -> None:
        """Tries both tokens and connects, or raises `tokens.SlackRefused`."""
        try:
            self._people.team = str((await self._slack.client.auth_test())["team_id"])
        except Failure as error:
            raise refused(failure_of(error), bot_token_help) from None
        socket: Any = AsyncSocketModeHandler(self._app, self._app_token).client
        try:  # left to itself, it would try for ever
            socket.wss_uri = await socket.issue_new_wss_url()
        except Failure as error:
            await socket.close()
            raise refused(failure_of(error), app_token_help) from None
        await socket.connect()
        self._socket = socket

    async def stop(self) -> None:
        """Takes no more from Slack, and finishes what is in hand."""
        if self._socket:
            await self._socket.close()
        await self.idle()

    async def idle(self) -> None:
        """Waits until everything that people have pressed so far is taken in."""
        await self._desk.idle()

    async def tick(self) -> int:
        """One round of everything; 0 when there was nothing to do."""
        done = await self._relay.tick() + await self._answers.tick()
        done += await self._asking.tick() + await self._unreached.tick()
        rung, self._rung = self._rung, {}
        if 0 < len(rung) <= MOST_IDS:  # more are found as fast by looking at all
            done += await self._cards.tick(rung)
        return done + await self._cards.tick() + await self._homes.tick()

    async def hear(self, action_ids: tuple[UUID, ...]) -> None:
        """These actions have changed: their cards come first at the next tick."""
        self._rung |= dict.fromkeys(action_ids, present())
        self._ring()

    async def hear_answers(self, _ids: tuple[UUID, ...]) -> None:
        self._ring()


def build(
    settings: Settings,
    database: Database,
    carrier: Carrier,
    clock: Clock,
    *,
    ring: Callable[[], None] = lambda: None,
    why: Why | None = None,
    forecast: Forecast | None = None,
    pace_seconds: float = PACE_SECONDS,
) -> Bot:
    """The bot, not connected yet. `ring` wakes whoever ticks it and the relays."""
    bot_token, app_token = tokens_of(settings)
    client = web_client(bot_token, settings.slack_api_url)
    bolt = logging.getLogger("relance_bot.bolt")
    bolt.addFilter(lambda record: "token` will be unused" not in record.getMessage())
    app = AsyncApp(client=client, logger=bolt)
    slack = Slack(client, Pace(pace_seconds))
    people = People(client, database)
    homes = Homes(database, clock, slack, people)
    cards = Cards(database, clock, slack, people, homes.changed)
    telling = Telling(database, clock, slack, people)
    asking = Asking(database, clock, telling, ring)
    desk = Desk(
        database=database,
        clock=clock,
        slack=slack,
        people=people,
        deciding=Deciding(database, clock, ring),
        asking=asking,
        redraw=cards.redraw,
    )
    reports = Reports(database, clock)
    questions = Questions(why or reports.why, forecast or reports.forecast)
    opening, pausing = OpeningHome(desk, homes), Pausing(desk)
    opening.register(app)
    asked: Sequence[Worded] = (
        questions,
        Customers(desk=desk),
        opening,
        pausing,
        *_administering(app, desk),
    )
    words = {name: word for of in asked for name, word in of.words.items()}
    Commands(desk, words, OTHER_WORDS).register(app)
    Submissions(desk).register(app)
    Editing(desk).register(app)
    Clicks(desk).register(app)  # the last: it takes every button that nobody has taken
    app.error(_failing(desk))
    bot = Bot(
        app=app,
        app_token=app_token,
        slack=slack,
        people=people,
        cards=cards,
        answers=Answers(database, clock, telling),
        asking=asking,
        unreached=Unreached(database, clock, slack, people),
        homes=homes,
        relay=Relay(database, carrier, clock),
        desk=desk,
        ring=ring,
    )
    bells = {
        ActionsChanged: bot.hear,
        DecisionsAnswered: bot.hear_answers,
        RequestsAnswered: bot.hear_answers,
    }
    Bells(bells).subscribe(carrier)
    return bot


def _administering(app: AsyncApp, desk: Desk) -> Sequence[Worded]:
    """What admins do: plans and who follows them, switches, settings, people, the log of it all."""
    changing = PlanDesk(desk, DraftingPlans(desk.database, desk.clock))
    opening, steps, looking = PlanOpening(changing), PlanSteps(changing), Looking(desk)
    confirming, settings = Confirming(desk), HouseSettings(desk)
    assigning = Assigning(desk, confirming)
    choosing = Choosing(desk, looking, opening, assigning)
    importing, editing = PlanImporting(changing), PlanEditing(changing, steps)
    modals = (opening, steps, editing, importing, confirming, choosing, settings, Suggesting(desk))
    for listener in modals:
        listener.register(app)
    more = {**opening.words, **assigning.plan_words}
    plans = Plans(desk, looking, more, {**choosing.words, **importing.words})
    rules, people = Rules(desk, confirming), Members(desk)
    return plans, assigning, rules, Switching(desk), settings, people, Audit(desk)


def _failing(desk: Desk) -> Callable[..., Any]:
    """What no listener expected: logged by its kind, and the person knows."""

    async def on_error(error: Exception, body: Json) -> None:
        log.error("listener_failed", error=type(error).__name__, exc_info=error)
        user = (body.get("user") or {}).get("id") or body.get("user_id")
        channel = (body.get("channel") or {}).get("id") or body.get("channel_id") or ""
        if user:
            language = desk.people.language(user)
            await desk.whisper(user, channel, say(language, "answer.failed"))

    return on_error
