"""Words that Relance adds to a message by itself, and data made fit to stand on one line."""

import unicodedata
from dataclasses import dataclass

# Embeddings, overrides and isolates can show a reader other words than those written.
_BIDI = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
# Controls, separators of lines, lone surrogates.
_UNPRINTABLE = frozenset({"Cc", "Zl", "Zp", "Cs"})
# Never assigned: they mark where tables go, and no datum may play a mark.
OPEN_MARK, CLOSE_MARK = "\ufdd0", "\ufdd1"


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


def tidy(text: str) -> str:
    """The datum on one line, without control signs, reordering of letters or marks of ours."""
    if text.isascii() and text.isprintable():
        return text.strip()
    kept = (
        " " if unicodedata.category(sign) in _UNPRINTABLE else sign
        for sign in text
        if sign not in _BIDI and sign not in (OPEN_MARK, CLOSE_MARK)
    )
    return "".join(kept).strip()
