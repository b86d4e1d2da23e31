"""The company's processes beside each other, and what may happen to them in any order."""

from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any

from relance.clock import MovableClock
from relance.domain.actions import Decision, Edit, Verb
from relance_dispatcher.sending import Transport
from relance_dispatcher.wiring import build
from tests.proofs.company import Company
from tests.proofs.stage import Bell, Door, Immortal, Life, Line, MortalDatabase, Ticking
from tests.proofs.turns import Crossing, Turned, Turns
from tests.proofs.verdict import verdict

Tick = Callable[[], Coroutine[Any, Any, int]]
SCHEDULERS = ("scheduler 1", "scheduler 2")
DISPATCHERS = ("dispatcher 1", "dispatcher 2")
PROCESSES = (*SCHEDULERS, *DISPATCHERS, "bot", "books")
QUEUED = "SELECT 1 FROM actions WHERE state = 'queued'"
UNDECIDED = (
    "SELECT 1 FROM decisions d LEFT JOIN decision_answers n ON n.decision_id = d.id"
    " WHERE n.decision_id IS NULL"
)
OPEN = "SELECT 1 FROM attempts WHERE outcome IS NULL"
UNDONE = "SELECT 1 FROM inbox WHERE retry_at IS NOT NULL"
AWAKE = "SELECT 1 FROM cases WHERE wake_at IS NOT NULL"
OUTBOX = "SELECT 1 FROM outbox WHERE service = "
# What there must be for a tick to find anything.
WORK = {
    "scheduler 1 sweep": AWAKE,
    "scheduler 1 inbox": UNDONE,
    "scheduler 1 overdue": f"{QUEUED} UNION {UNDECIDED}",
    "scheduler 1 relay": f"{OUTBOX} 'scheduler'",
    "bot relay": f"{OUTBOX} 'bot'",
    "dispatcher 1 send": f"{QUEUED} UNION {OPEN}",
    "dispatcher 1 relay": f"{OUTBOX} 'dispatcher'",
}
BUSY = " UNION ".join(query for query in WORK.values() if query != AWAKE)
MOST_STEPS = 60
WAITS = (0, 61, 61, 61, 600, 3_600, 7_200)  # seconds, until everything must have come to its end


def _the_door(door: Door, _database: MortalDatabase) -> Transport:
    return door


@dataclass(frozen=True, slots=True, kw_only=True)
class Make:
    """How the parts are put together; what is broken on purpose is another of these."""

    dispatcher: Callable[..., Ticking] = build
    transport: Callable[[Door, MortalDatabase], Transport] = _the_door
    inbox: Callable[[MortalDatabase, Line, MovableClock], None] | None = None
    polls: bool = True  # whether schedulers look for what no bell told them of
    loses_bells: bool = True


AS_IT_IS = Make()


@dataclass
class Process:
    life: Turned
    ticks: dict[str, Tick]


