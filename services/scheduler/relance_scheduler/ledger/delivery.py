"""What one import command brings, and what it speaks for."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from uuid import UUID

from relance.domain.ledger import ItemKind
from relance_scheduler.ledger.fields import Table
from relance_scheduler.ledger.filling import Lookups
from relance_scheduler.ledger.mapping import Mapping
from relance_scheduler.ledger.records import CustomerRecord, ItemRecord


class Mode(StrEnum):
    """`stock`: the files name all that is open; what they leave out is settled."""

    STOCK = "stock"
    DELTA = "delta"


class BadLines(StrEnum):
    """What becomes of the good lines beside bad ones."""

    REFUSE_ALL = "refuse-all"
    KEEP_GOOD = "keep-good"


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """Files with their mappings (None: our own column names), taken in together.

    `most_settled` is the share of the open items, from 0 to 1, that absence may settle.
    """

    organisation: UUID
    files: Sequence[tuple[Path, Mapping | None]]
    mode: Mode = Mode.DELTA
    bad_lines: BadLines = BadLines.REFUSE_ALL
    most_settled: float = 0.3
    dry_run: bool = False


def kinds_spoken_for(mappings: Sequence[Mapping], seen: set[ItemKind]) -> set[ItemKind]:
    """The kinds of items of which a stock names all: those its mappings can name, or it names."""
    kinds = set(seen)
    for mapping in mappings:
        if Table.ITEMS in mapping.tables:
            kinds |= _kinds_of_items(mapping)
        if Table.PAYMENTS in mapping.tables:
            kinds.add(ItemKind.PAYMENT_ON_ACCOUNT)
    return kinds


def _kinds_of_items(mapping: Mapping) -> set[ItemKind]:
    kind = mapping.tables[Table.ITEMS].get("kind")
    if kind is None:
        kinds = {ItemKind.INVOICE}
    elif kind.constant is not None:
        kinds = {ItemKind(kind.constant.strip().casefold() or ItemKind.INVOICE)}
    else:
        named = {ItemKind(word.strip().casefold()) for word in kind.values.values()}
        kinds = named or {ItemKind.INVOICE, ItemKind.CREDIT_NOTE}
    return kinds | ({ItemKind.CREDIT_NOTE} if mapping.negative_is_credit_note else set())


def unknown_link(record: CustomerRecord, lookups: Lookups) -> tuple[str, str] | None:
    """The first field that names what is not there, and the reason in words."""
    if record.profile and record.profile not in lookups.profiles:
        return "profile", f"there is no profile “{record.profile}”"
    if record.plan and record.plan not in lookups.plans:
        return "plan", f"there is no plan “{record.plan}”"
    if record.account_manager and record.account_manager.casefold() not in lookups.members:
        return "account_manager", "no member has this e-mail address"
    return None


def not_remindable(record: ItemRecord) -> str:
    """Why an open invoice never starts a reminder as it is (rules §2); empty when it may."""
    settled = record.settled_on or record.open == 0 or record.cancelled or not record.amount
    if record.kind is not ItemKind.INVOICE or settled:
        return ""
    if record.due_on is None:
        return "no due date: kept, but never reminded"
    if record.issued is False:
        return "a draft: kept, but not reminded until it is issued"
    if record.sent is False:
        return "not sent to the customer yet: kept, but not reminded until it is"
    return ""
