"""Cards in Slack follow their actions: claimed, drawn, recorded; what fails is tried again."""

import asyncio
import hashlib
import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from enum import Enum, auto
from uuid import UUID

import sqlalchemy as sa
import structlog

from relance.clock import Clock
from relance.contracts.messages import ActionsChanged
from relance.domain.actions import OPEN_STATES, ActionState
from relance.messaging.outbox import uncarried_traces
from relance.messaging.tracing import span
from relance.store.cards import (
    Claim,
    Due,
    claim_card,
    claim_known_card,
    due_cards,
    keep_card,
    put_card_off,
)
from relance.store.database import Database
from relance.store.organisations import find_zone
from relance.store.tables import organisations
from relance.store.unreached import GATHERING, TELLING, TOLD, UNREACHED
from relance_bot.blocks.brief import brief
from relance_bot.blocks.card import CardView, card
from relance_bot.blocks.deeds import news, parting, told
from relance_bot.blocks.kit import Message
from relance_bot.blocks.values import Place
from relance_bot.blocks.words import Language, say
from relance_bot.people import People, Profile
from relance_bot.showing import card_view
from relance_bot.slack import NOBODY, TOO_MUCH, Failure, Slack, failure_of, is_passing

SOON = timedelta(seconds=30)
LATER = timedelta(minutes=15)
LASTING = TOO_MUCH  # what time alone does not heal
# The card cannot be changed any more.
GONE = frozenset(
    {
        "message_not_found",
        "thread_not_found",
        "channel_not_found",
        "is_archived",
        "is_inactive",
        "not_in_channel",
        "cant_update_message",
        "edit_window_closed",
    }
)

log = structlog.get_logger(__name__)


class Drawing(Enum):
    """What came of drawing a card; AWAY: Slack takes nothing at the moment."""

    SHOWN = auto()
    NOTHING = auto()
    AWAY = auto()


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
        return claim is not None and await self._draw(claim, after) is Drawing.SHOWN

    async def redraw(self, action_id: UUID, member_id: UUID, pressed: Place | None = None) -> None:
        """Draws the person's card now, where there is one.

        `pressed` is a card of the action in which they have just pressed something. It is the card
        that we know of, or Slack had taken one and its answer was lost: then it is followed from
        now on, or it says that another took its place.
        """
        async with self._database.write() as tx:
            claim = await claim_known_card(tx, action_id, member_id, self._clock.now())
        if claim is None:
            return
        if pressed and claim.ts is None:
            claim = replace(claim, channel=pressed.channel, ts=pressed.ts)
            await self._keep(claim, channel=pressed.channel, ts=pressed.ts)
        await self._draw(claim, "")
        if pressed and pressed.ts != claim.ts:
            await self._withdraw(pressed, member_id)

    async def _withdraw(self, stray: Place, member_id: UUID) -> None:
        try:
            person = await self._people.find(member_id)
            text = say(person.language if person else "en", "card.twice")
            await self._slack.change(stray.channel, stray.ts, Message(text=text))
        except Failure as error:
            log.warning("stray_card_left", error=failure_of(error))

    async def _serve(self, theirs: list[Due], traces: Mapping[UUID, str]) -> int:
        """One person's cards, until a further one would have to wait for its turn or for Slack."""
        done = 0
        for due in theirs:
            if done and not due.posted and not await self._is_free(due.member):
                break
            async with self._database.write() as tx:
                claim = await claim_card(tx, due.action, due.member, self._clock.now())
            drawn = await self._draw(claim, traces.get(due.action, "")) if claim else None
            done += drawn is Drawing.SHOWN
            if drawn is Drawing.AWAY:  # the others need not time out one after the other
                break
        return done

    async def _is_free(self, member_id: UUID) -> bool:
        try:
            person = await self._people.find(member_id)
            return person is None or self._slack.pace.is_free(await self._slack.direct(person.user))
        except Failure:
            return True

    async def _draw(self, claim: Claim, after: str) -> Drawing:
        try:
            with span("draw", after, action=claim.action):
                shown = await self._draw_now(claim)
        except Failure as error:
            failure = failure_of(error)
            await self._put_off(claim, failure)
            return Drawing.AWAY if is_passing(failure) else Drawing.NOTHING
        if shown:
            self._changed(claim.member)
        return Drawing.SHOWN if shown else Drawing.NOTHING

    async def _draw_now(self, claim: Claim) -> bool:
        async with self._database.read() as tx:
            view = await card_view(tx, claim.action, claim.member, self._clock.now())
        if view is None:
            return False
        over = view.action.state not in OPEN_STATES
        if claim.ts is None and not _is_wanted(view):  # if it is not over, it may become wanted
            await self._keep(claim, version=view.action.version, settled=over)
            return False
        person = await self._people.find(claim.member)
        if person is None and (over or not view.mine):  # nobody is there to be shown anything
            await self._keep(claim, version=view.action.version, settled=over)
            return False
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
            ts = await self._put(channel, None, message, person.language)
            known = tuple(deed.id.hex for deed in view.action.deeds)
            await self._keep(claim, channel=channel, ts=ts, told=list(known), drawn=digest)
        elif digest != claim.drawn:
            await self._put(channel, ts, message, person.language)
        return replace(claim, channel=channel, ts=ts, drawn=digest, told=known)

    async def _put(self, channel: str, ts: str | None, message: Message, language: Language) -> str:
        """The message, or as much of it as Slack takes."""
        try:
            return await self._put_whole(channel, ts, message)
        except Failure as error:
            if (failure := failure_of(error)) not in TOO_MUCH:
                raise
            log.warning("card_shortened", problem=failure)
        return await self._put_whole(channel, ts, brief(message, language))

    async def _put_whole(self, channel: str, ts: str | None, message: Message) -> str:
        if ts is None:
            return await self._slack.post(channel, message)
        await self._slack.change(channel, ts, message)
        return ts

    async def _tell(self, claim: Claim, view: CardView, language: Language) -> None:
        """What happened since goes into the card's thread; then the card is as it should be."""
        action, known = view.action, [*claim.told]
        new = [deed for deed in told(action) if deed.id.hex not in claim.told]
        for deed in new:
            said = news(language, action, deed) if view.mine else parting(language, action, deed)
            if said and claim.channel:
                await self._slack.post(claim.channel, said, claim.ts)
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

    async def _put_off(self, claim: Claim, failure: str) -> None:
        problem, rest = _rest(claim, failure)
        log.warning(
            "card_not_drawn",
            action_id=str(claim.action),
            member_id=str(claim.member),
            problem=failure,
        )
        async with self._database.write() as tx:
            if failure in GONE:  # somebody has deleted it: a new one takes its place
                await keep_card(tx, claim, channel=None, ts=None, drawn="")
            await put_card_off(tx, claim, self._clock.now() + rest, problem)


def _rest(claim: Claim, failure: str) -> tuple[str, timedelta]:
    """What the card remembers as its problem, and for how long it rests.

    That its person is not in Slack is remembered, whatever else fails, until they are.
    """
    if claim.problem == TOLD:
        return TOLD, LATER
    if failure in NOBODY:
        known = claim.problem in (UNREACHED, TELLING)
        return UNREACHED, timedelta() if known else GATHERING
    return failure, LATER if failure in LASTING else SOON


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
