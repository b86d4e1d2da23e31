"""A company at work in Slack: the real bot and scheduler, the sandbox in Slack's place."""

from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import yaml

from relance.contracts.messages import ActionsChanged, ActionsQueued
from relance.messaging.carrier import InProcessCarrier
from relance.messaging.outbox import post
from relance.service import drain
from relance.settings import Settings
from relance.store.database import Database
from relance_bot.wiring import Bot, build
from relance_sandbox import Acting, Member, Sandbox, app_of_manifest
from relance_sandbox.slack.workspace import Workspace
from relance_scheduler.wiring import Scheduler
from tests.world import World, a_world

TEAM = "T1"
MANIFEST = Path(__file__).parents[2] / "services/bot/manifest.yaml"
ALICE, BOB, ADA, LEA = "U0001", "U0002", "U0003", "U0004"
PEOPLE = (
    Member(id=ALICE, name="alice", real_name="Alice", email="alice@atelier.test"),
    Member(id=BOB, name="bob", real_name="Bob", email="bob@atelier.test", locale="fr-FR"),
    Member(id=ADA, name="ada", real_name="Ada", email="ada@atelier.test"),
    Member(id=LEA, name="lea", real_name="Léa", email="lea@atelier.test"),
    Member(id="U0099", name="nobody", real_name="Nobody", email="nobody@atelier.test"),
    Member(id="U0098", name="guest", real_name="Guest", email="g@x.test", is_restricted=True),
)

Json = dict[str, Any]


@dataclass(kw_only=True)
class Office:
    """Alice and Bob collect, Léa leads, Ada is the admin; Bob reads French."""

    world: World
    sandbox: Sandbox
    bots: Sequence[Bot]
    scheduler: Scheduler
    bob: UUID
    ada: UUID
    lea: UUID

    @property
    def workspace(self) -> Workspace:
        return self.sandbox.workspace

    def at(self, user: str) -> Acting:
        return self.sandbox.as_member(user)

    async def settle(self) -> None:
        """Until nothing moves any more."""
        await self.taken_in()
        await drain(*(bot.tick for bot in self.bots), self.scheduler.tick)

    async def changed(self, *action_ids: UUID) -> None:
        """Tells of these actions as the scheduler does, and waits until it has been drawn."""
        async with self.world.database.write() as tx:
            await post(tx, "scheduler", ActionsChanged, action_ids, self.world.clock.now())
        await self.settle()

    def cards(self, user: str) -> list[Json]:
        """What stands in the person's direct message, private words left out."""
        return [m for m in self.at(user).messages() if not m["is_ephemeral"]]

    def card(self, user: str = ALICE) -> Json:
        [card] = self.cards(user)
        return card

    def thread(self, user: str = ALICE) -> list[str]:
        card = self.card(user)
        return [m["text"] for m in self.at(user).messages(thread_ts=card["ts"])[1:]]

    def whispers(self, user: str = ALICE) -> list[str]:
        return [m["text"] for m in self.at(user).ephemerals()]

    async def press(self, name: str, user: str = ALICE, **more: Any) -> Any:
        """Presses a button of the person's one card, and lets the bot take it in."""
        card = self.card(user)
        outcome = await self.at(user).press(card["channel"], card["ts"], name, **more)
        await self.taken_in()
        return outcome

    async def submit(self, user: str = ALICE, **fields: Any) -> Any:
        """Submits the person's modal with these fields (block_id, "__" for "-")."""
        values = {name.replace("__", "-"): {"value": held} for name, held in fields.items()}
        outcome = await self.at(user).submit(values=values)
        await self.taken_in()
        return outcome

    async def taken_in(self) -> None:
        for bot in self.bots:
            await bot.idle()

    def modal(self, user: str = ALICE) -> Json:
        modal = self.at(user).modal()
        assert modal is not None, "no modal is open"
        return modal

    async def waiting(self, **changes: Any) -> UUID:
        """An e-mail to ACME about one invoice, shown to its owners."""
        world = self.world
        customer = await world.customer("ACME")
        await world.contact(customer, "pay@acme.test", name="Paul")
        invoice = await world.invoice(customer, "1200.00", late=17)
        action = await world.action(customer, [invoice], **changes)
        await self.changed(action)
        return action


@asynccontextmanager
async def an_office(store_url: str, *, bots: int = 1, **asked: Any) -> AsyncIterator[Office]:
    async with AsyncExitStack() as stack:
        world = await stack.enter_async_context(a_world(store_url))
        await world.template()
        bob = await world.member("Bob", slack_user=BOB)
        ada = await world.member("Ada", slack_user=ADA, roles=["admin"])
        lea = await world.member("Lea", slack_user=LEA, roles=["lead"])
        app = app_of_manifest(yaml.safe_load(MANIFEST.read_text()))
        sandbox = await stack.enter_async_context(
            Sandbox(now=world.clock.now, members=PEOPLE, app=app, team_id=TEAM)
        )
        # Slack's three seconds are held to where they are the point; a busy machine is no bug.
        sandbox.workspace.timers.acknowledge = sandbox.workspace.timers.trigger = 20.0
        carrier = InProcessCarrier()
        carrier.subscribe(ActionsQueued, _nobody_sends)
        scheduler = Scheduler(world.database, carrier, world.clock)
        running = [
            await stack.enter_async_context(a_bot(store_url, sandbox, carrier, world, **asked))
            for _ in range(bots)
        ]
        yield Office(
            world=world,
            sandbox=sandbox,
            bots=running,
            scheduler=scheduler,
            bob=bob,
            ada=ada,
            lea=lea,
        )


@asynccontextmanager
async def a_bot(
    store_url: str, sandbox: Sandbox, carrier: InProcessCarrier, world: World, **asked: Any
) -> AsyncIterator[Bot]:
    database = Database(store_url, service="bot")
    bot = build(
        settings_of(sandbox), database, carrier, world.clock, **({"pace_seconds": 0} | asked)
    )
    try:
        await bot.start()
        yield bot
    finally:
        await bot.stop()
        await database.close()


def settings_of(sandbox: Sandbox, **changes: Any) -> Settings:
    return Settings.model_validate(
        {
            "SLACK_BOT_TOKEN": sandbox.bot_token,
            "SLACK_APP_TOKEN": sandbox.app_token,
            "SLACK_API_URL": sandbox.slack_api_url,
        }
        | changes
    )


def said(blocks: Any) -> str:
    """Every text in a card, a modal or a Home, in order."""
    if isinstance(blocks, list):
        return "\n".join(filter(None, map(said, blocks)))
    if not isinstance(blocks, dict):
        return ""
    own = [blocks["text"]] if isinstance(blocks.get("text"), str) else []
    return "\n".join(filter(None, [*own, *(said(inner) for inner in blocks.values())]))


def buttons(blocks: list[Json]) -> list[str]:
    return [
        element["action_id"]
        for block in blocks
        if block["type"] == "actions"
        for element in block["elements"]
        if element["type"] == "button"
    ]


async def _nobody_sends(_body: bytes) -> None:
    """What is queued stays queued."""
