"""The desk at which the tests hand in their files."""

from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from relance.store.tables import allocations, contacts, customers, imports, items
from relance_scheduler.ledger.delivery import Delivery, Mode
from relance_scheduler.ledger.importing import Imported, Outcome, Refused, import_files
from relance_scheduler.ledger.mapping import Mapping, WrongMapping
from relance_scheduler.ledger.mapping_file import read_mapping
from tests.world import World, a_world

# Identifiers and instants differ from run to run by their nature.
_TABLES = (customers, contacts, items, allocations)


@dataclass
class Desk:
    """Takes files in for the company of `tests.world` and notes who was looked at again."""

    world: World
    folder: Path
    organisation: UUID | None = None  # another than the world's
    enrolled: set[UUID] = field(default_factory=set)
    reconsidered: set[UUID] = field(default_factory=set)

    async def take(self, mapping: str = "", **options: Any) -> Outcome:
        """Texts by the name of their file, in order; the other options are the delivery's."""
        texts = {name: text for name, text in options.items() if name not in _OPTIONS}
        files = [(self.file(name, text), _mapping(mapping)) for name, text in texts.items()]
        delivery = Delivery(organisation=self.organisation or self.world.organisation, files=files)
        chosen = {name: value for name, value in options.items() if name in _OPTIONS}
        return await self.hand_in(replace(delivery, **chosen))

    async def stock(self, mapping: str = "", **options: Any) -> Outcome:
        return await self.take(mapping, mode=Mode.STOCK, **options)

    async def hand_in(self, delivery: Delivery) -> Outcome:
        self.enrolled.clear()
        self.reconsidered.clear()
        return await import_files(
            self.world.database,
            delivery,
            clock=self.world.clock,
            enrol=self.enrol,
            reconsider=self.reconsider,
        )

    def file(self, name: str, text: str | bytes) -> Path:
        path = self.folder / (name if "." in name else f"{name}.csv")
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    async def enrol(self, tx: AsyncConnection, ids: Collection[UUID], now: datetime) -> None:
        self.enrolled.update(ids)

    async def reconsider(self, tx: AsyncConnection, ids: Collection[UUID], now: datetime) -> None:
        self.reconsidered.update(ids)

    @staticmethod
    def counts(outcome: Outcome) -> dict[str, int]:
        """What changed, without what did not."""
        assert isinstance(outcome, Imported), outcome
        return {name: count for name, count in outcome.changes.counts().items() if count}

    @staticmethod
    def reasons(outcome: Outcome) -> list[tuple[int, str, str]]:
        """Line, column and reason of every problem."""
        return [(p.line, p.column, p.reason) for p in outcome.findings.problems]

    @staticmethod
    def refusal(outcome: Outcome) -> str:
        assert isinstance(outcome, Refused), outcome
        return outcome.reason

    async def open_amounts(self) -> dict[str, int]:
        return {row.number: row.open for row in await self.world.rows(items)}

    async def item(self, number: str, **where: Any) -> Any:
        conditions = [items.c[name] == value for name, value in where.items()]
        [row] = await self.world.rows(items, items.c.number == number, *conditions)
        return row

    async def names_of(self, ids: Collection[UUID]) -> set[str]:
        found = await self.world.rows(customers, customers.c.id.in_(ids))
        return {row.reference for row in found}

    async def everything(self) -> dict[str, list[Any]]:
        """Every row of the ledger, in the order of identifiers."""
        return {table.name: [tuple(r) for r in await self.world.rows(table)] for table in _TABLES}

    async def imports(self) -> list[Any]:
        return await self.world.rows(imports)

    async def set(self, table: sa.Table, row_id: UUID, **columns: Any) -> None:
        await self.world.set(table, row_id, **columns)


_OPTIONS = {name for name in Delivery.__dataclass_fields__ if name not in ("files", "organisation")}


def _mapping(text: str) -> Mapping | None:
    if not text:
        return None
    found = read_mapping(text, "mapping.yaml")
    assert not isinstance(found, WrongMapping), found.mistakes
    return found


@asynccontextmanager
async def a_desk(store_url: str) -> AsyncIterator[Desk]:
    """A company with an empty ledger, on Tuesday 24 November 2026."""
    async with a_world(store_url) as world:
        with TemporaryDirectory() as folder:
            yield Desk(world=world, folder=Path(folder))
