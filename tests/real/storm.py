"""What goes wrong on a bad day, all at once, and people who work through it.

The days are drawn from a seed: what is done to whom, and when. What a person does depends on what
they see in Slack, and so on the machine.
"""

import asyncio
import logging
import signal
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random
from time import monotonic
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from relance.store.figures import load_figures
from relance.store.tables import action_owners, actions, attempts, cards, cases, customers, history
from relance_sandbox.mailbox import Mailbox
from relance_sandbox.slack.people import Json
from relance_scheduler.activation import switch
from tests.real.firm import OWNERS, Firm, user
from tests.real.nursery import LEASE, Child, Nursery
from tests.real.postgres import PrivateServer
from tests.real.rabbitmq import PrivateNode

WANTED = ("scheduler",) * 2 + ("dispatcher",) * 3 + ("bot",) * 2
STUCK = timedelta(minutes=5)
LONG = timedelta(minutes=1)
PATIENCE = 15.0  # seconds before a person clicks the same again

log = logging.getLogger(__name__)
log.setLevel(logging.INFO)  # pytest shows it where a test fails


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecast:
    """How much of each, over so many seconds."""

    seconds: float
    customers: int
    imports: int
    kills: int
    pauses: int
    broker_restarts: int
    database_restarts: int
    mail_faults: int

    @property
    def wave(self) -> int:
        """How many customers are to be due every two seconds, for all to be in time."""
        return round(2 * self.customers / self.seconds)


@dataclass(kw_only=True)
class Storm:
    """Everything that happens to one firm."""

    firm: Firm
    nursery: Nursery
    node: PrivateNode
    server: PrivateServer
    random: Random
    began: float = field(default_factory=monotonic)
    tally: Counter[str] = field(default_factory=Counter)
    oldest: dict[str, timedelta] = field(default_factory=dict)
    imported: int = 0
    clicked: dict[tuple[str, str], float] = field(default_factory=dict)

    def note(self, what: str) -> None:
        self.tally[what.partition(" ")[0]] += 1
        log.info("%7.2f %s", monotonic() - self.began, what)

    async def rage(self, forecast: Forecast) -> None:
        """All of the forecast, at moments drawn from the seed; returns when it is over."""
        deeds = {
            self.kill: forecast.kills,
            self.pause: forecast.pauses,
            self.restart_broker: forecast.broker_restarts,
            self.restart_database: forecast.database_restarts,
            self.spoil_the_mail: forecast.mail_faults,
            self.import_more: forecast.imports,
        }
        self.began = monotonic()
        async with asyncio.TaskGroup() as group:
            for deed, times in deeds.items():
                moments = [self.random.uniform(0, forecast.seconds) for _ in range(times)]
                group.create_task(self._in_turn(deed, sorted(moments)))

    async def _in_turn(self, deed: Callable[[], Awaitable[None]], moments: list[float]) -> None:
        """One of a kind at a time; what comes late is made up for."""
        for moment in moments:
            await asyncio.sleep(self.began + moment - monotonic())
            await deed()

    async def start_all(self) -> None:
        for service in WANTED:
            await self.nursery.start(service)

    async def kill(self) -> None:
        child = self._any()
        self.note(f"kill {child.service}")
        await child.kill()
        await self.nursery.start(child.service)

    async def pause(self) -> None:
        """Longer than a lease."""
        child = self._any()
        seconds = LEASE + self.random.uniform(2, 4)
        self.note(f"pause {child.service} for {seconds:.1f} s")
        child.send(signal.SIGSTOP)
        await asyncio.sleep(seconds)
        child.send(signal.SIGCONT)

    async def restart_broker(self) -> None:
        self.note("broker killed")
        await asyncio.to_thread(self.node.kill)
        await asyncio.sleep(self.random.uniform(0, 5))
        await asyncio.to_thread(self.node.start)
        log.info("%7.2f broker there again", monotonic() - self.began)

    async def restart_database(self) -> None:
        self.note("database crashed")
        await asyncio.to_thread(self.server.crash)
        await asyncio.sleep(self.random.uniform(0, 4))
        await asyncio.to_thread(self.server.start)
        log.info("%7.2f database there again", monotonic() - self.began)

    async def spoil_the_mail(self) -> None:
        faults: dict[str, Callable[[Mailbox], None]] = {
            "lost answer": lambda mailbox: mailbox.lose_answer(times=2),
            "refusal": lambda mailbox: mailbox.refuse_for_now(times=3),
            "refusal with goodbye": lambda mailbox: mailbox.refuse_for_now("421 4.3.2 Closing"),
            "cut at DATA": lambda mailbox: mailbox.close_after_data(),
            "slow": lambda mailbox: mailbox.slow(self.random.uniform(0.1, 2), times=5),
            "silence": lambda mailbox: mailbox.hang(self.random.choice(("mail", "message"))),
        }
        name = self.random.choice([*faults])
        self.note(f"mail {name}")
        faults[name](self.firm.sandbox.mailbox)

    async def import_more(self) -> None:
        """New customers from a file, tried until it goes well: its database may be away."""
        count, first = 10, self.imported + 1
        self.imported += count
        files = self.firm.ledger(count, first=first)
        self.note(f"import of {count}")
        while (ended := await self.firm.relance("import", *files)).code:
            assert "Traceback" not in ended.said, ended.said
            await asyncio.sleep(1)

    def _any(self) -> Child:
        return self.random.choice(self.nursery.alive)


async def remind_in_waves(storm: Storm, size: int, every: float) -> None:
    """So many more customers are due, again and again, until it is cancelled."""
    while True:
        await asyncio.sleep(every)
        try:
            await remind_some(storm.firm, size)
        except (DBAPIError, OSError):
            continue


