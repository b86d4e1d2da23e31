"""Refused decisions are answered privately, to the person who took them, with what they typed."""

from uuid import UUID

import structlog

from relance.clock import Clock
from relance.domain.actions import Decision
from relance.store.cards import Answered, mark_cards, note_told, untold_accepted, untold_refusals
from relance.store.database import Database
from relance_bot.blocks import kit
from relance_bot.blocks.words import Language, say
from relance_bot.deciding import wording
from relance_bot.people import Colleague, Identity, People
from relance_bot.showing import card_view
from relance_bot.slack import Failure, Slack, failure_of

MOST_TYPED = 3_000

log = structlog.get_logger(__name__)


class Answers:
    """Tells each person once; what could not be told is tried again."""

    def __init__(self, database: Database, clock: Clock, slack: Slack, people: People) -> None:
        self._database = database
        self._clock = clock
        self._slack = slack
        self._people = people

    async def tick(self) -> int:
        """Tells what is to be told, and says how many answers were seen to."""
        async with self._database.read() as tx:
            refusals = await untold_refusals(tx)
            accepted = await untold_accepted(tx)
        if accepted:
            async with self._database.write() as tx:
                await note_told(tx, accepted, self._clock.now())
        return len(accepted) + sum([await self._tell(refused) for refused in refusals])

    async def _tell(self, refused: Answered) -> bool:
        """Notes it first: told twice by two bots would be worse than not at all."""
        taken = refused.taken
        async with self._database.write() as tx:
            if not await note_told(tx, [taken.id], self._clock.now()):
                return False
            await mark_cards(tx, [taken.action])
        try:
            await self._say(refused)
        except Failure as error:
            log.warning("answer_not_told", decision_id=str(taken.id), error=failure_of(error))
            async with self._database.write() as tx:
                await note_told(tx, [taken.id], None)
            return False
        return True

    async def _say(self, refused: Answered) -> None:
        taken = refused.taken
        place = taken.reply_to
        user = place.get("user", "")
        identity = Identity(team=self._people.team, user=user, home_team=self._people.team)
        who = await self._people.who(identity)
        if isinstance(who, Colleague):
            text = await self._text(refused, who, taken.action)
            await self._slack.whisper(user, place.get("channel") or None, text)

    async def _text(self, refused: Answered, who: Colleague, action_id: UUID) -> str:
        async with self._database.read() as tx:
            view = await card_view(tx, action_id, who.member.id, self._clock.now())
        if view is None:
            return say(who.language, "answer.gone")
        told = wording(view.action, refused.why, who, refused.fields)
        return told + typed_back(refused.taken.decision, who.language)


def typed_back(decision: Decision, language: Language) -> str:
    """What a refused decision's person had written, so that it is not lost; else nothing."""
    edit = decision.edit
    pieces = [edit.subject, edit.body, edit.note] if edit else [decision.reason, decision.note]
    typed = "\n\n".join(filter(None, pieces))
    if not typed:
        return ""
    return "\n\n" + say(language, "answer.typed", typed=kit.escape(kit.clip(typed, MOST_TYPED)))
