"""Slack's mrkdwn as a reader sees it: a tree of nodes, each a string or a dict with `as`."""

import html
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from relance_sandbox.slack.dates import shown_date

Node = str | dict[str, Any]

FENCE = re.compile(r"```\n?(?P<pre>.+?)```", re.DOTALL)
MARKS = {"*": "bold", "_": "italic", "~": "strike"}
INLINE = re.compile(
    r"`(?P<code>[^`\n]+)`"
    r"|<(?P<angle>[^<>\n]+)>"
    + "".join(
        rf"|(?<![\w{re.escape(mark)}]){re.escape(mark)}(?!\s)"
        rf"(?P<{name}>[^{re.escape(mark)}\n]+)(?<!\s){re.escape(mark)}(?![\w{re.escape(mark)}])"
        for mark, name in MARKS.items()
    )
    + r"|(?P<bare>https?://[^\s<>|]*[^\s<>|.,;:!?)\]}'\"])"
    r"|:(?P<emoji>[a-z0-9_+-]+):"
)
DATE = re.compile(r"!date\^(?P<unix>\d+)\^(?P<format>[^^|]+)(?:\^(?P<url>[^|]+))?\|(?P<other>.*)")
EMOJI = {
    "white_check_mark": "✅",
    "heavy_check_mark": "✔️",
    "x": "❌",
    "warning": "⚠️",
    "email": "📧",
    "envelope": "✉️",
    "phone": "☎️",
    "telephone_receiver": "📞",
    "calendar": "📆",
    "date": "📅",
    "bell": "🔔",
    "no_bell": "🔕",
    "moneybag": "💰",
    "euro": "💶",
    "hourglass": "⌛",
    "hourglass_flowing_sand": "⏳",
    "alarm_clock": "⏰",
    "clock3": "🕒",
    "red_circle": "🔴",
    "large_blue_circle": "🔵",
    "large_green_circle": "🟢",
    "large_orange_circle": "🟠",
    "large_yellow_circle": "🟡",
    "white_circle": "⚪",
    "memo": "📝",
    "pencil": "✏️",
    "pencil2": "✏️",
    "page_facing_up": "📄",
    "bar_chart": "📊",
    "chart_with_upwards_trend": "📈",
    "bust_in_silhouette": "👤",
    "busts_in_silhouette": "👥",
    "house": "🏠",
    "wave": "👋",
    "tada": "🎉",
    "rocket": "🚀",
    "fast_forward": "⏩",
    "black_right_pointing_double_triangle_with_vertical_bar": "⏭️",
    "double_vertical_bar": "⏸️",
    "arrow_right": "➡️",
    "speech_balloon": "💬",
    "question": "❓",
    "exclamation": "❗",
    "information_source": "ℹ️",
    "lock": "🔒",
    "eyes": "👀",
    "thumbsup": "👍",
    "+1": "👍",
    "raised_hands": "🙌",
    "gear": "⚙️",
    "mag": "🔍",
    "inbox_tray": "📥",
    "outbox_tray": "📤",
    "mailbox": "📫",
    "mailbox_with_mail": "📬",
    "zzz": "💤",
    "handshake": "🤝",
    "scales": "⚖️",
    "rotating_light": "🚨",
    "no_entry": "⛔",
    "sunrise": "🌅",
    "sunny": "☀️",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """For whom the text is drawn: names by id, their language and zone, the present instant."""

    members: Mapping[str, str]
    channels: Mapping[str, str]
    locale: str
    tz: str
    now: datetime


def drawn(text: str, reader: Reader) -> list[Node]:
    """Code fences first, then quotes, then what is within a line."""
    nodes: list[Node] = []
    for kind, part in split(FENCE, text, "pre"):
        if kind == "pre":
            nodes.append({"as": "pre", "of": [html.unescape(part)]})
        else:
            nodes += quoted(part, reader)
    return nodes


def quoted(text: str, reader: Reader) -> list[Node]:
    """Lines that begin with > are one quote together."""
    nodes: list[Node] = []
    for part in re.split(r"((?:^(?:&gt;|>).*(?:\n|\Z))+)", text, flags=re.MULTILINE):
        if re.match(r"&gt;|>", part):
            lines = re.sub(r"^(?:&gt;|>) ?", "", part.rstrip("\n"), flags=re.MULTILINE)
            nodes.append({"as": "quote", "of": inline(lines, reader)})
        elif part:
            nodes += inline(part, reader)
    return nodes


def inline(text: str, reader: Reader) -> list[Node]:
    nodes: list[Node] = []
    at = 0
    for match in INLINE.finditer(text):
        if at < match.start():
            nodes.append(html.unescape(text[at : match.start()]))
        nodes.append(node_of(match, reader))
        at = match.end()
    if at < len(text):
        nodes.append(html.unescape(text[at:]))
    return nodes


def node_of(match: re.Match[str], reader: Reader) -> Node:
    kind, held = next((name, value) for name, value in match.groupdict().items() if value)
    match kind:
        case "code":
            return {"as": "code", "of": [html.unescape(held)]}
        case "angle":
            return angle(held, reader)
        case "bare":
            return {"as": "link", "url": html.unescape(held), "of": [html.unescape(held)]}
        case "emoji":
            return EMOJI.get(held, f":{held}:")
        case _:
            return {"as": kind, "of": inline(held, reader)}


def angle(held: str, reader: Reader) -> Node:
    """What stands between < and >: a person, a channel, a group, a date or a link."""
    target, _, label = held.partition("|")
    special: dict[str, Callable[[], Node]] = {
        "@": lambda: mention("user", "@" + reader.members.get(target[1:], target[1:])),
        "#": lambda: mention("channel", "#" + reader.channels.get(target[1:], target[1:])),
        "!": lambda: exclaimed(held, target, label, reader),
    }
    if held[0] in special:
        return special[held[0]]()
    if not re.match(r"https?://|mailto:|tel:", target):
        return html.unescape(f"<{held}>")
    return {"as": "link", "url": html.unescape(target), "of": [html.unescape(label or target)]}


def mention(kind: str, name: str) -> Node:
    return {"as": kind, "of": [name]}


def exclaimed(held: str, target: str, label: str, reader: Reader) -> Node:
    if date := DATE.fullmatch(held):
        text = shown_date(int(date["unix"]), date["format"], reader.locale, reader.tz, reader.now)
        shown = text if text is not None else html.unescape(date["other"])
        if date["url"]:
            return {"as": "link", "url": html.unescape(date["url"]), "of": [shown]}
        return {"as": "date", "of": [shown]}
    if target in ("!channel", "!here", "!everyone"):
        return mention("broadcast", "@" + target[1:])
    return html.unescape(label or held)


def split(pattern: re.Pattern[str], text: str, group: str) -> Iterator[tuple[str, str]]:
    at = 0
    for match in pattern.finditer(text):
        if at < match.start():
            yield "text", text[at : match.start()]
        yield group, match[group].rstrip("\n")
        at = match.end()
    if at < len(text):
        yield "text", text[at:]


def text_of(nodes: list[Node]) -> str:
    """The nodes as plain text."""
    return "".join(node if isinstance(node, str) else text_of(node["of"]) for node in nodes)
