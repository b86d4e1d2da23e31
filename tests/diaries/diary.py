"""A diary of a company: what happens on which day, what its people decide, what was seen.

Times are the organisation's, "2025-06-03 08:30". Whatever leaves, waits for a person, comes in
doubt or is taken back is noted; a diary fails at its end where something noted was not expected.
"""

from collections.abc import AsyncIterator, Collection, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from relance.contracts.messages import DecisionsTaken
from relance.domain.actions import CallOutcome, Decision, Edit, Verb
from relance.messaging.carrier import InProcessCarrier
from relance.messaging.outbox import post
from relance.store.decisions import input_of
from relance.store.tables import (
    action_items,
    action_owners,
    actions,
    cases,
    decision_answers,
    decisions,
    history,
)
from relance.store.types import new_id
from tests.diaries.books import Books, day
from tests.diaries.company import a_company
from tests.diaries.invariants import breaches, forgotten
from tests.diaries.post import Fault, Letter

MONDAY = "2025-06-02 10:00"
SENT = "sent"
NOTED = frozenset({"waiting", "uncertain", "cancelled", "expired", "passed"})
ACCEPTED = "accepted"


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """Something that a person would see: SENT, or the state that an action came into."""

    at: str
    what: str
    action: UUID
    customer: str
    step: str
    items: tuple[str, ...]
    why: str = ""
    owners: tuple[str, ...] = ()
    letter: Letter | None = None

    def __str__(self) -> str:
        state = "" if self.what == SENT else self.what
        why = f"({self.why})" if self.why else ""
        said = (self.at[:10], self.customer, self.step, *self.items, state, why)
        return " ".join(filter(None, said))


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """An action as its owner sees it."""

    action: UUID
    version: int


