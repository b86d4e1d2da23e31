"""What must hold when everything has been given the time to come to its end."""

import json
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from relance.store.cards import due_cards
from tests.proofs.company import SILENCING, Company
from tests.proofs.stage import PACE

ENDED = {"executed", "skipped", "cancelled", "passed", "expired"}
TO_A_PERSON = {"waiting", "uncertain"}
DECIDED = ("validated", "edited", "skipped", "marked_sent", "sent_again")


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    id: str
    action: str
    customer: UUID
    version: int
    message: str
    outcome: str | None
    left: bool  # has bytes that may have been handed over


async def verdict(company: Company) -> list[str]:
    """Everything that is wrong, in plain words; nothing when all is well."""
    found = attempts_of(company)
    return [
        *_sent_twice(company, found),
        *_said_wrongly(company, found),
        *silenced(company, found),
        *_decisions(company),
        *await _lost(company),
    ]


def attempts_of(company: Company) -> dict[str, Attempt]:
    rows = company.look(
        "SELECT t.id, t.action_id, a.customer_id, t.action_version, t.message_id, t.outcome,"
        " t.body IS NOT NULL FROM attempts t JOIN actions a ON a.id = t.action_id"
    )
    return {
        _key(r[0]): Attempt(
            id=_key(r[0]),
            action=_key(r[1]),
            customer=UUID(str(r[2])),
            version=r[3],
            message=r[4],
            outcome=r[5],
            left=bool(r[6]),
        )
        for r in rows
    }


def _sent_twice(company: Company, found: dict[str, Attempt]) -> Iterator[str]:
    """A further hand-over needs a person who raised the version; and none outlives its lease."""
    by_message = {attempt.message: attempt for attempt in found.values() if attempt.message}
    at_version = Counter[tuple[str, int]]()
    for taking in company.provider.takings:
        if taking.after >= PACE.lease.total_seconds():
            yield f"handed over {taking.after:.0f} s after its claim"
        attempt = by_message.get(taking.message)
        if attempt is None:
            yield "handed over without a claim"
        else:
            at_version[attempt.action, attempt.version] += 1
    again = Counter(_key(row[0]) for row in _events(company, "sent_again"))
    times = Counter[str]()
    for (action, _), n in at_version.items():
        times[action] += n
        if n > 1:
            yield f"sent {n} times on one decision"
    yield from (f"sent {n} times" for action, n in times.items() if n > 1 + again[action])


def _said_wrongly(company: Company, found: dict[str, Attempt]) -> Iterator[str]:
    taken = {taking.message for taking in company.provider.takings}
    left = {attempt.action for attempt in found.values() if attempt.message in taken}
    marked = {_key(row[0]) for row in _events(company, "marked_sent")}
    again = {_key(row[0]) for row in _events(company, "sent_again")}
    for key, state, channel in company.look("SELECT id, state, channel FROM actions"):
        ours = channel == company.channel
        if state == "executed" and ours and _key(key) not in left | marked:
            yield "said to be sent, and was not"
        if state == "cancelled" and _key(key) in left - again:  # the further one, in doubt's place
            yield "cancelled, and was sent"
    for attempt in found.values():
        if attempt.outcome == "delivered" and attempt.message not in taken:
            yield "delivered, and never taken"
    if company.is_sqlite:
        rows = company.look("SELECT was, became FROM afterthoughts")
        yield from (f"an outcome was {was} and became {became}" for was, became in rows)


def silenced(company: Company, found: dict[str, Attempt]) -> Iterator[str]:
    """Between a payment and its return (a dispute, a pause and theirs) nothing is claimed."""
    rows = company.look("SELECT customer_id, event, detail FROM history ORDER BY id")
    told: dict[UUID, list[tuple[str, set[str]]]] = defaultdict(list)
    for customer, event, detail in rows:
        if customer is not None and "attempts" in _json(detail):
            told[UUID(str(customer))].append((event, set(map(_key, _json(detail)["attempts"]))))
    for customer, facts in told.items():
        after = {key for key, a in found.items() if a.customer == customer}
        for silence, end in SILENCING.items():
            before: set[str] | None = None
            for event, attempts in [*facts, (end, after)]:
                if event == silence and before is None:
                    before = attempts
                elif event == end and before is not None:
                    late = [a for a in attempts - before if found[a].left]
                    yield from (f"claimed after it was {silence}" for _ in late)
                    before = None


def _decisions(company: Company) -> Iterator[str]:
    accepted: Counter[tuple[str, int]] = Counter()
    rows = company.look(
        "SELECT d.action_id, d.version, n.accepted FROM decisions d"
        " LEFT JOIN decision_answers n ON n.decision_id = d.id"
    )
    for action, version, answer in rows:
        if answer is None:
            yield "a decision was not answered"
        elif answer:
            accepted[_key(action), version] += 1
    yield from (f"{n} decisions on one version" for n in accepted.values() if n > 1)
    lines = Counter((_key(row[0]), row[1]) for row in _events(company, *DECIDED))
    if lines != accepted:
        yield "history tells other decisions than were accepted"


async def _lost(company: Company) -> list[str]:
    """What is neither at its end nor in front of a person."""
    now = company.time.clock.now()
    async with company.world.database.read() as tx:
        cards = await due_cards(tx, now, now - timedelta(hours=1))
    shown = {card.action.hex for card in cards if card.member == company.world.alice}
    problems = []
    owed = set(company.customers.values())
    for key, customer, state in company.look("SELECT id, customer_id, state FROM actions"):
        if state not in ENDED | TO_A_PERSON:
            problems.append(f"still {state}")
        if state in TO_A_PERSON and _key(key) not in shown:
            problems.append(f"{state}, and nobody is shown it")
        if state != "cancelled":
            owed.discard(UUID(str(customer)))
    quiet = company.look(
        "SELECT i.customer_id FROM items i JOIN customers c ON c.id = i.customer_id"
        " WHERE i.open = 0 OR i.family <> 'ongoing'"
    )
    owed -= {UUID(str(row[0])) for row in quiet}
    problems += ["never reminded" for _ in owed]
    if company.look("SELECT id FROM dead_letters"):
        problems.append("a message died")
    return problems


def _events(company: Company, *names: str) -> list[tuple[Any, ...]]:
    listed = ", ".join(f"'{name}'" for name in names)
    return company.look(
        f"SELECT action_id, from_version FROM history"  # noqa: S608 - our own words
        f" WHERE event IN ({listed}) AND member_id IS NOT NULL"
    )


def _key(value: Any) -> str:
    return UUID(str(value)).hex


def _json(value: Any) -> dict[str, Any]:
    return json.loads(value) if isinstance(value, str) else value or {}
