"""The form of one step, and of a plan's rules: what people type, read back with its mistakes."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from relance.domain.documents import Document
from relance.domain.documents.editing import is_recap, phase_of
from relance.domain.documents.phrases import (
    condition_said,
    plainly,
    recurrence_said,
    say_condition,
    say_recurrence,
    say_trigger,
    trigger_said,
)
from relance.domain.people import Role
from relance.domain.plans import Anchor, Channel, Logic, Mode, OnReferenceSettled
from relance_bot.blocks import kit
from relance_bot.blocks.kit import Json
from relance_bot.blocks.modals import value_in
from relance_bot.blocks.plan_values import DraftAt, text_of
from relance_bot.blocks.plans import when
from relance_bot.blocks.words import Language, say

STEP, RULES = "plan_step_form", "plan_rules_form"
MOST_TEMPLATES = 98
MOST_MEMBERS = 80
MOST_DELAY = 30
_OWNERS = ("account manager", "customer owners", "plan owner", *(f"role {role}" for role in Role))
_KEPT = "kept"


@dataclass(frozen=True, slots=True, kw_only=True)
class Choices:
    """What a step may name: template keys with their channels, and members as (address, name)."""

    templates: Mapping[str, Sequence[str]]
    members: Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Typed:
    """Fields for the document, and mistakes by field."""

    fields: Mapping[str, Any]
    mistakes: Mapping[str, str]


def step_form(
    at: DraftAt, document: Document, step: Document, choices: Choices, language: Language
) -> Json:
    """A new step has no key yet."""
    title = "plan.step.title" if at.step else "plan.step.new"
    return kit.modal(
        STEP,
        say(language, title),
        list(_fields(document, step, choices, language)),
        submit=say(language, "plan.step.keep"),
        close=say(language, "modal.cancel"),
        metadata=text_of(at),
    )


def typed_step(view: Json, document: Document, before: Document) -> Typed:
    """What the form holds, as a document has it."""
    typed = {name: value_in(view, name) for name in ("name", "when", "condition")}
    mistakes = {}
    fields: dict[str, Any] = {
        "name": " ".join(typed["name"].split()),
        "channel": value_in(view, "channel"),
        "mode": value_in(view, "mode"),
        "template": value_in(view, "template") or None,
    }
    if not fields["name"]:
        mistakes["name"] = "plan.mistake.name"
    owner = value_in(view, "owner")
    fields["owner"] = before.get("owner") if owner == _KEPT else owner
    condition = condition_said(typed["condition"]) if typed["condition"].strip() else None
    if typed["condition"].strip() and condition is None:
        mistakes["condition"] = "plan.mistake.condition"
    fields["condition"] = say_condition(condition) if condition else None
    if not is_recap(document):
        trigger = trigger_said(typed["when"])
        if trigger is None or trigger.anchor is Anchor.RECURRENCE:
            mistakes["when"] = "plan.mistake.when_unread"
        else:
            fields["when"] = say_trigger(trigger)
            fields["phase"] = phase_of(trigger, before.get("phase")).value
    return Typed(fields=fields, mistakes=mistakes)


def rules_form(at: DraftAt, document: Document, language: Language) -> Json:
    """What holds for the whole plan."""
    return kit.modal(
        RULES,
        say(language, "plan.rules.title"),
        list(_rules(document, language)),
        submit=say(language, "plan.step.keep"),
        close=say(language, "modal.cancel"),
        metadata=text_of(at),
    )


def typed_rules(view: Json, document: Document) -> Typed:
    """The rules as a document has them."""
    mistakes = {}
    delay, name = value_in(view, "contact_delay").strip(), " ".join(value_in(view, "name").split())
    fields: dict[str, Any] = {"name": name}
    if not name:
        mistakes["name"] = "plan.mistake.name"
    if delay.isdecimal() and len(delay) < 3 and int(delay) <= MOST_DELAY:
        fields["contact_delay"] = int(delay)
    else:
        mistakes["contact_delay"] = "plan.mistake.contact_delay"
    if is_recap(document):
        every = recurrence_said(value_in(view, "every"))
        if every is None:
            mistakes["every"] = "plan.mistake.every"
        else:
            fields["every"] = say_recurrence(every)
    else:
        fields["logic"] = value_in(view, "logic")
        fields["on_reference_settled"] = value_in(view, "on_reference_settled")
    return Typed(fields=fields, mistakes=mistakes)


def day_typed(sentence: str, language: Language) -> str:
    """A document's day as the reader would type it."""
    trigger = trigger_said(sentence)
    if trigger is None:
        return sentence
    said = when(trigger, language)
    return said if trigger_said(said) == trigger else say_trigger(trigger)


