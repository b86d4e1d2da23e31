"""App Home: a person's worklist, the most urgent first (F60)."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from relance.domain.house_requests import NOTHING_ON, Switches
from relance.domain.plans import Channel
from relance.domain.worklist import ShownAction, lateness, most_urgent_first, owed
from relance_bot.blocks import deeds, figures, kit
from relance_bot.blocks.banners import banners
from relance_bot.blocks.card import title
from relance_bot.blocks.kit import Json
from relance_bot.blocks.values import Target, value_of
from relance_bot.blocks.words import Language, say

MOST_OWN = 30
MOST_OTHERS = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class HomeView:
    """`own` waits for the reader; `others`, for leads and admins only, for somebody else.

    `others_more` are so many more of the latter, younger than those.
    """

    own: Sequence[ShownAction]
    others: Sequence[ShownAction] | None = None
    others_more: int = 0
    switches: Switches = NOTHING_ON


def home(view: HomeView, language: Language, now: datetime) -> Json:
    """The Home tab in the reader's language."""
    blocks = [*banners(view.switches, language), kit.header("title", say(language, "home.title"))]
    blocks += _own(view.own, language, now)
    if view.others is not None:
        blocks += _others(view.others, view.others_more, language, now)
    blocks += [kit.divider("end"), kit.context("help", say(language, "home.help"))]
    return {"type": "home", "callback_id": "home", "blocks": blocks}


def _own(actions: Sequence[ShownAction], language: Language, now: datetime) -> Iterator[Json]:
    awake = [a for a in actions if not _snoozed(a, figures.today_of(a, now))]
    yield kit.section("counters", _counters(actions, awake, language, now))
    if not awake:
        return
    today = figures.today_of(awake[0], now)
    for action in most_urgent_first(awake, today)[:MOST_OWN]:
        yield _row(action, language, now)
    if len(awake) > MOST_OWN:
        yield kit.context("more", say(language, "home.more", n=len(awake) - MOST_OWN))


def _counters(
    actions: Sequence[ShownAction],
    awake: Sequence[ShownAction],
    language: Language,
    now: datetime,
) -> str:
    if not actions:
        return say(language, "home.nothing")
    parts = [f"*{say(language, 'home.counters', n=len(awake))}*"]
    if old := sum(_age(a, now) > 0 for a in awake):
        parts.append(say(language, "home.late", n=old))
    by_channel = Counter(a.channel for a in awake)
    parts += [
        f"{say(language, f'channel.{channel}')}: {by_channel[channel]}"
        for channel in Channel
        if by_channel[channel]
    ]
    if asleep := len(actions) - len(awake):
        parts.append(say(language, "home.snoozed", n=asleep))
    return " · ".join(parts)


def _row(action: ShownAction, language: Language, now: datetime) -> Json:
    value = value_of(Target(action=action.id, version=action.version))
    label = say(language, "label.review", customer=kit.clip(action.customer, 30))
    button = kit.button("review", say(language, "button.review"), value, label=label)
    channel = say(language, f"channel.{action.channel}")
    text = "\n".join(
        (
            f"*{kit.datum(title(action, language), 200)}*",
            f"{_why(action, language, now)} · {channel} · {_waits(action, language, now)}",
        )
    )
    return kit.section(f"own-{action.id.hex}-{action.version}", text, button)


def _why(action: ShownAction, language: Language, now: datetime) -> str:
    """Why it stands where it stands."""
    total = figures.amounts(language, owed(action.items)) or say(language, "summary.nothing")
    late = lateness(action.items, figures.today_of(action, now))
    if late <= 0:
        return say(language, "home.not_late", owed=total)
    return say(language, "home.why", n=late, owed=total)


def _others(
    actions: Sequence[ShownAction], more: int, language: Language, now: datetime
) -> Iterator[Json]:
    """Name, owner and age: never whom it is about, nor what it says (F18)."""
    yield kit.divider("others")
    yield kit.header("others-title", say(language, "home.others"))
    if not actions:
        yield kit.context("others-none", say(language, "home.others.none"))
    oldest_first = sorted(actions, key=lambda a: (a.made_at, a.id))
    yield from (other_row(action, language, now) for action in oldest_first[:MOST_OTHERS])
    more += max(len(actions) - MOST_OTHERS, 0)
    if more:
        yield kit.context("others-more", say(language, "home.more", n=more))


def other_row(action: ShownAction, language: Language, now: datetime) -> Json:
    """An action of somebody else's, to be reassigned."""
    names = [owner.name for owner in action.owners]
    step, owners = kit.datum(action.step_name, 60), deeds.owners(language, names)
    text = say(language, "home.others.row", step=step, owners=owners)
    value = value_of(Target(action=action.id, version=action.version))
    label = say(language, "label.reassign", owner=kit.clip(", ".join(names), 40))
    button = kit.button("reassign", say(language, "button.reassign"), value, label=label)
    block_id = f"other-{action.id.hex}-{action.version}"
    return kit.section(block_id, f"{text} · {_waits(action, language, now)}", button)


def _waits(action: ShownAction, language: Language, now: datetime) -> str:
    age = _age(action, now)
    return say(language, "home.age", n=age) if age > 0 else say(language, "home.new")


def _age(action: ShownAction, now: datetime) -> int:
    return (figures.today_of(action, now) - figures.today_of(action, action.made_at)).days


def _snoozed(action: ShownAction, today: date) -> bool:
    return action.snoozed_until is not None and action.snoozed_until > today
