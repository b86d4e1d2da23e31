"""Cards in Slack follow their actions: claimed, drawn, recorded; what fails is tried again."""

import asyncio
import hashlib
import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
import structlog

from relance.clock import Clock
from relance.contracts.messages import ActionsChanged
from relance.domain.actions import OPEN_STATES, ActionState
from relance.messaging.outbox import uncarried_traces
from relance.messaging.tracing import span
from relance.store.cards import Claim, Due, claim_card, due_cards, keep_card, put_card_off
from relance.store.database import Database
from relance.store.organisations import find_zone
from relance.store.tables import organisations
from relance_bot.blocks.card import CardView, card
from relance_bot.blocks.deeds import news, told
from relance_bot.blocks.kit import Message
from relance_bot.blocks.words import Language
from relance_bot.people import People, Profile
from relance_bot.showing import card_view
from relance_bot.slack import Failure, Slack, failure_of

SOON = timedelta(seconds=30)
LATER = timedelta(minutes=15)
# Errors that time alone does not heal.
LASTING = frozenset({"not_in_slack", "over_limit", "user_disabled", "cannot_dm_bot", "no_text"})
GONE = frozenset({"message_not_found", "channel_not_found"})

log = structlog.get_logger(__name__)


class Cards:
    """Draws what is due. `changed` hears whose cards have been drawn."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        slack: Slack,
        people: People,
        changed: Callable[[UUID], None],
    ) -> None:
        self._database = database
        self._clock = clock
        self._slack = slack
        self._people = people
        self._changed = changed

    async def tick(self, rung: Mapping[UUID, str] | None = None) -> int:
        """Draws what is due of the actions rung for or of all, and says how many were drawn.

        With each action rung for is the trace that goes on.
        People are served side by side; one person's changes come before their new cards.
        """
        async with self._database.read() as tx:
            zones = (await tx.execute(sa.select(organisations.c.zone))).scalars().all()
            midnight = _midnight(zones, self._clock.now())
            due = await due_cards(tx, self._clock.now(), midnight, rung)
        if not due:
            return 0
        traces = rung or await uncarried_traces(self._database, ActionsChanged)
        by_member: defaultdict[UUID, list[Due]] = defaultdict(list)
        for one in sorted(due, key=lambda one: not one.posted):
            by_member[one.member].append(one)
        drawn = await asyncio.gather(
            *(self._serve(theirs, traces) for theirs in by_member.values())
        )
        return sum(drawn)

    async def draw(self, action_id: UUID, member_id: UUID, after: str = "") -> bool:
        """Draws one card now, if nobody else does; whether Slack shows it."""
        async with self._database.write() as tx:
            claim = await claim_card(tx, action_id, member_id, self._clock.now())
        if claim is None:
            return False
        try:
            with span("draw", after, action=action_id):
                done = await self._draw(claim)
        except Failure as error:
            await self._put_off(claim, failure_of(error))
            return False
        if done:
            self._changed(member_id)
        return done

    async def _serve(self, theirs: list[Due], traces: Mapping[UUID, str]) -> int:
        """One person's cards, until a further one would have to wait for its turn."""
        done = 0
        for due in theirs:
            if done and not due.posted and not await self._is_free(due.member):
                break
            done += await self.draw(due.action, due.member, traces.get(due.action, ""))
        return done

    async def _is_free(self, member_id: UUID) -> bool:
        try:
            person = await self._people.find(member_id)
            return person is None or self._slack.pace.is_free(await self._slack.direct(person.user))
        except Failure:
            return True

    async def _draw(self, claim: Claim) -> bool:
        async with self._database.read() as tx:
            view = await card_view(tx, claim.action, claim.member, self._clock.now())
        if view is None:
            return False
        if claim.ts is None and not _is_wanted(view):
            over = view.action.state not in OPEN_STATES  # else it may become wanted yet
            await self._keep(claim, version=view.action.version, settled=over)
            return False
        person = await self._people.find(claim.member)
        if person is None:
            await self._put_off(claim, "not_in_slack")
            return False
        posted = await self._show(claim, view, person)
        await self._tell(posted, view, person.language)
        return True

    async def _show(self, claim: Claim, view: CardView, person: Profile) -> Claim:
        """Posts the card or changes it where it shows something else."""
        message = card(view, person.language, self._clock.now())
        digest = _digest(message)
        channel, ts, known = claim.channel, claim.ts, claim.told
        if channel is None or ts is None:
            channel = await self._slack.direct(person.user)
            ts = await self._slack.post(channel, message)
            known = tuple(deed.id.hex for deed in view.action.deeds)
            await self._keep(claim, channel=channel, ts=ts, told=list(known), drawn=digest)
        elif digest != claim.drawn:
            await self._slack.change(channel, ts, message)
        return Claim(
            action=claim.action,
            member=claim.member,
            leased_until=claim.leased_until,
            version=claim.version,
            channel=channel,
            ts=ts,
            drawn=digest,
            told=known,
        )

    async def _tell(self, claim: Claim, view: CardView, language: Language) -> None:
        """What happened since goes into the card's thread; then the card is as it should be."""
        action, known = view.action, [*claim.told]
        new = [deed for deed in told(action) if deed.id.hex not in claim.told]
        for deed in new:
            if view.mine and claim.channel:
                await self._slack.post(claim.channel, news(language, action, deed), claim.ts)
            known.append(deed.id.hex)
            await self._keep(claim, told=known)
        over = action.state not in OPEN_STATES
        await self._keep(
            claim,
            version=action.version,
            drawn=claim.drawn,
            drawn_at=self._clock.now(),
            told=known,
            settled=over and action.pending is None,
        )

    async def _keep(self, claim: Claim, **shown: object) -> None:
        async with self._database.write() as tx:
            await keep_card(tx, claim, **shown)

    async def _put_off(self, claim: Claim, problem: str) -> None:
        rest = LATER if problem in LASTING else SOON
        log.warning(
            "card_not_drawn",
            action_id=str(claim.action),
            member_id=str(claim.member),
            problem=problem,
        )
        async with self._database.write() as tx:
            if problem in GONE:  # somebody has deleted it: a new one takes its place
                await keep_card(tx, claim, channel=None, ts=None, drawn="")
            await put_card_off(tx, claim, self._clock.now() + rest, problem)


def _is_wanted(view: CardView) -> bool:
    """Whether a card is worth posting: something waits for this very person."""
    return view.mine and view.action.state in (ActionState.WAITING, ActionState.UNCERTAIN)


def _midnight(zones: Iterable[str], now: datetime) -> datetime:
    """When the latest of the organisations' present days began; a wrong zone has none."""
    starts = []
    for zone in zones:
        try:
            local = now.astimezone(find_zone(zone))
        except ValueError:
            continue
        starts.append(local.replace(hour=0, minute=0, second=0, microsecond=0).astimezone(UTC))
    return max(starts, default=now)


def _digest(message: Message) -> str:
    shown = json.dumps([message.text, message.blocks], sort_keys=True)
    return hashlib.sha256(shown.encode()).hexdigest()
