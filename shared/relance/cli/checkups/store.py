"""The database: reachable, of this release, writable, in time, with room left."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, InvalidRequestError
from sqlalchemy.ext.asyncio import AsyncConnection

from relance.cli.checkups.remark import Remark, note, ok, wrong
from relance.clock import WallClock
from relance.store import schema
from relance.store.database import Database
from relance.store.organisations import (
    WrongOrganisationError,
    load_organisations,
    organisation_names,
)
from relance.store.tables import organisations

PART = "database"
_APART = 2.0  # seconds
_FEW_CONNECTIONS = 10
_LITTLE, _SCANT = 200, 1_000  # MB of disk
_OLDEST_POSTGRESQL = 130_000  # as server_version_num counts
_OLDEST_SQLITE = (3, 35)
_RULES = {
    "empty": "There is nothing in it yet. relance init sets a company up.",
    "older": "Its schema is of an earlier release. relance db upgrade brings it to this one.",
}


async def look(url: str) -> list[Remark]:
    """Changes nothing; what cannot be reached is one remark."""
    try:
        if missing := _missing_file(url):
            return [wrong(PART, f"There is no file {missing}.", "relance init makes one.")]
        database = Database(url, service="scheduler")
    except (ArgumentError, InvalidRequestError, ImportError, ValueError):
        mend = (
            "Write sqlite+aiosqlite:///relance.db or postgresql+psycopg://user:password@host/name."
        )
        return [wrong(PART, "RELANCE_DATABASE_URL is no address that Relance takes.", mend)]
    try:
        return await _look(database)
    except DBAPIError as error:
        return [unusable(str(error.orig))]
    finally:
        await database.close()


def _missing_file(url: str) -> str:
    """SQLite would make an empty one."""
    parsed = make_url(url)
    name = parsed.database or ""
    is_missing = parsed.get_backend_name() == "sqlite" and name and not Path(name).is_file()
    return name if is_missing else ""


async def _look(database: Database) -> list[Remark]:
    async with database.read() as tx:
        of_server = await (_of_sqlite(tx, database) if database.is_sqlite else _of_postgresql(tx))
    standing = (await schema.standing(database)).value
    if standing in _RULES:
        says, _, mend = _RULES[standing].partition(". ")
        return [*of_server, wrong(PART, f"{says}.", mend)]
    if standing == "newer":
        found = note(PART, "Its schema is of the next release, which this one can work on.")
    else:
        found = ok(PART, "Its schema is this release's.")
    return [*of_server, found, await _writable(database), *await _organisations(database)]


def unusable(said: str) -> Remark:
    """The driver's first line: it names host and user, never the password."""
    if "password authentication failed" in said or "no password supplied" in said:
        return wrong(
            PART,
            "It refuses the user or the password of RELANCE_DATABASE_URL.",
            "Mend the setting; characters such as @ and / are written %40 and %2F there.",
        )
    first = said.strip().split("\n")[0]
    return wrong(PART, f"It cannot be used: {first}.", "Is it running, and is the address right?")


async def _writable(database: Database) -> Remark:
    """By an update that finds no row."""
    try:
        async with database.write() as tx:
            await tx.execute(sa.update(organisations).where(sa.false()).values(name=""))
    except DBAPIError as error:
        mend = "Let this user write: its rights, and whether this is a replica."
        return wrong(PART, f"It cannot be written: {error.orig}.", mend)
    return ok(PART, "It can be written.")


async def _organisations(database: Database) -> list[Remark]:
    found: list[Remark] = []
    async with database.read() as tx:
        for one in (await organisation_names(tx)).values():
            try:
                await load_organisations(tx, [one])
            except WrongOrganisationError as error:
                found.append(wrong(PART, str(error), "Mend its row in the table organisations."))
    return found


async def _of_sqlite(tx: AsyncConnection, database: Database) -> list[Remark]:
    version = str(await tx.scalar(sa.text("SELECT sqlite_version()")))
    journal = await tx.scalar(sa.text("PRAGMA journal_mode"))
    file = Path(database.engine.url.database or "")
    return [
        ok(PART, f"SQLite {version}.")
        if tuple(map(int, version.split(".")[:2])) >= _OLDEST_SQLITE
        else wrong(PART, f"SQLite {version} is too old.", "3.35 or newer comes with any Python."),
        ok(PART, "It writes ahead (WAL), every commit reaches the disk.")
        if journal == "wal"
        else wrong(
            PART,
            f"It cannot write ahead: its journal is {journal}.",
            "Keep the file on a disk of this machine, not on a network's.",
        ),
        *_room(file),
    ]


def _room(file: Path) -> Iterator[Remark]:
    free = shutil.disk_usage(file.resolve().parent).free // 1_000_000
    if free < _LITTLE:
        yield wrong(PART, f"{free} MB are free on its disk.", "Make room: a full disk stops it.")
    elif free < _SCANT:
        yield note(PART, f"{free} MB are free on its disk.", "Make room in time.")


async def _of_postgresql(tx: AsyncConnection) -> list[Remark]:
    names = (
        "server_version",
        "server_version_num",
        "default_transaction_isolation",
        "synchronous_commit",
        "fsync",
    )
    values = {name: str(await tx.scalar(sa.text(f"SHOW {name}"))) for name in names}
    remarks = [ok(PART, f"PostgreSQL {values['server_version']}.")]
    if int(values["server_version_num"]) < _OLDEST_POSTGRESQL:
        remarks = [wrong(PART, f"PostgreSQL {values['server_version']} is too old.", "Upgrade it.")]
    if values["default_transaction_isolation"] != "read committed":
        remarks.append(
            wrong(
                PART,
                f"Its transactions are {values['default_transaction_isolation']} by default.",
                "Set default_transaction_isolation to read committed: the locks are made for it.",
            )
        )
    if unsafe := [name for name in ("synchronous_commit", "fsync") if values[name] == "off"]:
        remarks.append(
            wrong(
                PART,
                f"{' and '.join(unsafe)} off: a crash may lose a claim, and a customer hear twice.",
                "Switch it on.",
            )
        )
    return [*remarks, await _server_clock(tx), await _connections(tx)]


async def _server_clock(tx: AsyncConnection) -> Remark:
    clock = WallClock()
    asked = clock.now().timestamp()
    there = float(await tx.scalar(sa.text("SELECT extract(epoch FROM clock_timestamp())")) or 0)
    answered = clock.now().timestamp()
    apart = there - (asked + answered) / 2
    if abs(apart) > _APART:
        return wrong(
            "clock",
            f"The database server's clock is {apart:+.0f} s from this machine's.",
            "Have the same time service keep both.",
        )
    return ok("clock", "The database server's agrees.")


async def _connections(tx: AsyncConnection) -> Remark:
    free = await tx.scalar(
        sa.text(
            "SELECT current_setting('max_connections')::int"
            " - current_setting('superuser_reserved_connections')::int"
            " - (SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend')"
        )
    )
    left = int(free or 0)
    if left < _FEW_CONNECTIONS:
        return wrong(
            PART,
            f"{left} connections are left: each service takes up to 15.",
            "Raise max_connections, or put PgBouncer in between, in session mode.",
        )
    return ok(PART, f"{left} connections are left.")
