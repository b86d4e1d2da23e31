"""A company, a customer and what it owes, for the tests of rendering."""

from datetime import date
from decimal import Decimal
from typing import Any

from relance.rendering import (
    Contact,
    Customer,
    MessageFacts,
    Organisation,
    Payment,
    Reference,
    Row,
    Sender,
    Template,
)

FIRST = Row(
    number="F-2025-014",
    issued_on=date(2025, 4, 12),
    due_on=date(2025, 5, 12),
    amount=Decimal(2000),
    open=Decimal(2000),
    currency="EUR",
    days_late=22,
)
PART_PAID = Row(
    number="F-2025-021",
    issued_on=date(2025, 4, 20),
    due_on=date(2025, 5, 20),
    amount=Decimal("1450.50"),
    open=Decimal("800.50"),
    currency="EUR",
    days_late=14,
)
DOLLARS = Row(
    number="F-2025-022",
    issued_on=date(2025, 4, 20),
    due_on=date(2025, 5, 20),
    amount=Decimal(300),
    open=Decimal(300),
    currency="USD",
    days_late=14,
)
CREDIT = Row(
    number="AV-7",
    kind="credit_note",
    issued_on=date(2025, 5, 1),
    amount=Decimal(300),
    open=Decimal(300),
    currency="EUR",
)
VASSEUR = Organisation(
    name="Atelier Vasseur & Fils",
    address="12 rue des Lilas\n69003 Lyon",
    phone="+33 4 72 00 00 00",
    email="compta@vasseur.example",
)


def facts(*items: Row, **changes: Any) -> MessageFacts:
    """Facts of a message about these items (F-2025-014 unless told otherwise)."""
    rows = items or (FIRST,)
    return MessageFacts(
        **{
            "organisation": VASSEUR,
            "customer": Customer(name="Brasserie du Port", reference="C-0042", language="fr"),
            "contact": Contact(name="Claire Morel", phone="+33 6 12 34 56 78"),
            "sender": Sender(name="Élise Martin", phone="+33 4 72 00 00 01"),
            "reference": Reference(
                number=rows[0].number,
                amount=rows[0].amount,
                open=rows[0].open,
                currency=rows[0].currency,
                issued_on=rows[0].issued_on,
                due_on=rows[0].due_on,
                days_late=rows[0].days_late,
            ),
            "payment": Payment(amount=Decimal(1200), currency="EUR", received_on=date(2025, 6, 1)),
            "items_due": rows,
            "items_overdue": rows,
            "items_selected": rows,
            "today": date(2025, 6, 3),
            **changes,
        }
    )


def template(body: str, **changes: Any) -> Template:
    """An English e-mail of this body, unless told otherwise."""
    return Template(
        **{
            "key": "a-test",
            "channel": "email",
            "language": "en",
            "subject": "A subject",
            "body": body,
            **changes,
        }
    )
