"""Names complete themselves: what a list offers for what has been typed so far."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import TypeAlias

from slack_bolt.app.async_app import AsyncApp

from relance.store.naming import customers_like
from relance.store.plans import list_plans
from relance_bot.blocks import choosing, kit
from relance_bot.blocks.kit import Json
from relance_bot.listeners.desk import Acknowledge, Desk
from relance_bot.listeners.payloads import identity_of
from relance_bot.people import Colleague

MOST_OPTIONS = 100
LONGEST_VALUE = 150

# What is offered for a text: (name, further, value).
Offer: TypeAlias = Callable[[str, Colleague], Awaitable[Sequence[tuple[str, str, str]]]]


class Suggesting:
    """Fields are told apart by their blocks: Bolt itself looks at the element's name alone."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._offers: Mapping[str, Offer] = {
            choosing.PLAN: self._plans,
            choosing.CUSTOMER: self._customers,
        }

    def register(self, app: AsyncApp) -> None:
        app.options("value")(self._desk.minded(self.on_typed))

    async def on_typed(self, ack: Acknowledge, body: Json) -> None:
        """Nothing for strangers, and for fields that are none of ours."""
        who = await self._desk.people.who(identity_of(body))
        offer = self._offers.get(str(body.get("block_id")))
        if offer is None or not isinstance(who, Colleague):
            await ack(options=[])
            return
        found = await offer(str(body.get("value") or "").strip(), who)
        options = [
            kit.option(f"{kit.clip(name, 48)} · {kit.clip(more, 24)}", value)
            for name, more, value in found
            if 0 < len(value) <= LONGEST_VALUE
        ]
        await ack(options=options[:MOST_OPTIONS])

    async def _plans(self, typed: str, who: Colleague) -> Sequence[tuple[str, str, str]]:
        """Those whose key or name holds it."""
        async with self._desk.database.read() as tx:
            found = await list_plans(tx, who.organisation)
        part = typed.casefold()
        like = [p for p in found if part in p.key.casefold() or part in p.name.casefold()]
        return [(plan.name, plan.key, plan.key) for plan in like]

    async def _customers(self, typed: str, who: Colleague) -> Sequence[tuple[str, str, str]]:
        """Those whose name holds it, or whose reference begins with it."""
        async with self._desk.database.read() as tx:
            found = await customers_like(tx, who.organisation, typed)
        return [(name, reference, reference) for reference, name in found]
