"""The fields of a plan's document: the one description of its shape.

Reading, writing, checking and the reference in docs/plans.md go by these tables. What stands in
parentheses at the end of a field's sentence is what holds where the field is left out.
"""

from collections.abc import Iterable, Mapping
from datetime import time
from decimal import Decimal
from typing import Any

from relance.domain.documents.fields import Field, read_fields, write_fields
from relance.domain.documents.phrases import (
    CONDITION_EXAMPLES,
    RECURRENCE_EXAMPLES,
    TRIGGER_EXAMPLES,
    WEEKDAYS,
    condition_said,
    plainly,
    recurrence_said,
    say_condition,
    say_recurrence,
    say_trigger,
    trigger_said,
    weekday_said,
)
from relance.domain.documents.readings import (
    Notes,
    meant,
    read_amounts,
    read_choice,
    read_key,
    read_said,
    read_several,
    read_text,
    read_time,
    read_whole,
    read_yes_no,
)
from relance.domain.people import Role
from relance.domain.plans import (
    Anchor,
    Channel,
    Logic,
    Mode,
    OnReferenceSettled,
    OwnerKind,
    OwnerRule,
    Phase,
    PlanKind,
    Scope,
    Slots,
    Trigger,
)


def _read_steps(value: object, notes: Notes) -> list[dict[str, Any]] | None:
    if not isinstance(value, list | tuple):
        notes.fault("the steps are a list", "begin each step with “- key: …”")
        return None
    return [
        read_fields(one, STEP_FIELDS, notes.at(index), "a step") for index, one in enumerate(value)
    ]


def _read_slots(value: object, notes: Notes) -> Slots:
    return Slots(**read_fields(value, SLOT_FIELDS, notes, "slots"))


def _read_weekdays(value: object, notes: Notes) -> frozenset[int] | None:
    names = read_several(value, notes)
    if names is None:
        return None
    for index, name in enumerate(names):
        if weekday_said(name) is None:
            mend = meant(name, WEEKDAYS) or f"use {', '.join(WEEKDAYS)}"
            notes.at(index).fault(f"“{name}” is not a day of the week", mend)
    if not names:
        notes.fault("no day of the week would be allowed", "name one or remove the line")
    return frozenset(d for d in map(weekday_said, names) if d is not None)


_trigger_sentence = read_said(trigger_said, "a moment", TRIGGER_EXAMPLES)


def _read_trigger(value: object, notes: Notes) -> Trigger | None:
    if not isinstance(value, Mapping):
        return _trigger_sentence(value, notes)
    read = read_fields(value, TRIGGER_FIELDS, notes, "a moment")
    return Trigger(**read) if "anchor" in read else None


def _write_trigger(trigger: Trigger) -> object:
    said = say_trigger(trigger)
    return said if trigger_said(said) == trigger else write_fields(trigger, TRIGGER_FIELDS)


def _read_owner(value: object, notes: Notes) -> OwnerRule | None:
    names = read_several(value, notes)
    if not names:
        return None
    kinds = (OwnerKind.ACCOUNT_MANAGER, OwnerKind.CUSTOMER_OWNERS, OwnerKind.PLAN_OWNER)
    said = plainly(names[0]).replace(" ", "_")
    if said in kinds:
        return OwnerRule(kind=OwnerKind(said))
    role = said.removeprefix("role_")
    if role != said and role in tuple(Role):
        return OwnerRule(kind=OwnerKind.ROLE, names=(role,))
    if all("@" in name for name in names):
        return OwnerRule(kind=OwnerKind.MEMBERS, names=names)
    words = [k.value.replace("_", " ") for k in kinds] + [f"role {r.value}" for r in Role]
    mend = meant(said.replace("_", " "), words)
    notes.fault(
        f"“{', '.join(names)}” is not an owner",
        mend or f"use {', '.join(words)}, or members' e-mail addresses",
    )
    return None


