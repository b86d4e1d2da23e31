"""Death at every boundary of the real services, once, twice and three times in a history.

Scheduler, dispatcher, the bot's relay and the books take turns; between them a broker that loses,
doubles, delays and reorders bells. Several customers go through the same deaths, each with another
fate: taken at once, put off, refused, paid meanwhile. What is counted as a history is one
customer's. The boundaries are counted by a run without death.
"""

import random
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from shutil import copy

import pytest
from sqlalchemy import URL

from relance.domain.actions import Decision, Verb
from relance.domain.outcomes import Outcome
from relance.domain.plans import CONNECTED, Channel
from tests.conftest import text
from tests.proofs.broken import BROKEN
from tests.proofs.company import Company, a_company
from tests.proofs.firm import AS_IT_IS, BUSY, WAITS, WORK, Make
from tests.proofs.sizes import so_many
from tests.proofs.stage import PUT_OFF, REFUSED, UNHEARD, Door, Killed
from tests.proofs.verdict import verdict
from tests.real import postgres

CUSTOMERS = {
    "ann": "queued",
    "bob": "due",
    "cat": "due",
    "dan": "queued",
    "eve": "waiting",
    "fay": "queued",
    "gus": "waiting",
}
ANSWERS: dict[str, Outcome] = {"bob": PUT_OFF, "cat": REFUSED, "dan": UNHEARD}
CLICKS = {"eve": Verb.VALIDATE, "gus": Verb.SKIP}
PAID = "fay"

HISTORIES, IN_SOAK = 3_000, 30_000  # at least, of one customer each, on SQLite alone
SHARES = 4  # so that several of the machine's cores may work at it
ON_POSTGRESQL = 20  # with one death, as many with two, and with three

pytestmark = pytest.mark.asyncio
channels = pytest.mark.parametrize("channel", sorted(CONNECTED))


@dataclass
class Fate:
    """How many boundaries each life passes; `together`: one's end is everybody's."""

    ends: list[int]
    together: bool = False
    passed: int = 0
    lives: list["Counted"] = field(default_factory=list)

    def live(self) -> "Counted":
        self.lives.append(Counted(self))
        return self.lives[-1]


@dataclass(eq=False)
class Counted:
    """The life of one process."""

    fate: Fate
    over: bool = False

    async def pass_by(self, what: str) -> None:
        if self.over:
            raise Killed
        self.fate.passed += 1
        if self.fate.ends and self.fate.passed == self.fate.ends[0]:
            del self.fate.ends[0]
            self.fate.passed = 0
            for life in self.fate.lives if self.fate.together else [self]:
                life.over = True
            raise Killed

    def written(self) -> None:
        """Nobody waits."""


@dataclass(kw_only=True)
class Cast:
    """The processes, started again as often as they die."""

    company: Company
    fate: Fate
    chance: random.Random
    make: Make = AS_IT_IS
    lives: dict[str, Counted] = field(default_factory=dict)
    ticks: dict[str, Callable[[], Awaitable[int]]] = field(default_factory=dict)

    def start(self) -> None:
        """Whoever is dead lives again, without a memory."""
        for name in ("scheduler 1", "dispatcher 1", "bot"):
            life = self.lives.get(name)
            if life is None or life.over:
                self.company.broker.forget(life)
                self.lives[name] = self.fate.live()
                self._build(name, self.lives[name])

    async def work(self) -> int:
        """A turn for everybody who has anything to do."""
        done = 0
        for what in [*self.ticks, "bells"]:
            if what == "bells":
                done += await self._ring()
            elif self.company.look(f"{WORK[what]} LIMIT 1"):
                done += await self._survive(self.ticks[what]())
        return done

    async def note(self, customer: str, fact: str) -> None:
        await self._survive(_quietly(self.company.note(self.fate.live(), [customer], fact)))

    async def click(self, customer: str, verb: Verb) -> None:
        decision = Decision(verb=verb, version=1)
        life = self.fate.live()
        await self._survive(_quietly(self.company.click(life, customer, decision, customer)))

    async def _ring(self) -> int:
        """Each bell is handled, handled twice, lost, or left for later, in any order."""
        broker = self.company.broker
        bells = self.chance.sample(broker.bells, len(broker.bells))
        for bell in bells:
            whim = self.chance.random()
            if whim < 0.1:
                broker.bells.remove(bell)
            elif whim > 0.2:
                if whim > 0.9:
                    broker.add(bell.kind, bell.body)
                consumer, receive = broker.consumers[bell.kind][0]
                await self._survive(_quietly(broker.ring(bell, consumer, receive)))
        return len(bells)

    async def _survive(self, work: Awaitable[int]) -> int:
        try:
            return await work
        except Killed:
            pass
        except BaseExceptionGroup as group:
            if not group.subgroup(Killed):
                raise
        self.start()
        return 1

    def _build(self, name: str, life: Counted) -> None:
        company = self.company
        if name == "scheduler 1":
            scheduler = company.scheduler(life)
            self.ticks["scheduler 1 overdue"] = scheduler.overdue.tick
            self.ticks["scheduler 1 inbox"] = scheduler.inbox.tick
            self.ticks["scheduler 1 sweep"] = scheduler.sweep.tick
            self.ticks["scheduler 1 relay"] = scheduler.relay.tick
        elif name == "dispatcher 1":
            database = company.databases["dispatcher"].of(life)
            door = self.make.transport(Door(company.provider, life), database)
            dispatcher, relay = company.dispatcher(life, door, self.make.dispatcher)
            self.ticks["dispatcher 1 send"] = dispatcher.tick
            self.ticks["dispatcher 1 relay"] = relay.tick
        else:
            self.ticks["bot relay"] = company.bot(life)[1].tick


