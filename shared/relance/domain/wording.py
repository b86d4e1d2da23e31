"""One line for every cause and reason, in English and French."""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from relance.domain.explanation import Cause
from relance.domain.money import minor_digits

_MONTHS = {
    "en": "January February March April May June July August September October November December",
    "fr": "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
}

# English, French. An item's and an account's name come first; {until} is empty without a date.
_CAUSES: Mapping[str, tuple[str, str]] = {
    "archived": ("The customer is archived.", "Le client est archivé."),
    "disabled": (
        "Reminders are not switched on for this customer.",
        "Les relances ne sont pas activées pour ce client.",
    ),
    "plan_inactive": ("The plan is switched off.", "Le plan est désactivé."),
    "paused": ("Paused{until}.", "En pause{until}."),
    "by_hand_only": (
        "The plan is by hand only: nothing leaves by itself, on purpose.",
        "Plan manuel uniquement : rien ne part tout seul, c’est voulu.",
    ),
    "no_step": ("The plan has no active step.", "Le plan n’a aucune étape active."),
    "balance": (
        "{currency}: nothing is owed on balance ({amount}).",
        "{currency} : rien n’est dû, solde fait ({amount}).",
    ),
    "under_floor": (
        "{currency}: {amount} is under the plan’s floor of {limit}.",
        "{currency} : {amount} est sous le minimum du plan, {limit}.",
    ),
    "covered": (
        "{currency}: open credits cover all that “{step}” would ask for.",
        "{currency} : les avoirs et acomptes couvrent tout ce que « {step} » demanderait.",
    ),
    "nothing_eligible": (
        "{account}no item can be reminded.",
        "{account}aucune pièce à relancer.",
    ),
    "begins": ("{number}: a run begins.", "{number} : le plan commence."),
    "blocked": (
        "“{step}” has waited for its owner’s decision since {on}; nothing else is made before.",
        "« {step} » attend la décision de son responsable depuis le {on} ; rien d’autre d’ici là.",
    ),
    "on_its_way": (
        "“{step}” is on its way since {on}.",
        "« {step} » est en cours d’envoi depuis le {on}.",
    ),
    "expires": (
        "“{step}” expires on {on} if nobody decides it.",
        "« {step} » expire le {on} si personne ne décide.",
    ),
    "finished": (
        "{number}: the plan is finished, no step is left.",
        "{number} : le plan est terminé, il ne reste aucune étape.",
    ),
    "due_now": (
        "{item}“{step}” is due (since {on}) and leaves now.",
        "{item}« {step} » est due (depuis le {on}) et part maintenant.",
    ),
    "leaves": (
        "{item}“{step}” is due on {on} and leaves on {at}.",
        "{item}« {step} » est prévue le {on} et part le {at}.",
    ),
    "is_posted": (
        "{item}“{step}” is due on {on} and goes to its owner on {at}.",
        "{item}« {step} » est prévue le {on} et sera proposée à son responsable le {at}.",
    ),
    "contact_delay": (
        "“{step}” waits for the contact delay until {on}.",
        "« {step} » attend la fin du délai de contact, le {on}.",
    ),
    "another_first": (
        "“{step}” waits: another contact goes first, so not before {on}.",
        "« {step} » attend : un autre contact part d’abord, donc pas avant le {on}.",
    ),
    "first_run": (
        "“{step}” is newly automatic here: at the earliest on {on}.",
        "« {step} » vient de passer en automatique : au plus tôt le {on}.",
    ),
    "not_a_day": ("Nothing leaves on {on}.", "Rien ne part le {on}."),
    "holiday": ("{on} is a public holiday.", "Le {on} est férié."),
    "overtaken": (
        "“{step}” will not be made: its time is over on {on}.",
        "« {step} » ne sera pas faite : son temps est passé le {on}.",
    ),
    "item_settled": ("{number}: settled.", "{number} : soldée."),
    "item_draft": ("{number}: draft, not counted.", "{number} : brouillon, non comptée."),
    "item_not_sent": (
        "{number}: not sent to the customer yet, not counted.",
        "{number} : pas encore envoyée au client, non comptée.",
    ),
    "item_no_due_date": (
        "{number}: no due date, not counted.",
        "{number} : sans échéance, non comptée.",
    ),
    "item_disputed": ("{number}: disputed.", "{number} : en litige."),
    "item_litigation": ("{number}: in litigation.", "{number} : au contentieux."),
    "item_specific_action": (
        "{number}: under a specific action.",
        "{number} : sous une action spécifique.",
    ),
    "item_direct_debit": (
        "{number}: paid by direct debit.",
        "{number} : payée par prélèvement.",
    ),
    "item_promised": (
        "{number}: promised, reminded again from {on}.",
        "{number} : promise de paiement, relancée à partir du {on}.",
    ),
    "item_paused": ("{number}: paused{until}.", "{number} : en pause{until}."),
}

