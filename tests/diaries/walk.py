"""A random walk through a company's life, faults included, and what must hold after every step."""

from collections import Counter
from collections.abc import Awaitable, Callable
from datetime import date, timedelta
from random import Random
from typing import Any

import sqlalchemy as sa

from relance.contracts.wire import Envelope
from relance.domain.actions import CallOutcome, Edit, Verb
from relance.domain.money import from_minor
from relance.messaging.carrier import InProcessCarrier
from relance.store.tables import actions, customers, decision_answers, decisions, items
from tests.diaries.diary import SENT, Card, Diary, Note
from tests.diaries.invariants import breaches, forgotten
from tests.diaries.plans import call, notice, plan, reminder, thank_you, to_confirm
from tests.diaries.post import is_busy, loses_the_answer, refuses

DELAYS = {"gentle": 5, "strict": 3, "each": 4}
PLANS = (
    plan(
        "gentle",
        notice("soon", "D-5"),
        reminder("first", "D+1"),
        to_confirm("second", "D+8"),
        call("ring", "3 days after previous step"),
        reminder("last", "D+20"),
        thank_you("thanks"),
        contact_delay=DELAYS["gentle"],
        floors={"EUR": 10},
    ),
    plan(
        "strict",
        reminder("first", "D+1"),
        to_confirm("second", "D+5"),
        reminder("last", "D+12"),
        contact_delay=DELAYS["strict"],
        logic="contextual",
        on_reference_settled="inherit",
        ceilings={"EUR": 500},
    ),
    plan(
        "each",
        reminder("first", "D+1"),
        to_confirm("second", "D+6"),
        reminder("last", "D+15"),
        contact_delay=DELAYS["each"],
        scope="item",
    ),
)
NAMES = ("Ada", "Bea", "Cyr", "Dan")


class WildCarrier(InProcessCarrier):
    """Now and then it loses a message, carries it twice, or dies with it on its hands."""

    def __init__(self, chance: Random) -> None:
        super().__init__()
        self.chance = chance
        self.wild = 0.0

    async def carry(self, envelope: Envelope) -> None:
        fate = self.chance.random() / self.wild if self.wild else 1.0
        if fate < 0.3:
            return
        await super().carry(envelope)
        if fate < 0.6:
            await super().carry(envelope)
        elif fate < 1.0:
            raise ConnectionError("died before it could say so")


