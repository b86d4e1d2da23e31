"""What Slack shows beside what the database says: nothing lost, nothing twice."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from relance.store.tables import (
    action_owners,
    actions,
    cards,
    decision_answers,
    decisions,
    members,
    outbox,
    request_answers,
    requests,
)
from relance_bot.blocks.card import card
from relance_bot.blocks.home import home
from relance_bot.blocks.words import Language
from relance_bot.people import Colleague, Identity
from relance_bot.showing import card_view
from relance_sandbox.slack.conversations import Message
from relance_sandbox.slack.refusal import Refusal
from tests.scenarios.office import TEAM, Office

Json = dict[str, Any]


async def disagreements(office: Office, *, strays: bool = False) -> list[str]:
    """Every place in which Slack shows something else than the database says; `strays` may be."""
    found = await _cards(office)
    found += [] if strays else await _strays(office)
    found += await _homes(office)
    found += await _untold(office)
    return found


async def _cards(office: Office) -> list[str]:
    found, world = [], office.world
    for row in await world.rows(cards):
        if row.ts is None:
            continue
        language = await _language(office, row.member_id)
        async with world.database.read() as tx:
            view = await card_view(tx, row.action_id, row.member_id, world.clock.now())
        assert view is not None
        message, drawn = (
            _message(office, row.channel, row.ts),
            card(view, language or "en", world.clock.now()),
        )
        if message is None:
            found.append(f"card {row.action_id}: it is not there")
        elif [*drawn.blocks] != (message.blocks or []):
            found.append(f"card {row.action_id}: it shows {message.text!r}, not {drawn.text!r}")
    posted = {(row.action_id, row.member_id) for row in await world.rows(cards) if row.ts}
    for owned in await world.rows(action_owners):
        action = await world.row(actions, owned.action_id)
        waits = action.state in ("waiting", "uncertain")
        there = await _language(office, owned.member_id)
        if waits and there and (owned.action_id, owned.member_id) not in posted:
            found.append(f"card {owned.action_id}: its owner has none")
    return found


async def _strays(office: Office) -> list[str]:
    """Cards with buttons that no row knows of."""
    known = {(row.channel, row.ts) for row in await office.world.rows(cards)}
    return [
        f"a stray card: {message.text!r}"
        for held in office.workspace.conversations.values()
        for message in held.messages
        if _decides(message) and (held.id, message.ts) not in known
    ]


async def _homes(office: Office) -> list[str]:
    found = []
    for user, shown in office.workspace.views.homes.items():
        who = await office.bots[0]._desk.people.who(Identity(team=TEAM, user=user, home_team=TEAM))
        assert isinstance(who, Colleague)
        view = await office.bots[0]._homes.view(who)
        if home(view, who.language, office.world.clock.now())["blocks"] != shown.blocks:
            found.append(f"the Home of {user}")
    return found


async def _untold(office: Office) -> list[str]:
    world = office.world
    answered = {row.decision_id for row in await world.rows(decision_answers)}
    granted = {row.request_id for row in await world.rows(request_answers)}
    found = [
        f"decision {row.verb}: {'untold' if row.id in answered else 'unanswered'}"
        for row in await world.rows(decisions)
        if row.told_at is None or row.id not in answered
    ]
    found += [
        f"request {row.kind}"
        for row in await world.rows(requests)
        if row.told_at is None or row.id not in granted
    ]
    return found + [f"in the outbox: {row.kind}" for row in await world.rows(outbox)]


async def _language(office: Office, member_id: UUID) -> Language | None:
    """The language in which this member reads; None where they are not in Slack."""
    row = await office.world.row(members, member_id)
    for person in office.workspace.members.values():
        if row.slack_user == person.id or (not row.slack_user and row.email == person.email):
            gone = person.deleted or person.is_restricted or person.is_bot
            return None if gone else ("fr" if person.locale.startswith("fr") else "en")
    return None


def _message(office: Office, channel: str, ts: str) -> Message | None:
    try:
        return office.workspace.conversation(channel).message(ts)
    except Refusal:
        return None


def _decides(message: Message) -> bool:
    blocks: Collection[Json] = message.blocks or ()
    return any(block.get("block_id", "").startswith("decide-") for block in blocks)