async def remind_some(firm: Firm, most: int) -> int:
    """Enables customers, as though they had been for a month; says how many."""
    now = datetime.now(UTC)
    mine = [customers.c.id, customers.c.organisation_id, customers.c.reference]
    chosen = sa.select(*mine).where(~customers.c.enabled).order_by(customers.c.reference)
    async with firm.databases.scheduler.write() as tx:
        rows = (await tx.execute(chosen.limit(most))).all()
        if rows:
            house, references = rows[0].organisation_id, [row.reference for row in rows]
            await switch(tx, house, references, True, now)
            ago = {"enrolled_on": now.date() - timedelta(days=30), "wake_at": now}
            of_these = cases.c.customer_id.in_([row.id for row in rows])
            await tx.execute(sa.update(cases).where(of_these).values(ago))
    return len(rows)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A card that waits for its owner: where it is, its first button, whose action it is."""

    channel: str
    ts: str
    verb: str
    action: str


async def work_at_the_cards(storm: Storm) -> None:
    """Each owner decides what they see, until it is cancelled."""
    async with asyncio.TaskGroup() as group:
        for owner in range(OWNERS):
            group.create_task(_work(storm, owner))


async def _work(storm: Storm, owner: int) -> None:
    """What was clicked is clicked again when it asks the same for long."""
    while True:
        for card in asked_of(storm.firm, owner):
            if monotonic() - storm.clicked.get((card.action, card.verb), -PATIENCE) >= PATIENCE:
                storm.clicked[card.action, card.verb] = monotonic()
                await _decide(storm, owner, card)
        await asyncio.sleep(1)


def asked_of(firm: Firm, owner: int) -> list[Asked]:
    conversation = firm.sandbox.as_member(user(owner)).conversation(None)
    return [
        Asked(
            channel=conversation.id,
            ts=message.ts,
            verb=button["action_id"],
            action=button["value"].partition(".")[0],
        )
        for message in conversation.top_level(user(owner))
        for button in _first_button(message.blocks)
    ]


def _first_button(blocks: list[Json] | None) -> list[Json]:
    rows = [block["elements"] for block in blocks or () if block["type"] == "actions"]
    return [row[0] for row in rows if row[0].get("action_id") in ("validate", "mark_sent")]


async def _decide(storm: Storm, owner: int, card: Asked) -> None:
    """What is uncertain is decided by what arrived; of that, a third is left alone."""
    verb = card.verb
    if verb == "mark_sent":
        if int(card.action, 16) % 3 == 0:
            return
        verb = "mark_sent" if arrived(storm.firm)[card.action] else "send_again"
    storm.note(f"click {verb}")
    person = storm.firm.sandbox.as_member(user(owner))
    clicks = [
        person.press(card.channel, card.ts, verb) for _ in range(storm.random.choice((1, 1, 2)))
    ]
    await asyncio.gather(*clicks)


def arrived(firm: Firm) -> Counter[str]:
    """How many mails of each action came to the mail server."""
    return Counter(
        (mail.header("Message-ID") or "").strip("<").partition(".")[0]
        for mail in firm.sandbox.mailbox.mails
    )


async def watch(storm: Storm) -> None:
    """Remembers how long the oldest of everything has waited, until it is cancelled."""
    while True:
        await asyncio.sleep(2)
        try:
            waits = await waiting(storm.firm)
        except (DBAPIError, OSError):
            continue
        now = datetime.now(UTC)
        for name, since in waits.items():
            if since is not None and now - since > storm.oldest.get(name, timedelta()):
                storm.oldest[name] = now - since
                if now - since > LONG:
                    log.info("%7.2f %s since %s", monotonic() - storm.began, name, now - since)


async def waiting(firm: Firm) -> dict[str, datetime | None]:
    """Since when the oldest waits of each kind that must never wait long."""
    now = datetime.now(UTC)
    async with firm.databases.scheduler.read() as tx:
        figures = await load_figures(tx, now)
        unclosed = await tx.scalar(
            sa.select(sa.func.min(attempts.c.claimed_at, type_=attempts.c.claimed_at.type)).where(
                attempts.c.outcome.is_(None)
            )
        )
        unsent = await tx.scalar(_unsent())
        unshown = await tx.scalar(_unshown())
    return {
        "due": figures.due.since,
        "queued": unsent,
        "unanswered": figures.unanswered.since,
        "retries": figures.retries.since,
        "without an outcome": unclosed,
        "not on a card": unshown,
        **{f"outbox of the {name}": heap.since for name, heap in figures.outbox.items()},
    }


def _unsent() -> sa.Select[Any]:
    """Since when the oldest queued action waits, or since when it may be tried again."""
    tries = (
        sa.select(sa.func.max(attempts.c.retry_at))
        .where(attempts.c.action_id == actions.c.id)
        .scalar_subquery()
    )
    since = sa.func.greatest(actions.c.leave_at, tries)
    oldest = sa.func.min(since, type_=actions.c.leave_at.type)
    return sa.select(oldest).where(actions.c.state == "queued")


def _unshown() -> sa.Select[Any]:
    """Since when the oldest action waits for a person who has no card of it."""
    shown = sa.and_(
        cards.c.action_id == action_owners.c.action_id,
        cards.c.member_id == action_owners.c.member_id,
        cards.c.ts.is_not(None),
    )
    last = (
        sa.select(sa.func.max(history.c.at))
        .where(history.c.action_id == actions.c.id)
        .scalar_subquery()
    )
    since = sa.func.greatest(actions.c.made_at, last)
    return (
        sa.select(sa.func.min(since, type_=actions.c.made_at.type))
        .join(action_owners, action_owners.c.action_id == actions.c.id)
        .join(cards, shown, isouter=True)
        .where(actions.c.state.in_(("waiting", "uncertain")), cards.c.action_id.is_(None))
    )
