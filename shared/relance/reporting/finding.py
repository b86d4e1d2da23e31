"""A customer by what a person types: its reference, its name, or a part of either."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from unicodedata import combining, normalize
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from relance.store.tables import customers

_NEAREST = 5
_LIKENESS = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerName:
    """How people call a customer."""

    id: UUID
    reference: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """Who was meant: one in `found`, several, or none and those most alike in `nearest`."""

    found: tuple[CustomerName, ...]
    nearest: tuple[CustomerName, ...] = ()


async def find_customers(tx: AsyncConnection, organisation_id: UUID, query: str) -> Search:
    """The exact reference first, then the exact name, then parts; accents and case do not count."""
    rows = await tx.execute(
        sa.select(customers.c.id, customers.c.reference, customers.c.name).where(
            customers.c.organisation_id == organisation_id
        )
    )
    everybody = [CustomerName(id=r.id, reference=r.reference, name=r.name) for r in rows]
    # In a thread: among many names this takes seconds, and a click must not wait for it.
    return await asyncio.to_thread(_search_by_name, everybody, query)


def _search_by_name(everybody: Sequence[CustomerName], query: str) -> Search:
    return search(sorted(everybody, key=lambda c: (_fold(c.name), c.reference)), query)


def search(everybody: Sequence[CustomerName], query: str) -> Search:
    """The same among names that are at hand."""
    wanted = _fold(query)
    if not wanted:
        return Search(found=())
    for matches in (
        lambda c: c.reference == query.strip(),
        lambda c: _fold(c.reference) == wanted,
        lambda c: _fold(c.name) == wanted,
        lambda c: wanted in _fold(c.name) or wanted in _fold(c.reference),
    ):
        if found := tuple(filter(matches, everybody)):
            return Search(found=found)
    return Search(found=(), nearest=_nearest(everybody, wanted))


def _nearest(everybody: Sequence[CustomerName], wanted: str) -> tuple[CustomerName, ...]:
    likeness = [(max(_alike(wanted, c.name), _alike(wanted, c.reference)), c) for c in everybody]
    likeness.sort(key=lambda pair: (-pair[0], pair[1].name))
    return tuple(c for alike, c in likeness[:_NEAREST] if alike >= _LIKENESS)


def _alike(wanted: str, name: str) -> float:
    """1 for the same; a slip in one word of a long name counts as one in that word."""
    folded = _fold(name)
    return max(SequenceMatcher(None, wanted, part).ratio() for part in (folded, *folded.split()))


def _fold(text: str) -> str:
    plain = "".join(c for c in normalize("NFKD", text) if not combining(c))
    return " ".join(plain.casefold().split())
