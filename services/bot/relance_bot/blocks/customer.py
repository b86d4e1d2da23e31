"""The customer sheet: what is owed and how old it is, where it stands, what was done (F35)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from relance.domain.ageing import Bucket, ageing, balance
from relance.domain.ledger import Item, days_late, is_debit
from relance.domain.worklist import ContactLine, Deed, ShownAction
from relance_bot.blocks import deeds, figures, kit
from relance_bot.blocks.kit import Json, Message
from relance_bot.blocks.words import Language, say

MOST_ITEMS = 12
MOST_CONTACTS = 6
MOST_CURRENCIES = 15
MOST_DEEDS = 8
MOST_EVENTS = 40
MOST_TEXT = 2_800


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerView:
    """A customer as the reader may see it; `standing` are sentences, in their language."""

    name: str
    reference: str
    reader: UUID
    today: date
    standing: Sequence[str]
    items: Sequence[Item]
    contacts: Sequence[ContactLine]
    actions: Sequence[ShownAction]


def sheet(view: CustomerView, language: Language) -> Message:
    """Everything at a glance; the history in full is `/relance history`."""
    title = _title(view)
    blocks = [kit.header("customer", title), kit.section("standing", _standing(view))]
    blocks += _statement(view, language)
    blocks.append(kit.section("contacts", _contacts(view, language)))
    lines = [_line(view, *deed, language) for deed in _latest(view)[:MOST_DEEDS]]
    head = f"*{say(language, 'customer.history')}*"
    nothing = say(language, "customer.history.none")
    blocks.append(kit.section("history", _cut([head, *(lines or [nothing])])))
    return Message(text=kit.escape(title), blocks=tuple(blocks))


def history(view: CustomerView, language: Language) -> Message:
    """Who did what, when, and what became of it: the latest first."""
    title = say(language, "customer.history.of", customer=kit.clip(view.name, 110))
    found = _latest(view)
    lines = [_line(view, *deed, language) for deed in found[:MOST_EVENTS]]
    if not lines:
        lines = [say(language, "customer.history.none")]
    blocks = [kit.header("history", title)]
    blocks += [
        kit.section(f"history-{at}", _cut(lines[at : at + 10])) for at in range(0, len(lines), 10)
    ]
    if (more := len(found) - MOST_EVENTS) > 0:
        blocks.append(kit.context("history-more", say(language, "home.more", n=more)))
    return Message(text=kit.escape(title), blocks=tuple(blocks))


def _title(view: CustomerView) -> str:
    name = " ".join(view.name.split())
    return kit.clip(name if name == view.reference else f"{name} ({view.reference})", 140)


def _standing(view: CustomerView) -> str:
    return _cut([kit.datum(line, 400) for line in view.standing]) or "-"


def _statement(view: CustomerView, language: Language) -> Iterator[Json]:
    sums = ageing(view.items, view.today)
    if not sums:
        yield kit.section("owed", say(language, "customer.owes_nothing"))
        return
    shown = sorted(sums.items(), key=lambda of: (-balance(of[1]), of[0]))[:MOST_CURRENCIES]
    filled = [bucket for bucket in Bucket if any(buckets[bucket] for _, buckets in shown)]
    heads = [say(language, f"ageing.{name}") for name in ("currency", "total", *filled)]
    rows = [
        [
            currency,
            _amount(balance(buckets), currency, language),
            *(_amount(buckets[bucket], currency, language) for bucket in filled),
        ]
        for currency, buckets in shown
    ]
    yield kit.table("ageing", [heads, *rows], right=tuple(range(1, len(heads))))
    oldest = [_item(item, view.today, language) for item in view.items[:MOST_ITEMS]]
    if (more := len(view.items) - MOST_ITEMS) > 0:
        oldest.append(say(language, "items.more", n=more))
    yield kit.section("items", _cut(oldest))


def _amount(value: Decimal, currency: str, language: Language) -> str:
    return figures.amount(language, value, currency) if value else "-"


def _item(item: Item, today: date, language: Language) -> str:
    number = f"{item.number}/{item.part}" if item.part else item.number
    said = [f"*{kit.datum(number, 60)}*"]
    if not is_debit(item):
        said.append(say(language, f"item.{item.kind}"))
    if item.due_on:
        said.append(say(language, "customer.due", day=figures.day(language, item.due_on)))
    if is_debit(item) and (late := days_late(item, today)) > 0:
        said.append(say(language, "customer.late", n=late))
    said.append(figures.amount(language, item.open, item.currency))
    if item.open != item.amount:
        whole = figures.amount(language, item.amount, item.currency)
        said.append(say(language, "customer.of", amount=whole))
    if item.family != "ongoing":
        said.append(f"_{say(language, f'family.{item.family}')}_")
    return " · ".join(said)


def _contacts(view: CustomerView, language: Language) -> str:
    lines = [f"*{say(language, 'customer.contacts')}*"]
    for contact in view.contacts[:MOST_CONTACTS]:
        parts = (contact.name, contact.position, contact.email, contact.phone)
        lines.append(" · ".join(kit.datum(part, 100) for part in parts if part) or "-")
    if not view.contacts:
        lines.append(say(language, "customer.contacts.none"))
    if (more := len(view.contacts) - MOST_CONTACTS) > 0:
        lines.append(say(language, "names.more", n=more))
    return _cut(lines)


def _latest(view: CustomerView) -> list[tuple[ShownAction, Deed]]:
    """What happened to the actions that the reader may know of, the latest first."""
    found = []
    for action in view.actions:
        mine = view.reader in {owner.id for owner in action.owners}
        shown = action if mine else deeds.without_content(action)
        found += [(shown, deed) for deed in deeds.told(shown)]
    return sorted(found, key=lambda pair: (pair[1].at, pair[1].id), reverse=True)


def _line(view: CustomerView, action: ShownAction, deed: Deed, language: Language) -> str:
    said = deeds.line(language, action, deed)
    owners = deeds.owners(language, (owner.name for owner in action.owners))
    whose = "" if view.reader in {owner.id for owner in action.owners} else f" ({owners})"
    return f"*{kit.datum(action.step_name, 60)}*{whose} – {said}"


def _cut(lines: Sequence[str]) -> str:
    """As many whole lines as a section takes."""
    kept, room = list[str](), MOST_TEXT
    for line in lines:
        room -= len(line) + 1
        if room < 0:
            return "\n".join((*kept, kit.ELLIPSIS))
        kept.append(line)
    return "\n".join(kept)
