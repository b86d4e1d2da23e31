"""Refused decisions are answered privately, to the person who took them, with what they typed."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from relance.clock import Clock
from relance.domain.actions import Decision
from relance.store.cards import Answered, mark_cards, note_told, untold_accepted, untold_refusals
from relance.store.database import Database
from relance_bot.blocks import kit
from relance_bot.blocks.words import Language, say
from relance_bot.deciding import wording
from relance_bot.people import Colleague
from relance_bot.showing import card_view
from relance_bot.telling import Telling

MOST_TYPED = 3_000  # characters of a private word, before they are escaped


class Answers:
    """Tells each person once; what could not be told is tried again."""

    def __init__(self, database: Database, clock: Clock, telling: Telling) -> None:
        self._database = database
        self._clock = clock
        self._telling = telling

    async def tick(self) -> int:
        """Tells what is to be told, and says how many answers were seen to."""
        async with self._database.read() as tx:
            refusals = await untold_refusals(tx, limit=self._telling.most)
            accepted = await untold_accepted(tx)
        if accepted:
            async with self._database.write() as tx:
                await note_told(tx, accepted, self._clock.now())
        awake = self._telling.awake(refused.taken.id for refused in refusals)
        due = [refused for refused in refusals if refused.taken.id in awake]
        return len(accepted) + sum([await self._tell(refused) for refused in due])

    async def _tell(self, refused: Answered) -> bool:
        taken = refused.taken

        async def note(tx: AsyncConnection, at: datetime | None) -> bool:
            if not await note_told(tx, [taken.id], at):
                return False
            if at:
                await mark_cards(tx, [taken.action])
            return True

        async def pieces(who: Colleague) -> list[str]:
            text = await self._text(refused, who, taken.action)
            return giving_back(text, taken.decision, who.language)

        return await self._telling.once(taken.id, taken.reply_to, note, pieces)

    async def _text(self, refused: Answered, who: Colleague, action_id: UUID) -> str:
        async with self._database.read() as tx:
            view = await card_view(tx, action_id, who.member.id, self._clock.now())
        if view is None:
            return say(who.language, "answer.gone")
        return wording(view.action, refused.why, who, refused.fields)


def giving_back(text: str, decision: Decision, language: Language) -> list[str]:
    """The answer, and what a refused decision's person had written, in as many pieces as needed."""
    edit = decision.edit
    pieces = [edit.subject, edit.body, edit.note] if edit else [decision.reason, decision.note]
    typed = "\n\n".join(filter(None, pieces))
    if not typed:
        return [text]
    parts = [typed[at : at + MOST_TYPED] for at in range(0, len(typed), MOST_TYPED)]
    first, *more = map(kit.escape, parts)
    return [f"{text}\n\n{say(language, 'answer.typed', typed=first)}", *more]
