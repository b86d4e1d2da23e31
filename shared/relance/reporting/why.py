"""Why something is or is not due for a customer: one line a cause, in English or French (F43)."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeAlias
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from relance.domain.actions import ActionState
from relance.domain.calendar import local_day
from relance.domain.explanation import Cause, CauseKind, explain
from relance.domain.plans import (
    AUTOMATIC_CHANNELS,
    CONNECTED,
    CONTACT_CHANNELS,
    Channel,
    Plan,
    Step,
    by_hand_where,
)
from relance.domain.wording import long_date, say
from relance.drafting.recipients import Contact, contact_of, recipients
from relance.reporting.finding import CustomerName, find_customers
from relance.store.cases import CaseFile, load_case_files
from relance.store.dispatch import last_imports
from relance.store.organisations import Organisation, load_organisations
from relance.store.plans import load_plans
from relance.store.tables import action_owners, actions, contacts, customers, members

_TOLD_BY_ACTIONS = {CauseKind.BLOCKED, CauseKind.ON_ITS_WAY}
_NEXT = {CauseKind.LEAVES, CauseKind.IS_POSTED, CauseKind.DUE_NOW}

# English, French.
_SENTENCES = {
    "kill_switch": (
        "The kill switch is on: nothing leaves for anybody.",
        "L’arrêt général est activé : rien ne part, pour personne.",
    ),
    "stale": (
        "The ledger is stale: last imported on {on}, so nothing automatic leaves.",
        "Les données sont périmées : dernier import le {on}, rien d’automatique ne part.",
    ),
    "never_imported": (
        "The ledger has never been imported completely, so nothing automatic leaves.",
        "Aucun import n’est allé à son terme : rien d’automatique ne part.",
    ),
    "never_enabled": (
        "Reminders have never been switched on for this customer.",
        "Les relances n’ont jamais été activées pour ce client.",
    ),
    "no_plan": (
        "The customer is under no plan: its profile gives none, and there is no default.",
        "Le client ne suit aucun plan : son profil n’en donne pas et il n’y a pas de défaut.",
    ),
    "plan": ("Plan: {plan}.", "Plan : {plan}."),
    "waiting": (
        "“{step}” waits for {who} since {on}{until}.",
        "« {step} » attend {who} depuis le {on}{until}.",
    ),
    "queued": (
        "“{step}” is queued since {on} and leaves as soon as it may.",
        "« {step} » est en file depuis le {on} et part dès que possible.",
    ),
    "uncertain": (
        "“{step}” of {on} may have left or not: {who} must say.",
        "« {step} » du {on} est peut-être partie : {who} doit le dire.",
    ),
    "snoozed": (", put off until {on}", ", reportée au {on}"),
    "nobody": ("nobody", "personne"),
    "no_contact": (
        "“{step}” has nobody to go to: the customer has no usable {what}.",
        "« {step} » n’a pas de destinataire : le client n’a pas {what} utilisable.",
    ),
    "email": ("e-mail address", "d’adresse e-mail"),
    "phone": ("telephone number", "de numéro de téléphone"),
    "post": ("postal address", "d’adresse postale"),
    "several": (
        "Several customers match “{query}”:",
        "Plusieurs clients répondent à « {query} » :",
    ),
    "unknown": ("No customer matches “{query}”.", "Aucun client ne répond à « {query} »."),
    "nearest": ("The nearest:", "Les plus proches :"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Explained:
    """One customer was meant; a line for each cause, the organisation's first."""

    customer: CustomerName
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Several:
    """Several match: one must be chosen."""

    query: str
    matches: tuple[CustomerName, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Nobody:
    """None matches; `nearest` are those most alike."""

    query: str
    nearest: tuple[CustomerName, ...]


WhyAnswer: TypeAlias = Explained | Several | Nobody


async def why(
    tx: AsyncConnection, organisation_id: UUID, query: str, now: datetime, language: str
) -> WhyAnswer:
    """Explains the customer that `query` names; see `finding`."""
    found = await find_customers(tx, organisation_id, query)
    if len(found.found) > 1:
        return Several(query=query, matches=found.found)
    if not found.found:
        return Nobody(query=query, nearest=found.nearest)
    [customer] = found.found
    organisation = (await load_organisations(tx, [organisation_id]))[organisation_id]
    lines = [
        *await holds(tx, organisation, now, language),
        *await _of_customer(tx, organisation, customer.id, now, language),
    ]
    return Explained(customer=customer, lines=tuple(lines))


def sentences(answer: WhyAnswer, language: str) -> tuple[str, ...]:
    """The answer as lines of plain text."""
    match answer:
        case Explained(customer=customer, lines=lines):
            return (_called(customer), *lines)
        case Several(query=query, matches=matches):
            return (_say("several", language, query=query), *map(_called, matches))
        case Nobody(query=query, nearest=nearest):
            first = _say("unknown", language, query=query)
            if not nearest:
                return (first,)
            return (first, _say("nearest", language), *map(_called, nearest))


def _called(customer: CustomerName) -> str:
    if customer.name == customer.reference:
        return customer.name
    return f"{customer.name} ({customer.reference})"


async def holds(
    tx: AsyncConnection, organisation: Organisation, now: datetime, language: str
) -> list[str]:
    """What keeps everything from leaving, whoever the customer: the kill switch, stale data."""
    lines = []
    if organisation.kill_switch:
        lines.append(_say("kill_switch", language))
    hours = organisation.fresh_within_hours
    if hours is not None:
        last = (await last_imports(tx)).get(organisation.id)
        if last is None:
            lines.append(_say("never_imported", language))
        elif last < now - timedelta(hours=hours):
            on = long_date(local_day(organisation.calendar, last), language)
            lines.append(_say("stale", language, on=on))
    return lines


async def _of_customer(
    tx: AsyncConnection,
    organisation: Organisation,
    customer: UUID,
    now: datetime,
    language: str,
    connected: Collection[Channel] = CONNECTED,
) -> list[str]:
    file = (await load_case_files(tx, [customer])).get(customer)
    pending = await _open_actions(tx, organisation, customer, language)
    if file is None:
        row = (await tx.execute(sa.select(customers).where(customers.c.id == customer))).one()
        if row.archived:
            why_not = say(Cause(kind=CauseKind.ARCHIVED), language)
        else:
            why_not = _say("no_plan" if row.enabled else "never_enabled", language)
        return [why_not, *pending]
    plan = (await load_plans(tx, [file.plan_id]))[file.plan_id]
    plan = by_hand_where(plan, AUTOMATIC_CHANNELS - frozenset(connected))
    causes = explain(file.case, plan, organisation.calendar, now)
    told = [cause for cause in causes if cause.kind not in _TOLD_BY_ACTIONS]
    return [
        _say("plan", language, plan=plan.name),
        *pending,
        *dict.fromkeys(say(cause, language) for cause in told),
        *await _without_contact(tx, file, plan, causes, language),
    ]


async def _open_actions(
    tx: AsyncConnection, organisation: Organisation, customer: UUID, language: str
) -> list[str]:
    rows = await tx.execute(
        sa.select(
            actions.c.id,
            actions.c.state,
            actions.c.step_name,
            actions.c.made_at,
            actions.c.snoozed_until,
        )
        .where(actions.c.customer_id == customer, actions.c.closed_at.is_(None))
        .order_by(actions.c.made_at, actions.c.id)
    )
    found = rows.all()
    owners = await _owners(tx, [row.id for row in found])
    lines = []
    for row in found:
        until = row.snoozed_until
        lines.append(
            _say(
                ActionState(row.state),
                language,
                step=row.step_name,
                on=long_date(local_day(organisation.calendar, row.made_at), language),
                who=", ".join(owners.get(row.id, ())) or _say("nobody", language),
                until=_say("snoozed", language, on=long_date(until, language)) if until else "",
            )
        )
    return lines


async def _owners(tx: AsyncConnection, action_ids: Sequence[UUID]) -> dict[UUID, list[str]]:
    rows = await tx.execute(
        sa.select(action_owners.c.action_id, members.c.name)
        .join_from(action_owners, members)
        .where(action_owners.c.action_id.in_(action_ids))
        .order_by(members.c.name)
    )
    found: dict[UUID, list[str]] = {}
    for row in rows:
        found.setdefault(row.action_id, []).append(row.name)
    return found


async def _without_contact(
    tx: AsyncConnection, file: CaseFile, plan: Plan, causes: Sequence[Cause], language: str
) -> list[str]:
    """For each step that comes next: whether it would find nobody to go to."""
    names = {cause.step for cause in causes if cause.kind in _NEXT}
    steps = [step for step in plan.steps if step.name in names]
    if not steps:
        return []
    rows = await tx.execute(sa.select(contacts).where(contacts.c.customer_id == file.case.customer))
    people = [contact_of(row) for row in rows.mappings()]
    address = await tx.scalar(
        sa.select(customers.c.address).where(customers.c.id == file.case.customer)
    )
    return list(_unreached(steps, people, address or "", language))


def _unreached(
    steps: Sequence[Step], people: Sequence[Contact], address: str, language: str
) -> Iterator[str]:
    for step in steps:
        what = ""
        if step.channel is Channel.LETTER:
            what = "" if address.strip() else "post"
        elif (
            step.channel in CONTACT_CHANNELS
            and recipients(step.channel, step.to, step.cc, people).problem
        ):
            what = "email" if step.channel is Channel.EMAIL else "phone"
        if what:
            yield _say("no_contact", language, step=step.name, what=_say(what, language))


def _say(key: str, language: str, **words: str) -> str:
    return _SENTENCES[key][language[:2].lower() == "fr"].format_map(words)
