"""What goes wrong at the terminal and in the database, tried on the real commands and processes."""

import asyncio
import os
import socket
import sys
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from relance.store.tables import (
    actions,
    cases,
    contacts,
    customers,
    dead_letters,
    decision_answers,
    items,
    organisations,
    outbox,
    templates,
)
from relance_sandbox import Acknowledged
from tests.contract.test_hostile_messages import HOSTILE
from tests.real.firm import (
    RELANCE,
    SLOWLY,
    Firm,
    a_firm,
    init,
    mailbox,
    relance,
    says_no_data,
    until,
    user,
)
from tests.real.run import finish

pytestmark = pytest.mark.asyncio

NOWHERE = "Mars/Olympus"
ADDRESS = "sqlite+aiosqlite:///"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--zone", NOWHERE), f"“{NOWHERE}” is no time zone: write one such as Europe/Paris."),
        (("--zone", "Europe"), "“Europe” is no time zone"),
        (("--zone", "../../etc/passwd"), "is no time zone"),
        (("--country", "QQ"), "No public holidays are known for “QQ”"),
        (("--currency", "EURO"), "“EURO” is no currency: write its ISO 4217 code"),
        (("--currency", ""), "ISO 4217"),
        (("--name", " "), "The company needs a name."),
        (("--language", "xx"), "The language is en or fr."),
        (("--database", "nonsense"), "not one that Relance takes: write sqlite+aiosqlite:///"),
        (("--database", "mysql://x"), "not one that Relance takes"),
        (("--database", "sqlite:///relance.db"), "not one that Relance takes"),
        (("--database", f"{ADDRESS}:memory:"), "not one that Relance takes"),
        (("--database", f"{ADDRESS}missing/relance.db"), "Its folder must be there"),
        (("--database", "postgresql+psycopg://me:hush@127.0.0.1:1/x"), "me:***@127.0.0.1:1/x"),
    ],
)
async def test_a_company_is_not_founded_on_what_cannot_be(
    tmp_path: Path, words: tuple[str, str], said: str
) -> None:
    ended = await relance(*init(), *words, folder=tmp_path)
    assert ended.code == 1
    assert said in ended.said
    assert "Traceback" not in ended.said
    assert "hush" not in ended.said


async def test_a_database_that_cannot_be_used_is_named_with_what_to_do(tmp_path: Path) -> None:
    ready, empty, other = (tmp_path / name for name in ("ready.db", "empty.db", "other.db"))
    url = f"{ADDRESS}{ready}"
    assert (await relance(*init(), "--database", url, folder=tmp_path)).code == 0
    empty.touch()
    other.write_bytes(b"no database at all" * 1_000)
    ledger = tmp_path / "customers.csv"
    ledger.write_text("reference,name\nC1,One\n")
    before = ready.read_bytes()
    ready.chmod(0o444)
    await refused(tmp_path, ready, ledger, "This user may not write the file")
    assert ready.read_bytes() == before
    await refused(tmp_path, empty, ledger, "relance init")
    await refused(tmp_path, other, ledger, "The file holds something else")
    await refused(tmp_path, tmp_path / "missing.db", ledger, "There is no database")


async def refused(folder: Path, database: Path, ledger: Path, said: str) -> None:
    """By an import and by the services alike."""
    for words in (("import", str(ledger)), ("run",)):
        ended = await asyncio.to_thread(
            finish,
            *allowed_no_more_than_others(),
            RELANCE,
            *words,
            folder=folder,
            RELANCE_DATABASE_URL=f"{ADDRESS}{database}",
            RELANCE_SMTP_HOST="127.0.0.1",
        )
        assert ended.returncode == 1
        assert said in ended.stderr or "db upgrade" in ended.stderr, ended.stderr
        assert "Traceback" not in ended.stderr


def allowed_no_more_than_others() -> tuple[str, ...]:
    """Root may write everything, unless it lays that down."""
    rights = "-dac_override,-dac_read_search"
    lay_down = ("setpriv", f"--bounding-set={rights}", f"--inh-caps={rights}")
    return lay_down if sys.platform == "linux" and os.geteuid() == 0 else ()


