"""Which handler grants which request, and what every request goes through (rules §7)."""

from collections.abc import Mapping
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from relance.clock import Clock
from relance.contracts.messages import RequestsAnswered
from relance.domain.requests import Answer, Decline, Declined, Request, may_ask
from relance.messaging.outbox import post
from relance.store.organisations import load_members
from relance.store.requests import Asked, answer_request, unanswered_requests
from relance_scheduler.history import Event, record
from relance_scheduler.requests import (
    assigning,
    pausing,
    people,
    plans,
    rules,
    settings,
    switches,
)
from relance_scheduler.requests.asker import Asker, Grant

GRANTS: Mapping[type[Request], Grant] = {
    **pausing.GRANTS,
    **plans.GRANTS,
    **assigning.GRANTS,
    **switches.GRANTS,
    **settings.GRANTS,
    **people.GRANTS,
    **rules.GRANTS,
}


class Requests:
    """Grants requests in the order in which they were made, each once."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    async def handle(self, tx: AsyncConnection, request_ids: tuple[UUID, ...]) -> None:
        now = self._clock.now()
        found = await unanswered_requests(tx, request_ids)
        for asked in found:
            await answer_request(tx, asked.id, await self._answer(tx, asked), now)
        await post(tx, "scheduler", RequestsAnswered, [asked.id for asked in found], now)

    async def _answer(self, tx: AsyncConnection, asked: Asked) -> Answer:
        now, team = self._clock.now(), await load_members(tx, asked.organisation)
        member = next((m for m in team if m.id == asked.member and m.active), None)
        if member is None or not may_ask(asked.request, member.roles):
            detail = {"kind": asked.request.kind}
            await record(tx, [Event(event="refused", at=now, member=asked.member, detail=detail)])
            return Declined(why=Decline.NOT_ALLOWED)
        asker = Asker(member=member, organisation=asked.organisation, now=now)
        return await GRANTS[type(asked.request)](tx, asked.request, asker)
