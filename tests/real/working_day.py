"""A working day for a large firm: who is due when, a clock that is moved on, mail that is counted.

What is due comes in waves. When everything of one is through, the clock of all services moves on
to the next: the pauses of the day are shortened, the work is not.
"""

import asyncio
import re
from array import array
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from hashlib import blake2b
from pathlib import Path
from time import monotonic

import sqlalchemy as sa

from relance.store.tables import actions, attempts, cases, metadata, outbox
from tests.benchmarks.mailing.sink import Session
from tests.real.firm import OWNERS, Firm, user
from tests.real.nursery import Nursery
from tests.real.storm import PATIENCE, STUCK, asked_of

HOURS = timedelta(hours=10)
BYTES = 10_000  # in PostgreSQL for a customer and a mail to it: B and b of docs/scale.md
LOCAL = "127.0.0.1"
# What grows with what was done: it says so for ever. `inbox` knows what was taken already.
HISTORY = frozenset(
    "action_items action_owners actions attempts cards decision_answers decisions history inbox"
    " run_steps runs".split()
)
_MESSAGE_ID = re.compile(rb"^Message-ID:\s*(<[^>]+>)", re.IGNORECASE | re.MULTILINE)
_SPREAD = sa.text(
    "UPDATE cases SET enrolled_on = :enrolled_on,"
    " wake_at = :opening + wave * make_interval(secs => :seconds)"
    " FROM (SELECT id, ntile(:waves) OVER (ORDER BY reference DESC) AS wave FROM customers) AS its"
    " WHERE its.id = customer_id"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """So many actions, each a customer's, due in so many waves all over the ten hours."""

    actions: int
    waves: int
    by_hand_every: int  # so many customers, and one is reminded when its owner has validated it
    grows_by: float  # MiB that a service may hold more at the end than after the first tenth

    @property
    def between(self) -> timedelta:
        """From a wave to the next."""
        return HOURS / self.waves

    def due_by(self, wave: int) -> int:
        """How many are due by then; the first waves are larger by one where it does not divide."""
        each, over = divmod(self.actions, self.waves)
        return each * wave + min(wave, over)


@dataclass(slots=True)
class Arrivals:
    """What the mail server took: of each mail 8 bytes, made of its Message-ID."""

    port: int = 0
    digests: "array[int]" = field(default_factory=lambda: array("Q"))

    def take(self, recipients: list[str], content: bytes) -> None:
        found = _MESSAGE_ID.search(content)
        self.digests.append(digest(found[1] if found else b""))


def digest(message_id: bytes) -> int:
    """64 bits: among two million mails, two have the same once in ten million days."""
    return int.from_bytes(blake2b(message_id, digest_size=8).digest(), "big")


@asynccontextmanager
async def a_mail_server() -> AsyncIterator[Arrivals]:
    arrivals = Arrivals()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Session(arrivals), LOCAL, 0)
    arrivals.port = server.sockets[0].getsockname()[1]
    try:
        yield arrivals
    finally:
        server.close()


def opening() -> datetime:
    """Tomorrow morning: no day ends in between, and no clock goes back."""
    tomorrow = datetime.now(UTC).date() + timedelta(days=1)
    return datetime.combine(tomorrow, time(8), UTC)


@dataclass(kw_only=True)
class WorkingDay:
    """A firm's, with the clock of its services: the machine's, and what it is ahead."""

    day: Day
    firm: Firm
    nursery: Nursery
    mail: Arrivals
    opens_at: datetime = field(default_factory=opening)
    ahead: timedelta = timedelta(0)

    def now(self) -> datetime:
        return datetime.now(UTC) + self.ahead

    def move_to(self, wave: int) -> None:
        """When that wave is due, or later: the clock is never set back."""
        due = self.opens_at + wave * self.day.between
        self.ahead = max(self.ahead, due - datetime.now(UTC))
        self.nursery.set_clock_wrong(self.ahead.total_seconds())

    async def is_through(self, wave: int) -> None:
        """Until all mails have arrived and nothing is awake, open, on its way or to be carried."""
        due, seen, moved = self.day.due_by(wave), -1, monotonic()
        while len(self.mail.digests) < due or await _is_left(self.firm, self.now()):
            if len(self.mail.digests) != seen:
                seen, moved = len(self.mail.digests), monotonic()
            waited = timedelta(seconds=monotonic() - moved)
            assert waited < STUCK, f"{seen} of {due} mails, and no more come"
            await asyncio.sleep(0.1)


