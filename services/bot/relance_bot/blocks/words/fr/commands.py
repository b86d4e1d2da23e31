"""French: slash commands, and what people ask for by them."""

WORDS: dict[str, str | tuple[str, str]] = {
    "command.usage": "*Ce que vous pouvez demander*",
    "usage.why": "`/relance why CLIENT` – pourquoi une action est due ou non",
    "usage.forecast": "`/relance forecast [JOURS]` – ce qui partira si rien ne change",
    "usage.home": "`/relance home` – ce qui vous attend",
    "usage.pause": "`/relance pause all [until DATE] [MOTIF]` – plus rien d’automatique ne part",
    "usage.resume": "`/relance resume all` – fin de la pause",
    "usage.help": "`/relance help` – ceci",
    "command.unknown": "Je ne connais pas « {word} ».",
    "command.why.missing": "Quel client ? Par exemple `/relance why ACME`.",
    "command.forecast.days": "« {word} » n’est pas un nombre de jours de 1 à 90.",
    "command.nothing": "Il n’y a rien à en dire.",
    "command.home": ("{n} action vous attend.", "{n} actions vous attendent."),
    "command.admin": "Seul un administrateur peut faire cela. {admins}",
    "command.admin.ask": "Demandez à {names}.",
    "command.day": "« {word} » n’est pas un jour à venir : écrivez-le comme {example}.",
    # Ce qui a été demandé, et ce qu’il en est advenu
    "asked.not_allowed": "Votre rôle ne le permet pas. Rien n’a changé.",
    "asked.gone": "Cela n’existe plus. Rien n’a changé.",
    "asked.stale": "Cela a changé entre-temps. Rien n’a été fait, merci de regarder à nouveau.",
    "asked.unchanged": "C’est déjà le cas.",
    "asked.pause_everything": "Plus rien d’automatique ne part, jusqu’au {until}.",
    "asked.pause_everything.until": "Plus rien d’automatique ne part, jusqu’à la reprise.",
    "asked.resume_everything": "Les relances repartent, selon leurs plans.",
    "asked.resume_everything.unchanged": "Rien n’était en pause.",
}
