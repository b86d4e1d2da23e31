"""Plans as people read them: a step is one sentence (F2, F56)."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from relance.domain.documents.changes import PlanChanges
from relance.domain.plans import Anchor, OwnerKind, OwnerRule, Plan, PlanKind, Step, Trigger
from relance_bot.blocks import figures, kit
from relance_bot.blocks.kit import Json, Message
from relance_bot.blocks.limits import text_length
from relance_bot.blocks.words import Language, knows, say

MOST_BLOCKS = 45
MOST_TEXT = 11_000  # of all blocks: Slack takes some 12,000


@dataclass(frozen=True, slots=True, kw_only=True)
class Followed:
    """A plan, and how many customers are under it."""

    plan: Plan
    customers: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """Who made a version and when; `changes` against the one before, None for the first.

    `called` are the steps' names by their keys.
    """

    number: int
    by: str
    at: datetime
    changes: PlanChanges | None
    called: Mapping[str, str] = field(default_factory=dict)


def catalogue(plans: Sequence[Followed], language: Language) -> Message:
    """All plans, a line each."""
    title = say(language, "plan.list", n=len(plans))
    if not plans:
        return Message(text=title, blocks=(kit.section("plans", title),))
    rows = [kit.section(f"plan-{at}", _line(found, language)) for at, found in enumerate(plans)]
    return Message(text=title, blocks=_fitting([kit.header("plans", title)], rows, language))


def sheet(found: Followed, language: Language) -> Message:
    """One plan: its rules, and its steps in order."""
    plan = found.plan
    title = say(language, "plan.title", name=kit.clip(plan.name, 110), version=plan.version)
    head = [
        kit.header("plan", title),
        kit.section(
            "rules", "\n".join((rules(plan, found.customers, language), *_standing(plan, language)))
        ),
    ]
    rows = [
        kit.section(f"step-{at}", sentence(step, at + 1, language))
        for at, step in enumerate(plan.steps)
    ]
    return Message(text=kit.escape(title), blocks=_fitting(head, rows, language))


def rules(plan: Plan, customers: int, language: Language) -> str:
    """What holds for the whole plan, on one line; a recap has all items in one message anyway."""
    said = [
        say(language, f"plan.kind.{plan.kind}"),
        say(language, f"plan.scope.{plan.scope}"),
        *([say(language, f"plan.logic.{plan.logic}")] if plan.kind is not PlanKind.RECAP else []),
        say(language, "plan.delay", n=plan.contact_delay),
        say(language, "plan.customers", n=customers),
    ]
    return " · ".join(said)


def versions(
    plan: Plan,
    found: Sequence[Version],
    zone: str,
    language: Language,
    *,
    changing: bool = False,
) -> Message:
    """Who changed what, the latest first; with `changing` one may go back to an earlier one."""
    title = say(language, "plan.versions", name=kit.clip(plan.name, 110))
    rows = [
        kit.section(
            f"version-{version.number}",
            _version(version, zone, language),
            _go_back(plan, version, language)
            if changing and version.number != plan.version
            else None,
        )
        for version in found
    ]
    blocks = _fitting([kit.header("versions", title)], rows, language)
    return Message(text=kit.escape(title), blocks=blocks)


def sentence(step: Step, number: int, language: Language) -> str:
    """A step as mrkdwn: `1. *First reminder* – 7 days after the due date, e-mail, automatic, …`."""
    parts = [
        when(step.trigger, language),
        say(language, f"channel.{step.channel}"),
        say(language, f"plan.mode.{step.mode}"),
        _owner(step.owner, language),
    ]
    if step.template:
        parts.append(say(language, "plan.template", template=kit.datum(step.template, 60)))
    if not step.active:
        parts.append(say(language, "plan.off"))
    return f"{number}. *{kit.datum(step.name, 100)}* – {' · '.join(parts)}"


def when(trigger: Trigger, language: Language) -> str:
    """The day a trigger names, in words."""
    if trigger.anchor is Anchor.RECURRENCE:
        return say(language, "plan.when.recurrence")
    side = "before" if trigger.days < 0 else "after" if trigger.days else "on"
    said = say(language, f"plan.when.{trigger.anchor}.{side}", n=abs(trigger.days))
    return say(language, "plan.when.end_of_month", when=said) if trigger.end_of_month else said


def _fitting(head: Sequence[Json], rows: Sequence[Json], language: Language) -> tuple[Json, ...]:
    """As many rows as a message takes, and how many are left out."""
    blocks, room = [*head], MOST_TEXT - sum(map(text_length, head))
    for at, row in enumerate(rows):
        room -= text_length(row)
        if len(blocks) == MOST_BLOCKS or room < 0:
            more = say(language, "home.more", n=len(rows) - at)
            return (*blocks, kit.context("more", more))
        blocks.append(row)
    return tuple(blocks)


def _line(found: Followed, language: Language) -> str:
    plan = found.plan
    line = say(
        language,
        "plan.line",
        name=kit.datum(plan.name, 120),
        key=kit.datum(plan.key, 60),
        version=plan.version,
        steps=say(language, "plan.steps", n=len(plan.steps)),
        customers=say(language, "plan.customers", n=found.customers),
    )
    return "\n".join((line, *_standing(plan, language)))


def _version(version: Version, zone: str, language: Language) -> str:
    head = say(
        language,
        "plan.version",
        number=version.number,
        who=kit.datum(version.by, 80) or say(language, "plan.by_file"),
        at=figures.moment(language, zone, version.at),
    )
    return kit.clip(
        "\n".join((head, *changes_said(version.changes, language, version.called))), 2_900
    )


def _go_back(plan: Plan, version: Version, language: Language) -> Json:
    label = say(language, "label.plan_restore", number=version.number, plan=kit.clip(plan.name, 40))
    value = f"{version.number}.{plan.key}"
    return kit.button("plan_restore", say(language, "button.plan_restore"), value, label=label)


def _standing(plan: Plan, language: Language) -> Iterator[str]:
    """What keeps the plan from working, if anything does."""
    if plan.pause:
        key = "plan.paused_until" if plan.pause.until else "plan.paused"
        until = figures.day(language, plan.pause.until) if plan.pause.until else ""
        said = say(language, key, until=until)
        yield said + (f" ({kit.datum(plan.pause.reason, 200)})" if plan.pause.reason else "")
    if not plan.active:
        yield say(language, "plan.inactive")


def _owner(rule: OwnerRule, language: Language) -> str:
    if rule.kind is OwnerKind.ROLE:
        return say(language, "plan.owner.role", role=say(language, f"role.{rule.names[0]}"))
    if rule.kind is OwnerKind.MEMBERS:
        return figures.names(language, rule.names, 60)
    return say(language, f"plan.owner.{rule.kind}")


def changes_said(
    changes: PlanChanges | None, language: Language, called: Mapping[str, str] | None = None
) -> Iterator[str]:
    """A line for each kind of change; `called` are the steps' names by their keys."""
    if changes is None:
        yield say(language, "plan.change.first")
        return
    known = called or {}
    for name, keys in (
        ("added", changes.added),
        ("removed", changes.removed),
        ("moved", changes.moved),
    ):
        if keys:
            which = figures.names(language, [known.get(key, key) for key in keys], 60)
            yield say(language, f"plan.change.{name}", which=which)
    if changes.fields:
        which = figures.names(language, [_field(name, language) for name in changes.fields], 60)
        yield say(language, "plan.change.fields", which=which)
    for step, fields in changes.changed.items():
        which = figures.names(language, [_field(name, language) for name in fields], 60)
        named = kit.datum(known.get(step, step), 60)
        yield say(language, "plan.change.step", step=named, which=which)


def _field(name: str, language: Language) -> str:
    """A field of a plan's document as people call it."""
    key = f"plan.field.{name}"
    return say(language, key) if knows(key) else name
