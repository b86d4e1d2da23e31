"""The dispatcher's work: what is rung for at once, everything that waits at each poll."""

import asyncio
from collections import deque
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from uuid import UUID

import structlog

from relance.clock import Clock
from relance.contracts.messages import ActionsQueued
from relance.domain.problems import Problem
from relance.messaging.outbox import uncarried_traces
from relance.messaging.tracing import present, span
from relance.store.database import Database, is_in_trouble
from relance_dispatcher.claims import Claims
from relance_dispatcher.pace import Pace
from relance_dispatcher.reconcile import reconcile
from relance_dispatcher.sending import Sending

_MOST_RUNG = 2_000  # above that, a poll is the quicker look

log = structlog.get_logger(__name__)


class Dispatcher:
    """Any number of them may work on the same rows: a claim belongs to one.

    What a tick has begun goes on when the tick is cancelled; `close` waits for it.
    """

    def __init__(
        self, database: Database, claims: Claims, sending: Sending, clock: Clock, pace: Pace
    ) -> None:
        self._database = database
        self._claims = claims
        self._sending = sending
        self._clock = clock
        self._pace = pace
        self._rung: dict[UUID, str] = {}  # with the trace that goes on
        self._polled_at: datetime | None = None
        self._work: set[asyncio.Task[int]] = set()
        self._wake: Callable[[], None] | None = None
        self._halted = False
        self._claiming = asyncio.Lock()
        self._size = min(pace.senders, pace.batch)

    def wake_with(self, wake: Callable[[], None]) -> None:
        """Has `wake` called whenever a bell rings: the loop need not end its pause."""
        self._wake = wake

    async def ring(self, action_ids: Collection[UUID]) -> None:
        """These actions may leave: the next tick looks at them."""
        self._rung |= dict.fromkeys(action_ids, present())
        if self._wake:
            self._wake()

    async def tick(self) -> int:
        """Sends what may leave, and says how many actions it sent or decided."""
        rung, self._rung = self._rung, {}
        if self._poll_is_due() or len(rung) > _MOST_RUNG:
            self._polled_at = self._clock.now()
            traces = await uncarried_traces(self._database, ActionsQueued) | rung
            doubtful = await reconcile(self._database, self._clock)
            return doubtful + await self._dispatch(None, traces)
        return await self._dispatch(rung, rung) if rung else 0

    def halt(self) -> None:
        """Claims no further batch: whoever works on, or starts again, finds what is left."""
        self._halted = True

    async def close(self) -> None:
        """Waits for what is on its way."""
        await asyncio.gather(*self._work, return_exceptions=True)

    def _poll_is_due(self) -> bool:
        last, now = self._polled_at, self._clock.now()
        return last is None or not last <= now < last + self._pace.poll_every

    async def _dispatch(self, only: Collection[UUID] | None, traces: Mapping[UUID, str]) -> int:
        """Claims the next batch while one is on its way, and no further one."""
        waiting = deque(await self._claims.waiting(only))
        done, on_their_way = 0, deque[asyncio.Task[int]]()
        while waiting and not self._halted:
            batch = [waiting.popleft() for _ in range(min(len(waiting), self._size))]
            on_their_way.append(self._begin(batch, [traces.get(one, "") for one in batch]))
            if len(on_their_way) > 1:
                done += await asyncio.shield(on_their_way.popleft())
        for task in on_their_way:
            done += await asyncio.shield(task)
        return done

    def _begin(self, action_ids: Sequence[UUID], traces: Sequence[str]) -> asyncio.Task[int]:
        task = asyncio.create_task(self._paced(action_ids, traces))
        self._work.add(task)
        task.add_done_callback(self._ended)
        return task

    def _ended(self, task: asyncio.Task[int]) -> None:
        """Its tick, if that is still there, hears how it ended."""
        self._work.discard(task)
        if not task.cancelled():
            task.exception()

    async def _paced(self, action_ids: Sequence[UUID], traces: Sequence[str]) -> int:
        """Claims fewer together next time where these took long to leave, else more."""
        loop = asyncio.get_running_loop()
        began = loop.time()
        with span("dispatch", *traces, actions=len(action_ids)):
            done = await self._send(action_ids)
        late = loop.time() - began > self._pace.ahead.total_seconds()
        wanted = self._size // 2 if late else self._size * 2
        self._size = min(max(wanted, self._pace.senders), self._pace.batch)
        return done

    async def _send(self, action_ids: Sequence[UUID]) -> int:
        try:
            async with self._claiming:
                claims, decided = await self._claims.take(action_ids)
        except Exception as error:  # one bad customer never stops the others
            if is_in_trouble(error):
                raise
            log.exception("batch_not_claimed", error=type(error).__name__)
            return await self._send_singly(action_ids)
        await self._sending.hand_over(claims)
        return len(claims) + decided

    async def _send_singly(self, action_ids: Sequence[UUID]) -> int:
        if len(action_ids) == 1:
            await self._claims.give_up(action_ids[0], Problem.UNEXPECTED_ERROR)
            return 1
        return sum([await self._send([action_id]) for action_id in action_ids])
