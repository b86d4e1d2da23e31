"""Bringing a database to this release's schema, safely with several replicas at once."""

from collections.abc import Callable
from enum import Enum
from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.engine import Connection

from relance.store.database import Database
from relance.store.tables import metadata

MIGRATIONS = Path(__file__).parent / "migrations"
_LOCK = 7_364_625  # PostgreSQL advisory lock: one replica migrates, the others wait for it


async def upgrade(database: Database, revision: str = "head") -> None:
    """Applies the migrations that are missing, all or none; leaves the next release's schema."""
    if revision == "head" and await standing(database) is Standing.NEWER:
        return
    await with_alembic(database, lambda config: command.upgrade(config, revision))


async def downgrade(database: Database, revision: str) -> None:
    """Takes migrations back down to that revision ("base": all)."""
    await with_alembic(database, lambda config: command.downgrade(config, revision))


async def drift(database: Database) -> list[object]:
    """How the database differs from the tables of this release; empty when it does not."""
    async with database.read() as tx:
        return await tx.run_sync(_drift)


class Standing(Enum):
    """A database's schema beside this release's. A release runs on its own and on the next."""

    EMPTY = "empty"
    OLDER = "older"
    CURRENT = "current"
    NEWER = "newer"


async def is_current(database: Database) -> bool:
    """Whether the database is at this release's schema."""
    return await standing(database) is Standing.CURRENT


async def standing(database: Database) -> Standing:
    """How far the database has been migrated."""
    async with database.read() as tx:
        return await tx.run_sync(_standing)


def _drift(connection: Connection) -> list[object]:
    return list(compare_metadata(MigrationContext.configure(connection), metadata))


def _standing(connection: Connection) -> Standing:
    script = ScriptDirectory.from_config(_config(connection))
    found = MigrationContext.configure(connection).get_current_heads()
    if not found:
        return Standing.EMPTY
    if {*found} == {*script.get_heads()}:
        return Standing.CURRENT
    known = {revision.revision for revision in script.walk_revisions()}
    return Standing.OLDER if {*found} <= known else Standing.NEWER


async def with_alembic(database: Database, run: Callable[[Config], object]) -> None:
    """Runs an Alembic command in one transaction, alone."""
    async with database.write() as tx:
        if not database.is_sqlite:
            await tx.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK)))
        await tx.run_sync(lambda connection: run(_config(connection)))


def _config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config
