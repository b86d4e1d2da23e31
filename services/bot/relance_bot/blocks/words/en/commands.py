"""English: slash commands, and what people ask for by them."""

WORDS: dict[str, str | tuple[str, str]] = {
    "command.usage": "*What you can ask*",
    "usage.why": "`/relance why CUSTOMER` – why something is or is not due",
    "usage.forecast": "`/relance forecast [DAYS]` – what will leave if nothing changes",
    "usage.home": "`/relance home` – what waits for you",
    "usage.pause": "`/relance pause all [until DATE] [REASON]` – nothing automatic leaves",
    "usage.resume": "`/relance resume all` – the end of it",
    "usage.help": "`/relance help` – this",
    "command.unknown": "I do not know “{word}”.",
    "command.why.missing": "Which customer? For instance `/relance why ACME`.",
    "command.forecast.days": "“{word}” is not a number of days from 1 to 90.",
    "command.nothing": "There is nothing to say about this.",
    "command.home": ("{n} action waits for you.", "{n} actions wait for you."),
    "command.admin": "Only an admin may do this. {admins}",
    "command.admin.ask": "Ask {names}.",
    "command.day": "“{word}” is no day ahead: write it as {example}.",
    # What has been asked for, and what came of it
    "asked.not_allowed": "Your role does not allow this. Nothing has changed.",
    "asked.gone": "This is no longer there. Nothing has changed.",
    "asked.stale": "This has changed meanwhile. Nothing has been done; please look again.",
    "asked.unchanged": "It stands like that already.",
    "asked.pause_everything": "Nothing automatic leaves any more, until {until}.",
    "asked.pause_everything.until": "Nothing automatic leaves any more, until you resume.",
    "asked.resume_everything": "Reminders leave again, by their plans.",
    "asked.resume_everything.unchanged": "Nothing was paused.",
}