async def _quietly(work: Awaitable[None]) -> int:
    await work
    return 1


async def play(company: Company, fate: Fate, seed: int, make: Make = AS_IT_IS) -> list[str]:
    """One history with these deaths, and what is wrong at its end."""
    await company.begin(CUSTOMERS)
    for name, answer in ANSWERS.items():
        company.provider.answers[f"{name}@client.test"] = [answer]
    cast = Cast(company=company, fate=fate, chance=random.Random(seed), make=make)
    cast.start()
    for name, verb in CLICKS.items():
        await cast.click(name, verb)
    paid_at = seed % 4
    for seconds in WAITS:
        company.time.go_by(seconds)
        for turn in range(50):
            if seconds == 0 and turn == paid_at:
                await cast.note(PAID, "paid")
            if not await cast.work():
                break
        if not company.look(f"{BUSY} LIMIT 1"):
            break
    return await verdict(company)


async def boundaries(company: Company) -> int:
    """As many as a history without death passes."""
    fate = Fate([])
    assert await play(company, fate, seed=0) == []
    return fate.passed


def singles(most: int) -> list[tuple[int, ...]]:
    return [(k,) for k in range(1, most + 1)]


def several(most: int, deaths: int, number: int) -> Iterator[tuple[int, ...]]:
    """So many of all, the same each time."""
    chance = random.Random(deaths)
    for _ in range(number):
        yield tuple(chance.randint(1, most) for _ in range(deaths))


async def die(company: Company, ends: Sequence[tuple[int, ...]], make: Make = AS_IT_IS) -> int:
    """Every one of these, alone or together in turn; says how many histories of one customer."""
    for number, those in enumerate(ends):
        wrong = await play(company, Fate([*those], together=number % 2 == 1), number, make)
        assert wrong == [], f"{those}, {number}: {wrong}"
    return len(ends) * len(CUSTOMERS)


def chosen(most: int, share: int) -> list[tuple[int, ...]]:
    """A share of every single death, and of enough double and triple ones."""
    left = max(200, so_many(HISTORIES, IN_SOAK) // len(CUSTOMERS) + 2 * SHARES - most)
    every = [*singles(most), *several(most, 2, left // 2), *several(most, 3, left - left // 2)]
    return every[share::SHARES]


@asynccontextmanager
async def on_sqlite(template: Path, folder: Path, channel: Channel) -> AsyncIterator[Company]:
    copy(template, folder / "relance.db")
    async with a_company(f"sqlite+inline:///{folder / 'relance.db'}", channel) as company:
        yield company


@channels
@pytest.mark.proof
@pytest.mark.parametrize("share", range(SHARES))
async def test_nothing_is_twice_or_lost_whenever_anybody_dies(
    sqlite_template: Path, tmp_path: Path, quiet: None, channel: Channel, share: int
) -> None:
    async with on_sqlite(sqlite_template, tmp_path, channel) as company:
        played = await die(company, chosen(await boundaries(company), share))
        assert played >= so_many(HISTORIES, IN_SOAK) / SHARES


@channels
@pytest.mark.proof
@pytest.mark.postgresql
@pytest.mark.parametrize("share", range(SHARES))
async def test_postgresql_gives_the_same(
    postgres_template: str, postgres_server: URL, quiet: None, channel: Channel, share: int
) -> None:
    with postgres.fresh_database(postgres_server, template=postgres_template) as url:
        async with a_company(text(url), channel) as company:
            most = await boundaries(company)
            number = so_many(ON_POSTGRESQL, 20 * ON_POSTGRESQL)
            some = [ends for deaths in (1, 2, 3) for ends in several(most, deaths, number)]
            await die(company, some[share::SHARES])


@pytest.mark.parametrize("name", ["check, then send", "resend when uncertain"])
async def test_a_wrong_design_dies_badly(
    sqlite_template: Path, tmp_path: Path, quiet: None, name: str
) -> None:
    make, wrong = BROKEN[name]
    async with on_sqlite(sqlite_template, tmp_path, Channel.EMAIL) as company:
        ends = singles(await boundaries(company))
        with pytest.raises(AssertionError, match=wrong):
            await die(company, ends, make)
