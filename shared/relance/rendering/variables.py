"""The one table of what a template may print: checking, rendering and the manual draw from it."""

from dataclasses import dataclass
from typing import Literal, TypeAlias

Kind: TypeAlias = Literal[
    "text",  # one line of words
    "lines",  # words over several lines, such as an address
    "link",  # a web address
    "date",
    "number",
    "amount",  # money, one figure per currency
    "yes/no",  # for conditions only
    "rows",  # a list, for loops, conditions and the filters that take lists
    "table",  # a list laid out: a table in HTML, lines elsewhere
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Variable:
    """A name, what it holds, and what it is in both languages; `also` are further hashtags."""

    name: str
    kind: Kind
    example: str
    en: str
    fr: str
    also: tuple[str, ...] = ()

    @property
    def hashtags(self) -> tuple[str, ...]:
        """The aliases without their #; a list for loops has none."""
        own = () if self.kind in {"rows", "yes/no"} else (self.name.replace(".", "_"),)
        return own + self.also


def _variable(name: str, kind: Kind, example: str, en: str, fr: str, *also: str) -> Variable:
    return Variable(name=name, kind=kind, example=example, en=en, fr=fr, also=also)


_LISTS = (
    ("due", "every open item, its date passed or not", "toutes les pièces ouvertes, échues ou non"),
    ("overdue", "the open items whose due date has passed", "les pièces ouvertes échues"),
    ("selected", "the items this message is about", "les pièces sur lesquelles porte le message"),
)

VARIABLES: tuple[Variable, ...] = (
    _variable("organisation.name", "text", "Atelier Vasseur", "your company", "votre société"),
    _variable(
        "organisation.address", "lines", "12 rue des Lilas, 69003 Lyon",
        "your company's address", "l’adresse de votre société",
    ),
    _variable(
        "organisation.email", "text", "compta@vasseur.example",
        "your company's e-mail address", "l’adresse électronique de votre société",
    ),
    _variable(
        "organisation.phone", "text", "+33 4 72 00 00 00",
        "your company's telephone number", "le téléphone de votre société",
    ),
    _variable("customer.name", "text", "Brasserie du Port", "the customer", "le client"),
    _variable(
        "customer.reference", "text", "C-0042",
        "the customer's number in your books", "le numéro du client dans vos livres",
    ),
    _variable(
        "customer.language", "text", "fr", "the code of the customer's language",
        "le code de la langue du client",
    ),
    _variable(
        "contact.name", "text", "Claire Morel", "the person written to, if known",
        "le destinataire, s’il est connu",
    ),
    _variable(
        "contact.email", "text", "claire.morel@port.example",
        "that person's e-mail address", "son adresse électronique",
    ),
    _variable(
        "contact.phone", "text", "+33 6 12 34 56 78",
        "that person's telephone number", "son téléphone",
    ),
    _variable("contact.position", "text", "accountant", "that person's position", "sa fonction"),
    _variable(
        "sender.name", "text", "Élise Martin", "who signs the message", "qui signe le message"
    ),
    _variable(
        "sender.email", "text", "elise@vasseur.example",
        "the sender's e-mail address", "l’adresse électronique du signataire",
    ),
    _variable(
        "sender.phone", "text", "+33 4 72 00 00 01",
        "the sender's telephone number", "le téléphone du signataire",
    ),
    _variable(
        "sender.signature", "lines", "Élise Martin, Comptabilité clients",
        "the sender's own signature, if there is one", "la signature du signataire, s’il en a une",
    ),
    _variable(
        "owner.name", "text", "Élise Martin", "who decides on this action",
        "qui décide de cette action",
    ),
    _variable(
        "reference.number", "text", "F-2025-014",
        "the item that drives the reminders: its number", "la pièce porteuse : son numéro",
    ),
    _variable("reference.amount", "amount", "€2,000.00", "its amount", "son montant"),
    _variable("reference.open", "amount", "€800.00", "what is left of it", "son reste dû"),
    _variable("reference.issued_on", "date", "12 April 2025", "its issue date", "son émission"),
    _variable("reference.due_on", "date", "12 May 2025", "its due date", "son échéance"),
    _variable(
        "reference.days_late", "number", "34", "days since its due date, 0 before",
        "jours depuis l’échéance, 0 avant",
    ),
    _variable(
        "reference.days_until_due", "number", "7", "days until its due date, 0 after",
        "jours jusqu’à l’échéance, 0 après",
    ),
    *(
        _variable(f"items_{name}", "rows", "", f"for loops: {en}", f"pour les boucles : {fr}")
        for name, en, fr in _LISTS
    ),
    _variable(
        "items_part_paid", "rows", "", "for loops: the selected items paid in part",
        "pour les boucles : les pièces retenues payées en partie",
    ),
    _variable(
        "credits", "rows", "", "for loops: credit notes and payments on account left to use",
        "pour les boucles : avoirs et acomptes non utilisés",
    ),
    *(
        _variable(
            f"items_list_{name}", "table", "(a table)", f"{en}, laid out",
            f"{fr}, en tableau", *(("items_list",) if name == "due" else ()),
        )
        for name, en, fr in _LISTS
    ),
    _variable(
        "items_list_credits", "table", "(a table)", "the credits, laid out",
        "les avoirs et acomptes, en tableau",
    ),
    *(
        _variable(
            f"items_numbers_{name}", "text", "F-2025-014 and F-2025-021",
            f"the numbers of: {en}", f"les numéros : {fr}",
        )
        for name, en, fr in _LISTS
    ),
    *(
        _variable(
            f"items_amount_{name}", "amount", "€1,200.00", f"the total of: {en}",
            f"le total : {fr}", *(("items_amount",) if name == "due" else ()),
        )
        for name, en, fr in _LISTS
    ),
    _variable(
        "items_amount_credits", "amount", "€300.00", "the total of the credits",
        "le total des avoirs et acomptes",
    ),
    _variable(
        "items_amount_to_pay", "amount", "€900.00",
        "the selected items less the credits, where something is left to pay",
        "les pièces retenues moins les avoirs et acomptes, s’il reste à payer",
    ),
    _variable(
        "items_amount_balance", "amount", "€3,400.00", "everything due less the credits",
        "tout ce qui est dû moins les avoirs et acomptes",
    ),
    _variable(
        "payment.amount", "amount", "€1,200.00", "for a thank-you: what was received",
        "pour un remerciement : le montant reçu",
    ),
    _variable(
        "payment.received_on", "date", "2 June 2025", "for a thank-you: when it was received",
        "pour un remerciement : la date de réception",
    ),
    _variable(
        "payment_link", "link", "https://pay.example/42", "where to pay online, if there is one",
        "où payer en ligne, si c’est possible",
    ),
    _variable("today", "date", "3 June 2025", "today, where the customer is",
              "aujourd’hui, chez le client"),
)  # fmt: skip

ROW_FIELDS: tuple[Variable, ...] = (
    _variable("number", "text", "F-2025-014", "its number", "son numéro"),
    _variable(
        "kind", "text", "invoice", "invoice, credit_note or payment_on_account",
        "invoice, credit_note ou payment_on_account",
    ),
    _variable("label", "text", "credit note", "its kind in words", "sa nature en toutes lettres"),
    _variable("issued_on", "date", "12 April 2025", "its issue date", "sa date d’émission"),
    _variable("due_on", "date", "12 May 2025", "its due date", "son échéance"),
    _variable("amount", "amount", "€2,000.00", "its amount", "son montant"),
    _variable("open", "amount", "€800.00", "what is left of it", "son reste dû"),
    _variable("paid", "amount", "€1,200.00", "what has been paid of it", "ce qui en a été payé"),
    _variable("part_paid", "yes/no", "", "whether it is part paid", "si elle est payée en partie"),
    _variable("currency", "text", "EUR", "its currency", "sa devise"),
    _variable("days_late", "number", "34", "days since its due date, 0 before",
              "jours depuis l’échéance, 0 avant"),
)  # fmt: skip

LOOP_FIELDS: tuple[Variable, ...] = (
    _variable("index", "number", "1", "the turn of the loop, from 1", "le tour de boucle, dès 1"),
    _variable("length", "number", "3", "how many turns there are", "le nombre de tours"),
    _variable("first", "yes/no", "", "whether it is the first turn", "si c’est le premier tour"),
    _variable("last", "yes/no", "", "whether it is the last turn", "si c’est le dernier tour"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """What `value|name` does: the kinds it takes and gives, and how many words it is told."""

    name: str
    takes: frozenset[Kind]
    gives: Kind
    example: str
    en: str
    fr: str
    least: int = 0
    most: int = 0


def _filter(
    name: str,
    takes: str,
    gives: Kind,
    example: str,
    en: str,
    fr: str,
    told: tuple[int, int] = (0, 0),
) -> Filter:
    kinds: dict[str, Kind] = {kind: kind for kind in ("text", "date", "number", "amount", "rows")}
    taken = frozenset(kinds[word] for word in takes.split())
    return Filter(name=name, takes=taken, gives=gives, example=example, en=en, fr=fr,
                  least=told[0], most=told[1])  # fmt: skip


FILTERS: tuple[Filter, ...] = (
    _filter(
        "money", "amount", "text", "{{ items_amount_selected|money }}",
        "an amount in the reader's format (what printing it does anyway)",
        "un montant au format du lecteur (déjà le cas sans filtre)",
    ),
    _filter(
        "date", "date", "text", '{{ reference.due_on|date("short") }}',
        "a date: short, medium, long (unless told otherwise) or full",
        "une date : short, medium, long (par défaut) ou full", (0, 1),
    ),
    _filter(
        "days", "number", "text", "{{ reference.days_late|days }}",
        "a number of days in words: 1 day, 34 days", "un nombre de jours : 1 jour, 34 jours",
    ),
    _filter(
        "plural", "rows number", "text", '{{ items_selected|plural("invoice", "invoices") }}',
        "the first word for one, the second for many",
        "le premier mot au singulier, sinon le second",
        (2, 2),
    ),
    _filter(
        "length", "rows text", "number", "{{ items_selected|length }}",
        "how many there are", "combien il y en a",
    ),
    _filter(
        "numbers", "rows", "text", "{{ items_part_paid|numbers }}",
        "the numbers of a list: A, B and C", "les numéros d’une liste : A, B et C",
    ),
    _filter("upper", "text", "text", "{{ customer.name|upper }}", "in capitals", "en majuscules"),
    _filter("lower", "text", "text", "{{ contact.position|lower }}", "in small letters",
            "en minuscules"),
    _filter(
        "default", "text", "text", '{{ contact.name|default("Madam, Sir") }}',
        "the word told where there is none", "le mot indiqué quand il n’y en a pas", (1, 1),
    ),
)  # fmt: skip

BY_NAME = {variable.name: variable for variable in VARIABLES}
BY_HASHTAG = {hashtag: variable for variable in VARIABLES for hashtag in variable.hashtags}
GROUPS = frozenset(name.split(".")[0] for name in BY_NAME if "." in name)
ROW_FIELD = {variable.name: variable for variable in ROW_FIELDS}
LOOP_FIELD = {variable.name: variable for variable in LOOP_FIELDS}
FILTER = {known.name: known for known in FILTERS}
PREFIXES = tuple(
    sorted({f"{name.replace('.', '_').split('_')[0]}_" for name in BY_NAME} - {"today_"})
)