# Reasons of rests, cancellations, passed-over steps and actions made manual.
_REASONS: Mapping[str, tuple[str, str]] = {
    "archived": ("customer archived", "client archivé"),
    "disabled": ("reminders off for this customer", "relances désactivées pour ce client"),
    "plan_inactive": ("plan switched off", "plan désactivé"),
    "paused": ("paused", "en pause"),
    "by_hand_only": ("by hand only", "plan manuel uniquement"),
    "no_step": ("no active step", "aucune étape active"),
    "balance": ("nothing owed on balance", "solde nul ou créditeur"),
    "under_floor": ("under the plan’s floor", "sous le minimum du plan"),
    "covered": ("covered by open credits", "couvert par les avoirs et acomptes"),
    "nothing_eligible": ("no item to remind", "aucune pièce à relancer"),
    "blocked": ("waits for a decision", "attend une décision"),
    "finished": ("plan finished", "plan terminé"),
    "settled": ("settled", "soldé"),
    "draft": ("draft", "brouillon"),
    "not_sent": ("not sent yet", "pas encore envoyée"),
    "no_due_date": ("no due date", "sans échéance"),
    "disputed": ("disputed", "en litige"),
    "litigation": ("in litigation", "au contentieux"),
    "specific_action": ("under a specific action", "sous une action spécifique"),
    "direct_debit": ("paid by direct debit", "payée par prélèvement"),
    "promised": ("payment promised", "promesse de paiement"),
    "past_due": ("the due date has come", "l’échéance est arrivée"),
    "payment_cancelled": ("payment cancelled", "paiement annulé"),
    "ceiling": ("amount above the plan’s ceiling", "montant au-dessus du plafond du plan"),
    "no_reply": ("the customer has replied", "le client a répondu"),
    "not_opened": ("the message was opened", "le message a été ouvert"),
    "amount_above": ("amount too small for this step", "montant trop faible pour cette étape"),
}


def say(cause: Cause, language: str) -> str:
    """The cause in one line; a language we do not speak gets English."""
    tongue = _tongue(language)
    return _CAUSES[cause.kind][tongue == "fr"].format_map(_words(cause, tongue))


def reason(key: str, language: str) -> str:
    """The few words for the reason of a rest, a cancellation, a step passed over or made manual."""
    return _REASONS[key][_tongue(language) == "fr"]


def long_date(day: date, language: str) -> str:
    """3 June 2025, 3 juin 2025."""
    tongue = _tongue(language)
    number = "1er" if tongue == "fr" and day.day == 1 else str(day.day)
    return f"{number} {_MONTHS[tongue].split()[day.month - 1]} {day.year}"


def _tongue(language: str) -> str:
    return "fr" if language[:2].lower() == "fr" else "en"


def _words(cause: Cause, tongue: str) -> dict[str, Any]:
    colon = " : " if tongue == "fr" else ": "
    until = " until {}" if tongue == "en" else " jusqu’au {}"
    on = long_date(cause.on, tongue) if cause.on else ""
    return {
        "item": f"{cause.number}{colon}" if cause.number else "",
        "account": f"{cause.currency}{colon}" if cause.currency else "",
        "number": cause.number,
        "step": cause.step,
        "currency": cause.currency,
        "amount": _amount(cause.amount, cause.currency, tongue),
        "limit": _amount(cause.limit, cause.currency, tongue),
        "on": on,
        "until": until.format(on) if on else "",
        "at": _instant(cause.at, tongue) if cause.at else "",
    }


def _instant(at: datetime, tongue: str) -> str:
    joint = " à " if tongue == "fr" else " at "
    return f"{long_date(at.date(), tongue)}{joint}{at:%H:%M}"


def _amount(amount: Decimal | None, currency: str, tongue: str) -> str:
    if amount is None:
        return ""
    text = f"{amount:,.{minor_digits(currency)}f}"
    if tongue == "fr":
        text = text.translate({ord(","): "\u202f", ord("."): ","})
    return f"{text}\u00a0{currency}"
