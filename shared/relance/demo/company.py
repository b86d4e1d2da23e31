"""A sample company: Atelier Lumen makes lamps in Lyon and waits for its money."""

import csv
import unicodedata
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from importlib.resources import files
from random import Random


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """A colleague, as our table and the sandbox's workspace know them."""

    slack: str
    name: str
    title: str
    roles: tuple[str, ...]
    locale: str

    @property
    def email(self) -> str:
        return f"{self.name.split()[0].lower().replace('é', 'e')}@atelier-lumen.example"


PEOPLE = (
    Person(
        slack="UALICE", name="Alice Martin", title="Collector", roles=("collector",), locale="en-GB"
    ),
    Person(
        slack="UBRUNO",
        name="Bruno Keller",
        title="Chargé de recouvrement",
        roles=("collector",),
        locale="fr-FR",
    ),
    Person(
        slack="UCHLOE",
        name="Chloé Petit",
        title="Chargée de recouvrement",
        roles=("collector",),
        locale="fr-FR",
    ),
    Person(
        slack="ULOUIS", name="Louis Garnier", title="Team lead", roles=("lead",), locale="fr-FR"
    ),
    Person(
        slack="UANNA", name="Anna Schmidt", title="Administrator", roles=("admin",), locale="en-GB"
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Customer:
    """A debtor of the sample; `late` are the days its invoices are past due, oldest first."""

    reference: str
    name: str
    contact: str
    profile: str
    manager: Person
    late: tuple[int, ...]
    language: str = "fr"
    country: str = "FR"
    currency: str = "EUR"
    trait: str = ""


def _customers() -> tuple[Customer, ...]:
    people = {person.slack: person for person in PEOPLE}
    file = files("relance") / "demo" / "customers.csv"
    lines = csv.DictReader(file.read_text("utf-8").splitlines())
    return tuple(
        Customer(
            reference=f"C{number:03}",
            name=line["name"],
            contact=line["contact"],
            profile=line["profile"],
            manager=people[line["manager"]],
            late=tuple(int(days) for days in line["late"].split()),
            language=line["language"],
            country=line["country"],
            currency=line["currency"],
            trait=line["trait"],
        )
        for number, line in enumerate(lines, start=1)
    )


CUSTOMERS = _customers()
_ZONES = {
    "GB": "Europe/London",
    "IE": "Europe/Dublin",
    "US": "America/New_York",
    "DE": "Europe/Berlin",
}


def mailbox_of(customer: Customer) -> str:
    """The address of the customer's accounts department."""
    plain = unicodedata.normalize("NFKD", customer.name.casefold().replace("'", ""))
    plain = "".join(letter for letter in plain if not unicodedata.combining(letter))
    host = "-".join("".join(c if c.isascii() and c.isalnum() else " " for c in plain).split())
    return f"accounts@{host}.example"


def tables(today: date) -> dict[str, list[dict[str, str]]]:
    """The company's ledger on that day, as files of our own format: table -> lines."""
    random = Random(7)  # noqa: S311 - invented amounts
    found: dict[str, list[dict[str, str]]] = {
        name: [] for name in ("customers", "contacts", "items", "payments", "allocations")
    }
    for customer in CUSTOMERS:
        found["customers"].append(_customer_line(customer))
        if customer.trait != "no_email":
            found["contacts"].append(_contact_line(customer))
        numbers = [
            _add_invoice(found, customer, n, today - timedelta(days=late), random)
            for n, late in enumerate(customer.late, start=1)
        ]
        _add_trait(found, customer, numbers, today)
    return found


def _customer_line(customer: Customer) -> dict[str, str]:
    return {
        "reference": customer.reference,
        "name": customer.name,
        "language": customer.language,
        "zone": _ZONES.get(customer.country, "Europe/Paris"),
        "country": customer.country,
        "enabled": "no" if customer.trait == "disabled" else "yes",
        "address": f"{int(customer.reference[1:]) + 3} Market Street",
        "profile": customer.profile,
        "plan": "by-hand-only" if customer.trait == "by_hand" else "",
        "account_manager": customer.manager.email,
    }


def _contact_line(customer: Customer) -> dict[str, str]:
    return {
        "customer": customer.reference,
        "contact": "main",
        "contact_name": customer.contact,
        "email": mailbox_of(customer),
        "phone": "+33 4 72 00 00 00",
        "position": "accountant",
        "main": "yes",
    }


def _add_invoice(
    found: dict[str, list[dict[str, str]]],
    customer: Customer,
    number: int,
    due_on: date,
    random: Random,
) -> str:
    amount = Decimal(random.randrange(9_000, 480_000)) / 100
    name = f"L26-{customer.reference[1:]}{number}"
    currency = "USD" if customer.trait == "two_currencies" and number == 1 else customer.currency
    line = {
        "customer": customer.reference,
        "number": name,
        "kind": "invoice",
        "issued_on": (due_on - timedelta(days=30)).isoformat(),
        "due_on": due_on.isoformat(),
        "currency": currency,
        "amount": str(amount),
        "direct_debit": "yes" if customer.trait == "direct_debit" else "no",
    }
    found["items"].append(line)
    return name


def _add_trait(
    found: dict[str, list[dict[str, str]]], customer: Customer, numbers: list[str], today: date
) -> None:
    """What is particular about a customer: a credit, a part payment, a dispute, instalments."""
    first = next(line for line in found["items"] if line["number"] == numbers[0])
    common = {"customer": customer.reference, "currency": customer.currency}
    day = (today - timedelta(days=2)).isoformat()
    match customer.trait:
        case "credit":
            credit = {
                "number": "A26-1",
                "kind": "credit_note",
                "issued_on": day,
                "amount": "120.00",
            }
            found["items"].append({**common, **credit})
        case "part_paid":
            part = str((Decimal(first["amount"]) / 3).quantize(Decimal("0.01")))
            _add_payment(found, common, "V26-1", day, part, numbers[0])
        case "covered":
            whole = sum(Decimal(i["amount"]) for i in found["items"] if i["number"] in numbers)
            _add_payment(found, common, "V26-2", day, str(whole), None)
        case "disputed":
            first["disputed"] = "yes"
        case "two_currencies":
            second = {"number": "L26-EUR", "kind": "invoice", "amount": "1890.00"}
            dates = {"issued_on": first["issued_on"], "due_on": first["due_on"]}
            found["items"].append({**common, **second, **dates})
        case "instalments":
            _split(found, first)
        case _:
            return


def _add_payment(
    found: dict[str, list[dict[str, str]]],
    common: dict[str, str],
    number: str,
    day: str,
    amount: str,
    target: str | None,
) -> None:
    found["payments"].append({**common, "payment": number, "paid_on": day, "amount": amount})
    if target:
        found["allocations"].append(
            {**common, "source": number, "target": target, "amount": amount, "allocated_on": day}
        )


def _split(found: dict[str, list[dict[str, str]]], line: dict[str, str]) -> None:
    """Two instalments, the second a month after the first."""
    amount = Decimal(line["amount"])
    half = (amount / 2).quantize(Decimal("0.01"))
    later = date.fromisoformat(line["due_on"]) + timedelta(days=30)
    line |= {"part": "1", "amount": str(half)}
    found["items"].append(
        {**line, "part": "2", "amount": str(amount - half), "due_on": later.isoformat()}
    )