class Walk:
    """Takes steps; each one checks what must hold."""

    def __init__(self, d: Diary, chance: Random, carrier: WildCarrier) -> None:
        self.d = d
        self.chance = chance
        self.carrier = carrier
        self.cards: list[Card] = []
        self.contacted: dict[str, date] = {}
        self.invoices: list[str] = []
        self.log: list[str] = []

    async def set_out(self) -> None:
        for document in PLANS:
            await self.d.apply(document)
        await self.d.default_plan("gentle")
        for name, key in zip(NAMES, ("gentle", "strict", "each", "gentle"), strict=True):
            await self.d.customer(name, plan=key)
            for _ in range(2):
                await self.issue(name)
        await self.d.begin()

    async def step(self) -> None:
        """Something happens; half of the time the clock moves on."""
        deed = self.time_passes if self.chance.random() < 0.5 else self.chance.choice(self.deeds)
        before = self.d.now
        await deed()
        self.log.append(f"{self.d.wall(before)} {deed.__name__}")
        await self.check()

    async def come_home(self) -> None:
        """All faults end; what was held up leaves, a contact delay apart, until nothing is left."""
        self.carrier.wild = 0.0
        self.d.company.down.clear()
        self.d.company.post.faults.clear()
        await self.d.organisation_is(kill_switch=False)
        await self.moves(self.d.now + timedelta(days=45))
        await self.check()
        broken = await breaches(self.d.company) + await forgotten(self.d.company)
        assert broken == [], (broken, self.log)
        held = await self.d.world.rows(actions, actions.c.state == "queued")
        assert held == [], (held, self.log)

    # What may happen ---------------------------------------------------------------------------

    @property
    def deeds(self) -> list[Callable[[], Awaitable[None]]]:
        often = [self.somebody_decides] * 4
        return [
            *often,
            self.somebody_pays,
            self.somebody_pays,
            self.an_invoice_is_issued,
            self.a_credit_comes_in,
            self.a_dispute_begins_or_ends,
            self.a_promise_is_made,
            self.a_customer_is_paused_or_not,
            self.a_customer_changes_plan,
            self.the_switch_is_thrown,
            self.the_post_has_trouble,
            self.the_post_has_trouble,
            self.the_carrier_goes_wild_or_calms_down,
            self.a_service_stops_or_starts,
        ]

    async def time_passes(self) -> None:
        hours = self.chance.choice([1, 3, 10, 24, 24, 24, 48, 100])
        end = self.d.now + timedelta(hours=hours, minutes=self.chance.randint(0, 59))
        if self.chance.random() < 0.2:
            self.d.world.clock.move_to(end)
            await self.d.company.settle()
        else:
            await self.moves(end)

    async def moves(self, end: Any) -> None:
        await self.d.company.until(end)

    async def issue(self, customer: str) -> None:
        number = f"F{len(self.invoices)}"
        due = self.d.today + timedelta(days=self.chance.randint(-20, 10))
        amount = f"{self.chance.choice([9, 50, 120, 700])}.{self.chance.randint(10, 99)}"
        await self.d.invoice(customer, number, amount, due=due.isoformat())
        self.invoices.append(number)

    async def an_invoice_is_issued(self) -> None:
        await self.issue(self.chance.choice(NAMES))

    async def a_credit_comes_in(self) -> None:
        number = f"A{len(self.log)}"
        await self.d.credit_note(self.chance.choice(NAMES), number, "30.00")

    async def somebody_pays(self) -> None:
        number = self.chance.choice(self.invoices)
        row = await self.d.world.row(items, self.d.ids[number])
        if row.open:
            part = str(from_minor(row.open // 2, "EUR")) if self.chance.random() < 0.4 else None
            await self.d.pays(number, part, by=f"P{len(self.log)}")

    async def a_dispute_begins_or_ends(self) -> None:
        number = self.chance.choice(self.invoices)
        row = await self.d.world.row(items, self.d.ids[number])
        await (self.d.releases if row.family == "dispute" else self.d.disputes)(number)

    async def a_promise_is_made(self) -> None:
        until = self.d.today + timedelta(days=self.chance.randint(0, 9))
        await self.d.promises(self.chance.choice(self.invoices), until.isoformat())

    async def a_customer_is_paused_or_not(self) -> None:
        name = self.chance.choice(NAMES)
        row = await self.d.world.row(customers, self.d.ids[name])
        until = self.d.today + timedelta(days=self.chance.randint(1, 9))
        await self.d.customer_is(name, paused=not row.paused, paused_until=until)

    async def a_customer_changes_plan(self) -> None:
        await self.d.put_under(self.chance.choice(NAMES), self.chance.choice(list(DELAYS)))

    async def the_switch_is_thrown(self) -> None:
        await self.d.organisation_is(kill_switch=self.chance.random() < 0.4)

    async def the_post_has_trouble(self) -> None:
        fault = self.chance.choice([is_busy, is_busy, loses_the_answer, loses_the_answer, refuses])
        name = self.chance.choice(NAMES)
        self.d.post_does(fault, self.d.address_of(name), self.chance.randint(1, 3))

    async def the_carrier_goes_wild_or_calms_down(self) -> None:
        self.carrier.wild = self.chance.choice([0.0, 0.5, 1.0])

    async def a_service_stops_or_starts(self) -> None:
        name = self.chance.choice(["scheduler", "dispatcher", "bot"])
        if name in self.d.company.down:
            self.d.company.down.remove(name)
        else:
            self.d.company.down.add(name)

    async def somebody_decides(self) -> None:
        """On what is open now, or on a card of long ago, again and again."""
        rows = await self.d.world.rows(actions, actions.c.closed_at.is_(None))
        self.cards += [Card(action=row.id, version=row.version) for row in rows]
        if not self.cards:
            return
        stale = self.chance.random() < 0.2
        card = self.chance.choice(self.cards if stale else self.cards[-max(len(rows), 1) :])
        verb = self.chance.choice(list(Verb) + [Verb.VALIDATE] * 4)
        until = self.d.today + timedelta(days=3)
        typed: dict[Verb, dict[str, Any]] = {
            Verb.EDIT: {"edit": Edit(body="Please pay.")},
            Verb.LOG_CALL: {"call_outcome": CallOutcome.REACHED},
            Verb.SNOOZE: {"until": until},
            Verb.REASSIGN: {"new_owner": self.d.ids["Alice"]},
        }
        await self.d.click(card, verb, by="Alice", **typed.get(verb, {}))

    # What must hold ----------------------------------------------------------------------------

    async def check(self) -> None:
        for note in self.d.notes:
            if note.what == SENT:
                await self.check_letter(note)
        self.d.notes.clear()
        broken = [b for b in await breaches(self.d.company) if not b.startswith("not ")]
        assert broken == [], (broken, self.log)
        await self.check_numbers()

    async def check_letter(self, note: Note) -> None:
        """It asks for what is owed at that moment, and keeps its distance from the one before."""
        letter = note.letter
        assert letter is not None
        for number, amount in letter.items.items():
            [row] = await self.d.world.rows(items, items.c.id == self.d.ids[number])
            assert amount == f"€{from_minor(row.open, 'EUR'):,.2f}", (note, self.log)
            assert row.open > 0, (note, self.log)
            assert row.family not in ("dispute", "litigation"), (note, self.log)
            promised = row.promised_for
            assert promised is None or promised.isoformat() < note.at[:10], (note, self.log)
        [row] = await self.d.world.rows(customers, customers.c.id == self.d.ids[note.customer])
        assert not row.paused or row.paused_until.isoformat() <= note.at[:10], (note, self.log)
        day, last = date.fromisoformat(note.at[:10]), self.contacted.get(note.customer)
        action = await self.d.world.row(actions, note.action)
        if action.released_by is None and last:
            delay = DELAYS[action.plan_key]
            assert day >= last + timedelta(days=delay), (note, last, self.log)
        self.contacted[note.customer] = day

    async def check_numbers(self) -> None:
        """One letter an action, and another for each time that somebody said "send again"."""
        asked = await self._again()
        left = Counter(letter.identifier[1:33] for letter in self.d.company.post.letters)
        for action, times in left.items():
            assert times <= 1 + asked[action], (action, times, self.log)

    async def _again(self) -> Counter[str]:
        joined = sa.join(decisions, decision_answers)
        async with self.d.world.database.read() as tx:
            rows = await tx.execute(
                sa.select(decisions.c.action_id)
                .select_from(joined)
                .where(decisions.c.verb == Verb.SEND_AGAIN, decision_answers.c.accepted)
            )
            return Counter(row.action_id.hex for row in rows)
