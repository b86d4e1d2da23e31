"""Slack's `<!date^…>`: one instant, written for each reader's language and zone."""

import re
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_time

TOKEN = re.compile(r"\{(\w+)\}")
DAYS = {"date": "long", "date_short": "medium", "date_long": "full"}
NEAR = {
    "en": {-1: "yesterday", 0: "today", 1: "tomorrow"},
    "fr": {-1: "hier", 0: "aujourd’hui", 1: "demain"},
}


def shown_date(unix: int, pattern: str, locale: str, tz: str, now: datetime) -> str | None:
    """The pattern filled in; None where Slack would show the fallback (an unknown token)."""
    zone = ZoneInfo(tz)
    instant = datetime.fromtimestamp(unix, UTC).astimezone(zone)
    language = Locale.parse(locale.replace("-", "_"))
    parts = {
        name: part(name, instant, now.astimezone(zone), language) for name in TOKEN.findall(pattern)
    }
    if None in parts.values():
        return None
    return TOKEN.sub(lambda match: parts[match[1]] or "", pattern)


def part(name: str, instant: datetime, now: datetime, language: Locale) -> str | None:
    plain = name.removesuffix("_pretty")
    if name != plain and (near := near_day(instant, now, language)):
        return near
    if plain in DAYS:
        return format_date(instant.date(), DAYS[plain], locale=language)
    match plain:
        case "date_num":
            return instant.date().isoformat()
        case "time":
            return clock_time(instant, language)
        case "time_secs":
            return format_time(instant, "medium", tzinfo=instant.tzinfo, locale=language)
        case _:
            return None


def clock_time(instant: datetime, language: Locale) -> str:
    return format_time(instant, "short", tzinfo=instant.tzinfo, locale=language)


def near_day(instant: datetime, now: datetime, language: Locale) -> str | None:
    words = NEAR.get(language.language, NEAR["en"])
    return words.get((instant.date() - now.date()).days)
