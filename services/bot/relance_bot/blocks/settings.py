"""The organisation's settings: read by everybody, changed by admins in a modal (F48, F57)."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from babel.dates import get_day_names

from relance.rendering.formats import locale_for
from relance_bot.blocks import kit
from relance_bot.blocks.kit import Json
from relance_bot.blocks.modals import value_in
from relance_bot.blocks.words import Language, say

CALLBACK = "settings"
MOST_MEMBERS = 99
_YES, _NO = "yes", "no"


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingsView:
    """What holds; `members` are (identifier, name), `plan` is what nobody's customer follows."""

    standing: Mapping[str, Any]
    members: Sequence[tuple[str, str]]
    plan: str
    channel: str = ""


def form(view: SettingsView, language: Language) -> Json:
    """The modal; it carries what it was drawn from, so that a newer value is not undone."""
    return kit.modal(
        CALLBACK,
        say(language, "settings.title"),
        list(_fields(view, language)),
        submit=say(language, "modal.save"),
        close=say(language, "modal.cancel"),
        metadata=json.dumps([dict(view.standing), view.channel]),
    )


def seen_in(metadata: str) -> tuple[dict[str, Any], str] | None:
    """What the modal was drawn from, and where its person is; None when it is none of ours."""
    try:
        standing, channel = json.loads(metadata)
        return dict(standing), str(channel)
    except (ValueError, TypeError):
        return None


def typed_in(view: Json) -> dict[str, Any]:
    """The settings as the modal holds them; what cannot be read stays as it was typed."""
    days = view["state"]["values"]["weekdays"]["value"].get("selected_options") or []
    hours = value_in(view, "fresh_within_hours").strip()
    owner = value_in(view, "default_owner")
    return {
        "send_at": _time(view, "send_at"),
        "send_until": _time(view, "send_until"),
        "weekdays": sorted(int(option["value"]) for option in days),
        "holidays": value_in(view, "holidays") == _YES,
        "zone": value_in(view, "zone").strip(),
        "default_owner": "" if owner == _NO else owner,
        "enable_new_customers": value_in(view, "enable_new_customers") == _YES,
        "fresh_within_hours": int(hours) if hours.isdecimal() else hours or None,
    }


def _fields(view: SettingsView, language: Language) -> Iterator[Json]:
    standing = view.standing
    for name in ("send_at", "send_until"):
        picker: Json = {"type": "timepicker", "initial_time": standing[name]}
        yield kit.field(name, say(language, f"settings.{name}"), picker)
    names = get_day_names("wide", "stand-alone", locale_for(language))
    days = [kit.option(names[day], str(day)) for day in range(7)]
    chosen = [str(day) for day in standing["weekdays"]]
    label = say(language, "settings.weekdays")
    yield kit.field("weekdays", label, kit.multi_select(days, chosen))
    yield _choice("holidays", standing["holidays"], language)
    zone = kit.line_input(standing["zone"], most=60)
    hint = say(language, "settings.zone.hint")
    yield kit.field("zone", say(language, "settings.zone"), zone, hint=hint)
    yield _owner(view, language)
    yield _choice("enable_new_customers", standing["enable_new_customers"], language)
    hours = standing["fresh_within_hours"]
    element = kit.line_input("" if hours is None else str(hours), most=6)
    hint = say(language, "settings.fresh_within_hours.hint")
    label = say(language, "settings.fresh_within_hours")
    yield kit.field("fresh_within_hours", label, element, optional=True, hint=hint)
    plan = kit.datum(view.plan, 60) or "–"
    yield kit.context("plan", say(language, "settings.plan", plan=plan))


def _choice(name: str, standing: bool, language: Language) -> Json:  # noqa: FBT001 - a setting
    options = [kit.option(say(language, f"settings.{name}.{key}"), key) for key in (_YES, _NO)]
    chosen = kit.select(options, _YES if standing else _NO)
    return kit.field(name, say(language, f"settings.{name}"), chosen)


def _owner(view: SettingsView, language: Language) -> Json:
    options = [kit.option(say(language, "settings.default_owner.none"), _NO)]
    options += [kit.option(name, key) for key, name in view.members[:MOST_MEMBERS]]
    chosen = kit.select(options, view.standing["default_owner"] or _NO)
    hint = say(language, "settings.default_owner.hint")
    return kit.field("default_owner", say(language, "settings.default_owner"), chosen, hint=hint)


def _time(view: Json, name: str) -> str:
    return str(view["state"]["values"][name]["value"].get("selected_time") or "")