async def owe(firm: Firm, day: Day, opens_at: datetime) -> None:
    """Imports the day's customers, each with an invoice to be reminded of in its wave.

    The last come first: one of them is reminded by hand, so that the bot begins with the others.
    """
    await firm.reminds_by_hand(every=day.by_hand_every)
    await firm.enables_new_customers()
    await firm.done("import", *firm.ledger(day.actions))
    async with firm.databases.scheduler.write() as tx:
        await tx.execute(
            _SPREAD.bindparams(
                enrolled_on=opens_at.date() - timedelta(days=30),
                opening=opens_at,
                seconds=day.between.total_seconds(),
                waves=day.waves,
            )
        )
    async with firm.databases.scheduler.engine.connect() as connection:
        bare = await connection.execution_options(isolation_level="AUTOCOMMIT")
        await bare.execute(sa.text("VACUUM (ANALYZE)"))


async def validate_what_is_asked(firm: Firm) -> None:
    """Each owner's click on each of their cards, until it is cancelled."""
    clicked: dict[str, float] = {}
    while True:
        for owner in range(OWNERS):
            for card in asked_of(firm, owner):
                if monotonic() - clicked.get(card.action, -PATIENCE) >= PATIENCE:
                    clicked[card.action] = monotonic()
                    person = firm.sandbox.as_member(user(owner))
                    await person.press(card.channel, card.ts, card.verb)
        await asyncio.sleep(0.2)


async def _is_left(firm: Firm, now: datetime) -> bool:
    found = (
        sa.select(cases.c.id).where(cases.c.wake_at <= now),
        sa.select(actions.c.id).where(actions.c.closed_at.is_(None)),
        sa.select(attempts.c.id).where(attempts.c.outcome.is_(None)),
        sa.select(outbox.c.id),
    )
    async with firm.databases.scheduler.read() as tx:
        return any([(await tx.execute(rows.limit(1))).first() for rows in found])


async def sizes(firm: Firm) -> dict[str, int]:
    """How many rows each table has."""
    async with firm.databases.scheduler.read() as tx:
        return {
            table.name: await tx.scalar(sa.select(sa.func.count()).select_from(table)) or 0
            for table in metadata.sorted_tables
        }


async def room_of_outbox(firm: Firm) -> float:
    """MiB on disk, with its indexes and the rows that are gone."""
    async with firm.databases.scheduler.read() as tx:
        held = await tx.scalar(sa.select(sa.func.pg_total_relation_size("outbox")))
    return (held or 0) / 2**20


async def delivered(firm: Firm) -> Sequence[int]:
    """The digests of the mails that are on record as delivered."""
    found = array("Q")
    chosen = sa.select(attempts.c.message_id).where(attempts.c.outcome == "delivered")
    async with firm.databases.scheduler.read() as tx, tx.stream_scalars(chosen) as ids:
        async for message_id in ids:
            found.append(digest(message_id.encode()))
    return found


def memory(nursery: Nursery) -> Mapping[str, float]:
    """MiB of each service's own: anonymous pages, which files mapped and forks do not change."""
    return {child.service: _anonymous(child.pid) for child in nursery.alive}


def _anonymous(pid: int) -> float:
    """From the kernel's sum over the process's mappings (proc_pid_smaps_rollup(5)), in kB."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text("utf-8").splitlines()[1:]
    fields = {name: int(rest.split()[0]) for name, _, rest in (li.partition(":") for li in lines)}
    return (fields["Anonymous"] + fields["Swap"]) / 1024
