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
from relance_bot.slack import Failure, Slack, failure_of

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

    def changed(self, member_id: UUID) -> None:
        """The member's work has changed; so has what leads and admins see of it."""
        if self._open:
            self._stale |= {member_id, *self._open}

    async def tick(self) -> int:
        """Publishes what has changed since, and says how many."""
        stale, self._stale = self._stale & self._open.keys(), set()
        return sum([await self._renew(member_id) for member_id in stale])

    async def show(self, who: Colleague, identity: Identity) -> None:
        """Publishes the person's Home, and keeps it in step from now on."""
        self._open[who.member.id] = identity
        self._open.move_to_end(who.member.id)
        if len(self._open) > MOST_OPEN:
            self._open.popitem(last=False)
        view = home(await self.view(who), who.language, self._clock.now())
        await self._slack.publish_home(who.user, view)

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
        who = await self._people.who(identity)
        if not isinstance(who, Colleague):
            self._open.pop(member_id, None)
            return False
        try:
            await self.show(who, identity)
        except Failure as error:
            log.warning("home_not_published", error=failure_of(error))
            return False
        return True
