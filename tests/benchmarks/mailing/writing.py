"""The same reminder as whoever uses a task queue writes it: Jinja2, Babel, the standard library.

The templates are our pages with holes in them, their styles in place.
"""

import os
import smtplib
import threading
from datetime import date
from decimal import Decimal
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import formataddr, make_msgid
from functools import lru_cache
from pathlib import Path
from typing import Any

from babel.dates import format_date
from babel.numbers import format_currency
from jinja2 import Environment, FileSystemLoader, Template

SUBJECTS = {"fr": "{} factures : petit rappel – {}", "en": "{} invoices: a friendly reminder – {}"}
LOCALES = {"fr": "fr", "en": "en_GB"}
_HERE = threading.local()


def remind(reminder: dict[str, Any]) -> None:
    """Renders the reminder and hands it over, on this thread's kept connection."""
    _connection().send_message(written(reminder))


def written(reminder: dict[str, Any]) -> EmailMessage:
    language, house = reminder["language"], reminder["house"]
    items = [_typed(item) for item in reminder["items"]]
    subject = SUBJECTS[language].format(len(items), house)
    said = {**reminder, "items": items, "subject": subject}
    said["total"] = sum((item["open"] for item in items), Decimal(0))
    message = EmailMessage(policy=SMTP)
    message["Message-ID"] = make_msgid(domain="atelier.test")
    message["From"] = formataddr((reminder["sender"], "alice@atelier.test"))
    message["To"] = formataddr((reminder["contact"], reminder["address"]))
    message["Subject"] = subject
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(_template(language, "txt").render(said))
    message.add_alternative(_template(language, "html").render(said), subtype="html")
    return message


def _typed(item: dict[str, Any]) -> dict[str, Any]:
    return {
        **item,
        "open": Decimal(item["open"]),
        "issued_on": date.fromisoformat(item["issued_on"]),
        "due_on": date.fromisoformat(item["due_on"]),
    }


def _connection() -> smtplib.SMTP:
    if not hasattr(_HERE, "smtp"):
        _HERE.smtp = smtplib.SMTP("127.0.0.1", int(os.environ["BENCH_SMTP_PORT"]))
    kept: smtplib.SMTP = _HERE.smtp
    return kept


@lru_cache
def _template(language: str, kind: str) -> Template:
    locale = LOCALES[language]
    folder = FileSystemLoader(Path(__file__).with_name("templates"))
    environment = Environment(loader=folder, autoescape=kind == "html")  # noqa: S701 - of text
    environment.filters["money"] = lambda amount: format_currency(amount, "EUR", locale=locale)
    environment.filters["date"] = lambda day, length="long": format_date(day, length, locale=locale)
    return environment.get_template(f"{language}.{kind}.j2")
