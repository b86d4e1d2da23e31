"""Calling the provider with no transaction open, then recording what it answered."""

import asyncio
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Protocol

import structlog

from relance.clock import Clock
from relance.contracts.messages import AttemptsRecorded
from relance.domain.outcomes import Delivered, Outcome, Refusal, Rejected, TryLater, Unknown
from relance.domain.problems import Problem
from relance.messaging.outbox import post
from relance.store.database import Database
from relance.store.dispatch import TRY_LATER, UNKNOWN, Recorded, answer_text, record_outcomes
from relance_dispatcher.claims import Claim
from relance_dispatcher.pace import Pace, retry_at

_RECORD_TRIES = 6
_RECORD_PAUSE = 0.1  # seconds, doubled each time

log = structlog.get_logger(__name__)


class Transport(Protocol):
    """Hands one message over before `deadline` (monotonic) or not at all."""

    async def send(
        self, envelope_from: str, recipients: tuple[str, ...], raw: bytes, *, deadline: float
    ) -> Outcome: ...


class Sending:
    """Hands claims over, several at once, and records each as soon as its answer is there."""

    def __init__(self, database: Database, transport: Transport, clock: Clock, pace: Pace) -> None:
        self._database = database
        self._transport = transport
        self._clock = clock
        self._pace = pace
        self._places = asyncio.Semaphore(pace.senders)

    async def hand_over(self, claims: Collection[Claim]) -> None:
        """Returns when every claim has its outcome on record.

        Answers that come in while others are being recorded share the next transaction.
        """
        async with asyncio.TaskGroup() as group:
            answers: asyncio.Queue[Recorded] = asyncio.Queue()
            for claim in claims:
                group.create_task(self._send(claim, answers))
            left = len(claims)
            while left:
                found = [await answers.get()]
                while not answers.empty():
                    found.append(answers.get_nowait())
                await self._record_surely(found)
                left -= len(found)

    async def _send(self, claim: Claim, answers: asyncio.Queue[Recorded]) -> None:
        async with self._places:
            try:
                outcome = await self._transport.send(
                    claim.envelope_from,
                    tuple(claim.recipients),
                    claim.raw,
                    deadline=claim.deadline,
                )
            except Exception as error:  # a fault of ours: nobody knows how far it went
                log.exception(
                    "transport_failed",
                    attempt_id=str(claim.attempt),
                    error=type(error).__name__,
                )
                outcome = Unknown(reason=f"The transport failed: {type(error).__name__}.")
        answers.put_nowait(recorded(claim, outcome, self._pace, self._clock.now()))

    async def _record_surely(self, found: Sequence[Recorded]) -> None:
        """Tries for a while: an answer that is not written down leaves its attempt in doubt."""
        for turn in range(_RECORD_TRIES):
            try:
                await self._record(found)
            except Exception as error:
                log.exception(
                    "outcomes_not_recorded",
                    attempt_ids=[str(one.attempt) for one in found],
                    error=type(error).__name__,
                )
                await asyncio.sleep(_RECORD_PAUSE * 2**turn)
            else:
                return

    async def _record(self, found: Sequence[Recorded]) -> None:
        now = self._clock.now()
        async with self._database.write() as tx:
            written = await record_outcomes(tx, found, now)
            await post(tx, self._database.service, AttemptsRecorded, written, now)
        for late in (one for one in found if one.attempt not in written):
            log.warning("outcome_came_too_late", attempt_id=str(late.attempt), outcome=late.outcome)


def recorded(claim: Claim, outcome: Outcome, pace: Pace, now: datetime) -> Recorded:
    """What is written down for a provider's answer."""
    match outcome:
        case Delivered(response=said, refused=refused):
            return _recorded(claim, "delivered", _answer(claim, said, refused), live=True)
        case Rejected(code=code, reason=said, refused=refused):
            detail = _answer(claim, f"{code} {said}", refused)
            return _recorded(claim, "rejected", detail, live=False)
        case Unknown(reason=said):
            return _recorded(claim, UNKNOWN, said, live=True)
        case TryLater(reason=said, code=code):
            tries = claim.tries + 1
            if tries >= pace.most_tries:
                return _recorded(claim, "impossible", Problem.PROVIDER_UNREACHABLE, live=False)
            at = retry_at(pace, claim.calendar, tries, now, any_time=claim.released)
            detail = f"{code} {said}" if code else said
            return _recorded(claim, TRY_LATER, detail, live=False, retry=at)


def _recorded(
    claim: Claim, outcome: str, detail: str, *, live: bool, retry: datetime | None = None
) -> Recorded:
    return Recorded(
        attempt=claim.attempt,
        token=claim.token,
        outcome=outcome,
        detail=detail,
        live=live,
        retry_at=retry,
    )


def _answer(claim: Claim, said: str, refused: Sequence[Refusal]) -> str:
    """The answer with the refused addresses as the contacts write them."""
    why = {claim.recipients[r.recipient]: f"{r.code} {r.reason}" for r in refused}
    return answer_text(said, why)
