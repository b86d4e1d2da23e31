"""French: what people are told when Slack, or somebody in it, cannot be reached."""

WORDS: dict[str, str | tuple[str, str]] = {
    "card.twice": "Cette carte a été publiée deux fois ; c’est l’autre qui est suivie.",
    "card.brief": "Slack n’accepte pas tout ce contenu. « Modifier » montre le texte en entier.",
    "unreached": (
        (
            "*{n} action attend sans être vue.* Sans accès dans cet espace de travail : {names}. "
            "Merci de la réattribuer."
        ),
        (
            "*{n} actions attendent sans être vues.* "
            "Sans accès dans cet espace de travail : {names}. Merci de les réattribuer."
        ),
    ),
    "unreached.more": (
        "et {n} autre action, que mon onglet d’accueil montre aussi",
        "et {n} autres actions, que mon onglet d’accueil montre aussi",
    ),
}
