"""Plans as their files say them, in a word or two a step, and texts that say what they ask for."""

from collections.abc import Mapping
from typing import Any, TypeAlias

Step: TypeAlias = dict[str, Any]

WITH_TEXT = ("email", "letter", "sms")


def reminder(key: str, when: str, **more: Any) -> Step:
    """An automatic e-mail; `when` as in a plan's file: "D+8", "5 days after previous step"."""
    return _step(key, when, phase="reminder", **more)


def notice(key: str, when: str, **more: Any) -> Step:
    """An automatic e-mail before the due date: "D-7"."""
    return _step(key, when, phase="pre_due", **more)


def thank_you(key: str, when: str = "1 day after payment", **more: Any) -> Step:
    return _step(key, when, phase="thank_you", **more)


def to_confirm(key: str, when: str, **more: Any) -> Step:
    """An e-mail that waits for its owner's yes."""
    return reminder(key, when, mode="confirm", **more)


def call(key: str, when: str, **more: Any) -> Step:
    return reminder(key, when, channel="call", mode="manual", **more)


def reminders(*offsets: int, **more: Any) -> list[Step]:
    """Automatic e-mails so many days after the due date, called d1, d8 …"""
    return [reminder(f"d{days}", f"D+{days}", **more) for days in offsets]


def plan(key: str, *steps: Step, **rules: Any) -> dict[str, Any]:
    """The document of a plan, without a contact delay unless the rules give one."""
    return {
        "plan": key,
        "name": key.capitalize(),
        "contact_delay": 0,
        "steps": list(steps),
        **rules,
    }


def statement(key: str, every: str, **rules: Any) -> dict[str, Any]:
    """A recap: one automatic statement of account at each recurrence."""
    step = {"key": "statement", "name": "Statement", "channel": "email", "mode": "automatic"}
    return plan(key, {**step, "template": "statement"}, kind="recap", every=every, **rules)


def text_of(key: str) -> tuple[str, str]:
    """Subject and body of a template from which a test reads back what was asked for."""
    return key, _BODY


_BODY = """\
{% for item in items_selected %}
item {{ item.number }} = {{ item.open }}

{% endfor %}
{% for item in credits %}
credit {{ item.number }} = {{ item.open }}

{% endfor %}
pay {{ items_amount_to_pay }}

thanks {{ payment.amount }}
"""


def _step(key: str, when: str, **more: Any) -> Step:
    found: dict[str, Any] = {
        "key": key,
        "name": key.capitalize(),
        "when": when,
        "channel": "email",
        "mode": "automatic",
        **more,
    }
    if found["channel"] in WITH_TEXT:
        found.setdefault("template", key)
    return found


def templates_of(document: Mapping[str, Any]) -> set[tuple[str, str]]:
    """The texts its steps need: key and channel."""
    return {(s["template"], s["channel"]) for s in document["steps"] if s.get("template")}
