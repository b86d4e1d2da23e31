"""The modal that chooses another address at once, where one was refused (F34)."""

from collections.abc import Iterator

from relance.domain.actions import Edit
from relance.domain.plans import Channel
from relance_bot.blocks import kit
from relance_bot.blocks.card import CardView
from relance_bot.blocks.edit import known_addresses, other_addresses
from relance_bot.blocks.kit import Json
from relance_bot.blocks.refused import refusals
from relance_bot.blocks.typed import typed_in
from relance_bot.blocks.values import Metadata, Target, metadata_text
from relance_bot.blocks.words import Language, say

CALLBACK = "address"
MOST_MARKED = 10


def form(view: CardView, language: Language) -> Json:
    """Another contact, or an address that is typed; and which is not to be used any more."""
    action = view.action
    metadata = Metadata(target=Target(action=action.id, version=action.version))
    return kit.modal(
        CALLBACK,
        say(language, "modal.address"),
        list(_blocks(view, language)),
        submit=say(language, "modal.save"),
        close=say(language, "modal.cancel"),
        metadata=metadata_text(metadata),
    )


def edit_of(view: Json) -> Edit:
    """What the modal says: nothing but the recipients changes."""
    held = view["state"]["values"].get("wrong", {}).get("value", {})
    wrong = tuple(option["value"] for option in held.get("selected_options") or [])
    return Edit(to=typed_in(view, {}).recipients() or (), wrong=wrong)


def _blocks(view: CardView, language: Language) -> Iterator[Json]:
    action = view.action
    if told := refusals(action, language):
        yield kit.section("refused", told)
    known = known_addresses(view, (), Channel.EMAIL)
    if known:
        options = [kit.option(text, value) for value, text in known.items()]
        element = kit.multi_select(options)
        yield kit.field("to-email", say(language, "field.to"), element, optional=True)
    yield other_addresses("to_typed-email", (), Channel.EMAIL, language)
    if usable := _may_be_marked(view):
        options = [kit.option(address, address) for address in usable]
        tried = [address for address in usable if address in action.refused]
        element = kit.checkboxes(options, tried)
        yield kit.field("wrong", say(language, "field.wrong"), element, optional=True)
    yield kit.context("after", say(language, "modal.address.after"))


def _may_be_marked(view: CardView) -> list[str]:
    """The customer's addresses that are still written to, those the message was for first."""
    theirs = {contact.email for contact in view.action.contacts if contact.email}
    drafted = view.draft.to if view.draft else ()
    order = dict.fromkeys([*view.action.refused, *drafted, *sorted(theirs)])
    return [address for address in order if address in theirs and len(address) <= 75][:MOST_MARKED]
