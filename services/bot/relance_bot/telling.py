"""A private answer, said once: to somebody who asked or decided, where they did (rules §7)."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import TypeAlias
from uuid import UUID

import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from relance.clock import Clock
from relance.store.database import Database
from relance_bot.people import Colleague, Identity, People
from relance_bot.slack import Failure, Slack, failure_of

log = structlog.get_logger(__name__)

# Notes when it was told, or with None that it was not after all; whether that was new.
Note: TypeAlias = Callable[[AsyncConnection, datetime | None], Awaitable[bool]]
Text: TypeAlias = Callable[[Colleague], Awaitable[str]]


class Telling:
    """What could not be told is told later; whoever may act here no more is told nothing."""

    def __init__(self, database: Database, clock: Clock, slack: Slack, people: People) -> None:
        self._database = database
        self._clock = clock
        self._slack = slack
        self._people = people

    async def once(self, about: UUID, place: Mapping[str, str], note: Note, text: Text) -> bool:
        """Notes it first: told twice by two bots would be worse than not at all."""
        async with self._database.write() as tx:
            if not await note(tx, self._clock.now()):
                return False
        try:
            why = await self._say(place, text)
        except Failure as error:
            why = failure_of(error)
        if not why:
            return True
        log.warning("answer_not_told", about=str(about), error=why)
        async with self._database.write() as tx:
            await note(tx, None)
        return False

    async def _say(self, place: Mapping[str, str], text: Text) -> str:
        """Why it could not be said; empty where it was, or need not be."""
        user, team = place.get("user", ""), self._people.team
        who = await self._people.who(Identity(team=team, user=user, home_team=team))
        if isinstance(who, Colleague):
            await self._slack.whisper(user, place.get("channel") or None, await text(who))
            return ""
        return who.why if who.why == "unchecked" else ""  # Slack does not say who they are: later
