"""Calling the provider with no transaction open, then recording what it answered."""

import asyncio
from collections import deque
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Protocol

import structlog

from relance.clock import Clock
from relance.contracts.messages import AttemptsRecorded
from relance.counters import SENDS
from relance.domain.outcomes import Delivered, Outcome, Refusal, Rejected, TryLater, Unknown
from relance.domain.plans import Channel
from relance.domain.problems import Problem
from relance.messaging.outbox import post
from relance.messaging.tracing import span
from relance.store.database import Database
from relance.store.dispatch import TRY_LATER, UNKNOWN, Recorded, answer_text, record_outcomes
from relance_dispatcher.claims import Claim
from relance_dispatcher.pace import Pace, retry_at
from relance_dispatcher.test_mode import held_now

_RECORD_TRIES = 6
_RECORD_PAUSE = 0.1  # seconds, doubled each time
_LINGER = 0.02  # seconds that an answer waits for others to be recorded with

log = structlog.get_logger(__name__)


class Transport(Protocol):
    """Hands one message over before `deadline` (monotonic) or not at all."""

    async def send(
        self, envelope_from: str, recipients: tuple[str, ...], raw: bytes, *, deadline: float
    ) -> Outcome: ...


class Sending:
    """Hands claims over, several at once, and records each soon after its answer is there.

    A hand-over begins only when it is on record that it does. What the transaction of a beginning
    records, and what it costs, is shared with the answers that have come meanwhile.
    """

    def __init__(self, database: Database, transport: Transport, clock: Clock, pace: Pace) -> None:
        self._database = database
        self._transport = transport
        self._clock = clock
        self._pace = pace
        self._places = asyncio.Semaphore(pace.senders)
        self._begun = 0  # and not on record yet
        self._freed = asyncio.Event()

    async def hand_over(self, claims: Collection[Claim]) -> None:
        """Returns when every claim that was begun has its outcome on record.

        Ahead of a free place as many begin as answers come in: none while the provider is slow.
        """
        waiting, answers = deque(claims), asyncio.Queue[Recorded]()
        found, mine = list[Recorded](), 0
        try:
            async with asyncio.TaskGroup() as group:
                while waiting or mine:
                    first = self._next(waiting, len(found))
                    if not first and not mine:
                        await self._another_is_done()
                        continue
                    begun = await self._record_surely(found, first)
                    for claim in begun:
                        group.create_task(self._send(claim, answers))
                    mine += self._count(len(begun) - len(found))
                    found = await self._answered(answers, mine, last=not waiting) if mine else []
        finally:
            self._count(-mine)

    def _next(self, waiting: deque[Claim], answered: int) -> list[Claim]:
        """Those to begin now, while `answered` are being recorded."""
        most = min(self._pace.senders + 2 * answered, self._pace.in_doubt)
        room = max(0, most - self._begun + answered)
        return [waiting.popleft() for _ in range(min(len(waiting), room))]

    def _count(self, more: int) -> int:
        self._begun += more
        if more < 0:
            self._freed.set()
        return more

    async def _another_is_done(self) -> None:
        self._freed.clear()
        await self._freed.wait()

    async def _answered(
        self, answers: asyncio.Queue[Recorded], begun: int, *, last: bool
    ) -> list[Recorded]:
        """Those to be recorded together: half of what is on its way, or what comes in a moment."""
        found, wanted = [await answers.get()], begun if last else max(1, begun // 2)
        try:
            async with asyncio.timeout(_LINGER):
                while len(found) < wanted:
                    found.append(await answers.get())
        except TimeoutError:
            pass
        return found

    async def _send(self, claim: Claim, answers: asyncio.Queue[Recorded]) -> None:
        async with self._places:
            try:
                with span("send", action=claim.action, attempt=claim.attempt):
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
        answer = recorded(claim, outcome, self._pace, self._clock.now())
        SENDS.labels(Channel.EMAIL.value, answer.outcome).inc()
        answers.put_nowait(answer)

    async def _record_surely(
        self, found: Sequence[Recorded], first: Sequence[Claim]
    ) -> Sequence[Claim]:
        """Tries for a while: an answer that is not written down leaves its attempt in doubt.

        Answers those claims that may begin.
        """
        for turn in range(_RECORD_TRIES):
            try:
                return await self._record(found, first)
            except Exception as error:
                log.exception(
                    "outcomes_not_recorded",
                    attempt_ids=[str(one.attempt) for one in found],
                    error=type(error).__name__,
                )
                await asyncio.sleep(_RECORD_PAUSE * 2**turn)
        return ()

    async def _record(self, found: Sequence[Recorded], first: Sequence[Claim]) -> Sequence[Claim]:
        now = self._clock.now()
        async with self._database.write() as tx:
            held = await held_now(tx, {claim.organisation for claim in first})
            beginning = [_begun(claim, held.get(claim.organisation), now) for claim in first]
            written = await record_outcomes(tx, [*found, *beginning], now)
            ended = [one.attempt for one in found if one.attempt in written]
            await post(tx, self._database.service, AttemptsRecorded, ended, now)
        for late in (one for one in (*found, *beginning) if one.attempt not in written):
            log.warning("outcome_came_too_late", attempt_id=str(late.attempt), outcome=late.outcome)
        begun = {one.attempt for one in beginning if one.outcome is None} & written
        return [claim for claim in first if claim.attempt in begun]


def _begun(claim: Claim, test_address: str | None, now: datetime) -> Recorded:
    """That the hand-over begins; or not, where it was claimed before the switches were turned."""
    if test_address == claim.test_address:
        return Recorded(attempt=claim.attempt, token=claim.token)
    return _recorded(claim, TRY_LATER, "switched", live=False, retry=now)


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
