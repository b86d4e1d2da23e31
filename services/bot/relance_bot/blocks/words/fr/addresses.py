"""French: a refused address, and another one in its place."""

WORDS: dict[str, str | tuple[str, str]] = {
    "button.address": "Choisir une autre adresse",
    "label.address": "Choisir une autre adresse pour {customer}",
    "modal.address": "Une autre adresse",
    "modal.address.after": "Une fois enregistré, il attend toujours votre validation.",
    "field.wrong": "Ne plus écrire à ces adresses",
    "address.refused": "*{address}* : {why}",
    "address.why.by_hand": "signalée comme fausse par un collègue",
    "mistake.recipient_wrong": "Une adresse à ne plus utiliser ne peut pas être destinataire.",
}
