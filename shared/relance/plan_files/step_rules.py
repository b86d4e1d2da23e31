"""Rules for the steps of a plan: keys, templates, modes, triggers and their order (rules §3)."""

from collections.abc import Callable, Iterator
from itertools import pairwise

from relance.domain.documents import Values
from relance.domain.documents.readings import Notes, meant
from relance.domain.plans import (
    AUTOMATIC_CHANNELS,
    TEMPLATE_CHANNELS,
    Anchor,
    Channel,
    Logic,
    Mode,
    Phase,
    Trigger,
)
from relance.plan_files.draft import Draft

_FARTHEST = 1000


def _keys_are_unique(draft: Draft, notes: Notes) -> None:
    seen: dict[str, int] = {}
    for index, step in draft.steps:
        key = step.get("key")
        if key in seen:
            notes.at("steps", index, "key").fault(
                f"“{key}” is already the key of step {seen[key] + 1}",
                "give each step a key of its own",
            )
        elif key:
            seen[key] = index


def _templates_exist(draft: Draft, notes: Notes) -> None:
    for index, step in draft.steps:
        channel, template = step.get("channel"), step.get("template")
        if channel and template:
            _template_exists(channel, template, draft, notes.at("steps", index, "template"))
        elif channel in TEMPLATE_CHANNELS and draft.said(index, "template") is None:
            notes.at("steps", index, "channel").fault(
                f"a step by {channel} needs a template", "add the field “template”"
            )


def _template_exists(channel: Channel, template: str, draft: Draft, notes: Notes) -> None:
    templates = draft.around.templates
    if templates is None or template in templates.get(channel, ()):
        return
    elsewhere = [other for other, keys in templates.items() if template in keys]
    if elsewhere:
        notes.fault(f"the template “{template}” is for {', '.join(elsewhere)}, not for {channel}")
        return
    known = sorted(templates.get(channel, ()))
    notes.fault(
        f"there is no template “{template}” for {channel}",
        meant(template, known) or f"there are {', '.join(known) or 'none yet'}",
    )


def _only_messages_leave_by_themselves(draft: Draft, notes: Notes) -> None:
    for index, step in draft.steps:
        mode, channel = step.get("mode"), step.get("channel")
        if mode in (Mode.CONFIRM, Mode.AUTOMATIC) and channel and channel not in AUTOMATIC_CHANNELS:
            article = "an" if channel is Channel.OTHER else "a"
            notes.at("steps", index, "mode").fault(
                f"{article} {channel} step cannot be {mode}: only email, sms and letter can",
                "write mode: manual",
            )


def _triggers_fit_their_phase(draft: Draft, notes: Notes) -> None:
    for index, step in draft.steps:
        trigger: Trigger | None = step.get("trigger")
        if trigger and not draft.is_recap:
            where = notes.at("steps", index, "when")
            for message, mend in _misfits(trigger, step.get("phase")):
                where.fault(message, mend)


def _misfits(trigger: Trigger, phase: Phase | None) -> Iterator[tuple[str, str]]:
    anchor, days = trigger.anchor, trigger.days
    if anchor is Anchor.RECURRENCE:
        yield "only a recap has a recurrence", "count from the due date, or say kind: recap"
    if abs(days) > _FARTHEST:
        yield f"{abs(days)} days are out of range", f"use {_FARTHEST} days at most"
    if phase is Phase.THANK_YOU and anchor is not Anchor.PAYMENT_DATE:
        yield "a thank-you counts from the payment", "write, for instance, 1 day after payment"
    if phase in (Phase.PRE_DUE, Phase.REMINDER) and anchor is Anchor.PAYMENT_DATE:
        yield "only a thank-you counts from the payment", "count from the due date"
    if anchor in (Anchor.PREVIOUS_STEP, Anchor.PAYMENT_DATE) and days < 0:
        name = anchor.value.replace("_", " ")
        yield f"nothing can be due before the {name}", "write “after”"
    if anchor is Anchor.DUE_DATE and phase is Phase.PRE_DUE and days >= 0:
        yield "a pre-due step comes before the due date", "write, for instance, 7 days before it"
    if anchor is Anchor.DUE_DATE and phase is Phase.REMINDER and days < 0:
        yield "a reminder does not come before the due date", "write “after”, or phase: pre_due"


def _first_steps_have_nothing_before(draft: Draft, notes: Notes) -> None:
    seen: set[Phase] = set()
    for index, step in draft.active_steps:
        phase, trigger = step.get("phase"), step.get("trigger")
        if trigger and trigger.anchor is Anchor.PREVIOUS_STEP and phase is not Phase.THANK_YOU:
            where = notes.at("steps", index, "when")
            if not seen:
                where.fault("no active step comes before this one", "count from the due date")
            elif phase is Phase.REMINDER and Phase.REMINDER not in seen:
                where.warning(
                    "a customer that is late already never had the step before this one",
                    "count the first reminder from the due date",
                )
        seen.add(phase or Phase.REMINDER)


def _steps_stand_in_order(draft: Draft, notes: Notes) -> None:
    steps = draft.active_steps
    reminded = False
    for index, step in steps:
        reminded = reminded or step.get("phase") is Phase.REMINDER
        if reminded and step.get("phase") is Phase.PRE_DUE:
            notes.at("steps", index, "phase").fault(
                "a pre-due step stands after a reminder", "move it before the first reminder"
            )
    contextual = draft.plan.get("logic") is Logic.CONTEXTUAL
    for anchor in (Anchor.DUE_DATE, Anchor.ISSUE_DATE):
        counted = [(i, s["trigger"], s.get("phase")) for i, s in steps if _counts(s, anchor)]
        for (_, before, phase), (index, trigger, same) in pairwise(counted):
            where = notes.at("steps", index, "when")
            if phase is not same:
                continue
            if trigger.days < before.days:
                where.fault(
                    f"this step is due {before.days - trigger.days} days before the one above it",
                    "put the steps in the order in which they leave",
                )
            elif trigger.days == before.days and contextual:
                where.warning(
                    "the step above it is due on the same day and, by the contextual logic, "
                    "never leaves",
                    "set them apart",
                )


def _counts(step: Values, anchor: Anchor) -> bool:
    trigger: Trigger | None = step.get("trigger")
    return trigger is not None and trigger.anchor is anchor and not trigger.end_of_month


STEP_RULES: tuple[Callable[[Draft, Notes], None], ...] = (
    _keys_are_unique,
    _templates_exist,
    _only_messages_leave_by_themselves,
    _triggers_fit_their_phase,
    _first_steps_have_nothing_before,
    _steps_stand_in_order,
)
