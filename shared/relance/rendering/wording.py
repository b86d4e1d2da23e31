"""Words that Relance adds to a message by itself, and data made fit to stand on one line."""

import re
from dataclasses import dataclass

# Never assigned: they mark where data and tables go, and no datum may play a mark.
OPEN_MARK, CLOSE_MARK = "\ufdd0", "\ufdd1"
# Controls, separators of lines, lone surrogates: the categories Cc, Zl, Zp and Cs.
_UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
# Embeddings, overrides and isolates can show a reader other words than those written.
_UNWANTED = re.compile(f"[\u202a-\u202e\u2066-\u2069{OPEN_MARK}{CLOSE_MARK}]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """The labels of the layouts in one language; `colon` carries the space its language wants."""

    invoice: str
    credit_note: str
    payment_on_account: str
    item: str
    due: str
    open: str
    total: str
    issued: str
    late: str
    of_amount: str
    dated: str
    due_on: str
    colon: str

    def kind(self, kind: str) -> str:
        """An item's kind in words."""
        return {
            "invoice": self.invoice,
            "credit_note": self.credit_note,
            "payment_on_account": self.payment_on_account,
        }.get(kind, kind)


_ENGLISH = Words(
    invoice="invoice",
    credit_note="credit note",
    payment_on_account="payment on account",
    item="Invoice",
    due="Due",
    open="Amount due",
    total="Total",
    issued="issued {}",
    late="{} late",
    of_amount="of {}",
    dated="of {}",
    due_on="due {}",
    colon=":",
)
_FRENCH = Words(
    invoice="facture",
    credit_note="avoir",
    payment_on_account="acompte",
    item="Facture",
    due="Échéance",
    open="Reste dû",
    total="Total",
    issued="du {}",
    late="{} de retard",
    of_amount="sur {}",
    dated="du {}",
    due_on="échéance {}",
    colon="\u00a0:",
)
_CREDIT_HEADS = {
    "en": ("Credit", "Date", "Available"),
    "fr": ("Avoir ou acompte", "Date", "Disponible"),
}


def words_in(language: str) -> Words:
    """The labels in a language, English where it has none."""
    return _FRENCH if language == "fr" else _ENGLISH


def credit_heads(language: str) -> tuple[str, str, str]:
    """The heads of the table of credits."""
    return _CREDIT_HEADS.get(language, _CREDIT_HEADS["en"])


def mark(name: str) -> str:
    """Stands for something in a text until it is filled in."""
    return f"{OPEN_MARK}{name}{CLOSE_MARK}"


def tidy(text: str) -> str:
    """The datum on one line, without control signs, reordering of letters or marks of ours."""
    if text.isprintable():  # none of those signs is
        return text.strip()
    return _UNPRINTABLE.sub(" ", _UNWANTED.sub("", text)).strip()
