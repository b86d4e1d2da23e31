"""What a message says: its template in the customer's language, or what its owner typed."""

from dataclasses import dataclass
from datetime import date

import structlog

from relance.domain.plans import Channel
from relance.domain.problems import Problem
from relance.drafting import facts
from relance.drafting.recipients import Contact
from relance.drafting.senders import Signatory
from relance.rendering import Rendered, Style, Template, choose, compose, render
from relance.rendering import facts as said
from relance.store.drafts import DraftRows

_NEEDS_TEXT = frozenset({Channel.EMAIL, Channel.SMS, Channel.LETTER})
_NOTHING = Rendered(subject="", text="", html="")

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Letterhead:
    """Who writes to whom, and when."""

    today: date
    signs: Signatory | None
    owner: str
    contact: Contact | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """The words, in one language; with a `problem` they may be missing."""

    language: str
    words: Rendered = _NOTHING
    problem: Problem | None = None


def write(rows: DraftRows, shown: facts.Shown, head: Letterhead) -> Text:
    """The words of one action; a typed subject or text stands in for the template's."""
    languages = [rows.customer["language"] or "", rows.organisation["language"]]
    template = _template(rows, languages)
    text = _from_template(template, languages, rows, shown, head)
    return text if _as_typed(rows) is None else _typed(rows, text)


def _as_typed(rows: DraftRows) -> str | None:
    body: str | None = rows.action["edited_body"]
    return rows.action["edited_subject"] if body is None else body


def _template(rows: DraftRows, languages: list[str]) -> Template | None:
    action = rows.action
    key = action["template"] or ""
    of_channel = (
        Template(
            key=found.key,
            channel=found.channel.value,
            language=found.language,
            subject=found.subject,
            body=found.body,
        )
        for found in rows.templates
        if found.key == key and found.channel == action["channel"]
    )
    return choose(of_channel, key, *filter(None, languages))


def _from_template(
    template: Template | None,
    languages: list[str],
    rows: DraftRows,
    shown: facts.Shown,
    head: Letterhead,
) -> Text:
    if template is None:
        needed = rows.action["template"] or rows.action["channel"] in _NEEDS_TEXT
        problem = Problem.TEMPLATE_MISSING if needed else None
        return Text(language=next(filter(None, languages), "en")[:2], problem=problem)
    style = Style(locale=rows.customer["language"])
    try:
        words = render(template, _facts(rows, shown, head, template.language), style)
    except Exception as error:  # noqa: BLE001 - whatever a template raises is that template's fault
        log.warning(
            "template_broken",
            action_id=str(rows.action["id"]),
            template=template.key,
            error=type(error).__name__,
        )
        return Text(language=template.language, problem=Problem.TEMPLATE_BROKEN)
    return Text(language=template.language, words=words)


def _typed(rows: DraftRows, text: Text) -> Text:
    """What the owner typed, completed by what they left as it was."""
    subject, body = rows.action["edited_subject"], rows.action["edited_body"]
    if body is None and text.problem:
        return text
    words = compose(
        channel=rows.action["channel"],
        subject=text.words.subject if subject is None else subject,
        text=text.words.text if body is None else body,
        organisation=_house(rows),
        language=text.language,
        style=Style(locale=rows.customer["language"]),
    )
    nameless = rows.action["channel"] == Channel.EMAIL and not words.subject
    return Text(
        language=text.language,
        words=words,
        problem=(text.problem or Problem.TEMPLATE_MISSING) if nameless else None,
    )


def _facts(
    rows: DraftRows, shown: facts.Shown, head: Letterhead, language: str
) -> said.MessageFacts:
    today = head.today
    lines = {item.id: facts.row(item, today) for item in (*shown.due, *shown.selected)}
    return said.MessageFacts(
        organisation=_house(rows),
        customer=said.Customer(
            name=rows.customer["name"],
            reference=rows.customer["reference"],
            language=language,
        ),
        today=today,
        contact=_contact(head.contact),
        sender=_sender(head.signs, rows),
        owner=said.Owner(name=head.owner),
        reference=facts.reference(shown.reference, today) if shown.reference else None,
        payment=shown.payment,
        items_due=tuple(lines[item.id] for item in shown.due),
        items_overdue=tuple(
            lines[item.id] for item in shown.due if item.due_on and item.due_on < today
        ),
        items_selected=tuple(lines[item.id] for item in shown.selected),
        credits=facts.rows(shown.credits, today),
        payment_link=rows.organisation["payment_link"] or None,
    )


def _house(rows: DraftRows) -> said.Organisation:
    house = rows.organisation
    return said.Organisation(
        name=house["name"],
        address=house["address"],
        email=house["email"],
        phone=house["phone"],
    )


def _contact(contact: Contact | None) -> said.Contact:
    if contact is None:
        return said.Contact()
    return said.Contact(
        name=contact.name, email=contact.email, phone=contact.phone, position=contact.position
    )


def _sender(member: Signatory | None, rows: DraftRows) -> said.Sender:
    if member is None:
        return said.Sender(name=rows.organisation["name"], email=rows.organisation["email"])
    return said.Sender(
        name=member.name, email=member.email, phone=member.phone, signature=member.signature
    )
