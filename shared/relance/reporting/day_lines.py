"""A forecast in a few lines of plain text, a day each, for a chat."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import date

from babel.dates import format_date

from relance.domain.plans import Channel, Mode
from relance.reporting.rows import ActionRow

_CHANNELS = {
    "en": {
        Channel.EMAIL: ("e-mail", "e-mails"),
        Channel.SMS: ("SMS", "SMS"),
        Channel.LETTER: ("letter", "letters"),
        Channel.CALL: ("call", "calls"),
        Channel.TASK: ("task", "tasks"),
        Channel.OTHER: ("other", "others"),
    },
    "fr": {
        Channel.EMAIL: ("e-mail", "e-mails"),
        Channel.SMS: ("SMS", "SMS"),
        Channel.LETTER: ("courrier", "courriers"),
        Channel.CALL: ("appel", "appels"),
        Channel.TASK: ("tâche", "tâches"),
        Channel.OTHER: ("autre", "autres"),
    },
}
_WORDS = {
    "en": {
        "nothing": "Nothing will leave in the next {days} days if nothing changes.",
        "asks": "{shown}, for a person to decide",
    },
    "fr": {
        "nothing": "Rien ne partira dans les {days} prochains jours si rien ne change.",
        "asks": "{shown}, à décider par une personne",
    },
}


def day_lines(rows: Sequence[ActionRow], days: int, language: str) -> tuple[str, ...]:
    """What leaves by itself and what is put to owners, day by day."""
    language = language if language in _WORDS else "en"
    if not rows:
        return (_WORDS[language]["nothing"].format(days=days),)
    by_day: defaultdict[date, list[ActionRow]] = defaultdict(list)
    for row in rows:
        by_day[row.date].append(row)
    return tuple(_line(day, of, language) for day, of in sorted(by_day.items()))


def _line(day: date, rows: Sequence[ActionRow], language: str) -> str:
    # One action of two currencies is two rows, which differ in nothing else.
    deeds = {(row.customer, row.plan, row.step, row.channel, row.mode) for row in rows}
    alone = [channel for *_, channel, mode in deeds if mode is Mode.AUTOMATIC]
    asked = [channel for *_, channel, mode in deeds if mode is not Mode.AUTOMATIC]
    shown = [_counted(alone, language)] if alone else []
    if asked:
        shown.append(_WORDS[language]["asks"].format(shown=_counted(asked, language)))
    pattern = "EEE d MMM" if language == "fr" else "EEE, d MMM"
    return f"{format_date(day, pattern, locale=language)}: {'; '.join(shown)}"


def _counted(channels: Sequence[Channel], language: str) -> str:
    counts = Counter(channels)
    names = _CHANNELS[language]
    return ", ".join(
        f"{counts[channel]} {names[channel][counts[channel] > 1]}"
        for channel in Channel
        if channel in counts
    )
