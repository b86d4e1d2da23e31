"""French: reminder plans."""

WORDS: dict[str, str | tuple[str, str]] = {
    "usage.plan": (
        "`/relance plan list` – tous les plans de relance\n"
        "`/relance plan show|history|export PLAN` – l’un d’eux\n"
        "`/relance plan edit PLAN`, `/relance plan restore PLAN VERSION` – le modifier, revenir\n"
        "`/relance plan assign PLAN to CLIENT|profile NOM|default` – qui le suit\n"
        "`/relance plan new CLÉ [NOM]`, `/relance plan duplicate PLAN CLÉ [NOM]`,"
        " `/relance plan import`\n"
        "`/relance plan pause PLAN [until DATE] [MOTIF]`, `/relance plan resume PLAN`"
        " – plus rien n’en part"
    ),
    "plan.list": ("{n} plan", "{n} plans"),
    "plan.line": "*{name}* (`{key}`) · version {version} · {steps} · {customers}",
    "plan.steps": ("{n} étape", "{n} étapes"),
    "plan.customers": ("{n} client", "{n} clients"),
    "plan.title": "{name}, version {version}",
    "plan.kind.escalation": "Relances successives",
    "plan.kind.recap": "Relevé de compte",
    "plan.scope.account": "un message pour tout le compte",
    "plan.scope.item": "un message par facture",
    "plan.logic.standard": "un client en retard commence à la première relance",
    "plan.logic.contextual": "un client en retard commence à l’étape de son âge",
    "plan.delay": ("{n} jour entre deux contacts", "{n} jours entre deux contacts"),
    "plan.paused": ":double_vertical_bar: En pause jusqu’à la reprise",
    "plan.paused_until": ":double_vertical_bar: En pause jusqu’au {until}",
    "plan.inactive": ":heavy_minus_sign: Désactivé",
    "plan.mode.manual": "à la main",
    "plan.mode.confirm": "à confirmer",
    "plan.mode.automatic": "automatique",
    "plan.owner.account_manager": "chargé de compte",
    "plan.owner.customer_owners": "responsables du client",
    "plan.owner.plan_owner": "responsable du plan",
    "plan.owner.role": "chaque {role}",
    "role.collector": "chargé de recouvrement",
    "role.lead": "responsable d’équipe",
    "role.admin": "administrateur",
    "plan.template": "modèle `{template}`",
    "plan.off": "_désactivée_",
    "plan.when.issue_date.before": (
        "{n} jour avant la date d’émission",
        "{n} jours avant la date d’émission",
    ),
    "plan.when.issue_date.on": "à la date d’émission",
    "plan.when.issue_date.after": (
        "{n} jour après la date d’émission",
        "{n} jours après la date d’émission",
    ),
    "plan.when.due_date.before": ("{n} jour avant l’échéance", "{n} jours avant l’échéance"),
    "plan.when.due_date.on": "à l’échéance",
    "plan.when.due_date.after": ("{n} jour après l’échéance", "{n} jours après l’échéance"),
    "plan.when.previous_step.before": (
        "{n} jour avant l’étape précédente",
        "{n} jours avant l’étape précédente",
    ),
    "plan.when.previous_step.on": "le jour de l’étape précédente",
    "plan.when.previous_step.after": (
        "{n} jour après l’étape précédente",
        "{n} jours après l’étape précédente",
    ),
    "plan.when.payment_date.before": ("{n} jour avant le paiement", "{n} jours avant le paiement"),
    "plan.when.payment_date.on": "le jour du paiement",
    "plan.when.payment_date.after": ("{n} jour après le paiement", "{n} jours après le paiement"),
    "plan.when.recurrence": "à chaque fois",
    "plan.when.end_of_month": "à la fin du mois de « {when} »",
    "plan.versions": "Versions de {name}",
    "plan.version": "*Version {number}* · {who}, {at}",
    "plan.by_file": "par un fichier",
    "plan.change.first": "La première version",
    "plan.change.added": "Ajouté : {which}",
    "plan.change.removed": "Retiré : {which}",
    "plan.change.moved": "Déplacé : {which}",
    "plan.change.fields": "Modifié : {which}",
    "plan.change.step": "Modifié dans {step} : {which}",
    "plan.unknown": "Il n’y a pas de plan « {key} ». Il y a : {keys}.",
    "plan.none": (
        "Il n’y a pas encore de plan. Un administrateur ajoute le premier par `relance plan apply`."
    ),
    "plan.exported": "Voici « {name} » comme fichier : `relance plan apply` le refait.",
    "plan.exported.cut": (
        "Il est plus long que ce que Slack montre : `relance plan export {key}` l’écrit en entier."
    ),
    "asked.pause_plan": "Le plan « {plan} » est en pause jusqu’au {until}.",
    "asked.pause_plan.until": "Le plan « {plan} » est en pause jusqu’à sa reprise.",
    "asked.resume_plan": "Le plan « {plan} » reprend.",
    "asked.resume_plan.unchanged": "Ce plan n’était pas en pause.",
}
