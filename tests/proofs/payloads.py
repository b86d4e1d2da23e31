"""What Slack would deliver when the actor presses or submits, whatever is on their screen."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from relance.domain.actions import Verb
from relance.store.types import new_id
from relance_bot.blocks import edit, modals
from relance_bot.blocks.kit import Json
from relance_bot.blocks.values import Target, value_of
from relance_bot.showing import card_view
from relance_sandbox.slack.blocks.inputs import first_state
from relance_sandbox.slack.deliveries import interaction
from tests.scenarios.office import Office

ACTOR = "U0050"


def pressed(office: Office, name: str, target: Target) -> Json:
    """A button of a card."""
    place = {"message_ts": "1.000001", "channel_id": "D0", "type": "message"}
    button = {
        "type": "button",
        "action_id": name,
        "block_id": "decide-5",
        "value": value_of(target),
        "action_ts": office.workspace.next_ts(),
    }
    payload = interaction(office.workspace, ACTOR, "block_actions")
    return payload | {"container": place, "channel": {"id": "D0"}, "actions": [button]}


async def submitted(office: Office, verb: Verb, target: Target, owner: UUID) -> Json:
    """The verb's modal as that owner has it on the screen, filled in."""
    view = await _modal(office, verb, target, owner)
    state = first_state(view["blocks"])
    _fill(state, verb, office)
    held = {**view, "id": f"V{new_id().hex}", "hash": "1", "state": {"values": state}}
    return interaction(office.workspace, ACTOR, "view_submission") | {"view": held}


async def _modal(office: Office, verb: Verb, target: Target, owner: UUID) -> Json:
    world = office.world
    async with world.database.read() as tx:
        view = await card_view(tx, target.action, owner, world.clock.now())
    assert view is not None
    made = view.action
    drawn: dict[Verb, Callable[[], Json]] = {
        Verb.EDIT: lambda: edit.form(view, "en"),
        Verb.SKIP: lambda: modals.skip(made, "en"),
        Verb.SNOOZE: lambda: modals.snooze(made, "en", world.today),
        Verb.LOG_CALL: lambda: modals.call(made, "en"),
        Verb.REASSIGN: lambda: modals.reassign(made, "en", made.owners),
    }
    form, seen = drawn[verb](), f"{target.action.hex}.{target.version}"
    now = f"{target.action.hex}.{made.version}"
    return form | {"private_metadata": form["private_metadata"].replace(now, seen)}


def _fill(state: Any, verb: Verb, office: Office) -> None:
    """The fields that the verb needs."""
    match verb:
        case Verb.EDIT:
            state["note"]["value"] = {"type": "plain_text_input", "value": "Mine"}
        case Verb.LOG_CALL:
            chosen = {"value": "reached", "text": {"type": "plain_text", "text": "Reached"}}
            state["outcome"]["value"] = {"type": "static_select", "selected_option": chosen}
        case Verb.REASSIGN:
            chosen = {"value": office.bob.hex, "text": {"type": "plain_text", "text": "Bob"}}
            state["new_owner"]["value"] = {"type": "static_select", "selected_option": chosen}
        case _:
            return
