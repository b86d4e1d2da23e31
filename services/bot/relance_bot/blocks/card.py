"""The card: what one owner sees of an action, drawn from its present state alone."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from relance.domain.actions import ActionState, Verb
from relance.domain.plans import AUTOMATIC_CHANNELS, Channel
from relance.domain.problems import Problem
from relance.domain.worklist import Deed, DraftLine, ShownAction, owed
from relance_bot.blocks import deeds, figures, kit
from relance_bot.blocks.banners import mail_banner
from relance_bot.blocks.kit import Json, Message
from relance_bot.blocks.refused import refusals, trouble_of, wants_address
from relance_bot.blocks.values import Target, value_of
from relance_bot.blocks.words import Language, say

MOST_TEXT = 2_500
MOST_TITLE = 140


@dataclass(frozen=True, slots=True, kw_only=True)
class CardView:
    """What a card shows; `mine` is False once the action belongs to others."""

    action: ShownAction
    draft: DraftLine | None = None
    mine: bool = True


def card(view: CardView, language: Language, now: datetime) -> Message:
    """The card in the reader's language."""
    action = view.action
    today = figures.today_of(action, now)
    if not view.mine:
        return _withdrawn(action, language)
    if action.pending:
        return _pending(action, language, today)
    match action.state:
        case ActionState.WAITING:
            return _under_test(_waiting(view, language, today), action, language)
        case ActionState.UNCERTAIN:
            return _under_test(_uncertain(view, language, today), action, language)
        case _:
            return _closed(action, language, today)


def _under_test(message: Message, action: ShownAction, language: Language) -> Message:
    """In test mode the card says so first: what is validated reaches no customer (F57)."""
    if not action.test_address:
        return message
    banner = mail_banner(action.test_address, language, f"-{action.version}")
    return Message(text=message.text, blocks=(banner, *message.blocks))


def title(action: ShownAction, language: Language) -> str:
    """The action's name and its customer, as plain text."""
    step, customer = kit.clip(action.step_name, 60), kit.clip(action.customer, 75)
    return " ".join(say(language, "title", step=step, customer=customer).split())


def content(view: CardView, language: Language, today: date) -> Iterator[Json]:
    """Everything about a waiting action but its items and its buttons."""
    action, draft = view.action, view.draft
    tag = f"{action.version}"
    yield kit.section(f"summary-{tag}", figures.summary(language, action, today))
    if trouble := trouble_of(action, draft):
        yield kit.section(f"problem-{tag}", f":warning: {deeds.problem(language, trouble)}")
    if wants_address(action, draft) and (told := refusals(action, language)):
        yield kit.section(f"refused-{tag}", told)
    yield kit.context(f"since-{tag}", *_standing(action, language, today))


def message_of(view: CardView, language: Language) -> Iterator[Json]:
    """The draft: recipients, subject, text; of a call, the numbers and the script."""
    action, draft = view.action, view.draft or DraftLine()
    tag = f"{action.version}"
    if action.channel is Channel.CALL:
        yield kit.section(f"phones-{tag}", _phones(action, language))
    if head := _head(draft, language):
        yield kit.section(f"draft-{tag}", head)
    if draft.text.strip():
        yield kit.quote(f"text-{tag}", kit.clip(draft.text.strip(), MOST_TEXT))
        if len(draft.text.strip()) > MOST_TEXT:
            yield kit.context(f"cut-{tag}", say(language, "draft.cut"))
    elif action.channel in AUTOMATIC_CHANNELS:
        yield kit.context(f"text-{tag}", say(language, "draft.none"))
    if action.note:
        note = say(language, "note", note=kit.datum(action.note, 500))
        yield kit.context(f"note-{tag}", note)


def buttons(view: CardView, language: Language) -> Json:
    """What its owner may decide; the first one is the primary."""
    action = view.action
    value = value_of(Target(action=action.id, version=action.version))
    impossible = bool(view.draft and view.draft.problem)
    names = [_deciding(action), Verb.EDIT.value, Verb.SKIP.value]
    if impossible and names[0] == Verb.VALIDATE:
        names = names[1:]
    if wants_address(action, view.draft):
        names = ["address", *names]
    return kit.actions(
        f"decide-{action.version}",
        *(
            _button(action, name, value, language, style="" if at else "primary")
            for at, name in enumerate(names)
        ),
        kit.overflow("more", [kit.option(say(language, "button.snooze"), f"snooze.{value}")]),
    )


def _waiting(view: CardView, language: Language, today: date) -> Message:
    action = view.action
    tag = f"{action.version}"
    blocks = [kit.header(f"title-{tag}", title(action, language))]
    blocks += content(view, language, today)
    if figures.shown_items(action):
        rows = figures.item_rows(language, action, today)
        blocks.append(kit.table(f"items-{tag}", rows, right=(2, 3)))
    if note := figures.items_note(language, action):
        blocks.append(kit.context(f"more-{tag}", note))
    blocks += message_of(view, language)
    blocks.append(buttons(view, language))
    return Message(text=_text(action, language), blocks=tuple(blocks))


