"""A plan under change: its steps as sentences, an example of its dates, then what it would do."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from relance.domain.documents.readings import Fault
from relance.domain.effects import DAYS, Effect
from relance.domain.example import Example
from relance.domain.plans import Plan, Step
from relance_bot.blocks import figures, kit
from relance_bot.blocks.kit import Json
from relance_bot.blocks.plan_values import DraftAt, text_of
from relance_bot.blocks.plans import Version, changes_said, rules, sentence
from relance_bot.blocks.words import Language, knows, say

PAGE, EFFECT = "plan_edit", "plan_effect"
MOST_STEPS = 60
MOST_LINES = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftView:
    """A member's draft. `plan` is what it says, `current` what holds now, None for a new plan.

    `newer` are the versions that came since it was begun, the latest first; `changed`: something
    would be lost by throwing it away. `channel` is where its person asked.
    """

    id: UUID
    edits: int
    plan: Plan
    current: Plan | None
    customers: int
    faults: Sequence[Fault] = ()
    newer: Sequence[Version] = ()
    examples: Sequence[Example] = ()
    changed: bool = False
    channel: str = ""


def page(view: DraftView, language: Language, refused: str = "") -> Json:
    """The steps, each with its menu; `refused` is why the last thing asked was not done."""
    return kit.modal(
        PAGE,
        say(language, "plan.edit.title"),
        [*_head(view, language, refused), *_steps(view, language), *_foot(view, language)],
        submit=say(language, "plan.edit.next"),
        close=say(language, "modal.close"),
        metadata=_metadata(view),
    )


def effect_page(view: DraftView, found: Effect | None, language: Language) -> Json:
    """What saving would do; for a plan that nobody follows yet there is nothing to count."""
    number = view.current.version + 1 if view.current else 1
    blocks = [kit.header("effect", _title(view, language))]
    blocks += _effect(view, found, language) if found else _first(language)
    back = kit.button("plan_back", say(language, "button.plan_back"), view.id.hex)
    blocks.append(kit.actions(f"back-{view.edits}", back))
    return kit.modal(
        EFFECT,
        say(language, "plan.effect.title"),
        blocks,
        submit=say(language, "plan.effect.save", number=number),
        close=say(language, "modal.close"),
        metadata=_metadata(view),
    )


def fault_said(fault: Fault, plan: Plan, language: Language) -> str:
    """What is wrong, and with which step."""
    key = _fault_key(fault)
    match fault.place:
        case ("steps", int(at), *_) if at < len(plan.steps):
            step = kit.datum(plan.steps[at].name, 60)
            mistake = say(language, key)
            return say(language, "plan.mistake.in_step", n=at + 1, step=step, mistake=mistake)
        case _:
            return say(language, key)


def mistake_key(field: str) -> str:
    """The sentence for what is wrong in that field of a step or a plan."""
    key = f"plan.mistake.{field}"
    return key if knows(key) else "plan.mistake.other"


def _fault_key(fault: Fault) -> str:
    if fault.place in ((), ("steps",)):
        return "plan.mistake.no_step"
    if fault.place[0] == "steps":
        return mistake_key(str(fault.place[2]) if len(fault.place) > 2 else "step")
    return mistake_key(str(fault.place[0]))


def _title(view: DraftView, language: Language) -> str:
    name = kit.clip(view.plan.name, 100)
    if view.current is None:
        return say(language, "plan.edit.new", name=name)
    return say(language, "plan.title", name=name, version=view.current.version)


def _head(view: DraftView, language: Language, refused: str) -> Iterator[Json]:
    yield kit.header("plan", _title(view, language))
    if refused:
        yield kit.section("refused", f":warning: {refused}")
    if view.newer:
        yield from _conflict(view, language)
    if said := _faults(view, language):
        yield kit.section("faults", said)
    label = say(language, "label.plan_rules", plan=kit.clip(view.plan.name, 40))
    button = kit.button("plan_rules", say(language, "button.plan_rules"), view.id.hex, label=label)
    yield kit.section(f"rules-{view.edits}", rules(view.plan, view.customers, language), button)
    yield kit.divider("above")


def _conflict(view: DraftView, language: Language) -> Iterator[Json]:
    called = {step.key: step.name for step in (*_steps_now(view), *view.plan.steps)}
    lines = [say(language, "plan.newer", n=len(view.newer))]
    for version in view.newer[:5]:
        who = kit.datum(version.by, 80) or say(language, "plan.by_file")
        lines.append(say(language, "plan.newer.by", number=version.number, who=who))
        known = {**called, **version.called}
        lines += [f"• {line}" for line in changes_said(version.changes, language, known)]
    yield kit.section("newer", kit.clip("\n".join(lines), 2_900))
    both = kit.button("plan_merge", say(language, "button.plan_merge"), _at(view))
    yield kit.actions(f"newer-{view.edits}", both, _restart(view, language))


def _steps_now(view: DraftView) -> Sequence[Step]:
    return view.current.steps if view.current else ()


def _faults(view: DraftView, language: Language) -> str:
    mistakes = [fault for fault in view.faults if not fault.warning]
    said = dict.fromkeys(fault_said(fault, view.plan, language) for fault in mistakes)
    return kit.clip("\n".join(f":warning: {line}" for line in list(said)[:8]), 2_900)


def _steps(view: DraftView, language: Language) -> Iterator[Json]:
    steps = view.plan.steps
    for at, step in enumerate(steps[:MOST_STEPS]):
        menu = kit.overflow("plan_step", list(_menu(step, at, len(steps), language)))
        yield kit.section(f"step-{view.edits}-{step.key}", sentence(step, at + 1, language), menu)
    if len(steps) > MOST_STEPS:
        yield kit.context("more", say(language, "plan.more_steps", n=len(steps) - MOST_STEPS))


def _menu(step: Step, at: int, of: int, language: Language) -> Iterator[Json]:
    names = ["change", *(["up"] if at else []), *(["down"] if at < of - 1 else [])]
    for name in (*names, "off" if step.active else "on", "remove"):
        yield kit.option(say(language, f"plan.step.{name}"), f"{name}.{step.key}")


def _foot(view: DraftView, language: Language) -> Iterator[Json]:
    add = kit.button("plan_add", say(language, "button.plan_add"), view.id.hex)
    more = [_restart(view, language)] if view.changed and not view.newer else []
    yield kit.actions(f"more-{view.edits}", add, *more)
    called = {step.key: step.name for step in view.plan.steps}
    for at, one in enumerate(view.examples):
        if at == 0:
            yield kit.divider("below")
        yield kit.section(f"example-{at}", _example(one, called, at, language))
    if view.examples:
        yield kit.context("example", say(language, "plan.example.note"))


def _example(one: Example, called: Mapping[str, str], at: int, language: Language) -> str:
    key = "plan.example.late" if at else "plan.example.ahead"
    head = say(language, key, due=figures.day(language, one.due_on))
    dates = [
        f"{figures.day(language, dated.on)} {kit.datum(called.get(dated.step, dated.step), 40)}"
        for dated in one.dates[:12]
    ]
    return f"{head}\n" + (" → ".join(dates) or say(language, "plan.example.none"))


def _restart(view: DraftView, language: Language) -> Json:
    text = say(language, "button.plan_restart")
    ask = kit.confirmation(
        text,
        say(language, "plan.restart.text"),
        say(language, "plan.restart.yes"),
        say(language, "modal.cancel"),
    )
    return kit.button("plan_restart", text, _at(view), confirm=ask)


def _effect(view: DraftView, found: Effect, language: Language) -> Iterator[Json]:
    called = {step.key: step.name for step in (*_steps_now(view), *view.plan.steps)}
    lines = list(changes_said(found.changes, language, called))
    nothing = say(language, "plan.effect.unchanged")
    yield kit.section("changes", kit.clip("\n".join(f"• {x}" for x in lines) or nothing, 2_900))
    yield kit.section("moving", say(language, "plan.effect.customers", n=found.customers))
    counted = "\n".join((_heading(found, language), *_counts(view, found, called, language)))
    yield kit.section("leaving", kit.clip(counted, 2_900))
    if found.is_estimate:
        said = say(language, "plan.effect.estimate", n=found.looked_at, of=found.customers)
        yield kit.context("estimate", said)


def _heading(found: Effect, language: Language) -> str:
    before, after = sum(found.before.values()), sum(found.after.values())
    return say(language, "plan.effect.leaving", n=DAYS, before=before, after=after)


def _counts(
    view: DraftView, found: Effect, called: Mapping[str, str], language: Language
) -> Iterator[str]:
    keys = dict.fromkeys(step.key for step in (*_steps_now(view), *view.plan.steps))
    shown = [key for key in keys if found.before.get(key) or found.after.get(key)]
    for key in shown[:MOST_LINES]:
        before, after = found.before.get(key, 0), found.after.get(key, 0)
        name = kit.datum(called.get(key, key), 60)
        yield say(language, "plan.effect.line", step=name, before=before, after=after)


def _first(language: Language) -> list[Json]:
    return [kit.section("first", say(language, "plan.effect.new"))]


def _at(view: DraftView) -> str:
    return f"{view.id.hex}.{view.edits}"


def _metadata(view: DraftView) -> str:
    return text_of(DraftAt(draft=view.id, edits=view.edits, channel=view.channel))
