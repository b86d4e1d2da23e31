"""Claiming: the last look and the record that somebody now has the action, in one transaction."""

import asyncio
import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from relance.clock import Clock
from relance.contracts.messages import AttemptsRecorded
from relance.domain.calendar import Calendar, local_day
from relance.domain.problems import Problem
from relance.drafting import Draft, Recipient
from relance.drafting.addresses import BadAddress, ascii_address
from relance.messaging.outbox import post
from relance.store.cases import load_case_files
from relance.store.database import Database
from relance.store.dispatch import (
    NOT_BEGUN,
    AttemptRow,
    Queued,
    customers_of,
    insert_attempts,
    last_imports,
    load_queued,
    on_their_way,
    retire_unknown,
)
from relance.store.drafts import load_draft_rows
from relance.store.locks import lock_customers
from relance.store.organisations import load_organisations
from relance.store.plans import load_plans
from relance.store.types import new_id
from relance_dispatcher.email import Mailbox, OutgoingEmail, build, message_id
from relance_dispatcher.last_look import Decided, Found, Hold, House, Send, held_back, last_look
from relance_dispatcher.pace import Pace
from relance_dispatcher.test_mode import redirected

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """An attempt that is ours to hand over before `deadline` (monotonic) or not at all.

    `recipients` are as the envelope has them, with how the contacts write them. `test_address`
    is what held when it was made: a claim of before test mode is not handed over within it.
    """

    attempt: UUID
    token: UUID
    action: UUID
    organisation: UUID
    test_address: str
    tries: int
    released: bool
    calendar: Calendar
    envelope_from: str
    recipients: Mapping[str, str]
    raw: bytes
    deadline: float


class Claims:
    """Looks for what may leave and claims it, a batch in a transaction."""

    def __init__(self, database: Database, clock: Clock, pace: Pace) -> None:
        self._database = database
        self._clock = clock
        self._pace = pace

    async def waiting(self, only: Collection[UUID] | None) -> list[UUID]:
        """Actions that may leave now as far as can be seen without a lock, oldest first."""
        now = self._clock.now()
        async with self._database.read() as tx:
            queued = await load_queued(tx, now, only)
            try:
                houses = await _houses(tx, queued)
            except DBAPIError:
                raise
            except Exception as error:  # one bad plan: each action is looked at by itself
                log.exception("plans_not_loaded", error=type(error).__name__)
                return [q.id for q in queued]
        return [q.id for q in queued if held_back(q, houses[q.id], now) is None]

    async def take(self, action_ids: Collection[UUID]) -> tuple[list[Claim], int]:
        """Claims these actions where nothing speaks against it.

        Answers the claims, to be handed over, and how many actions were decided instead.
        """
        now, deadline = self._clock.now(), self._deadline()
        async with self._database.write() as tx:
            await lock_customers(tx, await customers_of(tx, action_ids))
            drawn = await self._draw_all(await _find(tx, action_ids, now), now, deadline)
            rows = {row["id"]: row for _, row in drawn if row}
            await retire_unknown(tx, [row["action_id"] for row in rows.values()])
            written = await insert_attempts(tx, list(rows.values()))
            decided = [key for key in written if rows[key]["outcome"] is not None]
            await post(tx, self._database.service, AttemptsRecorded, decided, now)
        claims = [claim for claim, _ in drawn if claim and claim.attempt in written]
        return claims, len(decided)

    async def give_up(self, action_id: UUID, problem: Problem) -> None:
        """Hands an action over to its owner that cannot even be looked at."""
        now = self._clock.now()
        async with self._database.write() as tx:
            await lock_customers(tx, await customers_of(tx, [action_id]))
            rows = [
                _decided_row(queued, Decided(outcome="impossible", reason=problem), now)
                for queued in await load_queued(tx, now, [action_id])
            ]
            await retire_unknown(tx, [row["action_id"] for row in rows])
            written = await insert_attempts(tx, rows)
            await post(tx, self._database.service, AttemptsRecorded, written, now)

    def _deadline(self) -> float:
        return time.monotonic() + self._pace.hand_over.total_seconds()

    async def _draw_all(
        self, found: Sequence[Found], now: datetime, deadline: float
    ) -> list[tuple[Claim | None, AttemptRow | None]]:
        """One after another: what is claimed for a customer is a contact to the next look.

        What is on its way meanwhile is not kept waiting.
        """
        contacted: dict[UUID, date] = {}
        drawn = []
        for one in found:
            customer, day = one.queued.customer, contacted.get(one.queued.customer)
            claim, row = self._drawn(replace(one, contacted_on=day) if day else one, now, deadline)
            if claim:
                contacted[customer] = local_day(claim.calendar, now)
            drawn.append((claim, row))
            await asyncio.sleep(0)
        return drawn

    def _drawn(
        self, found: Found, now: datetime, deadline: float
    ) -> tuple[Claim | None, AttemptRow | None]:
        """The claim and its row; a row alone for what is decided, neither for what is held."""
        match last_look(found, now):
            case Hold(reason=reason):
                log.info("action_held", action_id=str(found.queued.id), reason=reason)
                return None, None
            case Decided() as decided:
                return None, _decided_row(found.queued, decided, now)
            case Send(draft=message):
                return self._claim(found, message, now, deadline)

    def _claim(
        self, found: Found, message: Draft, now: datetime, deadline: float
    ) -> tuple[Claim | None, AttemptRow]:
        queued, house = found.queued, found.house.organisation
        intended = message
        if house.test_address:
            message = redirected(message, house.test_address)
        try:
            mail = _mail(queued, message, now)
            if house.test_address:
                mail = replace(mail, intended=_intended(intended))
            raw = build(mail)
        except ValueError as error:
            log.warning("mail_not_built", action_id=str(queued.id), error=type(error).__name__)
            broken = Decided(outcome="impossible", reason=Problem.MESSAGE_BROKEN)
            return None, _decided_row(queued, broken, now)
        row = _row(queued, now) | {
            "lease_until": now + self._pace.lease,
            "message_id": mail.message_id,
            "recipients": [found.address for found in (*message.to, *message.cc)],
            "subject": message.subject,
            "body": raw,
            "outcome_detail": NOT_BEGUN,
            "live": True,
        }
        claim = Claim(
            attempt=row["id"],
            token=row["token"],
            action=queued.id,
            organisation=house.id,
            test_address=house.test_address,
            tries=queued.tries,
            released=queued.released_by is not None,
            calendar=found.house.calendar,
            envelope_from=mail.sender.address,
            recipients={_ascii(r.address): r.address for r in (*message.to, *message.cc)},
            raw=raw,
            deadline=deadline,
        )
        return claim, row


