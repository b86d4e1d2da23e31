"""Drafts from rows: the one road to a preview and to what is sent."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from relance.domain.evaluation.eligibility import asked
from relance.domain.money import to_minor
from relance.domain.plans import Channel, Mode, Phase
from relance.domain.problems import Problem
from relance.drafting import facts
from relance.drafting.draft import Draft, Recipient, Sender
from relance.drafting.recipients import Contact, Recipients, contact_of, recipients
from relance.drafting.senders import Signatory, Signing, sender, signatory
from relance.drafting.writing import Letterhead, Text, write
from relance.store.drafts import DraftRows, load_draft_rows


async def load_drafts(
    tx: AsyncConnection,
    action_ids: Collection[UUID],
    today: date,
    *,
    viewer: UUID | None = None,
) -> dict[UUID, Draft]:
    """The drafts of these actions, by action; identifiers of no action are left out.

    `today` is the organisation's date. A manual action that nobody has validated yet is drafted
    as `viewer` would send it, or its first owner. Nothing wrong with one draft touches another:
    it shows in its `problem`.
    """
    found = await load_draft_rows(tx, action_ids)
    return {action_id: draft(rows, today, viewer=viewer) for action_id, rows in found.items()}


def draft(rows: DraftRows, today: date, *, viewer: UUID | None = None) -> Draft:
    """One action's draft from its rows."""
    channel = Channel(rows.action["channel"])
    shown = facts.shown(_ledger(rows), today)
    members = {key: _signatory(row) for key, row in rows.members.items()}
    signs = signatory(_signing(rows, viewer), members)
    house = rows.organisation
    sent_by = sender(signs, house["name"], house["sender_email"] or house["email"])
    contacts = {row["id"]: contact_of(row) for row in rows.contacts}
    reached = _recipients(channel, rows, list(contacts.values()))
    head = Letterhead(
        today=today,
        signs=signs,
        owner=next((members[o].name for o in rows.owners if o in members), ""),
        contact=_first(reached.to, contacts),
    )
    text = write(rows, shown, head)
    return Draft(
        action=rows.action["id"],
        customer=rows.customer["id"],
        channel=channel,
        language=text.language,
        to=reached.to,
        cc=reached.cc,
        sender=sent_by,
        subject=text.words.subject,
        text=text.words.text,
        html=text.words.html,
        rows=facts.rows(shown.selected, today),
        credits=facts.rows(shown.credits, today),
        asked=asked(shown.selected, shown.credits),
        amounts={
            item.id: to_minor(item.open, item.currency)
            for item in (*shown.selected, *shown.credits)
        },
        edited=rows.action["edited_body"] is not None,
        problem=_problem(channel, reached, text, sent_by),
    )


def _ledger(rows: DraftRows) -> facts.Ledger:
    return facts.Ledger(
        open_items=rows.open_items,
        chosen=rows.chosen,
        left_out=rows.left_out,
        run_items=rows.run_items,
        phase=Phase(rows.action["phase"]),
        specific=rows.action["case_id"] is None,
    )


def _signing(rows: DraftRows, viewer: UUID | None) -> Signing:
    return Signing(
        rule=rows.action["sender"],
        mode=Mode(rows.action["mode"]),
        released_by=rows.action["released_by"] or viewer,
        account_manager=rows.customer["account_manager_id"],
        owners=rows.owners,
    )


def _recipients(channel: Channel, rows: DraftRows, contacts: Sequence[Contact]) -> Recipients:
    if channel in (Channel.TASK, Channel.OTHER):
        return Recipients()
    if channel is Channel.LETTER:
        return _by_post(rows)
    return recipients(channel, rows.action["to"], rows.action["cc"], contacts)


def _by_post(rows: DraftRows) -> Recipients:
    address = rows.customer["address"].strip()
    if not address:
        return Recipients(problem=Problem.NO_CONTACT)
    return Recipients(to=(Recipient(address=address, name=rows.customer["name"]),))


def _first(to: Sequence[Recipient], contacts: Mapping[UUID, Contact]) -> Contact | None:
    return next((contacts[found.contact] for found in to if found.contact), None)


def _problem(
    channel: Channel, reached: Recipients, text: Text, sent_by: Sender | None
) -> Problem | None:
    unsigned = channel is Channel.EMAIL and sent_by is None
    return reached.problem or text.problem or (Problem.NO_SENDER if unsigned else None)


def _signatory(row: Mapping[Any, Any]) -> Signatory:
    return Signatory(
        id=row["id"],
        name=row["name"],
        email=row["email"],
        phone=row["phone"],
        signature=row["signature"],
        active=row["active"],
    )