@dataclass(kw_only=True)
class Firm:
    """All of it. Time, the broker's whims and the order of steps are in the caller's hands."""

    company: Company
    loop: Turns
    make: Make = AS_IT_IS
    crossing: Crossing = field(init=False)
    processes: dict[str, Process] = field(default_factory=dict)
    clicks: int = 0

    def open(self, customers: dict[str, str]) -> None:
        self.loop.run_until_complete(self.company.begin(customers))
        self.crossing = Crossing(self.loop)
        for name in PROCESSES:
            self._start(name)

    def work(self, name: str, what: str) -> None:
        """Has the process begin this tick, unless it is at it already."""
        process = self.processes[name]
        running = {job.get_name() for job in process.life.jobs if not job.done()}
        if what in process.ticks and what not in running:
            process.life.begin(process.ticks[what](), what)

    def stopped(self, number: int) -> Turned:
        """One of those that stand at a boundary."""
        lives = list(dict.fromkeys(stop.life for stop in self.crossing.stops))
        return lives[number % len(lives)]

    def go(self, life: Turned, until: str) -> None:
        """The process goes on to the `next` boundary, to one of that name, or to the `end`."""
        for turn in range(MOST_STEPS):
            mine = [stop for stop in self.crossing.open_stops() if stop.life is life]
            if not mine or (turn and until in ("next", mine[0].what)):
                break
            self.crossing.go(mine[0])

    def kill(self, life: Turned) -> None:
        """What it had goes back to the broker; it is started again at once."""
        life.end()
        self.company.broker.forget(life)
        self._start(life.name)

    def deliver(self, number: int, to: int) -> Turned | None:
        """A bell goes to one of those who hear its kind; it is gone when that one is done."""
        bell = self._bell(number)
        if bell is None:
            return None
        known = self.company.broker.consumers[bell.kind]
        consumer, receive = known[to % len(known)]
        assert isinstance(consumer, Turned)
        consumer.begin(self.company.broker.ring(bell, consumer, receive), "bell")
        return consumer

    def lose(self, number: int) -> None:
        if (bell := self._bell(number)) and self.make.loses_bells:
            self.company.broker.bells.remove(bell)

    def double(self, number: int) -> None:
        if bell := self._bell(number):
            self.company.broker.add(bell.kind, bell.body)

    def note(self, customer: str, fact: str) -> Turned:
        life = self.processes["books"].life
        life.begin(self.company.note(life, [customer], fact), fact)
        return life

    def click(self, customer: str, verb: Verb, *, behind: int, again: bool) -> Turned:
        """On the action as it is, or was so many versions ago; perhaps the last click again."""
        life = self.processes["bot"].life
        if found := self.company.action_of(customer):
            self.clicks += not again
            edit = Edit(body="Merci de régler.") if verb is Verb.EDIT else None
            decision = Decision(verb=verb, version=max(1, found[1] - behind), edit=edit)
            click = self.company.click(life, customer, decision, f"click {self.clicks}")
            life.begin(click, "click")
        return life

    def close(self) -> list[str]:
        """Everybody comes to an end, and what is wrong then."""
        self.crossing.go_all()
        broken = [
            f"{process.life.name} failed: {error!r}"
            for process in self.processes.values()
            for job in process.life.jobs
            if job.done() and (error := job.exception())
        ]
        for process in self.processes.values():
            self.company.broker.forget(process.life)
        return broken + self.loop.run_until_complete(self._end())

    async def _end(self) -> list[str]:
        """New processes, a right clock, nobody paused, and all the time that it may take."""
        company = self.company
        company.time.catch_up()
        for name in company.customers:
            if company.look(
                "SELECT 1 FROM customers WHERE paused AND id = :c", c=company.customers[name]
            ):
                await company.note(Immortal(), [name], "resumed")
        ticks = {
            f"{who} {what}": tick
            for who in ("scheduler 1", "dispatcher 1", "bot")
            for what, tick in self._ticks(who, Immortal()).items()
        } | {"bells": self._ring_all}
        for seconds in WAITS:
            company.time.go_by(seconds)
            while any([await tick() for what, tick in ticks.items() if self._has_work(what)]):
                pass
            if not company.look(f"{BUSY} LIMIT 1"):
                break
        return await verdict(company)

    def _has_work(self, what: str) -> bool:
        """Whether the tick can find anything: the others would cost most of the time."""
        if what == "bells":
            return bool(self.company.broker.bells)
        return bool(self.company.look(f"{WORK[what]} LIMIT 1"))

    async def _ring_all(self) -> int:
        broker = self.company.broker
        bells = list(broker.bells)
        for bell in bells:
            consumer, receive = broker.consumers[bell.kind][0]
            await broker.ring(bell, consumer, receive)
        return len(bells)

    def _bell(self, number: int) -> Bell | None:
        free = [bell for bell in self.company.broker.bells if bell.with_ is None]
        return free[number % len(free)] if free else None

    def _start(self, name: str) -> None:
        life = Turned(self.crossing, name)
        self.processes[name] = Process(life, self._ticks(name, life))

    def _ticks(self, name: str, life: Life) -> dict[str, Tick]:
        company = self.company
        if name in SCHEDULERS:
            database = company.databases["scheduler"].of(life)
            scheduler = company.scheduler(life)
            if self.make.inbox:
                self.make.inbox(database, Line(company.broker, life), company.time.clock)
            overdue = {"overdue": scheduler.overdue.tick} if self.make.polls else {}
            return {
                "sweep": scheduler.sweep.tick,
                "relay": scheduler.relay.tick,
                "inbox": scheduler.inbox.tick,
            } | overdue
        if name in DISPATCHERS:
            database = company.databases["dispatcher"].of(life)
            transport = self.make.transport(Door(company.provider, life), database)
            dispatcher, relay = company.dispatcher(life, transport, self.make.dispatcher)
            return {"send": dispatcher.tick, "relay": relay.tick}
        if name == "bot":
            return {"relay": company.bot(life)[1].tick}
        return {}
