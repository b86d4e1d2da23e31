"""Whose cards nobody can see: leads are told of each once, and may reassign it (F49)."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

import structlog

from relance.clock import Clock
from relance.domain.people import Member, Role
from relance.domain.worklist import ShownAction
from relance.store.database import Database
from relance.store.organisations import load_members
from relance.store.unreached import (
    TOLD,
    UNREACHED,
    Unseen,
    claim_unseen,
    end_telling,
    houses_to_tell,
    release,
    without_a_reader,
)
from relance.store.worklist import load_shown
from relance_bot.blocks.unreached import unreached
from relance_bot.people import People, Profile
from relance_bot.slack import NOBODY, Failure, Slack, failure_of

SOON = timedelta(seconds=30)
LATER = timedelta(minutes=15)

log = structlog.get_logger(__name__)


class Unreached:
    """Tells an organisation's leads, or where none of them can be told its admins."""

    def __init__(self, database: Database, clock: Clock, slack: Slack, people: People) -> None:
        self._database = database
        self._clock = clock
        self._slack = slack
        self._people = people

    async def tick(self) -> int:
        """Tells what has waited long enough, and says of how many cards."""
        async with self._database.read() as tx:
            houses = await houses_to_tell(tx, self._clock.now())
        return sum([await self._tell(house) for house in houses])

    async def _tell(self, organisation: UUID) -> int:
        async with self._database.write() as tx:
            unseen = await claim_unseen(tx, organisation, self._clock.now())
        if not unseen.cards:
            return 0
        try:
            told = await self._say(unseen)
        except Failure as error:
            log.warning("not_known_who_is_there", error=failure_of(error))
            told = False
        rests = self._clock.now() + (LATER if told else SOON)
        async with self._database.write() as tx:
            await end_telling(tx, unseen, TOLD if told else UNREACHED, rests)
        return len(unseen.cards) if told else 0

    async def _say(self, unseen: Unseen) -> bool:
        """Whether anybody knows now; nothing is to be said where an owner can see the card."""
        back = [member for member in unseen.members if await self._is_there(member)]
        async with self._database.write() as tx:
            await release(tx, unseen, back, self._clock.now())
        async with self._database.read() as tx:
            waiting = await without_a_reader(tx, unseen, back)
            shown = list((await load_shown(tx, waiting)).values())
            team = await load_members(tx, unseen.organisation)
        if not shown:
            return True
        absent = {owner.id for action in shown for owner in action.owners}
        names = [member.name for member in team if member.id in absent]
        present = [member for member in team if member.active and member.id not in absent]
        for role in (Role.LEAD, Role.ADMIN):
            asked = [member for member in present if role in member.roles]
            if sum([await self._say_to(member, shown, names) for member in asked]):
                return True
        log.error("nobody_to_tell", organisation_id=str(unseen.organisation), actions=len(shown))
        return False

    async def _is_there(self, member_id: UUID) -> bool:
        """Raises one of Failure where Slack does not say."""
        person = await self._people.find(member_id)
        if person is None:
            return False
        try:
            await self._slack.direct(person.user)
        except Failure as error:
            if failure_of(error) not in NOBODY:
                raise
            return False
        return True

    async def _say_to(
        self, member: Member, shown: Sequence[ShownAction], names: Sequence[str]
    ) -> bool:
        try:
            person = await self._people.find(member.id)
            if person is None:
                return False
            await self._post(person, shown, names)
        except Failure as error:
            log.warning("lead_not_told", member_id=str(member.id), error=failure_of(error))
            return False
        return True

    async def _post(
        self, person: Profile, shown: Sequence[ShownAction], names: Sequence[str]
    ) -> None:
        message = unreached(shown, names, person.language, self._clock.now())
        await self._slack.post(await self._slack.direct(person.user), message)
