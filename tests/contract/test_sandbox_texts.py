"""Slack's mrkdwn and dates as a reader of the sandbox sees them."""

from datetime import UTC, datetime
from typing import Any

import pytest

from relance_sandbox.slack.mrkdwn import Reader, drawn, text_of

NOW = datetime(2026, 11, 23, 7, 30, tzinfo=UTC)
UNIX = int(NOW.timestamp())


def reader(locale: str = "en-GB", tz: str = "Europe/Paris") -> Reader:
    return Reader(members={"U1": "Alice"}, channels={"C1": "cash"}, locale=locale, tz=tz, now=NOW)


def kinds(text: str) -> list[Any]:
    return [
        node if isinstance(node, str) else (node["as"], text_of(node["of"]))
        for node in drawn(text, reader())
    ]


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("*bold* _it_ ~out~", [("bold", "bold"), " ", ("italic", "it"), " ", ("strike", "out")]),
        ("`a *b* c`", [("code", "a *b* c")]),
        ("```\nx < *y*\n```", [("pre", "x < *y*")]),
        ("> one\n> two\nthree", [("quote", "one\ntwo"), "three"]),
        ("5 * 3 * 2 snake_case_name", ["5 * 3 * 2 snake_case_name"]),
        ("**not slack**", ["**not slack**"]),
        ("<https://x.example/a?b=1&amp;c=2|here>", [("link", "here")]),
        ("see https://x.example/a.", ["see ", ("link", "https://x.example/a"), "."]),
        ("<@U1> in <#C1>", [("user", "@Alice"), " in ", ("channel", "#cash")]),
        ("<!channel>", [("broadcast", "@channel")]),
        ("&lt;!channel&gt; A &amp; B", ["<!channel> A & B"]),
        ("&lt;script&gt;", ["<script>"]),
        ("<javascript:alert(1)|click>", ["<javascript:alert(1)|click>"]),
        ("*<https://x.example|a>*", [("bold", "a")]),
    ],
)
def test_marks_are_read_as_slack_reads_them(text: str, seen: list[Any]) -> None:
    assert kinds(text) == seen


@pytest.mark.parametrize(
    ("locale", "tz", "seen"),
    [
        ("en-GB", "Europe/Paris", "today at 08:30"),
        ("fr-FR", "Europe/Paris", "aujourd’hui at 08:30"),
        ("en-GB", "Pacific/Auckland", "today at 20:30"),
        ("en-GB", "Pacific/Honolulu", "today at 21:30"),
        ("en-US", "America/New_York", "today at 2:30\u202fAM"),
    ],
)
def test_a_date_is_shown_in_each_readers_zone(locale: str, tz: str, seen: str) -> None:
    text = f"<!date^{UNIX}^{{date_short_pretty}} at {{time}}|no date>"
    assert text_of(drawn(text, reader(locale, tz))) == seen


@pytest.mark.parametrize(
    ("seconds", "pattern", "seen"),
    [
        (-86_400, "{date_pretty}", "yesterday"),
        (86_400, "{date_long_pretty}", "tomorrow"),
        (7 * 86_400, "{date_short_pretty}", "30 Nov 2026"),
        (0, "{date_num}", "2026-11-23"),
        (0, "{date_long}", "Monday, 23 November 2026"),
        (0, "{nonsense}", "no date"),
    ],
)
def test_a_date_is_near_far_or_its_fallback(seconds: int, pattern: str, seen: str) -> None:
    text = f"<!date^{UNIX + seconds}^{pattern}|no date>"
    assert text_of(drawn(text, reader())) == seen
