"""Requests: written once, then the scheduler's to grant; their answers told in the right place."""

from collections.abc import Callable
from datetime import datetime

import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from relance.clock import Clock
from relance.contracts.messages import RequestsTaken
from relance.domain.house_requests import SwitchTest
from relance.domain.requests import Granted, Request, may_ask
from relance.messaging.outbox import post
from relance.messaging.tracing import span
from relance.store.cards import mark_open_cards
from relance.store.database import Database
from relance.store.requests import (
    Answered,
    Asked,
    note_answer_told,
    take_request,
    untold_answers,
)
from relance.store.types import new_id
from relance_bot.blocks import answered
from relance_bot.blocks.words import say
from relance_bot.people import Colleague
from relance_bot.telling import Telling

log = structlog.get_logger(__name__)


class Asking:
    """What is asked is not done yet: the scheduler grants or declines, and is then listened to."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        telling: Telling,
        kick: Callable[[], None],
    ) -> None:
        self._database = database
        self._clock = clock
        self._telling = telling
        self._kick = kick

    async def ask(
        self, request: Request, who: Colleague, origin: str, channel: str = ""
    ) -> str | None:
        """Writes the request and its message; the refusal, in words, where the role forbids it.

        `origin` names the click or command; a repeated delivery is the same and asks nothing.
        """
        if not may_ask(request, who.member.roles):
            log.info("request_refused", member_id=str(who.member.id), kind=request.kind)
            return say(who.language, "asked.not_allowed")
        now = self._clock.now()
        asked = Asked(
            id=new_id(),
            organisation=who.organisation,
            member=who.member.id,
            request=request,
            origin=origin,
            reply_to={"user": who.user, "channel": channel},
        )
        with span("ask", request=asked.id, kind=request.kind):
            async with self._database.write() as tx:
                if await take_request(tx, asked, now):
                    await post(tx, self._database.service, RequestsTaken, [asked.id], now)
        self._kick()
        return None

    async def tick(self) -> int:
        """Tells what is to be told, and says how many answers were seen to."""
        async with self._database.read() as tx:
            answers = await untold_answers(tx, limit=self._telling.most)
        awake = self._telling.awake(answer.asked.id for answer in answers)
        due = [answer for answer in answers if answer.asked.id in awake]
        return sum([await self._tell(answer) for answer in due])

    async def _tell(self, found: Answered) -> bool:
        asked = found.asked

        async def note(tx: AsyncConnection, at: datetime | None) -> bool:
            if not await note_answer_told(tx, asked.id, at):
                return False
            if at and isinstance(asked.request, SwitchTest) and isinstance(found.answer, Granted):
                await mark_open_cards(tx, asked.organisation)
            return True

        async def pieces(who: Colleague) -> list[str]:
            return [answered.text(asked.request, found.answer, who.language)]

        return await self._telling.once(asked.id, asked.reply_to, note, pieces)
