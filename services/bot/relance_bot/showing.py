"""What a card shows, read from the database at the moment of drawing."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from relance.domain.actions import ActionState
from relance.domain.plans import Channel
from relance.domain.worklist import DraftLine
from relance.drafting import Draft, load_drafts
from relance.store.worklist import load_shown
from relance_bot.blocks.card import CardView
from relance_bot.blocks.figures import today_of


async def card_view(
    tx: AsyncConnection, action_id: UUID, viewer: UUID, now: datetime
) -> CardView | None:
    """The action as this member may see it; None when there is no such action.

    Whoever is no owner gets no draft, and a view that is not `mine`.
    """
    action = (await load_shown(tx, [action_id])).get(action_id)
    if action is None:
        return None
    mine = viewer in {owner.id for owner in action.owners}
    if not mine or action.state is not ActionState.WAITING:
        return CardView(action=action, mine=mine)
    drafts = await load_drafts(tx, [action_id], today_of(action, now), viewer=viewer)
    draft = drafts.get(action_id)
    return CardView(action=action, draft=_line(draft) if draft else None)


def _line(draft: Draft) -> DraftLine:
    by_mail = draft.channel is Channel.EMAIL
    called = draft.channel is Channel.CALL  # its numbers stand on the card already
    unneeded = draft.channel in (Channel.CALL, Channel.TASK, Channel.OTHER)
    return DraftLine(
        to=() if called else tuple(r.address for r in draft.to),
        cc=tuple(r.address for r in draft.cc),
        sender=f"{draft.sender.name} ({draft.sender.address})" if draft.sender and by_mail else "",
        subject=draft.subject,
        text=draft.text,
        problem="" if unneeded else draft.problem or "",
    )
