"""What a template may speak of: plain words, decimals, dates and rows of them, nothing that acts.

A template could call the methods of any richer object it is handed (reliability §7).
"""

import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

_WEB_ADDRESS = re.compile(r"https?://[!#$%&'()*+,\-./0-9:;=?@A-Z\[\]_a-z~]{3,2000}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Organisation:
    """The company that is owed; `address` may have several lines."""

    name: str
    address: str = ""
    email: str = ""
    phone: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Customer:
    """The debtor; `language` is a code such as fr or en."""

    name: str
    reference: str = ""
    language: str = "en"


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """The person written to; empty words where nobody is known."""

    name: str = ""
    email: str = ""
    phone: str = ""
    position: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sender:
    """Who signs; `signature` may have several lines and stands for name and phone when given."""

    name: str = ""
    email: str = ""
    phone: str = ""
    signature: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Owner:
    """The member who decides on the action."""

    name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One item of the account, credits with positive amounts too.

    `kind` is invoice, credit_note or payment_on_account; `days_late` is 0 until the due date
    has passed.
    """

    number: str
    kind: str = "invoice"
    issued_on: date | None = None
    due_on: date | None = None
    amount: Decimal
    open: Decimal
    currency: str
    days_late: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """The item whose dates drive the run (rules §4)."""

    number: str
    amount: Decimal
    open: Decimal
    currency: str
    issued_on: date | None = None
    due_on: date | None = None
    days_late: int = 0
    days_until_due: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Payment:
    """What a thank-you is for."""

    amount: Decimal
    currency: str
    received_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageFacts:
    """Everything one message may say, as of `today` in the customer's time zone.

    `items_due` is every open item owed, its date passed or not; `items_overdue` those of them whose
    date has passed; `items_selected` those this message is about. `credits` are the credit notes
    and payments on account left to use: none in a pre-due notice (rules §2). Totals follow from the
    rows. ValueError when `payment_link` is no plain web address.
    """

    organisation: Organisation
    customer: Customer
    today: date
    contact: Contact = Contact()
    sender: Sender = Sender()
    owner: Owner = Owner()
    reference: Reference | None = None
    payment: Payment | None = None
    items_due: tuple[Row, ...] = ()
    items_overdue: tuple[Row, ...] = ()
    items_selected: tuple[Row, ...] = ()
    credits: tuple[Row, ...] = ()
    payment_link: str | None = None

    def __post_init__(self) -> None:
        if self.payment_link is not None and not _WEB_ADDRESS.fullmatch(self.payment_link):
            raise ValueError("the payment link must be a web address that starts with https://")
