"""The small modals: one moment, review, log a call, done, skip, snooze, reassign, refusal."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from uuid import UUID

from relance.domain.actions import CallOutcome
from relance.domain.worklist import Person, ShownAction
from relance_bot.blocks import deeds, figures, kit
from relance_bot.blocks.card import CardView, buttons, card, content, message_of, title
from relance_bot.blocks.kit import Json
from relance_bot.blocks.values import Metadata, Target, metadata_text
from relance_bot.blocks.words import Language, say

MOST_TYPED = 2_800
MOST_PEOPLE = 100
_SAYING = frozenset({"header", "section", "context"})


def loading(language: Language) -> Json:
    """Opened at once, while its trigger lives; it holds nothing yet."""
    block = kit.section("loading", say(language, "modal.loading.text"))
    return kit.modal(
        "loading", say(language, "modal.loading"), [block], close=say(language, "modal.close")
    )


def review(view: CardView, language: Language, now: datetime) -> Json:
    """The card as a modal, with its buttons; once decided, what became of it."""
    action = view.action
    today = figures.today_of(action, now)
    blocks = [kit.header("title", title(action, language)), *content(view, language, today)]
    if lines := figures.item_lines(language, action, today):
        blocks.append(kit.section("items", "\n".join(lines)))
    if note := figures.items_note(language, action):
        blocks.append(kit.context("more", note))
    blocks += message_of(view, language)
    blocks.append(buttons(view, language))
    return _modal("review", language, "modal.review", blocks, action)


def after(view: CardView, language: Language, now: datetime) -> Json:
    """The review once something was decided in it: what became of it, and no buttons."""
    blocks = [block for block in card(view, language, now).blocks if block["type"] in _SAYING]
    return _modal("review", language, "modal.review", blocks, view.action)


def call(action: ShownAction, language: Language) -> Json:
    """What came of a call (F36)."""
    outcomes = [kit.option(say(language, f"call.{o}"), o.value) for o in CallOutcome]
    blocks = [
        kit.context("intro", kit.escape(title(action, language))),
        kit.field("outcome", say(language, "field.outcome"), kit.select(outcomes)),
        _note(action, language),
    ]
    return _modal("log_call", language, "modal.call", blocks, action, submit="modal.save")


def done(action: ShownAction, language: Language) -> Json:
    """A task is done; it may carry a note (F37)."""
    blocks = [kit.context("intro", kit.escape(title(action, language))), _note(action, language)]
    return _modal("done", language, "modal.done", blocks, action, submit="button.done")


def skip(action: ShownAction, language: Language) -> Json:
    """Skip, with a reason or without."""
    intro = say(language, "modal.skip.intro", title=kit.escape(title(action, language)))
    element = kit.line_input(multiline=True, most=500)
    reason = kit.field("reason", say(language, "field.reason"), element, optional=True)
    blocks = [kit.context("intro", intro), reason]
    return _modal("skip", language, "modal.skip", blocks, action, submit="button.skip")


def snooze(action: ShownAction, language: Language, today: date) -> Json:
    """Until which day (F50); the first one offered is a week ahead."""
    intro = say(language, "modal.snooze.intro", title=kit.escape(title(action, language)))
    ahead = (today + timedelta(days=7)).isoformat()
    element = {"type": "datepicker", "initial_date": ahead}
    until = kit.field("until", say(language, "field.until"), element)
    blocks = [kit.context("intro", intro), until]
    return _modal("snooze", language, "modal.snooze", blocks, action, submit="modal.save")


def reassign(action: ShownAction, language: Language, people: Sequence[Person]) -> Json:
    """To whom (F49). The step and its owners are all that is said: never the content."""
    owners = deeds.owners(language, (owner.name for owner in action.owners))
    step = kit.datum(action.step_name, 60)
    options = [kit.option(person.name, person.id.hex) for person in people[:MOST_PEOPLE]]
    blocks = [
        kit.context("intro", say(language, "modal.reassign.intro", step=step, owners=owners)),
        kit.field("new_owner", say(language, "field.new_owner"), kit.select(options)),
    ]
    return _modal("reassign", language, "modal.reassign", blocks, action, submit="modal.reassign")


def refusal(language: Language, text: str, typed: str = "") -> Json:
    """Why nothing has changed, and what was typed, to be copied from its field."""
    blocks = [kit.section("refused", text)]
    pieces = [typed[at : at + MOST_TYPED] for at in range(0, len(typed), MOST_TYPED)][:12]
    for at, piece in enumerate(pieces):
        label = say(language, "modal.typed") if not at else "…"
        element = kit.line_input(piece, multiline=True)
        blocks.append(kit.field(f"typed-{at}", label, element, optional=True))
    close = say(language, "modal.close")
    submit = close if typed else ""  # Slack wants one beside an input
    return kit.modal("refused", say(language, "modal.refused"), blocks, close=close, submit=submit)


def value_in(view: Json, block_id: str) -> str:
    """What one field of a submitted view holds: text, an option's value or a date."""
    held = view["state"]["values"].get(block_id, {}).get("value", {})
    option = held.get("selected_option") or {}
    return str(held.get("value") or held.get("selected_date") or option.get("value") or "")


def chosen_person(view: Json) -> UUID | None:
    """The colleague chosen in the reassign modal."""
    try:
        return UUID(hex=value_in(view, "new_owner"))
    except ValueError:
        return None


def _modal(
    callback_id: str,
    language: Language,
    title_key: str,
    blocks: Sequence[Json],
    action: ShownAction,
    *,
    submit: str = "",
) -> Json:
    target = Target(action=action.id, version=action.version)
    return kit.modal(
        callback_id,
        say(language, title_key),
        blocks,
        close=say(language, "modal.cancel" if submit else "modal.close"),
        submit=say(language, submit) if submit else "",
        metadata=metadata_text(Metadata(target=target)),
    )


def _note(action: ShownAction, language: Language) -> Json:
    element = kit.line_input(action.note, multiline=True)
    return kit.field("note", say(language, "field.note"), element, optional=True)