def _write_owner(rule: OwnerRule) -> object:
    match rule.kind:
        case OwnerKind.MEMBERS:
            return rule.names[0] if len(rule.names) == 1 else list(rule.names)
        case OwnerKind.ROLE:
            return f"role {rule.names[0]}"
        case _:
            return rule.kind.value.replace("_", " ")


def _read_sender(value: object, notes: Notes) -> str | None:
    text = read_text(value, notes)
    if text is None:
        return None
    said = plainly(text).replace(" ", "_")
    if said in ("account_manager", "owner"):
        return said
    if "@" not in text:
        notes.fault(
            f"“{text}” is not a sender", "use account manager, owner, or a member's address"
        )
        return None
    return text


def _write_sender(sender: str) -> str:
    return "account manager" if sender == "account_manager" else sender


def _write_amounts(amounts: Mapping[str, Decimal]) -> dict[str, object]:
    return {
        currency: int(amount) if amount == amount.to_integral_value() else f"{amount:f}"
        for currency, amount in amounts.items()
    }


def _write_hour(hour: time) -> str:
    return hour.strftime("%H:%M")


def _write_weekdays(weekdays: frozenset[int]) -> list[str]:
    return [WEEKDAYS[day] for day in sorted(weekdays)]


def _one_of(words: Iterable[str]) -> str:
    return f"one of {', '.join(words)}"


TRIGGER_FIELDS = (
    Field(
        name="from",
        attribute="anchor",
        read=read_choice(Anchor),
        write=str,
        required=True,
        says=f"what the days count from: {_one_of(Anchor)}",
    ),
    Field(
        name="days",
        attribute="days",
        read=read_whole,
        says="how many days, negative before it (0)",
    ),
    Field(
        name="end_of_month",
        attribute="end_of_month",
        read=read_yes_no,
        says="whether to move on to the last day of that month (false)",
    ),
)

SLOT_FIELDS = (
    Field(
        name="send_at",
        attribute="send_at",
        read=read_time,
        write=_write_hour,
        says="the hour from which automatic actions leave, such as 08:30",
    ),
    Field(
        name="send_until",
        attribute="send_until",
        read=read_time,
        write=_write_hour,
        says="the hour until which delayed ones may still leave the same day",
    ),
    Field(
        name="weekdays",
        attribute="weekdays",
        read=_read_weekdays,
        write=_write_weekdays,
        says="the days on which actions leave, such as [monday, tuesday]",
    ),
    Field(
        name="holidays",
        attribute="holidays",
        read=read_yes_no,
        says="whether public holidays are kept free",
    ),
)

STEP_FIELDS = (
    Field(
        name="key",
        attribute="key",
        read=read_key,
        required=True,
        says="the step's name for ever, unique in its plan: running customers are found by it",
    ),
    Field(
        name="name",
        attribute="name",
        read=read_text,
        required=True,
        says="the step as people see it",
    ),
    Field(
        name="phase",
        attribute="phase",
        read=read_choice(Phase),
        write=str,
        plain=True,
        says=f"{_one_of(Phase)}; a recap needs none",
    ),
    Field(
        name="when",
        attribute="trigger",
        read=_read_trigger,
        write=_write_trigger,
        says=f"a sentence such as {'; '.join(TRIGGER_EXAMPLES)}; a recap needs none",
    ),
    Field(
        name="channel",
        attribute="channel",
        read=read_choice(Channel),
        write=str,
        required=True,
        says=_one_of(Channel),
    ),
    Field(
        name="mode",
        attribute="mode",
        read=read_choice(Mode),
        write=str,
        required=True,
        says=f"{_one_of(Mode)}; only email, sms and letter can be confirm or automatic",
    ),
    Field(
        name="owner",
        attribute="owner",
        read=_read_owner,
        write=_write_owner,
        plain=True,
        says=(
            "account manager (if left out), customer owners, plan owner, "
            f"{', '.join(f'role {role}' for role in Role)}, or members' addresses"
        ),
    ),
    Field(
        name="template",
        attribute="template",
        read=read_key,
        says="the key of a template of the same channel; email and letter need one",
    ),
    Field(
        name="sender",
        attribute="sender",
        read=_read_sender,
        write=_write_sender,
        says="account manager (if left out), owner, or a member's address",
    ),
    Field(
        name="to",
        attribute="to",
        read=read_several,
        write=list,
        says="positions of contacts or addresses; the main contact if left out",
    ),
    Field(
        name="cc",
        attribute="cc",
        read=read_several,
        write=list,
        says="positions of contacts or addresses that get a copy",
    ),
    Field(
        name="attachments",
        attribute="attachments",
        read=read_several,
        write=list,
        says="what goes with the message",
    ),
    Field(
        name="condition",
        attribute="condition",
        read=read_said(condition_said, "a condition", CONDITION_EXAMPLES),
        write=say_condition,
        says=f"the step is passed over unless this holds: {'; '.join(CONDITION_EXAMPLES)}",
    ),
    Field(
        name="active",
        attribute="active",
        read=read_yes_no,
        says="false switches the step off and keeps it (true)",
    ),
)

