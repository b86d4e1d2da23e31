"""Brings files into the ledger, all of one command or nothing.

The files are read into temporary tables first, which keeps nobody waiting. Then one transaction
compares and writes: a process killed at any moment leaves the ledger as it was, beside rows of
`imports` without an end, and the same command does the whole work again.
"""

from collections.abc import Awaitable, Callable, Collection, Iterator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TypeAlias
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from relance.clock import Clock
from relance.domain.calendar import local_day
from relance.domain.ledger import ItemKind
from relance.store import tables
from relance.store.database import Database
from relance.store.organisations import Organisation, load_organisations
from relance_scheduler.ledger.ahead import ahead
from relance_scheduler.ledger.allocating import compare_allocations, write_allocations
from relance_scheduler.ledger.checking import (
    find_customers,
    find_loose_allocations,
    find_repeated,
    find_too_much,
)
from relance_scheduler.ledger.comparing import compare_absences, compare_items, lock_touched
from relance_scheduler.ledger.counting import Changes, count_changes, note_without_contact
from relance_scheduler.ledger.delivery import (
    BadLines,
    Delivery,
    Mode,
    kinds_spoken_for,
    not_remindable,
    unknown_link,
)
from relance_scheduler.ledger.fields import Table
from relance_scheduler.ledger.filling import Chunk, Lookups, Stage, store
from relance_scheduler.ledger.findings import Findings
from relance_scheduler.ledger.journal import record_end, record_refusal, record_start
from relance_scheduler.ledger.parsing import Progress, mapping_of, parse
from relance_scheduler.ledger.records import (
    CustomerRecord,
    ItemRecord,
    Problem,
    Record,
    Severity,
)
from relance_scheduler.ledger.staging import (
    analyse,
    create_stage,
    look_again,
    said_allocations,
    said_contacts,
    said_customers,
    said_items,
)
from relance_scheduler.ledger.writing import (
    list_touched,
    touch_owners_of_items,
    write_contacts,
    write_customers,
    write_items,
)

