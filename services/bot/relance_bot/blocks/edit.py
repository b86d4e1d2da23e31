"""The edit modal, and what its person changed in it."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from uuid import UUID

from relance.domain.actions import Edit
from relance.domain.plans import AUTOMATIC_CHANNELS, Channel
from relance.domain.worklist import ItemLine, owed
from relance_bot.blocks import figures, kit
from relance_bot.blocks.card import CardView, title
from relance_bot.blocks.kit import Json
from relance_bot.blocks.typed import ADDRESSED, WITH_SUBJECT, Typed
from relance_bot.blocks.values import Metadata, Target, metadata_text
from relance_bot.blocks.words import Language, say

CALLBACK = "edit"
MOST_TEXT = 30_000  # a modal has 250 kB
PART = 2_500  # of the 3,000 characters of an input: room to write
OPTIONS = 100
OPTION_VALUE = 150
MOST_SUBJECT = 250
NOTHING = Edit()


def form(
    view: CardView, language: Language, *, typed: Typed | None = None, moved: bool = False
) -> Json:
    """The modal; `typed` is what it held before, `moved` says that an amount has changed since."""
    shown = typed or _as_drafted(view)
    metadata = Metadata(
        target=Target(action=view.action.id, version=view.action.version),
        text_mark=text_mark(view),
        amounts_mark=amounts_mark(view),
        kept=shown.kept,
    )
    return kit.modal(
        CALLBACK,
        say(language, "modal.edit"),
        list(_blocks(view, shown, language, moved=moved)),
        submit=say(language, "modal.save"),
        close=say(language, "modal.cancel"),
        metadata=metadata_text(metadata),
    )


def edit_of(view: CardView, typed: Typed, metadata: Metadata) -> Edit:
    """What the person changed; what they left alone is None and stays with the template."""
    drafted = _as_drafted(view)
    rewritten = typed.body is not None and _mark(typed.subject, typed.body) != metadata.text_mark
    moved = typed.channel is not view.action.channel
    return Edit(
        channel=typed.channel if moved else None,
        subject=typed.subject if rewritten or moved else None,
        body=typed.body if rewritten or moved else None,
        to=_changed(typed.recipients(), drafted.recipients()),
        cc=_changed(typed.copies(), drafted.copies()),
        items=_items_changed(view.action.items, typed.items),
        note=typed.note if typed.note != view.action.note else None,
    )


def text_mark(view: CardView) -> str:
    """A mark of the text as the modal shows it."""
    drafted = _as_drafted(view)
    return _mark(drafted.subject, drafted.body or "")


def amounts_mark(view: CardView) -> str:
    """A mark of what the items come to."""
    return _digest("/".join(f"{i.id}:{i.open}:{i.included}" for i in view.action.items))


def _as_drafted(view: CardView) -> Typed:
    action, draft = view.action, view.draft
    channel = action.channel
    text = draft.text if draft else ""
    return Typed(
        channel=channel,
        to=(draft.to if draft else ()) if channel in ADDRESSED else None,
        cc=(draft.cc if draft else ()) if channel is Channel.EMAIL else None,
        subject=(draft.subject if draft else "") if channel in WITH_SUBJECT else None,
        body=text if len(text) <= MOST_TEXT else None,
        items=frozenset(item.id for item in action.items if item.included),
        note=action.note,
    )


def _blocks(view: CardView, typed: Typed, language: Language, *, moved: bool) -> Iterator[Json]:
    named = kit.escape(title(view.action, language))
    yield kit.context("intro", say(language, "modal.edit.intro", title=named))
    if moved:
        total = figures.amounts(language, owed(view.action.items))
        yield kit.section("moved", f":warning: {say(language, 'modal.amounts_moved', owed=total)}")
    yield kit.field(
        "channel",
        say(language, "field.channel"),
        kit.select(
            [kit.option(say(language, f"channel.{c}"), c.value) for c in Channel], typed.channel
        ),
        dispatch=True,
    )
    addressed = typed.channel in ADDRESSED
    channel = typed.channel if addressed else Channel.EMAIL
    known = known_addresses(view, typed.to or (), channel) if addressed else {}
    if known:
        yield _select(f"to-{channel}", known, typed.to or (), language)
    elif addressed:
        yield other_addresses(
            f"to_typed-{channel}", (*(typed.to or ()), typed.to_typed), channel, language
        )
    if typed.subject is not None:
        element = kit.line_input(typed.subject, most=MOST_SUBJECT)
        yield kit.field("subject", say(language, "field.subject"), element, optional=True)
    yield from _text_fields(view, typed, language)
    yield from _items(view.action.items, typed, language)
    if known:
        others = (*(a for a in typed.to or () if a not in known), typed.to_typed)
        yield other_addresses(f"to_typed-{channel}", others, channel, language)
    if typed.channel is Channel.EMAIL:
        yield from _copies(view, typed, language)
    note = kit.line_input(typed.note, multiline=True)
    yield kit.field("note", say(language, "field.note"), note, optional=True)


def _copies(view: CardView, typed: Typed, language: Language) -> Iterator[Json]:
    known = known_addresses(view, typed.cc or (), Channel.EMAIL)
    if known:
        yield _select("cc", known, typed.cc or (), language)
    others = (*(a for a in typed.cc or () if a not in known), typed.cc_typed)
    yield other_addresses("cc_typed", others, Channel.EMAIL, language)


def _select(
    block_id: str, known: Mapping[str, str], chosen: Sequence[str], language: Language
) -> Json:
    """Of those known, the ones chosen."""
    options = [kit.option(text, value) for value, text in known.items()]
    label = say(language, f"field.{block_id.partition('-')[0]}")
    return kit.field(block_id, label, kit.multi_select(options, tuple(chosen)), optional=True)


def other_addresses(
    block_id: str, typed: Sequence[str], channel: Channel, language: Language
) -> Json:
    """A line for addresses that are nobody's known ones."""
    element = kit.line_input(", ".join(filter(None, typed)))
    label = say(language, f"field.{block_id.partition('-')[0]}")
    hint = say(language, f"field.to_typed.hint.{channel}")
    return kit.field(block_id, label, element, optional=True, hint=hint)


