"""Death at every boundary between the dispatcher and the world: nothing twice, nothing lost.

The process dies, or one call fails, before or after boundary k: every database transaction begun,
committed or read, every message handed over. Then it starts again and everything is drained.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from email import message_from_bytes
from uuid import UUID

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.asyncio import AsyncConnection
from typing_extensions import override

from relance.contracts.messages import AttemptsRecorded
from relance.domain.outcomes import Delivered, Outcome, Rejected, TryLater
from relance.messaging.carrier import InProcessCarrier
from relance.messaging.inbox import Inbox
from relance.messaging.outbox import Relay
from relance.service import drain
from relance.store.database import Database
from relance.store.tables import actions, attempts
from relance_dispatcher.wiring import build
from relance_scheduler.deliveries import Deliveries
from tests.dispatching import EAGER, Desk, a_desk, a_dispatcher
from tests.world import World, a_world

pytestmark = pytest.mark.asyncio

TOGETHER = 2  # in a batch, so that one may be recorded and the other not
ENDINGS = {"executed", "uncertain"}


class Killed(BaseException):
    """The process is no more."""


@dataclass
class Life:
    """Counts the boundaries passed; at `ends_at` it is over, or that one call fails."""

    ends_at: int | None = None
    fatal: bool = True
    passed: int = 0
    over: bool = False

    def pass_by(self) -> None:
        self.passed += 1
        if self.over:
            raise Killed
        if self.passed == self.ends_at:
            if not self.fatal:
                raise OperationalError("the connection", None, OSError("was lost"))
            self.over = True
            raise Killed


class MortalDatabase(Database):
    """A database whose connection, or whose user, ends at a boundary."""

    life = Life()

    @override
    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncConnection]:
        self.life.pass_by()
        async with super().read() as tx:
            yield tx

    @override
    @asynccontextmanager
    async def write(self) -> AsyncIterator[AsyncConnection]:
        self.life.pass_by()
        async with super().write() as tx:
            yield tx
            self.life.pass_by()
        self.life.pass_by()


@dataclass
class Provider:
    """Takes what it is given, remembers to whom, and answers as it is told to, once each."""

    life: Life = field(default_factory=Life)
    answers: list[Outcome] = field(default_factory=list)
    taken: Counter[str] = field(default_factory=Counter)

    async def send(
        self, envelope_from: str, recipients: tuple[str, ...], raw: bytes, *, deadline: float
    ) -> Outcome:
        self.life.pass_by()
        await asyncio.sleep(0)
        answer = self.answers.pop() if self.answers else Delivered(response="OK")
        if isinstance(answer, Delivered):
            self.taken.update(message_from_bytes(raw).get_all("To", []))
        self.life.pass_by()
        return answer


@dataclass(kw_only=True)
class Theatre:
    """One world in which the dispatcher lives again and again."""

    world: World
    database: MortalDatabase
    plan: UUID
    number: int = 0

    async def play(self, *lives: Life, answers: tuple[Outcome, ...] = ()) -> Counter[str]:
        """Two reminders, these lives, then one without end; how often each outcome was seen."""
        provider = Provider(answers=list(answers))
        async with self.world.at_once():
            made = [await self._queue() for _ in range(TOGETHER)]
        for life in (*lives, Life()):
            await self._live(life, provider)
            # Leases run out, and so do the pauses before a further try.
            self.world.clock.move_to(self.world.clock.now() + timedelta(minutes=2))
        await self._live(Life(), provider)
        return Counter([await self._ending(action, provider) for action in made])

    async def _queue(self) -> UUID:
        self.number += 1
        world = self.world
        customer = await world.customer(f"Client {self.number}")
        await world.contact(customer, f"c{self.number}@client.test")
        invoice = await world.invoice(customer, "100")
        case = await world.case(customer, self.plan)
        return await world.action(
            customer,
            [invoice],
            case=case,
            state="queued",
            released_by=world.alice,
            note=f"c{self.number}",
        )

    async def _live(self, life: Life, provider: Provider) -> None:
        self.database.life = provider.life = life
        clock = self.world.clock
        carrier = InProcessCarrier()
        Inbox(self.world.database, {AttemptsRecorded: Deliveries(clock).handle}, clock).subscribe(
            carrier
        )
        dispatcher = build(self.database, carrier, clock, provider, pace=EAGER)
        relay = Relay(self.database, carrier, clock)
        for tick in (dispatcher.tick, relay.tick):
            if not await survives(tick):
                return

    async def _ending(self, action: UUID, provider: Provider) -> str:
        """Its state, once it is sure that it left at most once, and once if it says so."""
        row = await self.world.row(actions, action)
        times = provider.taken[f"{row.note}@client.test"]
        assert times <= 1, f"sent {times} times"
        if row.state == "executed":
            assert times == 1, "said to be sent, and was not"
        return str(row.state)


async def survives(tick: Callable[[], Awaitable[int]]) -> bool:
    """Ticks until nothing moves; False when the process died of it, True after a mere fault."""
    for _ in range(3):
        try:
            await drain(tick)
        except OperationalError:
            continue
        except BaseExceptionGroup as group:
            if not group.subgroup(Killed):
                raise
            return False
        except Killed:
            return False
        else:
            return True
    return True


@asynccontextmanager
async def a_theatre(url: str) -> AsyncIterator[Theatre]:
    database = MortalDatabase(url, service="dispatcher")
    async with a_world(url) as world:
        await world.template()
        yield Theatre(world=world, database=database, plan=await world.plan())
    await database.close()


async def boundaries(theatre: Theatre) -> int:
    """How many a life without end passes."""
    life = Life()
    assert await theatre.play(life) == {"executed": TOGETHER}
    return life.passed


async def die_everywhere(theatre: Theatre, most: int, *, fatal: bool = True) -> Counter[str]:
    """Every history with one end, and how they ended."""
    seen = Counter[str]()
    for k in range(1, most + 1):
        endings = await theatre.play(Life(ends_at=k, fatal=fatal))
        assert set(endings) <= ENDINGS, f"boundary {k}: {endings}"
        seen += endings
    return seen


@pytest.mark.parametrize("fatal", [True, False], ids=["killed", "cut off"])
async def test_one_end_at_every_boundary(store_url: str, fatal: bool) -> None:
    async with a_theatre(store_url) as theatre:
        seen = await die_everywhere(theatre, await boundaries(theatre), fatal=fatal)
        assert seen["executed"] > seen["uncertain"] > 0


async def test_two_ends_at_all_pairs_of_boundaries(sqlite_store_url: str) -> None:
    async with a_theatre(sqlite_store_url) as theatre:
        most = await boundaries(theatre)
        for first in range(1, most + 1):
            for second in range(1, most + 1):
                lives = (Life(ends_at=first), Life(ends_at=second))
                endings = await theatre.play(*lives)
                assert set(endings) <= ENDINGS, f"boundaries {first}, {second}: {endings}"
                if not lives[1].over:  # it did not come that far: the rest is the same history
                    break


async def test_an_end_while_a_refusal_is_put_off_or_recorded(store_url: str) -> None:
    async with a_theatre(store_url) as theatre:
        later, never = TryLater(reason="later", code=451), Rejected(code=550, reason="no")
        for k in range(1, await boundaries(theatre) + 1):
            endings = await theatre.play(Life(ends_at=k), answers=(later, never))
            assert set(endings) <= {*ENDINGS, "waiting"}, f"boundary {k}: {endings}"


async def test_a_dispatcher_that_tries_again_blindly_is_found_out(sqlite_store_url: str) -> None:
    """The proof that these tests can fail: doubt taken for absence sends twice."""
    async with a_theatre(sqlite_store_url) as theatre:
        most = await boundaries(theatre)
        theatre.database = Blind(sqlite_store_url, service="dispatcher")
        with pytest.raises(AssertionError, match="sent 2 times"):
            await die_everywhere(theatre, most)
        await theatre.database.close()


class Blind(MortalDatabase):
    """Forgets at every look what was claimed and never answered for."""

    @override
    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncConnection]:
        async with Database.write(self) as tx:
            await tx.execute(
                sa.update(attempts)
                .where(attempts.c.outcome.is_(None))
                .values(live=False, outcome="try_later")
            )
        async with super().read() as tx:
            yield tx


@dataclass
class Asleep:
    """A provider that takes the message and answers when it is woken."""

    has_it: asyncio.Event = field(default_factory=asyncio.Event)
    awake: asyncio.Event = field(default_factory=asyncio.Event)

    async def send(
        self, envelope_from: str, recipients: tuple[str, ...], raw: bytes, *, deadline: float
    ) -> Outcome:
        self.has_it.set()
        await self.awake.wait()
        return TryLater(reason="not taken")


async def test_an_answer_that_outlives_the_lease_changes_nothing_any_more(store_url: str) -> None:
    async with a_desk(store_url) as desk, AsyncExitStack() as stack:
        slow = Asleep()
        sleeper, _, _ = await stack.enter_async_context(a_dispatcher(store_url, desk.world, slow))
        action, _ = await desk.reminded("Acme")
        tick = asyncio.create_task(sleeper.tick())
        await slow.has_it.wait()
        desk.pass_time(seconds=30)
        await desk.settle()  # another dispatcher finds the lease expired
        slow.awake.set()
        await tick
        await desk.settle()
        assert await desk.outcomes(action) == ["unknown"]
        assert await desk.state(action) == ("uncertain", "")
        assert desk.office.mails == []


async def test_of_what_a_stopped_dispatcher_had_claimed_only_what_it_had_begun_is_in_doubt(
    store_url: str,
) -> None:
    async with a_desk(store_url) as desk, AsyncExitStack() as stack:
        slow = Asleep()
        sleeper, _, _ = await stack.enter_async_context(a_dispatcher(store_url, desk.world, slow))
        async with desk.world.at_once():
            made = [(await desk.reminded(f"C{number:02}"))[0] for number in range(30)]
        tick = asyncio.create_task(sleeper.tick())
        await slow.has_it.wait()
        await _claimed(desk, 16)  # eight on their way, and the next eight
        desk.pass_time(seconds=30)
        await desk.settle()
        states = Counter([await desk.state(action) for action in made])
        assert states == {("executed", ""): 22, ("uncertain", ""): 8}
        slow.awake.set()
        await tick
        await desk.settle()
        assert Counter([await desk.state(action) for action in made]) == states
        assert len(set(desk.office.addresses)) == len(desk.office.mails) == 22


async def _claimed(desk: Desk, number: int) -> None:
    async with asyncio.timeout(30):
        while len(await desk.world.rows(attempts)) < number:  # noqa: ASYNC110 - others write them
            await asyncio.sleep(0.01)