async def test_a_full_disk_is_told_and_leaves_nothing_half_done(tmp_path: Path) -> None:
    url = f"{ADDRESS}{tmp_path / 'relance.db'}"
    limited = ("sh", "-c", 'ulimit -f 100 && exec "$0" "$@"', RELANCE)
    ended = await asyncio.to_thread(finish, *limited, *init(), "--database", url, folder=tmp_path)
    assert ended.returncode == 1
    assert "Make room where the file is" in ended.stderr
    assert (await relance(*init(), "--database", url, folder=tmp_path)).code == 0


async def test_a_port_that_is_taken_is_named(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as held:
        port = str(held.getsockname()[1])
        ended = await relance("demo", "--port", port, folder=tmp_path)
    assert ended.code == 1
    assert f"Port {port} cannot be had on this machine: stop the program" in ended.said


async def test_settings_that_cannot_be_are_named_as_they_are_written(tmp_path: Path) -> None:
    wrong = {"RELANCE_SMTP_PORT": "x", "RELANCE_LOG_LEVEL": "loud", "RELANCE_LOG_FORMAT": "xml"}
    ended = await relance("run", folder=tmp_path, **wrong)
    assert ended.code == 1
    assert [name for name in wrong if name not in ended.said] == []


async def test_each_token_that_slack_does_not_take_is_named(
    sqlite_url: str, tmp_path: Path
) -> None:
    async with a_firm(sqlite_url, tmp_path) as firm:
        for token, text, said in (
            ("SLACK_BOT_TOKEN", "", "SLACK_BOT_TOKEN: not set. It begins with xoxb-"),
            ("SLACK_BOT_TOKEN", "xoxp-hush", "SLACK_BOT_TOKEN: not a bot token"),
            ("SLACK_BOT_TOKEN", "xoxb-hush", "SLACK_BOT_TOKEN: invalid_auth"),
            ("SLACK_APP_TOKEN", "", "SLACK_APP_TOKEN: not set. It begins with xapp-"),
            ("SLACK_APP_TOKEN", "xapp-hush", "SLACK_APP_TOKEN: invalid_auth"),
            ("SLACK_API_URL", "http://127.0.0.1:1/api/", "Slack cannot be reached"),
        ):
            ended = await firm.relance("run", **{token: text})
            assert ended.code == 1
            assert said in ended.said
            assert "Traceback" not in ended.said
            assert "hush" not in ended.said


async def test_one_customers_wrong_data_and_hostile_messages_stop_nobody_else(
    database_url: str, tmp_path: Path
) -> None:
    async with a_firm(database_url, tmp_path) as firm:
        await firm.has(7)
        await damage(firm)
        service = await firm.start()
        await firm.sandbox.mailbox.received(2, within=SLOWLY)
        await until(firm, owners_are_asked)
        await until(firm, nothing_is_on_its_way)
        assert await service.stop() == 0
        mails = [to for mail in firm.sandbox.mailbox.mails for to in mail.envelope_to]
        assert sorted(mails) == [mailbox(1), mailbox(5)]
        assert await problems(firm) == {
            "C00001": "",
            "C00002": "no_contact",
            "C00004": "address_invalid",
            "C00005": "",
            "C00007": "template_broken",
        }
        [faulty] = await firm.rows(cases, cases.c.resting == "fault")
        assert faulty.wake_at > datetime.now(UTC)
        assert "F-00003: no due date, not counted." in await firm.done("why", "C00003")
        assert len(await firm.rows(dead_letters)) == len(HOSTILE)
        says_no_data(firm.logs())


async def damage(firm: Firm) -> None:
    """What no command would have let in, done to the rows of five of the seven."""
    async with firm.databases.scheduler.write() as tx:
        await tx.execute(sa.delete(contacts).where(contacts.c.email == mailbox(2)))
        await tx.execute(sa.update(items).where(items.c.number == "F-00003").values(due_on=None))
        injected = f"{mailbox(4)}\r\nBcc: all@world.test"
        await tx.execute(
            sa.update(contacts).where(contacts.c.email == mailbox(4)).values(email=injected)
        )
        await change(tx, "C00005", zone=NOWHERE)
        await tx.execute(sa.update(items).where(items.c.number == "F-00006").values(kind="gift"))
        await change(tx, "C00007", language="fr")
        runaway = "{% for a in items_due %}{% for b in items_due %}{{ a }}{% endfor %}" * 99
        await tx.execute(
            sa.update(templates)
            .where(templates.c.key == "first-reminder", templates.c.language == "fr")
            .values(subject="{{ nothing.of_the_kind }}", body=runaway)
        )
        row = {"service": "scheduler", "kind": "?", "created_at": datetime.now(UTC)}
        await tx.execute(
            sa.insert(outbox), [{"id": uuid4(), "body": b, **row} for b in HOSTILE.values()]
        )


async def change(tx: AsyncConnection, reference: str, **columns: str) -> None:
    mine = customers.c.reference == reference
    await tx.execute(sa.update(customers).where(mine).values(**columns))


async def owners_are_asked(firm: Firm) -> bool:
    """Each of the three owners has one card, about their own customer."""
    cards = {n: firm.sandbox.as_member(user(n)).messages() for n in (2, 4, 7)}
    return all(len(own) == 1 and f"Number{n} " in own[0]["text"] for n, own in cards.items())


async def nothing_is_on_its_way(firm: Firm) -> bool:
    return not await firm.rows(outbox)


async def problems(firm: Firm) -> dict[str, str]:
    known = {row.id: row.reference for row in await firm.rows(customers)}
    return {known[row.customer_id]: row.problem for row in await firm.rows(actions)}


async def test_an_organisation_with_a_wrong_zone_is_named_and_stops_no_other(
    sqlite_url: str, tmp_path: Path
) -> None:
    async with a_firm(sqlite_url, tmp_path) as firm:
        await firm.has(1)
        await firm.done(*init("Elsewhere"))
        async with firm.databases.scheduler.write() as tx:
            elsewhere = organisations.c.name == "Elsewhere"
            await tx.execute(sa.update(organisations).where(elsewhere).values(zone=NOWHERE))
        service = await firm.start()
        await firm.sandbox.mailbox.received(1, within=SLOWLY)
        assert await service.stop() == 0
        assert f"for “Elsewhere”, as the table organisations has it: “{NOWHERE}”" in firm.logs()
        async with firm.databases.scheduler.write() as tx:
            await tx.execute(sa.update(organisations).values(zone=NOWHERE))
        a_file = str(firm.ledger(1)[0])
        for words in (("run",), ("import", a_file, "--organisation", "Elsewhere")):
            ended = await firm.relance(*words)
            assert ended.code == 1
            assert f"“{NOWHERE}” is no time zone: write one such as Europe/Paris" in ended.said
            assert "Traceback" not in ended.said


async def test_many_clicks_an_old_card_and_a_late_modal_decide_once(
    sqlite_url: str, tmp_path: Path
) -> None:
    async with a_firm(sqlite_url, tmp_path) as firm:
        plan = await firm.done("plan", "presets", "standard-7", "--language", "en")
        manual = plan.replace("mode: automatic", "mode: manual")
        await firm.done("plan", "apply", firm.file("manual.yaml", manual))
        await firm.has(1)
        service = await firm.start()
        owner = firm.sandbox.as_member(user(1))
        await firm.sandbox.workspace.until(owner.messages, within=SLOWLY)
        [card] = owner.messages()
        at = (card["channel"], card["ts"])
        assert isinstance(await owner.press(*at, "edit"), Acknowledged)
        await firm.sandbox.workspace.until(lambda: (owner.modal() or {}).get("submit"), SLOWLY)
        clicks = await asyncio.gather(*(owner.press(*at, "validate") for _ in range(10)))
        assert [click for click in clicks if not isinstance(click, Acknowledged)] == []
        await firm.sandbox.mailbox.received(1, within=SLOWLY)
        await until(firm, it_is_carried_out)
        await owner.submit(values={"subject": {"value": "Too late"}})
        await owner.press(*at, "validate", seen=card["blocks"])
        # Each click that decided nothing is answered.
        await firm.sandbox.workspace.until(lambda: len(owner.ephemerals()) == 9 + 1, SLOWLY)
        assert await service.stop() == 0
        assert len(firm.sandbox.mailbox.mails) == 1
        assert len(await firm.rows(decision_answers, decision_answers.c.accepted)) == 1
        modal = str(owner.modal())
        assert "Nothing has changed" in modal
        assert "Too late" in modal, "what was typed is lost"
        says_no_data(firm.logs())


async def it_is_carried_out(firm: Firm) -> bool:
    return [row.state for row in await firm.rows(actions)] == ["executed"]