def condition_typed(sentence: str, language: Language) -> str:
    """A document's condition as the reader would type it."""
    condition = condition_said(sentence)
    if condition is None:
        return sentence
    amounts = say_condition(condition).removeprefix("amount above").strip()
    return say(language, f"plan.condition.{condition.kind}", amounts=amounts)


def _fields(
    document: Document, step: Document, choices: Choices, language: Language
) -> Iterator[Json]:
    yield _line("name", str(step.get("name", "")), language, most=100)
    if not is_recap(document):
        typed = day_typed(str(step.get("when", "")), language)
        yield _line("when", typed, language, hint=say(language, "plan.hint.when"))
    yield _select("channel", Channel, str(step.get("channel", "email")), "channel", language)
    yield _select("mode", Mode, str(step.get("mode", "confirm")), "plan.mode", language)
    yield _owner(step.get("owner") or "account manager", choices, language)
    if options := _templates(str(step.get("template") or ""), choices, language):
        chosen = kit.select(options, str(step.get("template") or ""))
        hint = say(language, "plan.hint.template")
        label = _capital(say(language, "plan.field.template"))
        yield kit.field("template", label, chosen, optional=True, hint=hint)
    hint = say(language, "plan.hint.condition")
    typed = condition_typed(str(step.get("condition") or ""), language)
    yield _line("condition", typed, language, optional=True, hint=hint)


def _rules(document: Document, language: Language) -> Iterator[Json]:
    yield _line("name", str(document.get("name", "")), language, most=100)
    hint = say(language, "plan.hint.contact_delay")
    yield _line("contact_delay", str(document.get("contact_delay", 5)), language, hint=hint)
    if is_recap(document):
        every = str(document.get("every", ""))
        yield _line("every", every, language, hint=say(language, "plan.hint.every"))
        return
    logic = str(document.get("logic") or Logic.STANDARD)
    yield _select("logic", Logic, logic, "plan.logic", language)
    after = str(document.get("on_reference_settled") or OnReferenceSettled.RESTART)
    yield _select("on_reference_settled", OnReferenceSettled, after, "plan.settled", language)


def _line(
    field: str,
    typed: str,
    language: Language,
    *,
    optional: bool = False,
    hint: str = "",
    most: int = 200,
) -> Json:
    label = _capital(say(language, f"plan.field.{field}"))
    return kit.field(field, label, kit.line_input(typed, most=most), optional=optional, hint=hint)


def _select(field: str, of: Any, chosen: str, words: str, language: Language) -> Json:
    options = [kit.option(_capital(say(language, f"{words}.{one}")), str(one)) for one in of]
    label = _capital(say(language, f"plan.field.{field}"))
    return kit.field(field, label, kit.select(options, chosen))


def _owner(written: Any, choices: Choices, language: Language) -> Json:
    """Where one select does not say it, such as for several members, it may stay as it is."""
    options = [kit.option(_capital(_owner_said(rule, language)), rule) for rule in _OWNERS]
    options += [kit.option(name, address) for address, name in choices.members[:MOST_MEMBERS]]
    chosen = plainly(written) if isinstance(written, str) else ""
    known = {plainly(option["value"]): option["value"] for option in options}
    if chosen not in known:
        names = written if isinstance(written, list | tuple) else [written]
        options.insert(0, kit.option(", ".join(map(str, names)), _KEPT))
    label = _capital(say(language, "plan.field.owner"))
    return kit.field("owner", label, kit.select(options, known.get(chosen, _KEPT)))


def _owner_said(rule: str, language: Language) -> str:
    kind, _, role = rule.partition(" ")
    if kind == "role":
        return say(language, "plan.owner.role", role=say(language, f"role.{role}"))
    return say(language, f"plan.owner.{rule.replace(' ', '_')}")


def _templates(chosen: str, choices: Choices, language: Language) -> list[Json]:
    """The keys, with what they are for; the one that is chosen, even where it is gone."""
    called = {
        key: f"{key} · {', '.join(say(language, f'channel.{one}') for one in channels)}"
        for key, channels in sorted(choices.templates.items())[:MOST_TEMPLATES]
    }
    if chosen:
        called.setdefault(chosen, chosen)
    return [kit.option(text, key) for key, text in called.items()]


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
