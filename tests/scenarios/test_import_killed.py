"""A process killed in the middle of an import leaves the ledger as it was; again completes it."""

import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from relance.store.tables import items
from relance_scheduler.ledger.delivery import Delivery
from relance_scheduler.ledger.importing import import_files
from tests.scenarios.import_desk import a_desk

pytestmark = pytest.mark.asyncio

CUSTOMERS = "reference,name\n" + "".join(f"C{n},Customer {n}\n" for n in range(600))
ITEMS = "customer,number,issued_on,due_on,currency,amount\n" + "".join(
    f"C{n % 600},F{n},2026-10-01,2026-10-31,EUR,10.00\n" for n in range(6_000)
)

# Dies at the n-th thing of that kind: a progress told, or a batch of customers looked at again.
SCRIPT = textwrap.dedent("""
    import asyncio, os, sys
    from pathlib import Path
    from uuid import UUID
    from relance.clock import WallClock
    from relance.store.database import Database
    from relance_scheduler.ledger.delivery import Delivery
    from relance_scheduler.ledger.importing import import_files

    url, organisation, folder, moment, count = sys.argv[1:]
    left = int(count)

    def pass_by(what):
        global left
        if what == moment:
            left -= 1
            if not left:
                os._exit(9)

    async def look_again(tx, ids, now):
        pass_by("looking")

    async def main():
        files = [(Path(folder) / name, None) for name in ("customers.csv", "items.csv")]
        await import_files(
            Database(url, service="scheduler"),
            Delivery(organisation=UUID(organisation), files=files),
            clock=WallClock(),
            enrol=look_again,
            reconsider=look_again,
            tell=lambda progress: pass_by(progress.step),
        )

    asyncio.run(main())
""")


@pytest.mark.parametrize(
    ("moment", "count"), [("reading", 4), ("comparing", 1), ("writing", 1), ("looking", 3)]
)
async def test_a_killed_import_changed_nothing_and_the_next_one_does_it_all(
    store_url: str, tmp_path: Path, moment: str, count: int
) -> None:
    async with a_desk(store_url) as desk:
        for name, text in (("customers", CUSTOMERS), ("items", ITEMS)):
            (tmp_path / f"{name}.csv").write_text(text)
        before = await desk.everything()
        arguments = [store_url, str(desk.world.organisation), str(tmp_path), moment, str(count)]
        killed = subprocess.run(  # noqa: ASYNC221 - nothing else runs meanwhile
            [sys.executable, "-c", SCRIPT, *arguments], check=False
        )
        assert killed.returncode == 9
        assert await desk.everything() == before
        assert [row.ended_at for row in await desk.imports()] == [None, None]
        outcome = await desk.take(customers=CUSTOMERS, items=ITEMS)
        assert desk.counts(outcome) == {"new": 6_000, "customers_new": 600}
        assert len(desk.reconsidered) == 600
        assert len(await desk.world.rows(items)) == 6_000
        ends = [row.ended_at for row in await desk.imports()]
        assert ends[:2] == [None, None]
        assert None not in ends[2:]


async def test_an_error_on_the_way_changes_nothing(store_url: str) -> None:
    class Broken(Exception):
        pass

    async def fail(*_: object) -> None:
        raise Broken

    async with a_desk(store_url) as desk:
        before = await desk.everything()
        delivery = Delivery(
            organisation=desk.world.organisation,
            files=[(desk.file("customers", CUSTOMERS), None)],
        )
        with pytest.raises(Broken):
            await import_files(
                desk.world.database,
                delivery,
                clock=desk.world.clock,
                enrol=desk.enrol,
                reconsider=fail,
            )
        assert await desk.everything() == before