@dataclass(kw_only=True)
class Diary(Books):
    """Goes forward with `on`, or with `sleeps_until` where the machine was off meanwhile."""

    notes: list[Note] = field(default_factory=list)  # not yet expected
    states: dict[UUID, tuple[str, str]] = field(default_factory=dict)  # with their problems
    letters: int = 0  # already noted

    # The clock ---------------------------------------------------------------------------------

    async def on(self, text: str) -> None:
        """Lets the time pass as it would, with every wake-up on the way."""
        await self.begin()
        await self.company.until(self.instant(text))

    async def sleeps_until(self, text: str) -> None:
        """The machine is off until then, and catches up."""
        await self.begin()
        self.world.clock.move_to(self.instant(text))
        await self.company.settle()

    async def begin(self) -> None:
        """What was set up takes effect, if it has not yet."""
        if not self.begun:
            self.begun = True
            await self.company.settle()

    # What people do ----------------------------------------------------------------------------

    def post_does(self, fault: Fault, email: str, times: int = 1) -> None:
        """The post deals so with the next messages to that address."""
        self.company.post.faults.setdefault(email, []).extend([fault] * times)

    async def card(self, customer: str, step: str | None = None) -> Card:
        """The one action of the customer (and the step) that is still open."""
        mine = [actions.c.customer_id == self.ids[customer], actions.c.closed_at.is_(None)]
        [row] = await self.world.rows(actions, *mine, *([actions.c.step == step] if step else []))
        return Card(action=row.id, version=row.version)

    async def click(self, card: Card, verb: Verb, *, by: str = "", **typed: Any) -> str:
        """Decides as the bot writes it; gives ACCEPTED or why it was refused."""
        owners = await self.world.rows(action_owners, action_owners.c.action_id == card.action)
        decision = new_id()
        row = {
            "id": decision,
            "action_id": card.action,
            "member_id": self.ids[by] if by else owners[0].member_id,
            "verb": verb,
            "version": card.version,
            "input": input_of(Decision(verb=verb, version=card.version, **typed)),
            "taken_at": self.now,
        }
        async with self.company.bot.write() as tx:
            await tx.execute(sa.insert(decisions).values(row))
            await post(tx, "bot", DecisionsTaken, [decision], self.now)
        await self.company.settle()
        given = decision_answers.c.decision_id == decision
        answers = await self.world.rows(decision_answers, given)
        return next((ACCEPTED if a.accepted else a.why for a in answers), "not answered")

    async def owner_does(self, customer: str, verb: Verb, **typed: Any) -> None:
        """On the customer's open action, of `step` where it has several; it is accepted."""
        card = await self.card(customer, typed.pop("step", None))
        answer = await self.click(card, verb, **typed)
        assert answer in (ACCEPTED, *(["not answered"] if self.company.down else [])), answer

    async def owner_validates(self, customer: str, **typed: Any) -> None:
        await self.owner_does(customer, Verb.VALIDATE, **typed)

    async def owner_skips(self, customer: str, **typed: Any) -> None:
        await self.owner_does(customer, Verb.SKIP, **typed)

    async def owner_edits(self, customer: str, *, step: str | None = None, **typed: Any) -> None:
        await self.owner_does(customer, Verb.EDIT, step=step, edit=Edit(**typed))

    async def owner_logs_call(self, customer: str, outcome: CallOutcome) -> None:
        await self.owner_does(customer, Verb.LOG_CALL, call_outcome=outcome)

    async def owner_snoozes(self, customer: str, until: str) -> None:
        await self.owner_does(customer, Verb.SNOOZE, until=day(until))

    async def owner_marks_as_sent(self, customer: str) -> None:
        await self.owner_does(customer, Verb.MARK_SENT)

    async def owner_sends_again(self, customer: str) -> None:
        await self.owner_does(customer, Verb.SEND_AGAIN)

    # What was seen -----------------------------------------------------------------------------

    def expect(self, *lines: str) -> None:
        """All that was noted since: a line each, "2025-06-03 ACME d1 F1", "… waiting (ceiling)"."""
        noted = [str(note) for note in self.notes]
        assert noted == list(lines), noted
        self.notes.clear()

    def expect_nothing(self) -> None:
        self.expect()

    def expect_sent(
        self,
        customer: str,
        step: str,
        *,
        items: Mapping[str, str] | Collection[str] | None = None,
        **said: Any,
    ) -> Letter:
        """A message of today; `items` with or without amounts, `said` are fields of the letter."""
        letter = self._take(SENT, customer, step).letter
        assert letter is not None
        if isinstance(items, Mapping):
            assert letter.items == items, letter.items
        elif items is not None:
            assert list(letter.items) == list(items), letter.items
        for name, value in said.items():
            assert getattr(letter, name) == value, letter
        return letter

    def expect_waiting(
        self, customer: str, step: str, *, why: str = "", owners: Collection[str] = ("Alice",)
    ) -> Note:
        """Something for its owners to decide, and why the plan did not do it by itself."""
        note = self._take("waiting", customer, step)
        assert (note.why, sorted(note.owners)) == (why, sorted(owners)), note
        return note

    def expect_withdrawn(self, customer: str, step: str, why: str) -> None:
        note = self._take("cancelled", customer, step)
        assert note.why == why, note

    def expect_doubt(self, customer: str, step: str) -> None:
        """It may have left: its owner is asked."""
        self._take("uncertain", customer, step)

    def _take(self, what: str, customer: str, step: str) -> Note:
        today = self.today.isoformat()
        for note in self.notes:
            found = (note.what, note.customer, note.step, note.at[:10])
            if found == (what, customer, step, today):
                self.notes.remove(note)
                return note
        noted = [str(note) for note in self.notes]
        raise AssertionError(f"no {what} {customer} {step} on {today}, but {noted}")

    async def history(self, customer: str) -> list[str]:
        """Everything that is on record about the customer, by the names of events."""
        of = history.c.customer_id == self.ids[customer]
        return [row.event for row in await self.world.rows(history, of)]

    async def resting(self, customer: str) -> str:
        """Why nothing will come, as the customer's case has it; empty while something will."""
        current = (cases.c.customer_id == self.ids[customer]) & cases.c.ended_on.is_(None)
        rows = await self.world.rows(cases, current)
        return rows[0].resting if rows else "no plan"

    async def look(self) -> None:
        """Notes what has changed since the last look."""
        rows = {row.id: row for row in await self.world.rows(actions)}
        changed = [row for row in rows.values() if self._is_news(row)]
        self.states.update({row.id: (row.state, row.problem) for row in rows.values()})
        found = [await self._state_note(row) for row in changed if row.state in NOTED]
        for letter in self.company.post.letters[self.letters :]:
            row = rows[UUID(letter.identifier[1:33])]
            found.append(self._note(row, SENT, tuple(letter.items), letter=letter))
        self.letters = len(self.company.post.letters)
        self.notes += sorted(found, key=str)

    def _is_news(self, row: Any) -> bool:
        state, problem = self.states.get(row.id, ("", ""))
        return bool(row.state != state or (row.problem and row.problem != problem))

    async def _state_note(self, row: Any) -> Note:
        shown = await self.world.rows(action_items, action_items.c.action_id == row.id)
        owned = await self.world.rows(action_owners, action_owners.c.action_id == row.id)
        included = sorted(self.names[link.item_id] for link in shown if link.included)
        owners = tuple(self.names[link.member_id] for link in owned)
        why = row.reason if row.closed_at else row.problem
        return self._note(row, row.state, tuple(included), why=why, owners=owners)

    def _note(self, row: Any, what: str, items: tuple[str, ...], **more: Any) -> Note:
        return Note(
            at=self.wall(self.now),
            what=what,
            action=row.id,
            customer=self.names[row.customer_id],
            step=row.step,
            items=items,
            **more,
        )


@asynccontextmanager
async def diary(
    url: str,
    *,
    zone: str = "Europe/Paris",
    start: str = MONDAY,
    carrier: InProcessCarrier | None = None,
    **house: Any,
) -> AsyncIterator[Diary]:
    """A company that writes in English and keeps no public holidays unless `house` says so."""
    own = ZoneInfo(zone)
    begin = datetime.fromisoformat(start).replace(tzinfo=own).astimezone(UTC)
    async with a_company(url, begin, carrier) as company:
        book = Diary(company=company, zone=own)
        settings = {"zone": zone, "language": "en", "holidays": False, "default_owner_id": None}
        await company.world.set_organisation(**settings | house)
        book._named("Alice", company.world.alice)
        company.look = book.look
        yield book
        await book.begin()
        book.expect_nothing()
        broken = await breaches(company) + await forgotten(company)
        assert broken == [], broken
