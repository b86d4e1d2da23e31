"""A private answer, said once: to somebody who asked or decided, where they did (rules §7)."""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import TypeAlias
from uuid import UUID

import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from relance.clock import Clock
from relance.store.database import Database
from relance_bot.people import Colleague, Identity, People
from relance_bot.resting import Resting
from relance_bot.slack import NOBODY, Failure, Slack, failure_of

MOST = 50  # answers of a round

log = structlog.get_logger(__name__)

# Notes when it was told, or with None that it was not after all; whether that was new.
Note: TypeAlias = Callable[[AsyncConnection, datetime | None], Awaitable[bool]]
# The answer in as many pieces as needed.
Pieces: TypeAlias = Callable[[Colleague], Awaitable[Sequence[str]]]


class Telling:
    """What could not be told is told later; whoever may act here no more is told nothing."""

    def __init__(self, database: Database, clock: Clock, slack: Slack, people: People) -> None:
        self._database = database
        self._clock = clock
        self._slack = slack
        self._people = people
        self._resting = Resting(clock)

    @property
    def most(self) -> int:
        """How many answers to look at: those that rest keep nobody else's back."""
        return MOST + len(self._resting)

    def awake(self, answers: Iterable[UUID]) -> set[UUID]:
        """Those that may be told now."""
        return set(self._resting.awake(answers))

    async def once(self, about: UUID, place: Mapping[str, str], note: Note, pieces: Pieces) -> bool:
        """Notes it first: told twice by two bots would be worse than not at all."""
        async with self._database.write() as tx:
            if not await note(tx, self._clock.now()):
                return False
        try:
            await self._say(place, pieces)
        except Failure as error:
            return await self._not_said(about, note, failure_of(error))
        return True

    async def _not_said(self, about: UUID, note: Note, failure: str) -> bool:
        """Takes the note back; whoever has left Slack is told nothing any more."""
        log.warning("answer_not_told", about=str(about), error=failure)
        if failure in NOBODY:
            return True
        self._resting.rest(about)
        async with self._database.write() as tx:
            await note(tx, None)
        return False

    async def _say(self, place: Mapping[str, str], pieces: Pieces) -> None:
        user, team = place.get("user", ""), self._people.team
        who = await self._people.surely(Identity(team=team, user=user, home_team=team))
        if isinstance(who, Colleague):
            for piece in await pieces(who):
                await self._slack.whisper(user, place.get("channel") or None, piece)
