"""Files as accounting hands them over: customers, a contact each, five invoices each."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

ITEMS_EACH = 5
_FIRST_DAY = date(2025, 1, 1)
_DAYS = 700
_PLACES = ("Paris", "Lyon", "Lille", "Nantes", "Besançon", "Saint-Étienne", "Orléans")


@dataclass(frozen=True, slots=True, kw_only=True)
class Files:
    """The three files of one delivery, in the order in which `relance import` takes them."""

    customers: Path
    contacts: Path
    items: Path

    @property
    def paths(self) -> list[Path]:
        return [self.customers, self.contacts, self.items]


def write_files(folder: Path, items: int, *, changed_every: int = 0) -> Files:
    """So many items, and customers for them; of every so many items, one has another amount."""
    folder.mkdir(parents=True, exist_ok=True)
    customers = max(1, items // ITEMS_EACH)
    return Files(
        customers=_write(folder / "customers.csv", _customers(customers)),
        contacts=_write(folder / "contacts.csv", _contacts(customers)),
        items=_write(folder / "items.csv", _items(items, customers, changed_every)),
    )


def _write(path: Path, lines: Iterator[str]) -> Path:
    with path.open("w", encoding="utf-8") as file:
        file.writelines(lines)
    return path


def _customers(count: int) -> Iterator[str]:
    yield "reference,name,language,country,address,enabled\n"
    for number in range(count):
        place = _PLACES[number % len(_PLACES)]
        address = f'"{number % 190 + 1} rue de la Gare, {10_000 + number % 80_000} {place}"'
        yield f"C{number:07},Société {place} {number},fr,FR,{address},yes\n"


def _contacts(count: int) -> Iterator[str]:
    yield "customer,contact,contact_name,email,phone,position,main\n"
    for number in range(count):
        email = f"compta@client-{number}.test"
        yield f"C{number:07},K{number:07},Élise Martin,{email},+33 1 {number:08},accountant,yes\n"


def _items(count: int, customers: int, changed_every: int) -> Iterator[str]:
    """In the order of dates, as a journal is: a customer's items lie far apart."""
    yield "customer,number,kind,issued_on,due_on,currency,amount,open\n"
    for number in range(count):
        issued = _FIRST_DAY + timedelta(days=number * _DAYS // count)
        cents = 1_000 + number * 7919 % 900_000
        if changed_every and number % changed_every == 0:
            cents += 1
        amount = f"{cents // 100}.{cents % 100:02}"
        due = issued + timedelta(days=30)
        yield (
            f"C{number * 31 % customers:07},F-{number:08},invoice,{issued},{due},EUR,"
            f"{amount},{amount}\n"
        )