def known_addresses(view: CardView, chosen: Sequence[str], channel: Channel) -> dict[str, str]:
    """Address -> how it is called: those chosen first, then the customer's contacts'."""
    called = {}
    for contact in view.action.contacts:
        address = contact.email if channel is Channel.EMAIL else contact.phone
        who = " · ".join(filter(None, (contact.name, contact.position)))
        if address and address not in called:
            called[address] = f"{kit.clip(who, 30)} · {address}" if who else address
    order = dict.fromkeys([*chosen, *called])
    fitting = [address for address in order if 0 < len(address) <= OPTION_VALUE]
    return {address: called.get(address, address) for address in fitting[:OPTIONS]}


def _text_fields(view: CardView, typed: Typed, language: Language) -> Iterator[Json]:
    if typed.body is None:
        length = len(view.draft.text) if view.draft else 0
        yield kit.section("long", say(language, "edit.too_long", n=length, most=MOST_TEXT))
        return
    parts = _parts(typed.body)
    written = typed.channel in AUTOMATIC_CHANNELS
    label = say(language, "field.body" if written else "field.script")
    for at, part in enumerate(parts):
        if len(parts) > 1:
            label = say(language, "field.body_part", part=at + 1, parts=len(parts))
        element = kit.line_input(part, multiline=True)
        yield kit.field(f"body-{at}", label, element, optional=True)


def _items(items: Sequence[ItemLine], typed: Typed, language: Language) -> Iterator[Json]:
    parts = [items[at : at + OPTIONS] for at in range(0, len(items), OPTIONS)][:20]
    label = say(language, "field.items")
    chosen = tuple(item.hex for item in typed.items or ())
    for at, part in enumerate(parts):
        if len(parts) > 1:
            label = say(language, "field.items_part", part=at + 1, parts=len(parts))
        options = [kit.option(_item_text(item, language), item.id.hex) for item in part]
        select = kit.multi_select(options, chosen)
        yield kit.field(f"items-{at}", label, select, optional=True)


def _item_text(item: ItemLine, language: Language) -> str:
    left = figures.amount(language, item.open, item.currency)
    due = f" · {figures.day(language, item.due_on)}" if item.due_on else ""
    return f"{kit.clip(figures.item_name(language, item), 30)} · {left}{due}"


def _parts(text: str) -> list[str]:
    """The text cut at line ends into what an input takes; "\\n".join gives it back."""
    parts: list[str] = []
    for line in text.split("\n"):
        for at in range(0, max(len(line), 1), PART):
            piece = line[at : at + PART]
            if parts and not at and len(parts[-1]) + 1 + len(piece) <= PART:
                parts[-1] += "\n" + piece
            else:
                parts.append(piece)
    return parts


def _items_changed(
    items: Sequence[ItemLine], chosen: frozenset[UUID] | None
) -> tuple[UUID, ...] | None:
    if chosen is None or chosen == {item.id for item in items if item.included}:
        return None
    return tuple(item.id for item in items if item.id in chosen)


def _changed(
    typed: tuple[str, ...] | None, drafted: tuple[str, ...] | None
) -> tuple[str, ...] | None:
    return None if typed is None or set(typed) == set(drafted or ()) else typed


def _mark(subject: str | None, body: str) -> str:
    lines = "\n".join(line.rstrip() for line in body.strip().splitlines())
    return _digest(f"{(subject or '').strip()}\n\n{lines}")


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]
