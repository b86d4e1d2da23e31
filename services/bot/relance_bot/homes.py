"""App Home of each person who has opened it, published again when their work changes (F60)."""

from collections import OrderedDict
from uuid import UUID

import structlog

from relance.clock import Clock
from relance.domain.people import Role
from relance.store.database import Database
from relance.store.organisations import load_switches
from relance.store.worklist import load_shown, waiting_for, waiting_for_others
from relance_bot.blocks.home import MOST_OTHERS, HomeView, home
from relance_bot.people import Colleague, Identity, People
from relance_bot.resting import Resting
from relance_bot.slack import NOBODY, Failure, Slack, failure_of

MOST_OPEN = 1_000

log = structlog.get_logger(__name__)


class Homes:
    """Remembers who looks at theirs; a restart forgets, and the next opening tells again."""

    def __init__(self, database: Database, clock: Clock, slack: Slack, people: People) -> None:
        self._database = database
        self._clock = clock
        self._slack = slack
        self._people = people
        self._open: OrderedDict[UUID, Identity] = OrderedDict()
        self._stale: set[UUID] = set()
        self._unchecked: dict[str, Identity] = {}
        self._resting = Resting(clock)

    def changed(self, member_id: UUID) -> None:
        """The member's work has changed; so has what leads and admins see of it."""
        if self._open:
            self._stale |= {member_id, *self._open}

    async def tick(self) -> int:
        """Publishes what has changed since, and says how many."""
        stale = set(self._resting.awake(self._stale & self._open.keys()))
        self._stale = (self._stale & self._open.keys()) - stale
        unchecked = self._resting.awake(list(self._unchecked))
        shown = sum([await self._check(self._unchecked[user]) for user in unchecked])
        return shown + sum([await self._renew(member_id) for member_id in stale])

    def check_later(self, identity: Identity) -> None:
        """Slack did not say who has opened theirs: it is asked again, and then they are shown."""
        self._unchecked[identity.user] = identity
        self._resting.rest(identity.user)

    async def show(self, who: Colleague, identity: Identity) -> None:
        """Publishes the person's Home, and keeps it in step from now on."""
        self._open[who.member.id] = identity
        self._open.move_to_end(who.member.id)
        if len(self._open) > MOST_OPEN:
            self._open.popitem(last=False)
        view = home(await self.view(who), who.language, self._clock.now())
        try:
            await self._slack.publish_home(who.user, view)
        except Failure:
            self._later(who.member.id)
            raise

    async def view(self, who: Colleague) -> HomeView:
        """What waits for the person, and for leads and admins what waits for others."""
        leading = bool(who.member.roles & {Role.LEAD, Role.ADMIN})
        async with self._database.read() as tx:
            own = await load_shown(tx, await waiting_for(tx, who.member.id))
            switches = await load_switches(tx, who.organisation)
            if not leading:
                return HomeView(own=tuple(own.values()), switches=switches)
            elsewhere = await waiting_for_others(tx, who.organisation, who.member.id)
            others = await load_shown(tx, elsewhere[:MOST_OTHERS])
        return HomeView(
            own=tuple(own.values()),
            others=tuple(others.values()),
            others_more=len(elsewhere) - len(others),
            switches=switches,
        )

    async def _renew(self, member_id: UUID) -> bool:
        identity = self._open[member_id]
        try:
            who = await self._people.surely(identity)
            if isinstance(who, Colleague):
                await self.show(who, identity)
                return True
        except Failure as error:
            failure = failure_of(error)
            log.warning("home_not_published", error=failure)
            if failure not in NOBODY:
                self._later(member_id)
                return False
        self._open.pop(member_id, None)
        return False

    async def _check(self, identity: Identity) -> bool:
        try:
            who = await self._people.surely(identity)
        except Failure as error:
            log.warning("person_not_checked", error=failure_of(error))
            self.check_later(identity)
            return False
        del self._unchecked[identity.user]
        if not isinstance(who, Colleague):
            return False
        self._open[who.member.id] = identity
        return await self._renew(who.member.id)

    def _later(self, member_id: UUID) -> None:
        self._stale.add(member_id)
        self._resting.rest(member_id)
