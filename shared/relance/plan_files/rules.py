"""Rules for a plan as a whole: its kind, figures, currencies and addresses (rules §3)."""

from collections.abc import Callable
from functools import cache

from relance.domain.documents.readings import Notes, meant
from relance.domain.plans import (
    Anchor,
    Condition,
    OwnerKind,
    OwnerRule,
    Phase,
    Slots,
    Trigger,
)
from relance.plan_files.draft import Draft
from relance.plan_files.step_rules import STEP_RULES

_LONGEST_DELAY = 30


def note_breaches(draft: Draft, notes: Notes) -> None:
    """Notes every breach of every rule."""
    for rule in (*_PLAN_RULES, *STEP_RULES):
        rule(draft, notes)


def _some_step_is_active(draft: Draft, notes: Notes) -> None:
    by_hand = draft.plan.get("by_hand_only", False)
    if by_hand:
        for index, _ in draft.active_steps:
            notes.at("steps", index).fault(
                "a plan by hand only has no active step",
                "set active: false, or remove by_hand_only",
            )
    elif not draft.active_steps and ("steps" in draft.plan or not draft.written.get("steps")):
        place = notes.at("steps") if "steps" in draft.written else notes
        place.fault(
            "no step is active, so that nothing would ever leave",
            "give it a step, or say by_hand_only: true",
        )


def _kinds_have_their_fields(draft: Draft, notes: Notes) -> None:
    if "kind" in draft.written and "kind" not in draft.plan:
        return
    if draft.is_recap:
        _recap(draft, notes)
        return
    if draft.written.get("every") is not None:
        notes.at("every").key_fault(
            "an escalation has no recurrence", "remove “every”, or say kind: recap"
        )
    for index, _ in draft.steps:
        for name in ("phase", "when"):
            if draft.said(index, name) is None:
                notes.at("steps", index).fault(f"a step needs the field “{name}”")


def _recap(draft: Draft, notes: Notes) -> None:
    if draft.written.get("every") is None:
        notes.fault("a recap needs the field “every”", "write, for instance, every: month on 5")
    if draft.plan.get("scope") == "item":
        notes.at("scope").fault("a recap is of the whole account", "write scope: account")
    for index, step in draft.steps:
        if step.get("phase") not in (None, Phase.REMINDER):
            notes.at("steps", index, "phase").fault(
                "the steps of a recap have no phase", "remove “phase”"
            )
        if "trigger" in step and step["trigger"] != Trigger(anchor=Anchor.RECURRENCE):
            notes.at("steps", index, "when").fault(
                "the steps of a recap come at its recurrence", "remove “when”"
            )


def _numbers_are_in_range(draft: Draft, notes: Notes) -> None:
    delay = draft.plan.get("contact_delay", 0)
    if not 0 <= delay <= _LONGEST_DELAY:
        notes.at("contact_delay").fault(
            f"the contact delay is {delay} days", f"use 0 to {_LONGEST_DELAY} days"
        )
    floors = draft.plan.get("floors", {})
    for currency, ceiling in draft.plan.get("ceilings", {}).items():
        if currency in floors and ceiling < floors[currency]:
            notes.at("ceilings", currency).fault(
                f"the ceiling {ceiling} {currency} is below the floor {floors[currency]}",
                "raise it, or lower the floor",
            )
    slots: Slots = draft.plan.get("slots", Slots())
    if slots.send_at and slots.send_until and slots.send_until <= slots.send_at:
        notes.at("slots", "send_until").fault(
            "the slot ends before it begins", "write an hour later than send_at"
        )


def _currencies_exist(draft: Draft, notes: Notes) -> None:
    for name in ("floors", "ceilings"):
        for currency in draft.plan.get(name, {}):
            if currency not in _currencies():
                notes.at(name, currency).key_fault(
                    f"“{currency}” is no currency", "use a code of ISO 4217"
                )
    for index, step in draft.steps:
        condition: Condition | None = step.get("condition")
        for currency in condition.amounts if condition else ():
            if currency not in _currencies():
                notes.at("steps", index, "condition").fault(
                    f"“{currency}” is no currency", "use a code of ISO 4217"
                )


@cache
def _currencies() -> frozenset[str]:
    from babel.numbers import list_currencies

    return frozenset(list_currencies())


def _addresses_are_valid(draft: Draft, notes: Notes) -> None:
    if owner := draft.plan.get("owner"):
        _member(owner, draft, notes.at("owner"))
    for index, step in draft.steps:
        here = notes.at("steps", index)
        for name in ("to", "cc"):
            alone = isinstance(draft.said(index, name), str)
            for number, text in enumerate(step.get(name, ())):
                if "@" in text:
                    _address(text, here.at(name) if alone else here.at(name, number))
        if "@" in step.get("sender", ""):
            _member(step["sender"], draft, here.at("sender"))
        rule: OwnerRule = step.get("owner", OwnerRule())
        if rule.kind is OwnerKind.MEMBERS:
            for name in rule.names:
                _member(name, draft, here.at("owner"))


def _member(address: str, draft: Draft, notes: Notes) -> None:
    known = draft.around.members
    if _address(address, notes) and known is not None:
        folded = [member.casefold() for member in known]
        if address.casefold() not in folded:
            notes.fault(
                f"no member has the address “{address}”",
                meant(address, folded) or "add the member first, or name another",
            )


def _address(text: str, notes: Notes) -> bool:
    """Whether mail can be sent there: as strict as the check before sending (and `.test` goes)."""
    from email_validator import EmailNotValidError, validate_email

    try:
        validate_email(
            text, check_deliverability=False, allow_smtputf8=False, test_environment=True
        )
    except EmailNotValidError as error:
        notes.fault(f"“{text}” is not an e-mail address", str(error))
        return False
    return True


_PLAN_RULES: tuple[Callable[[Draft, Notes], None], ...] = (
    _some_step_is_active,
    _kinds_have_their_fields,
    _numbers_are_in_range,
    _currencies_exist,
    _addresses_are_valid,
)