PLAN_FIELDS = (
    Field(
        name="plan",
        attribute="key",
        read=read_key,
        required=True,
        says="the plan's name for ever: applying the same key again makes its next version",
    ),
    Field(
        name="name",
        attribute="name",
        read=read_text,
        required=True,
        says="the plan as people see it",
    ),
    Field(
        name="kind",
        attribute="kind",
        read=read_choice(PlanKind),
        write=str,
        plain=True,
        says=f"{_one_of(PlanKind)} (escalation)",
    ),
    Field(
        name="scope",
        attribute="scope",
        read=read_choice(Scope),
        write=str,
        plain=True,
        says=f"{_one_of(Scope)}: one run for all that is due, or one for each item (account)",
    ),
    Field(
        name="logic",
        attribute="logic",
        read=read_choice(Logic),
        write=str,
        plain=True,
        says=(
            f"{_one_of(Logic)}: a late customer enters at the first reminder, "
            "or at the step of its age (standard)"
        ),
    ),
    Field(
        name="on_reference_settled",
        attribute="on_reference_settled",
        read=read_choice(OnReferenceSettled),
        write=str,
        plain=True,
        says=f"{_one_of(OnReferenceSettled)}: where the next reference item enters (restart)",
    ),
    Field(
        name="contact_delay",
        attribute="contact_delay",
        read=read_whole,
        plain=True,
        says="the least number of days between two contacts, 0 to 30 (5)",
    ),
    Field(
        name="every",
        attribute="recurrence",
        read=read_said(recurrence_said, "a recurrence", RECURRENCE_EXAMPLES),
        write=say_recurrence,
        says=f"a recap's recurrence: {'; '.join(RECURRENCE_EXAMPLES)}",
    ),
    Field(
        name="floors",
        attribute="floors",
        read=read_amounts,
        write=_write_amounts,
        says="by currency, the balance under which nothing is asked for, such as {EUR: 10}",
    ),
    Field(
        name="ceilings",
        attribute="ceilings",
        read=read_amounts,
        write=_write_amounts,
        says="by currency, the amount above which a person must decide, such as {EUR: 50000}",
    ),
    Field(
        name="slots",
        attribute="slots",
        read=_read_slots,
        write=lambda slots: write_fields(slots, SLOT_FIELDS),
        says="the plan's own slots, instead of the organisation's",
    ),
    Field(
        name="owner",
        attribute="owner",
        read=read_text,
        says="the address of the member whom the plan belongs to",
    ),
    Field(
        name="by_hand_only",
        attribute="by_hand_only",
        read=read_yes_no,
        says="true: nothing ever leaves by itself, and the plan has no active step (false)",
    ),
    Field(
        name="steps",
        attribute="steps",
        read=_read_steps,
        write=lambda steps: [write_fields(step, STEP_FIELDS) for step in steps],
        says="the steps, in the order in which they come",
    ),
)
