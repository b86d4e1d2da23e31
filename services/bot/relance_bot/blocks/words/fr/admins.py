"""French: what admins do besides plans."""

WORDS: dict[str, str | tuple[str, str]] = {
    "usage.assign": (
        "`/relance plan assign PLAN to CLIENT` – ou `to profile NOM [without email]`,"
        " ou `to default`"
    ),
    "usage.activate": "`/relance activate CLIENT|all` – les relances commencent",
    "usage.deactivate": "`/relance deactivate CLIENT|all` – les relances s’arrêtent",
    "usage.kill": "`/relance kill on|off` – plus rien ne part",
    "usage.test": (
        "`/relance test ADRESSE|off` – tous les e-mails vont à cette adresse, aucun aux clients"
    ),
    "usage.settings": "`/relance settings` – horaires, jours, fuseau, qui répond de quoi",
    "usage.member": (
        "`/relance member list` – qui travaille ici\n"
        "`/relance member add ADRESSE NOM [RÔLE,RÔLE]`, `/relance member role NOM RÔLE,RÔLE`,"
        " `/relance member remove NOM`"
    ),
    "usage.audit": "`/relance audit [N]` – les derniers actes des administrateurs, 40 au plus",
    "customers.several": "Plusieurs correspondent à « {typed} » : {names}.",
    "customers.near": "Personne ne s’appelle « {typed} ». Vouliez-vous dire {names} ?",
    "customers.none": "Personne ne s’appelle « {typed} ».",
    # Assigning
    "assign.moves": (
        (
            "*{n} client* passe à « {plan} », qui devient le plan {target}. Son plan actuel prend"
            " fin, et ce qui y attend est retiré."
        ),
        (
            "*{n} clients* passent à « {plan} », qui devient le plan {target}. Leur plan actuel"
            " prend fin, et ce qui y attend est retiré."
        ),
    ),
    "assign.moves_nobody": (
        "« {plan} » devient le plan {target}. Personne ne change de plan aujourd’hui ; cela vaut"
        " pour ceux qui viendront."
    ),
    "assign.to.customer": "de {name}",
    "assign.to.others": "de tous ceux qui n’en ont ni propre, ni par une règle, ni par leur profil",
    "assign.to.profile": "du profil {name}, pour ceux qui ont une adresse e-mail",
    "assign.to.profile_without": "du profil {name}, pour ceux qui n’ont pas d’adresse e-mail",
    "assign.no_profile": "Il n’y a pas de profil « {name} ». Il y a : {names}.",
    "activate.all": (
        "*{n} client* est relancé à partir de maintenant.",
        "*{n} clients* sont relancés à partir de maintenant.",
    ),
    "deactivate.all": (
        "*{n} client* n’est plus relancé, et ce qui attend est retiré.",
        "*{n} clients* ne sont plus relancés, et ce qui attend est retiré.",
    ),
    "confirm.title": "Ce que cela fait",
    "confirm.do": "Le faire",
    "confirm.more": ("et {n} autre", "et {n} autres"),
    "confirm.many": "Ils sont nombreux",
    "confirm.sure": ("Oui, {n} client", "Oui, {n} clients"),
    "asked.assign_plan": (
        "« {plan} » est attribué : {n} client le suit désormais.",
        "« {plan} » est attribué : {n} clients le suivent désormais.",
    ),
    "asked.switch_customers": (
        "{n} client est relancé à partir de maintenant.",
        "{n} clients sont relancés à partir de maintenant.",
    ),
    "asked.switch_customers.off": (
        "{n} client n’est plus relancé.",
        "{n} clients ne sont plus relancés.",
    ),
    # Rules
    "usage.rule": (
        "`/relance rule list` – quels clients suivent quel plan ; la première qui convient vaut\n"
        "`/relance rule add PLAN when country FR, language fr, profile NOM [at N]`,"
        " `/relance rule remove N`"
    ),
    "rule.list": (
        "{n} règle, la première qui convient vaut",
        "{n} règles, la première qui convient vaut",
    ),
    "rule.none": (
        "Il n’y a pas de règle. Un client suit son propre plan, celui de son profil ou celui de"
        " tous les autres."
    ),
    "rule.line": "{at}. {conditions} → *{plan}*",
    "rule.country": "pays {value}",
    "rule.language": "langue {value}",
    "rule.profile": "profil {value}",
    "rule.everybody": "tous",
    "rule.wrong": (
        "« {typed} » n’est pas une condition : écrivez country FR, language fr ou profile NOM."
    ),
    "rule.adds": (
        "*Nouvelle règle {at} :* {conditions} → *{plan}*. Elle déplace {n} client.",
        "*Nouvelle règle {at} :* {conditions} → *{plan}*. Elle déplace {n} clients.",
    ),
    "rule.removes": (
        "*La règle {at} disparaît :* {conditions} → *{plan}*. Cela déplace {n} client.",
        "*La règle {at} disparaît :* {conditions} → *{plan}*. Cela déplace {n} clients.",
    ),
    "asked.add_rule": (
        "La règle {at} vaut : « {plan} ». {n} client a changé de plan.",
        "La règle {at} vaut : « {plan} ». {n} clients ont changé de plan.",
    ),
    "asked.remove_rule": (
        "La règle {at} n’est plus. {n} client a changé de plan.",
        "La règle {at} n’est plus. {n} clients ont changé de plan.",
    ),
    "asked.remove_rule.stale": "Les règles ont changé entre-temps : `/relance rule list`.",
    "audit.rule_added": (
        "a créé la règle {at}, vers le plan {plan} : {n} client déplacé",
        "a créé la règle {at}, vers le plan {plan} : {n} clients déplacés",
    ),
    "audit.rule_removed": (
        "a retiré la règle {at}, vers le plan {plan} : {n} client déplacé",
        "a retiré la règle {at}, vers le plan {plan} : {n} clients déplacés",
    ),
    # What is missing
    "choice.title.show": "Voir un plan",
    "choice.title.history": "Versions d’un plan",
    "choice.title.export": "Un plan en fichier",
    "choice.title.edit": "Modifier un plan",
    "choice.title.pause": "Mettre en pause",
    "choice.title.resume": "Reprendre un plan",
    "choice.title.assign": "Attribuer un plan",
    "choice.typed": "Saisissez une partie du nom",
    "choice.plan": "Plan",
    "choice.customer": "Client",
    "choice.group": "Ou plusieurs à la fois",
    "choice.others": "Tous les autres",
    "choice.profile": "Profil {name}, avec e-mail",
    "choice.profile_without": "Profil {name}, sans e-mail",
    "choice.nobody": "Choisissez un client, ou plusieurs à la fois.",
    "choice.go": "Suivant",
    "choice.shown": "Plans de relance",
    # Switches
    "banner.kill": ":warning: *L’arrêt d’urgence est actif :* rien ne part.",
    "banner.test": (
        ":warning: *Mode test :* tous les e-mails vont à {address}, aucun aux clients."
    ),
    "asked.switch_kill": ":warning: L’arrêt d’urgence est actif : plus rien ne part.",
    "asked.switch_kill.off": ("L’arrêt d’urgence est levé : ce qui est dû repart, à ses heures."),
    "asked.switch_test": (
        ":warning: Le mode test est actif : tous les e-mails vont à {address}, aucun aux clients."
    ),
    "asked.switch_test.address": (
        "Le mode test est terminé : les clients reçoivent de nouveau les e-mails."
    ),
    "mistake.test_address": "Ce n’est pas une adresse e-mail.",
    # Settings
    "settings.title": "Réglages",
    "settings.send_at": "Les actions automatiques partent dès",
    "settings.send_until": "Les retardataires partent jusqu’à",
    "settings.weekdays": "Ces jours-là",
    "settings.holidays": "Jours fériés",
    "settings.holidays.yes": "Rien ne part ces jours-là",
    "settings.holidays.no": "Des jours comme les autres",
    "settings.zone": "Fuseau horaire",
    "settings.zone.hint": "Par exemple Europe/Paris",
    "settings.default_owner": "À qui revient ce qui n’est à personne",
    "settings.default_owner.none": "À personne",
    "settings.default_owner.hint": (
        "Cette personne reçoit ce qui n’a ni chargé de compte, ni responsable du client, ni"
        " responsable du plan."
    ),
    "settings.enable_new_customers": "Nouveaux clients",
    "settings.enable_new_customers.yes": "Relancés aussitôt",
    "settings.enable_new_customers.no": "Attendent d’être activés",
    "settings.fresh_within_hours": "Heures après lesquelles les données sont périmées",
    "settings.fresh_within_hours.hint": (
        "Rien ne part quand le dernier import est plus ancien. Vide : aucune source n’est"
        " connectée."
    ),
    "settings.plan": (
        "Le plan de tous les autres est {plan} : `/relance plan assign PLAN to default` en donne"
        " un autre."
    ),
    "asked.change_settings": ("{n} réglage est modifié.", "{n} réglages sont modifiés."),
    "asked.change_settings.stale": (
        "Quelqu’un a modifié le même réglage entre-temps. Rien n’a été fait :"
        " `/relance settings` montre ce qui vaut."
    ),
    "mistake.setting_send_at": "Choisissez une heure.",
    "mistake.setting_send_until": "Choisissez une heure.",
    "mistake.setting_window": "Choisissez une heure après la première.",
    "mistake.setting_weekdays": "Gardez au moins un jour.",
    "mistake.setting_zone": "Ce fuseau n’existe pas : écrivez par exemple Europe/Paris.",
    "mistake.setting_fresh_within_hours": "Écrivez un nombre entier d’heures de 1 à 744.",
    # People
    "member.list": ("{n} membre", "{n} membres"),
    "member.unknown": (
        "Personne ici ne s’appelle « {name} ». `/relance member list` montre qui est là."
    ),
    "member.no_role": "« {role} » n’est pas un rôle. Il y a : {roles}.",
    "asked.add_member": "{name} est désormais membre. Slack le reconnaît à son adresse.",
    "asked.add_member.unchanged": "Cette personne est déjà membre.",
    "asked.change_roles": "Les rôles de {name} sont modifiés.",
    "asked.remove_member": (
        "{name} n’est plus membre. {n} action n’attend encore que cette personne : réattribuez-la.",
        (
            "{name} n’est plus membre. {n} actions n’attendent encore que cette personne :"
            " réattribuez-les."
        ),
    ),
    "mistake.member_address": "Ce n’est pas une adresse e-mail, ou le nom manque.",
    "mistake.member_roles": "Un membre a au moins un rôle.",
    "mistake.last_admin": ("le dernier administrateur le reste : nommez-en d’abord un autre."),
    # The log
    "audit.title": ("Le dernier acte", "Les {n} derniers actes"),
    "audit.none": "Rien n’a encore été fait.",
    "audit.command_line": "la ligne de commande",
    "audit.founded": "a créé la société",
    "audit.plan_created": "a créé le plan {plan}",
    "audit.plan_changed": "a modifié le plan {plan} : version {version}",
    "audit.plan_assigned": (
        "a attribué le plan {plan} à tous les autres : {n} client déplacé",
        "a attribué le plan {plan} à tous les autres : {n} clients déplacés",
    ),
    "audit.plan_assigned.customer": "a attribué le plan {plan} à {customer}",
    "audit.plan_assigned.profile": (
        "a attribué le plan {plan} au profil {profile} : {n} client déplacé",
        "a attribué le plan {plan} au profil {profile} : {n} clients déplacés",
    ),
    "audit.paused": "a tout mis en pause {reason}",
    "audit.paused.plan": "a mis en pause le plan {plan} {reason}",
    "audit.resumed": "a tout repris",
    "audit.resumed.plan": "a repris le plan {plan}",
    "audit.kill_on": "a activé l’arrêt d’urgence",
    "audit.kill_off": "a levé l’arrêt d’urgence",
    "audit.test_on": "a activé le mode test, vers {address}",
    "audit.test_off": "a terminé le mode test",
    "audit.settings_changed": "a modifié des réglages : {changes}",
    "audit.member_added": "a ajouté {email} : {roles}",
    "audit.roles_changed": "a modifié les rôles de {email} : {roles}",
    "audit.member_removed": "a retiré {email}",
    "audit.customers_enabled": ("a activé {n} client", "a activé {n} clients"),
    "audit.customers_enabled.customer": "a activé {customer}",
    "audit.customers_disabled": ("a désactivé {n} client", "a désactivé {n} clients"),
    "audit.customers_disabled.customer": "a désactivé {customer}",
    "audit.refused": "a demandé ce que son rôle ne permet pas",
    "audit.other": "a modifié quelque chose",
}
