"""French: cards, their modals, App Home."""

WORDS: dict[str, str | tuple[str, str]] = {
    # Les choses
    "channel.email": "E-mail",
    "channel.sms": "SMS",
    "channel.letter": "Courrier",
    "channel.call": "Appel",
    "channel.task": "Tâche",
    "channel.other": "Autre",
    "item.credit_note": "avoir",
    "item.payment_on_account": "acompte",
    "call.reached": "Joint",
    "call.voicemail": "Message laissé",
    "call.no_answer": "Pas de réponse",
    "call.wrong_number": "Mauvais numéro",
    "call.promise": "A promis de payer",
    "call.dispute": "Conteste la facture",
    # La carte
    "title": "{step} · {customer}",
    "summary.late": ("*{owed}* dus, {n} jour de retard", "*{owed}* dus, {n} jours de retard"),
    "summary.today": "*{owed}* dus, à échéance aujourd’hui",
    "summary.ahead": ("*{owed}*, à échéance dans {n} jour", "*{owed}*, à échéance dans {n} jours"),
    "summary.undated": "*{owed}* dus",
    "summary.nothing": "Plus rien n’est dû",
    "text.waiting": "{step} pour {customer} : {owed}. Valider, modifier ou ignorer ?",
    "text.call": "{step} : merci d’appeler {customer} ({owed}).",
    "text.task": "{step} pour {customer} ({owed}).",
    "text.uncertain": "{step} pour {customer} est peut-être parti : merci de vérifier.",
    "text.closed": "{step} pour {customer} : {what}",
    "text.withdrawn": "{step} : désormais confiée à {owners}.",
    "since": "{channel} · prévu le {day}",
    "table.item": "Pièce",
    "table.due": "Échéance",
    "table.late": "Jours de retard",
    "table.open": "Reste dû",
    "items.more": ("et {n} autre pièce", "et {n} autres pièces"),
    "items.left_out": ("{n} pièce écartée", "{n} pièces écartées"),
    "sums.more": ("et {n} autre devise", "et {n} autres devises"),
    "names.more": ("et {n} autre", "et {n} autres"),
    "draft.to": "À : {to}",
    "draft.cc": "Cc : {cc}",
    "draft.from": "De : {sender}",
    "draft.subject": "Objet : *{subject}*",
    "draft.cut": "Le texte continue : « Modifier » le montre en entier.",
    "draft.none": "Aucun texte n’est préparé. « Modifier » permet d’en écrire un.",
    "phones": "Téléphone : {phones}",
    "phones.none": "Aucun numéro de téléphone n’est connu pour ce client.",
    "note": "Note : {note}",
    "also_for": "Aussi pour {names} : la première décision compte.",
    "edited": "Modifié par {who}, {at}",
    "snoozed": "En attente jusqu’au {day}",
    "withdrawn": "Cette action n’est plus la vôtre. Elle est désormais confiée à {owners}.",
    # Les boutons
    "button.validate": "Valider",
    "button.by_hand": "Je l’ai envoyé",
    "button.edit": "Modifier",
    "button.skip": "Ignorer",
    "button.log_call": "Noter l’appel",
    "button.done": "Fait",
    "button.snooze": "Reporter…",
    "button.mark_sent": "Marquer comme envoyé",
    "button.send_again": "Renvoyer",
    "button.reassign": "Réattribuer",
    "button.review": "Voir",
    "label.validate": "Valider la relance de {customer}",
    "label.edit": "Modifier la relance de {customer}",
    "label.skip": "Ignorer la relance de {customer}",
    "label.log_call": "Noter l’appel à {customer}",
    "label.done": "Marquer comme faite la tâche pour {customer}",
    "label.mark_sent": "Marquer comme envoyé : {customer}",
    "label.send_again": "Renvoyer à {customer}",
    "label.review": "Voir la relance de {customer}",
    "label.reassign": "Réattribuer l’action de {owner}",
    "confirm.send_again": "Envoyer une seconde fois ?",
    "confirm.send_again.text": (
        "Le premier message est peut-être arrivé : le client pourrait le recevoir deux fois."
    ),
    "confirm.yes": "Renvoyer",
    "confirm.no": "Annuler",
    # Ce qui est en train de se faire
    "pending.validate": "Validation en cours… (décision de {who})",
    "pending.edit": "Enregistrement en cours… (par {who})",
    "pending.skip": "Abandon en cours… (décision de {who})",
    "pending.snooze": "Report en cours… (décision de {who})",
    "pending.reassign": "Réattribution en cours… (décision de {who})",
    "pending.log_call": "Enregistrement de l’appel… (par {who})",
    "pending.mark_sent": "Marquage en cours… (décision de {who})",
    "pending.send_again": "Renvoi en cours… (décision de {who})",
    # Ce qu’il en est advenu
    "state.leaving": "Départ en cours.",
    "state.uncertain": (
        "*Ce message est peut-être parti.* La connexion a été perdue au moment même de l’envoi ; "
        "il n’a donc pas été renvoyé. Merci de vérifier dans votre messagerie ou auprès du client."
    ),
    "reason": "Motif : {reason}",
    # Ce qui s’est passé, ligne à ligne
    "news.made": "Préparé, {at}",
    "news.queued": "Mis en file, {at}",
    "news.validated": "Validé par {who}, {at}",
    "news.edited": "Modifié par {who}, {at}",
    "news.skipped": "Ignoré par {who}, {at}",
    "news.snoozed": "Reporté par {who}, {at}",
    "news.reassigned": "Réattribué par {who}, {at}",
    "news.reassigned_to": "Confiée à {owners} par {who}, {at}",
    "news.done": "Fait par {who}, {at}",
    "news.call_logged": "Appel noté par {who}, {at}",
    "news.called": "Appel noté par {who}, {at} : {outcome}",
    "news.sent": "Envoyé, {at}",
    "news.sent_to": "Envoyé à {to}, {at}",
    "news.uncertain": "Peut-être parti, {at} : merci de vérifier.",
    "news.marked_sent": "Marqué comme envoyé par {who}, {at}",
    "news.sent_again": "Renvoyé à la demande de {who}, {at}",
    "news.returned": "Non envoyé, {at} : le texte ne convient plus.",
    "news.impossible": "Non envoyé, {at} : une personne doit agir.",
    "news.rejected": "Refusé par le serveur du destinataire, {at}.",
    "news.cancelled": "Annulé, {at} : {why}",
    "news.expired": "Expiré, {at} : l’étape suivante est arrivée.",
    "news.passed": "Étape passée, {at} : sa condition n’est plus remplie.",
    "news.text_changed": "Le texte du modèle a changé, {at}",
    "news.shrunk": "Des pièces ont été réglées, {at} : le message ne parle plus que des autres.",
    "news.other": "Modifié, {at}",
    "the_clock": "Relance",
    # Pourquoi une action a été retirée
    "cause.settled": "tout est réglé",
    "cause.disputed": "il y a un litige",
    "cause.archived": "le client est archivé",
    "cause.disabled": "le client n’est pas activé",
    "cause.paused": "les relances sont en pause",
    "cause.plan_changed": "le plan du client a changé",
    "cause.plan_inactive": "le plan est désactivé",
    "cause.draft": "une facture a été reprise en comptabilité",
    "cause.not_sent": "la facture n’est pas encore envoyée",
    "cause.no_due_date": "il n’y a pas d’échéance",
    "cause.litigation": "il y a un contentieux",
    "cause.specific_action": "ses pièces sont suivies hors du plan",
    "cause.direct_debit": "c’est payé par prélèvement",
    "cause.promised": "un paiement est promis",
    "cause.balance": "le solde n’est plus dû",
    "cause.under_floor": "le montant est sous le seuil du plan",
    "cause.past_due": "l’échéance est arrivée",
    "cause.payment_cancelled": "le paiement a été annulé",
    "cause.other": "elle n’a plus lieu d’être",
    # Pourquoi une personne doit agir, et que faire
    "problem.channel_not_connected": (
        "Ce canal n’est pas connecté. Envoyez-le vous-même, puis dites-le ici."
    ),
    "problem.rejected": (
        "Le serveur du destinataire a refusé le message. "
        "« Modifier » permet de choisir une autre adresse."
    ),
    "problem.address_refused": "L’adresse a été refusée : merci d’en choisir une autre.",
    "problem.no_contact": (
        "Il n’y a personne à qui l’envoyer. "
        "« Modifier » permet de choisir ou de saisir un destinataire."
    ),
    "problem.address_invalid": (
        "Aucun contact n’a d’adresse valable. "
        "« Modifier » permet de choisir ou de saisir un destinataire."
    ),
    "problem.opted_out": (
        "Le contact ne veut plus de ce canal. « Modifier » permet d’en choisir un autre."
    ),
    "problem.template_missing": (
        "Cette étape n’a pas de modèle. « Modifier » permet d’écrire le texte."
    ),
    "problem.template_broken": (
        "Le modèle n’a pas pu être rempli. « Modifier » permet d’écrire le texte."
    ),
    "problem.ceiling": (
        "Le montant dépasse le plafond du plan : une personne décide. Vérifiez, puis validez."
    ),
    "problem.amounts_changed": (
        "Un montant a changé depuis que le texte a été modifié. Vérifiez le texte, puis validez."
    ),
    "problem.no_sender": (
        "Aucune adresse d’expéditeur. Un administrateur peut régler celle de la société."
    ),
    "problem.message_broken": (
        "Le message n’a pas pu être composé. « Modifier » permet de vérifier noms et adresses."
    ),
    "problem.provider_unreachable": (
        "Le serveur de messagerie ne l’a pas pris, malgré plusieurs essais. "
        "« Valider » permet de réessayer."
    ),
    "problem.unexpected_error": (
        "Quelque chose ne va pas dans ses données ou dans son plan. "
        "Merci de prévenir un administrateur."
    ),
    "problem.other": "Il n’a pas pu partir tout seul. Vérifiez-le, puis décidez.",
    # Les fenêtres ; titres et boutons ont 24 caractères
    "modal.loading": "Un instant…",
    "modal.loading.text": "Lecture du dernier état…",
    "modal.edit": "Modifier le message",
    "modal.review": "Voir la relance",
    "modal.call": "Noter l’appel",
    "modal.done": "Marquer comme fait",
    "modal.skip": "Ignorer cette action",
    "modal.snooze": "Reporter",
    "modal.reassign": "Réattribuer",
    "modal.refused": "Rien n’a changé",
    "modal.save": "Enregistrer",
    "modal.close": "Fermer",
    "modal.cancel": "Annuler",
    "modal.edit.intro": "{title}. Une fois enregistré, il attend toujours votre validation.",
    "modal.skip.intro": "{title}. Le plan passe à l’étape suivante.",
    "modal.snooze.intro": "{title}. Elle revient ce jour-là, et le plan l’attend.",
    "modal.reassign.intro": (
        "{step}, confiée à {owners}. Le nouveau responsable est le seul à décider."
    ),
    "modal.typed": "Ce que vous aviez écrit, pour que rien ne soit perdu :",
    "modal.amounts_moved": (
        "*Un montant a changé pendant que vous écriviez.* Il est maintenant de {owed}. "
        "Vérifiez votre texte, puis enregistrez à nouveau."
    ),
    "field.channel": "Canal",
    "field.to": "Destinataires",
    "field.to_typed": "Autres destinataires",
    "field.to_typed.hint.email": "Adresses e-mail, séparées par des virgules",
    "field.to_typed.hint.sms": "Numéros avec l’indicatif du pays, séparés par des virgules",
    "field.cc": "Copies (Cc)",
    "field.cc_typed": "Autres copies (Cc)",
    "field.subject": "Objet",
    "field.body": "Texte",
    "field.body_part": "Texte, partie {part} sur {parts}",
    "edit.too_long": (
        "Le texte a {n} caractères, trop pour être modifié ici ; la limite est de {most}. "
        "Il reste tel quel."
    ),
    "field.script": "Que dire",
    "field.items": "Pièces dont il parle",
    "field.items_part": "Pièces dont il parle, partie {part} sur {parts}",
    "field.note": "Note pour l’équipe",
    "field.outcome": "Ce que l’appel a donné",
    "field.reason": "Motif",
    "field.until": "Jusqu’au",
    "field.new_owner": "Nouveau responsable",
    "mistake.text_missing": "Merci d’écrire un texte.",
    "mistake.subject_missing": "Merci d’écrire un objet.",
    "mistake.recipient_missing": "Merci de choisir ou de saisir au moins un destinataire.",
    "mistake.items_missing": "Merci de garder au moins une pièce.",
    "mistake.call_outcome_missing": "Merci de dire ce que l’appel a donné.",
    "mistake.not_a_call": "Ce n’est pas un appel.",
    "mistake.date_not_ahead": "Merci de choisir un jour après aujourd’hui.",
    "mistake.owner_missing": "Merci de choisir un collègue.",
    "mistake.owner_unknown": "Ce collègue n’est plus là. Merci d’en choisir un autre.",
    "mistake.address": "« {typed} » n’est pas une adresse e-mail.",
    "mistake.phone": "« {typed} » n’est pas un numéro de téléphone avec l’indicatif du pays.",
    "mistake.header": "Un objet tient sur une ligne, sans retour à la ligne.",
    "mistake.too_long": "C’est plus long que {most} caractères.",
    "mistake.other": "Ceci ne peut pas être utilisé.",
    # Les réponses privées
    "answer.stranger": (
        "Je ne vous connais pas dans cet espace de travail : rien n’a changé. "
        "Demandez à un administrateur de Relance d’ajouter votre adresse e-mail."
    ),
    "answer.outsider": (
        "Seuls les membres à part entière de cet espace de travail peuvent agir ici. "
        "Rien n’a changé."
    ),
    "answer.inactive": "Votre accès à Relance a été désactivé. Rien n’a changé.",
    "answer.not_yours": "Décision réservée à {owners} pour cette action. Rien n’a changé.",
    "answer.not_allowed": (
        "Seul un responsable d’équipe ou un administrateur peut réattribuer. Rien n’a changé."
    ),
    "answer.gone": "Cette action n’existe plus. Rien n’a changé.",
    "answer.moved_on": "L’action avait déjà avancé : rien n’a changé. {what}",
    "answer.pending": "{who} vient de décider ; la décision est en cours.",
    "answer.pending_yours": "Vous avez déjà décidé ; la décision est en cours.",
    "answer.invalid": "Rien n’a changé : {mistakes}",
    "answer.failed": "Un problème est survenu chez nous. Merci de réessayer dans un instant.",
    "answer.unchecked": "Je n’ai pas pu vérifier qui vous êtes. Réessayez dans un instant.",
    "answer.too_slow": "C’était trop long pour Slack. Merci d’appuyer à nouveau sur le bouton.",
    "answer.old_button": (
        "Ce bouton vient d’une version ancienne. Merci d’utiliser la carte la plus récente."
    ),
    "answer.typed": "Ce que vous aviez écrit :\n{typed}",
    # L’accueil
    "home.title": "À faire",
    "home.counters": ("{n} action vous attend", "{n} actions vous attendent"),
    "home.late": ("dont {n} depuis hier ou plus", "dont {n} depuis hier ou plus"),
    "home.nothing": "Rien ne vous attend. Bravo.",
    "home.more": ("et {n} autre action", "et {n} autres actions"),
    "home.why": ("{owed} × {n} jour de retard", "{owed} × {n} jours de retard"),
    "home.not_late": "{owed}, pas encore en retard",
    "home.age": ("attend depuis {n} jour", "attend depuis {n} jours"),
    "home.new": "nouvelle aujourd’hui",
    "home.snoozed": ("{n} reportée", "{n} reportées"),
    "home.others": "En attente chez d’autres",
    "home.others.row": "*{step}* · {owners}",
    "home.others.none": "Rien n’est en attente chez d’autres.",
    "home.help": "`/relance help` dit ce que vous pouvez demander d’autre.",
}