def _uncertain(view: CardView, language: Language, today: date) -> Message:
    action = view.action
    tag = f"{action.version}"
    value = value_of(Target(action=action.id, version=action.version))
    sure = kit.confirmation(
        say(language, "confirm.send_again"),
        say(language, "confirm.send_again.text"),
        say(language, "confirm.yes"),
        say(language, "confirm.no"),
    )
    head = _head(DraftLine(to=action.sent_to), language)
    return Message(
        text=say(language, "text.uncertain", **_named(action)),
        blocks=(
            kit.header(f"title-{tag}", title(action, language)),
            kit.section(f"summary-{tag}", figures.summary(language, action, today)),
            kit.section(f"state-{tag}", f":warning: {say(language, 'state.uncertain')}"),
            *([kit.section(f"draft-{tag}", head)] if head else []),
            kit.actions(
                f"decide-{tag}",
                _button(action, Verb.MARK_SENT, value, language, style="primary"),
                _button(action, Verb.SEND_AGAIN, value, language, style="danger", confirm=sure),
            ),
            *_history(action, language),
        ),
    )


def _pending(action: ShownAction, language: Language, today: date) -> Message:
    assert action.pending is not None  # noqa: S101 - the caller has looked
    who = kit.datum(action.pending.by.name, 80)
    what = say(language, f"pending.{action.pending.verb}", who=who)
    return _plain_card(action, language, today, what, f"{action.version}-pending")


def _closed(action: ShownAction, language: Language, today: date) -> Message:
    lines = [deeds.lines(language, action)]
    if action.state is ActionState.QUEUED:
        lines.append(say(language, "state.leaving"))
    what = "\n".join(filter(None, lines)) or say(language, "news.other", at="")
    return _plain_card(action, language, today, what, f"{action.version}")


def _plain_card(
    action: ShownAction, language: Language, today: date, what: str, tag: str
) -> Message:
    """Title, sum and what became of it: no content, no buttons."""
    first = what.partition("\n")[0]
    summary = figures.summary(language, action, today)
    over = action.state not in (ActionState.WAITING, ActionState.QUEUED)
    return Message(
        text=say(language, "text.closed", what=first, **_named(action)),
        blocks=(
            kit.header(f"title-{tag}", title(action, language)),
            *([] if over else [kit.section(f"summary-{tag}", summary)]),
            kit.section(f"state-{tag}", what),
        ),
    )


def _withdrawn(action: ShownAction, language: Language) -> Message:
    owners = deeds.owners(language, (owner.name for owner in action.owners))
    step = kit.datum(action.step_name, 60)
    return Message(
        text=say(language, "text.withdrawn", step=step, owners=owners),
        blocks=(
            kit.section(
                f"withdrawn-{action.version}",
                f"*{step}*\n{say(language, 'withdrawn', owners=owners)}",
            ),
        ),
    )


def _text(action: ShownAction, language: Language) -> str:
    total = figures.amounts(language, owed(action.items)) or say(language, "summary.nothing")
    match action.channel:
        case Channel.CALL:
            key = "text.call"
        case Channel.TASK | Channel.OTHER:
            key = "text.task"
        case _:
            key = "text.waiting"
    return say(language, key, owed=total, **_named(action))


def _standing(action: ShownAction, language: Language, today: date) -> Iterator[str]:
    channel = say(language, f"channel.{action.channel}")
    yield say(language, "since", channel=channel, day=figures.day(language, action.due_on))
    if action.edited and (edit := _last(action, "edited")):
        yield deeds.line(language, action, edit)
    if given := _last(action, "reassigned"):
        yield deeds.line(language, action, given)
    if action.snoozed_until and action.snoozed_until > today:
        yield say(language, "snoozed", day=figures.day(language, action.snoozed_until))
    if len(action.owners) > 1:
        names = deeds.owners(language, (owner.name for owner in action.owners))
        yield say(language, "also_for", names=names)


def _last(action: ShownAction, event: str) -> Deed | None:
    return next((deed for deed in reversed(action.deeds) if deed.event == event), None)


def _history(action: ShownAction, language: Language) -> Iterator[Json]:
    if lines := deeds.lines(language, action):
        yield kit.context(f"history-{action.version}", lines)


def _head(draft: DraftLine, language: Language) -> str:
    lines = []
    if draft.sender:
        lines.append(say(language, "draft.from", sender=kit.datum(draft.sender, 120)))
    if draft.to:
        lines.append(say(language, "draft.to", to=figures.names(language, draft.to, 120)))
    if draft.cc:
        lines.append(say(language, "draft.cc", cc=figures.names(language, draft.cc, 120)))
    if draft.subject:
        lines.append(say(language, "draft.subject", subject=kit.datum(draft.subject, 300)))
    return "\n".join(lines)


def _phones(action: ShownAction, language: Language) -> str:
    known = [f"{c.name} {c.phone}".strip() for c in action.contacts if c.phone]
    if not known:
        return say(language, "phones.none")
    return say(language, "phones", phones=figures.names(language, known, 120))


def _deciding(action: ShownAction) -> str:
    match action.channel:
        case Channel.CALL:
            return Verb.LOG_CALL.value
        case Channel.TASK | Channel.OTHER:
            return "done"
        case _:
            return Verb.VALIDATE.value


def _button(
    action: ShownAction,
    name: str,
    value: str,
    language: Language,
    *,
    style: str = "",
    confirm: Json | None = None,
) -> Json:
    by_hand = name == Verb.VALIDATE and action.problem == Problem.CHANNEL_NOT_CONNECTED
    text = say(language, "button.by_hand" if by_hand else f"button.{name}")
    label = say(language, f"label.{name}", customer=kit.clip(action.customer, 30))
    return kit.button(name, text, value, label=label, style=style, confirm=confirm)


def _named(action: ShownAction) -> dict[str, Any]:
    return {"step": kit.datum(action.step_name, 60), "customer": kit.datum(action.customer, 120)}
