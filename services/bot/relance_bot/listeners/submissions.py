"""Submitted modals: mistakes at their fields, refusals in the modal, nothing typed is lost."""

import re
from collections.abc import Awaitable, Callable
from datetime import date
from typing import Any

import structlog
from slack_bolt.app.async_app import AsyncApp

from relance.domain.actions import CallOutcome, Decision, Verb
from relance.domain.plans import Channel
from relance.drafting.addresses import is_address
from relance_bot.answers import giving_back
from relance_bot.blocks import address, edit, modals
from relance_bot.blocks.card import CardView
from relance_bot.blocks.kit import Json
from relance_bot.blocks.typed import Typed, typed_in
from relance_bot.blocks.values import Metadata, Target, metadata_of
from relance_bot.blocks.words import Language, say
from relance_bot.deciding import Again, No, mistake
from relance_bot.listeners.desk import Desk, refusal_of
from relance_bot.listeners.payloads import Submission, submission_of, texts_of
from relance_bot.people import Colleague

log = structlog.get_logger(__name__)

Acknowledge = Callable[..., Awaitable[Any]]
CLEAR = {"response_action": "clear"}
VERBS = {
    "edit": Verb.EDIT,
    "address": Verb.EDIT,
    "skip": Verb.SKIP,
    "snooze": Verb.SNOOZE,
    "log_call": Verb.LOG_CALL,
    "done": Verb.VALIDATE,
    "reassign": Verb.REASSIGN,
}