GUARDED_FROM = 10  # open items; fewer may all be settled by one file
_BATCH = 500  # customers looked at again at once
LookAgain: TypeAlias = Callable[[AsyncConnection, Collection[UUID], datetime], Awaitable[None]]
Tell: TypeAlias = Callable[[Progress], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """Done, or in a dry run: what would be."""

    changes: Changes
    findings: Findings


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """Nothing was changed, and why."""

    reason: str
    findings: Findings


Outcome: TypeAlias = Imported | Refused


class _Refusal(Exception):
    """Rolls the transaction back."""


@dataclass(slots=True, kw_only=True)
class _Run:
    """One command, what it found so far, and whom it calls."""

    organisation: Organisation
    delivery: Delivery
    started_at: datetime
    enrol: LookAgain
    reconsider: LookAgain
    tell: Tell
    findings: Findings = field(default_factory=Findings)
    kinds: set[ItemKind] = field(default_factory=set)
    names_allocations: bool = False
    is_empty: bool = True

    @property
    def today(self) -> date:
        return local_day(self.organisation.calendar, self.started_at)

    @property
    def names(self) -> list[str]:
        return [path.name for path, _ in self.delivery.files]

    def say(self, step: str) -> None:
        self.tell(Progress(step=step, file="", done=0.0, line=0))


async def import_files(
    database: Database,
    delivery: Delivery,
    *,
    clock: Clock,
    enrol: LookAgain,
    reconsider: LookAgain,
    tell: Tell | None = None,
) -> Outcome:
    """Takes the files in. Every customer touched is enrolled or reconsidered in the transaction."""
    async with database.read() as tx:
        organisation = (await load_organisations(tx))[delivery.organisation]
    run = _Run(
        organisation=organisation,
        delivery=delivery,
        started_at=clock.now(),
        enrol=enrol,
        reconsider=reconsider,
        tell=tell or (lambda _progress: None),
    )
    rows: list[UUID] = []
    if not delivery.dry_run:
        rows = await record_start(database, organisation.id, delivery, run.started_at)
    async with database.engine.connect() as connection:
        try:
            return await _carry_out(run, connection, rows, clock)
        except _Refusal as refusal:
            await record_refusal(database, rows, str(refusal))
            return Refused(reason=str(refusal), findings=run.findings)
        finally:
            await connection.invalidate()  # the temporary tables go with it


async def _carry_out(
    run: _Run, connection: AsyncConnection, rows: list[UUID], clock: Clock
) -> Imported:
    async with connection.begin():
        await _read(run, connection)
    _refuse_bad(run)
    connection = await connection.execution_options(relance_writes=True)
    async with connection.begin() as transaction:
        changes = await _write(run, connection)
        if run.delivery.dry_run:
            await transaction.rollback()
        else:
            counts = changes.counts() | {"bad_lines": run.findings.bad_lines}
            await record_end(connection, rows, counts, clock.now())
    return Imported(changes=changes, findings=run.findings)


async def _read(run: _Run, connection: AsyncConnection) -> None:
    """Fills the temporary tables."""
    await create_stage(connection)
    lookups = await _lookups(connection, run.organisation.id)
    stage = Stage(lookups)
    async with aclosing(ahead(_chunks(run, stage, lookups))) as chunks:
        async for chunk in chunks:
            await store(connection, chunk)
    mappings = [mapping or mapping_of(path) for path, mapping in run.delivery.files]
    run.kinds = kinds_spoken_for([one for one in mappings if one], stage.kinds)
    run.names_allocations = any(one and Table.ALLOCATIONS in one.tables for one in mappings)
    run.is_empty = stage.is_empty
    await analyse(connection, said_customers, said_contacts, said_items, said_allocations)


def _chunks(run: _Run, stage: Stage, lookups: Lookups) -> Iterator[Chunk]:
    """What the files say, in the order of reading; notes what is wrong with it."""
    currency = run.organisation.currency
    for place, (path, mapping) in enumerate(run.delivery.files):
        file = path.name
        for parsed in parse(path, mapping, currency=currency, tell=run.tell, repeats=True):
            if isinstance(parsed, Problem):
                run.findings.add(parsed)
            elif _takes(run, parsed, file, lookups):
                stage.add(parsed, place)
                if stage.is_full:
                    yield stage.take()
    yield stage.take()


async def _lookups(tx: AsyncConnection, organisation: UUID) -> Lookups:
    async def by(table: sa.Table, name: str) -> dict[str, UUID]:
        mine = table.c.organisation_id == organisation
        rows = await tx.execute(sa.select(table.c[name], table.c.id).where(mine))
        return {row[0]: row[1] for row in rows}

    emails = await by(tables.members, "email")
    return Lookups(
        profiles=await by(tables.profiles, "name"),
        plans=await by(tables.plans, "key"),
        members={address.casefold(): key for address, key in emails.items()},
    )


def _takes(run: _Run, record: Record, file: str, lookups: Lookups) -> bool:
    """Whether the record can be kept; notes what is worth knowing of it."""
    if isinstance(record, CustomerRecord) and (wrong := unknown_link(record, lookups)):
        column, reason = wrong
        run.findings.add(Problem(file=file, line=record.line, column=column, reason=reason))
        return False
    if isinstance(record, ItemRecord) and (reason := not_remindable(record)):
        run.findings.add(_notice(reason, file, record.line))
    return True


def _notice(reason: str, file: str = "", line: int = 0) -> Problem:
    return Problem(severity=Severity.NOTICE, file=file, line=line, reason=reason)


def _refuse_bad(run: _Run) -> None:
    """Raises where a file cannot be read, or a bad line refuses all."""
    if run.findings.unreadable:
        raise _Refusal("a file cannot be read")
    count = run.findings.bad_lines
    if count and run.delivery.bad_lines is BadLines.REFUSE_ALL:
        lines = "1 line is bad" if count == 1 else f"{count:,} lines are bad"
        raise _Refusal(f"{lines}: mend them, or keep the good ones with --bad-lines keep-good")


async def _write(run: _Run, tx: AsyncConnection) -> Changes:
    """Compares and writes, in the caller's transaction."""
    run.say("comparing")
    await _one_at_a_time(tx, run.organisation.id)
    await find_customers(tx, run.organisation.id, run.names, run.findings)
    await find_repeated(tx, run.names, run.findings)
    _refuse_bad(run)
    await compare_items(tx)
    settled = await _settle_absent(run, tx)
    await lock_touched(tx)
    run.say("writing")
    enabled = run.organisation.enable_new_customers
    customers = await write_customers(tx, run.organisation.id, enabled_by_default=enabled)
    contacts = await write_contacts(tx)
    await write_items(tx, run.today)
    await analyse(tx, tables.customers, tables.contacts, tables.items)
    allocations = await _write_allocations(run, tx, settled)
    await analyse(tx, tables.allocations)
    await touch_owners_of_items(tx)
    await note_without_contact(tx, run.names, run.findings)
    await _look_again(run, tx)
    return await count_changes(tx, customers=customers, contacts=contacts, allocations=allocations)


async def _one_at_a_time(tx: AsyncConnection, organisation: UUID) -> None:
    """Two imports at once would compare with what the other is changing."""
    await tx.execute(
        sa.select(tables.organisations.c.id)
        .where(tables.organisations.c.id == organisation)
        .with_for_update(key_share=True)
    )


async def _settle_absent(run: _Run, tx: AsyncConnection) -> Sequence[str]:
    """In stock mode, the kinds of which absent items are settled; raises when that is too much."""
    if run.delivery.mode is not Mode.STOCK:
        return []
    limit = run.delivery.most_settled
    if run.is_empty and not (run.kinds and limit >= 1):
        raise _Refusal("there are no lines: as a stock, they would settle everything")
    if run.findings.bad_lines:
        reason = "nothing was settled for being absent: a bad line may stand for what seems absent"
        run.findings.add(_notice(reason))
        return []
    kinds = sorted(run.kinds)
    absent, of_open = await compare_absences(tx, run.organisation.id, kinds)
    if of_open >= GUARDED_FROM and absent > limit * of_open:
        raise _Refusal(
            f"{absent:,} of {of_open:,} open items are absent ({absent / of_open:.0%}, more than "
            f"{limit:.0%}): is the file complete? If it is, allow it with --most-settled"
        )
    return kinds


async def _write_allocations(run: _Run, tx: AsyncConnection, settled: Sequence[str]) -> int:
    """Last, as they need their items. A stock takes back those that it leaves out."""

    def complete() -> bool:
        stock = run.delivery.mode is Mode.STOCK and run.names_allocations
        return stock and not run.findings.bad_lines

    await find_loose_allocations(tx, run.names, run.findings)
    await compare_allocations(tx, complete=complete())
    if await find_too_much(tx, run.names, run.findings):
        await compare_allocations(tx, complete=complete())
    _refuse_bad(run)
    return await write_allocations(tx, run.today, settled)


async def _look_again(run: _Run, tx: AsyncConnection) -> None:
    """Enrols the customers that are new or changed, and reconsiders all that were touched."""
    await list_touched(tx)
    last = UUID(int=0)
    following = sa.select(look_again.c.customer_id, look_again.c.enrol).limit(_BATCH)
    following = following.order_by(look_again.c.customer_id)
    while batch := (await tx.execute(following.where(look_again.c.customer_id > last))).all():
        if entering := [key for key, may_enter in batch if may_enter]:
            await run.enrol(tx, entering, run.started_at)
        await run.reconsider(tx, [key for key, _ in batch], run.started_at)
        last = batch[-1][0]