async def _find(tx: AsyncConnection, action_ids: Collection[UUID], now: datetime) -> list[Found]:
    """What is still queued, read after the lock."""
    queued = await load_queued(tx, now, action_ids)
    houses = await _houses(tx, queued)
    files = await load_case_files(tx, {q.customer for q in queued if q.case})
    items = {customer: file.case.items for customer, file in files.items()}
    rows = await load_draft_rows(tx, [q.id for q in queued], items)
    claimed = await on_their_way(tx, {q.customer for q in queued})
    return [
        Found(
            queued=q,
            house=houses[q.id],
            file=files.get(q.customer),
            rows=rows[q.id],
            contacted_on=_contacted_on(
                q, houses[q.id], rows[q.id].customer["last_contact_on"], claimed.get(q.customer, {})
            ),
        )
        for q in queued
    ]


def _contacted_on(
    queued: Queued, house: House, last: date | None, claimed: Mapping[UUID, datetime]
) -> date | None:
    """The last day on which anything but this action reached the customer, or may have."""
    days = (local_day(house.calendar, at) for action, at in claimed.items() if action != queued.id)
    return max([*days, *([last] if last else [])], default=None)


async def _houses(tx: AsyncConnection, queued: Sequence[Queued]) -> dict[UUID, House]:
    """What holds for each action beside its customer, by action."""
    if not queued:
        return {}
    organisations = await load_organisations(tx, {q.organisation for q in queued})
    plans = await load_plans(tx, {q.plan for q in queued if q.plan})
    imported = await last_imports(tx)
    known: dict[tuple[UUID, UUID | None], House] = {}
    for q in queued:
        known.setdefault(
            (q.organisation, q.plan),
            House(
                organisation=organisations[q.organisation],
                plan=plans.get(q.plan) if q.plan else None,
                last_import=imported.get(q.organisation),
            ),
        )
    return {q.id: known[q.organisation, q.plan] for q in queued}


def _mail(queued: Queued, message: Draft, now: datetime) -> OutgoingEmail:
    """The draft as a mail; ValueError where an address or a domain makes none."""
    if message.sender is None:
        raise ValueError("a message needs a sender")
    sender = _ascii(message.sender.address)
    answers = message.sender.reply_to
    return OutgoingEmail(
        message_id=message_id(f"{queued.id.hex}.{queued.attempts + 1}", sender.rpartition("@")[2]),
        date=now,
        sender=Mailbox(address=sender, name=message.sender.name),
        to=_mailboxes(message.to),
        cc=_mailboxes(message.cc),
        reply_to=Mailbox(address=_ascii(answers)) if answers else None,
        subject=message.subject,
        text=message.text,
        html=message.html,
        automatic=queued.released_by is None,
    )


def _mailboxes(recipients: Sequence[Recipient]) -> tuple[Mailbox, ...]:
    return tuple(Mailbox(address=_ascii(r.address), name=r.name) for r in recipients)


def _intended(message: Draft) -> tuple[str, ...]:
    return tuple(_ascii(recipient.address) for recipient in (*message.to, *message.cc))


def _ascii(address: str) -> str:
    checked = ascii_address(address)
    if isinstance(checked, BadAddress):
        raise ValueError(checked.reason)  # noqa: TRY004 - its value is wrong, not its type
    return checked


def _row(queued: Queued, now: datetime) -> dict[str, Any]:
    return {
        "id": new_id(),
        "action_id": queued.id,
        "number": queued.attempts + 1,
        "channel": queued.channel,
        "action_version": queued.version,
        "token": new_id(),
        "claimed_at": now,
        "lease_until": now,
        "message_id": "",
        "recipients": [],
        "subject": None,
        "body": None,
        "outcome": None,
        "outcome_detail": None,
        "recorded_at": None,
        "live": False,
    }


def _decided_row(queued: Queued, decided: Decided, now: datetime) -> AttemptRow:
    return _row(queued, now) | {
        "outcome": decided.outcome,
        "outcome_detail": decided.reason,
        "recorded_at": now,
    }