class Submissions:
    """Looks before it acknowledges, for the answer belongs into the modal; writes afterwards."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def register(self, app: AsyncApp) -> None:
        for callback_id in VERBS:
            app.view(callback_id)(self._desk.minded(self.on_submit))
        for callback_id in ("refused", "review", "loading"):
            app.view(callback_id)(self._desk.minded(self.on_close))

    async def on_close(self, ack: Acknowledge) -> None:
        """Nothing is to be done: the whole stack goes."""
        await ack(**CLEAR)

    async def on_submit(self, ack: Acknowledge, body: Json) -> None:
        desk, sent = self._desk, submission_of(body)
        metadata = metadata_of(sent.view["private_metadata"])
        if metadata is None:
            language = desk.people.language(sent.identity.user)
            await ack(**_refused(language, say(language, "answer.old_button"), sent))
            return
        who = await desk.people.who(sent.identity)
        if not isinstance(who, Colleague):
            log.info("person_refused", user=sent.identity.user, why=who.why)
            await ack(**_refused(who.language, refusal_of(who), sent))
            return
        verb = VERBS[sent.view["callback_id"]]
        found = await desk.deciding.look(metadata.target, verb, who, sent.origin)
        if isinstance(found, No):
            await ack(**_refused(who.language, found.text, sent))
        elif isinstance(found, Again):
            await ack(**CLEAR)
        else:
            await self._take(ack, sent, metadata, found, who)

    async def _take(
        self,
        ack: Acknowledge,
        sent: Submission,
        metadata: Metadata,
        view: CardView,
        who: Colleague,
    ) -> None:
        desk, action = self._desk, view.action
        verb = VERBS[sent.view["callback_id"]]
        decision = _decision(verb, sent.view, metadata, view)
        found = desk.deciding.check(action, decision, who)
        errors = _errors(sent.view, metadata, found, who.language)
        if errors:
            await ack(response_action="errors", errors=errors)
            return
        if found:
            await ack(**_refused(who.language, found.text, sent))
            return
        if moved := _moved_amounts(sent.view, metadata, view, decision, who.language):
            await ack(response_action="update", view=moved)
            return
        await ack(**CLEAR)
        if decision.edit != edit.NOTHING:
            await self._write(sent, decision, view, who)

    async def _write(
        self, sent: Submission, decision: Decision, view: CardView, who: Colleague
    ) -> None:
        """After the acknowledgement: a database that is busy must not look like a failure."""
        desk, action = self._desk, view.action
        place = {"user": who.user, "channel": ""}
        try:
            new = await desk.deciding.take(action.id, decision, who, sent.origin, place)
        except Exception:
            await self._give_back(say(who.language, "answer.failed"), decision, who)
            raise
        if not new:
            seen = Target(action=action.id, version=action.version)
            found = await desk.deciding.look(seen, decision.verb, who, sent.origin)
            if isinstance(found, No):
                await self._give_back(found.text, decision, who)
        await desk.redraw(action.id, who.member.id, None)

    async def _give_back(self, text: str, decision: Decision, who: Colleague) -> None:
        for piece in giving_back(text, decision, who.language):
            await self._desk.whisper(who.user, "", piece)


def _decision(verb: Verb, view: Json, metadata: Metadata, shown: CardView) -> Decision:
    """What the fields say. Its version is the one the person had on the screen."""
    version = metadata.target.version
    note = modals.value_in(view, "note")
    match verb:
        case Verb.EDIT if view["callback_id"] == address.CALLBACK:
            return Decision(verb=verb, version=version, edit=address.edit_of(view))
        case Verb.EDIT:
            typed = typed_in(view, metadata.kept)
            changes = edit.edit_of(shown, typed, metadata)
            return Decision(verb=verb, version=version, edit=changes)
        case Verb.SKIP:
            return Decision(verb=verb, version=version, reason=modals.value_in(view, "reason"))
        case Verb.SNOOZE:
            until = modals.value_in(view, "until")
            day = date.fromisoformat(until) if until else None
            return Decision(verb=verb, version=version, until=day)
        case Verb.LOG_CALL:
            said = modals.value_in(view, "outcome")
            outcome = CallOutcome(said) if said else None
            return Decision(verb=verb, version=version, call_outcome=outcome, note=note)
        case Verb.REASSIGN:
            chosen = modals.chosen_person(view)
            return Decision(verb=verb, version=version, new_owner=chosen)
        case _:
            return Decision(verb=verb, version=version, note=note)


# Where the domain's field stands in the modal.
_PLACES = {
    "body": "body-0",
    "items": "items-0",
    "call_outcome": "outcome",
}


def _errors(view: Json, metadata: Metadata, found: No | None, language: Language) -> dict[str, str]:
    """Mistakes by the block they stand in; what has no place there is told otherwise."""
    inputs = {block["block_id"] for block in view["blocks"] if block["type"] == "input"}
    errors = {
        _place(field, inputs): mistake(language, key)
        for field, key in (found.fields if found else {}).items()
    }
    if view["callback_id"] in (edit.CALLBACK, address.CALLBACK):
        typed = typed_in(view, metadata.kept)
        errors |= _wrong_addresses(typed, language) | _too_long(typed, language)
    return {place: text for place, text in errors.items() if place in inputs}


def _place(field: str, inputs: set[str]) -> str:
    if field in ("to", "cc"):
        return next((name for name in inputs if name.startswith(f"{field}_typed")), field)
    return _PLACES.get(field, field)


def _wrong_addresses(typed: Typed, language: Language) -> dict[str, str]:
    """Addresses and numbers that no message can be sent to, each at its field."""
    is_good, key = is_address, "mistake.address"
    if typed.channel is Channel.SMS:
        is_good, key = _is_number, "mistake.phone"
    errors = {}
    fields = {f"to_typed-{typed.channel}": typed.recipients(), "cc_typed": typed.copies()}
    for place, given in fields.items():
        wrong = next((address for address in given or () if not is_good(address)), None)
        if wrong is not None:
            errors[place] = say(language, key, typed=wrong[:100])
    return errors


def _too_long(typed: Typed, language: Language) -> dict[str, str]:
    """A text that could not be opened here again; Slack's own fields hold less than that each."""
    if len(typed.body or "") <= edit.MOST_TEXT:
        return {}
    return {"body-0": say(language, "mistake.too_long", most=f"{edit.MOST_TEXT:,}")}


def _is_number(text: str) -> bool:
    """An international number (E.164), with the signs people write between its digits."""
    return bool(re.fullmatch(r"\+\d{7,15}", re.sub(r"[\s().-]", "", text)))


def _moved_amounts(
    view: Json, metadata: Metadata, shown: CardView, decision: Decision, language: Language
) -> Json | None:
    """The modal again, with a warning, when its own text was written for other amounts."""
    changes = decision.edit
    if changes is None or changes == edit.NOTHING:
        return None
    own_text = changes.body is not None or shown.action.edited
    if not own_text or metadata.amounts_mark == edit.amounts_mark(shown):
        return None
    typed = typed_in(view, metadata.kept)
    return edit.form(shown, language, typed=typed, moved=True)


def _refused(language: Language, text: str, sent: Submission) -> dict[str, Any]:
    """The modal turns into what has already happened, and gives back what was typed."""
    refusal = modals.refusal(language, text, texts_of(sent.view))
    return {"response_action": "update", "view": refusal}
