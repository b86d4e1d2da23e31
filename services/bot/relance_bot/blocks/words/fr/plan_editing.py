"""French: a reminder plan under change."""

WORDS: dict[str, str | tuple[str, str]] = {
    "plan.edit.title": "Modifier le plan",
    "plan.edit.new": "{name}, nouveau plan",
    "plan.edit.next": "Voir l’effet",
    "plan.more_steps": ("et {n} autre étape", "et {n} autres étapes"),
    "plan.taken": "Il y a déjà un plan « {key} ».",
    "plan.key": (
        "« {key} » ne peut pas être la clé d’un plan : utilisez des lettres sans accents,"
        " des chiffres, « - », « _ » et « . »."
    ),
    "plan.no_version": "Il n’y a pas de version {number} de {plan}.",
    "plan.draft_gone": "Ces modifications ne sont plus en cours. Rien n’a changé.",
    "button.plan_add": "Ajouter une étape",
    "button.plan_rules": "Règles…",
    "button.plan_restart": "Recommencer",
    "button.plan_merge": "Garder les deux",
    "button.plan_back": "Revenir aux étapes",
    "button.plan_restore": "Y revenir",
    "label.plan_rules": "Modifier les règles de {plan}",
    "label.plan_restore": "Revenir à la version {number} de {plan}",
    "plan.restart.text": "Ce que vous avez modifié ici sans l’enregistrer sera perdu.",
    "plan.restart.yes": "Abandonner",
    "plan.newer": (
        (
            ":warning: *Une autre version a été enregistrée depuis que vous avez commencé.*"
            " Rien de votre travail n’est perdu."
        ),
        (
            ":warning: *{n} versions ont été enregistrées depuis que vous avez commencé.*"
            " Rien de votre travail n’est perdu."
        ),
    ),
    "plan.newer.by": "*Version {number}* par {who}",
    "plan.import.title": "Un plan par fichier",
    "plan.import": "Le fichier du plan",
    "plan.import.part": "Le fichier, partie {part}",
    "plan.import.hint": (
        "YAML, tel que `/relance plan export` le montre. Un fichier de plus de 3 000 caractères se"
        " poursuit dans le champ suivant."
    ),
    "plan.import.line": "Ligne {line} : {mistake}",
    # A step
    "plan.step.change": "Modifier…",
    "plan.step.up": "Monter",
    "plan.step.down": "Descendre",
    "plan.step.off": "Désactiver",
    "plan.step.on": "Activer",
    "plan.step.remove": "Retirer",
    "plan.step.title": "Modifier une étape",
    "plan.step.new": "Ajouter une étape",
    "plan.step.keep": "Garder",
    "plan.rules.title": "Règles du plan",
    "plan.settled.restart": "Recommencer avec la pièce suivante",
    "plan.settled.inherit": "Continuer à la même étape",
    "plan.settled.contextual": "Continuer à l’étape de son âge",
    "plan.field.name": "nom",
    "plan.field.when": "quand",
    "plan.field.phase": "phase",
    "plan.field.channel": "canal",
    "plan.field.mode": "déclenchement",
    "plan.field.owner": "responsable",
    "plan.field.template": "modèle",
    "plan.field.condition": "seulement si",
    "plan.field.active": "activation",
    "plan.field.sender": "expéditeur",
    "plan.field.to": "destinataires",
    "plan.field.cc": "copies",
    "plan.field.attachments": "pièces jointes",
    "plan.field.contact_delay": "jours entre deux contacts",
    "plan.field.logic": "où commence un client en retard",
    "plan.field.on_reference_settled": "quand la plus ancienne pièce est soldée",
    "plan.field.every": "fréquence",
    "plan.field.kind": "type",
    "plan.field.scope": "portée",
    "plan.field.floors": "seuils",
    "plan.field.ceilings": "plafonds",
    "plan.field.slots": "horaires",
    "plan.hint.when": (
        "Par exemple : 7 jours avant l’échéance, à l’échéance, 8 jours après l’échéance,"
        " 5 jours après l’étape précédente, 3 jours après le paiement"
    ),
    "plan.hint.template": "Un e-mail ou une lettre a besoin d’un modèle de son canal.",
    "plan.hint.condition": ("Par exemple : sans réponse, non ouvert, montant supérieur à 1000 EUR"),
    "plan.condition.no_reply": "sans réponse",
    "plan.condition.not_opened": "non ouvert",
    "plan.condition.amount_above": "montant supérieur à {amounts}",
    "plan.hint.contact_delay": "De 0 à 30",
    "plan.hint.every": "Par exemple : semaine le lundi, mois le 5, 14 jours",
    # What is wrong
    "plan.mistake.in_step": "Étape {n}, {step} : {mistake}",
    "plan.mistake.no_step": "Rien ne partirait jamais : aucune étape n’est active.",
    "plan.mistake.name": "Écrivez un nom, sur une ligne.",
    "plan.mistake.key": "Deux étapes ont la même clé.",
    "plan.mistake.when": (
        "son jour ne convient pas à sa place : les étapes se suivent dans l’ordre où elles"
        " partent, et la première se compte depuis l’échéance ou la date d’émission."
    ),
    "plan.mistake.when_unread": (
        "Écrivez-le comme l’un de ces exemples : 7 jours avant l’échéance, à l’échéance,"
        " 8 jours après l’échéance, 5 jours après l’étape précédente."
    ),
    "plan.mistake.phase": ("une étape d’avant échéance se trouve après une relance : remontez-la."),
    "plan.mistake.channel": "Un e-mail ou une lettre a besoin d’un modèle.",
    "plan.mistake.template": "Il n’y a pas de modèle de ce nom pour ce canal.",
    "plan.mistake.mode": "Seuls les e-mails, les SMS et les lettres peuvent partir d’eux-mêmes.",
    "plan.mistake.owner": "Ce collègue n’est pas parmi les membres.",
    "plan.mistake.condition": (
        "Écrivez-la comme l’un de ces exemples : sans réponse, non ouvert,"
        " montant supérieur à 1000 EUR."
    ),
    "plan.mistake.contact_delay": "Écrivez un nombre entier de 0 à 30.",
    "plan.mistake.every": (
        "Écrivez-la comme l’un de ces exemples : semaine le lundi, mois le 5, 14 jours."
    ),
    "plan.mistake.step": "il lui manque quelque chose : modifiez-la.",
    "plan.mistake.other": "Quelque chose ici ne convient pas.",
    "mistake.plan_wrong": (
        "le plan contient désormais une erreur, par exemple un modèle disparu."
        " `/relance plan edit` la montre."
    ),
    # An example of its dates
    "plan.example.ahead": "*Une facture à échéance du {due} :*",
    "plan.example.late": "*Une facture en retard depuis le {due}, vue aujourd’hui :*",
    "plan.example.none": "rien ne part",
    "plan.example.note": (
        "Si personne ne paie et que chacun agit le jour même. Les week-ends, les jours fériés et"
        " les jours entre deux contacts sont comptés."
    ),
    # What saving would do
    "plan.effect.title": "Ce que cela change",
    "plan.effect.save": "Enregistrer (v. {number})",
    "plan.effect.unchanged": "Rien n’a encore été modifié.",
    "plan.effect.new": (
        "Personne ne suit encore ce plan : rien ne part avant qu’il soit attribué."
    ),
    "plan.effect.customers": (
        (
            "*{n} client* suit ce plan, et la nouvelle version dès sa prochaine étape. Ce qui a été"
            " envoyé n’est pas renvoyé."
        ),
        (
            "*{n} clients* suivent ce plan, et la nouvelle version dès leur prochaine étape."
            " Ce qui a été envoyé n’est pas renvoyé."
        ),
    ),
    "plan.effect.leaving": (
        "*À faire sous {n} jour :* {before} en l’état, *{after}* avec cette modification",
        "*À faire sous {n} jours :* {before} en l’état, *{after}* avec cette modification",
    ),
    "plan.effect.line": "• {step} : {before} → {after}",
    "plan.effect.estimate": "Estimation : {n} clients sur {of} ont été examinés.",
    "asked.change_plan": (
        "« {plan} » passe en version {version} : {n} client la suit dès sa prochaine étape.",
        "« {plan} » passe en version {version} : {n} clients la suivent dès leur étape suivante.",
    ),
    "asked.change_plan.new": "Le plan « {plan} » est créé. Personne ne le suit encore.",
    "asked.change_plan.stale": (
        "Quelqu’un a enregistré une autre version entre-temps. Rien de votre travail n’est perdu :"
        " `/relance plan edit` montre les deux."
    ),
    "asked.change_plan.unchanged": "Le plan dit déjà cela.",
}
