"""`relance template`: texts leave as files and come back checked; waiting cards follow."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import pytest_asyncio
from typer.testing import CliRunner

from relance.cli.main import app
from relance.rendering.templates import shipped
from relance.store.tables import actions, outbox
from relance_scheduler.plans import apply_templates
from relance_scheduler.texts import show_new_texts
from tests.world import World, a_world

SLOT = datetime(2026, 11, 24, 7, 30, tzinfo=UTC)


@pytest_asyncio.fixture
async def world(store_url: str) -> AsyncIterator[World]:
    async with a_world(store_url, SLOT) as world:
        yield world


@pytest.mark.asyncio
async def test_a_waiting_card_shows_a_changed_text_and_the_old_click_is_stale(
    world: World,
) -> None:
    await world.template("first")
    customer = await world.customer("ACME")
    invoice = await world.invoice(customer, "100.00")
    waiting = await world.action(customer, [invoice])
    own_words = await world.action(customer, [invoice], edited_body="As I said.")
    queued = await world.action(customer, [invoice], state="queued")
    async with world.database.write() as tx:
        shown = await show_new_texts(tx, world.organisation, [("first", "fr")], SLOT)
    assert shown == 1
    versions = {row.id: row.version for row in await world.rows(actions)}
    assert versions == {waiting: 2, own_words: 1, queued: 1}
    assert [message.kind for message in await world.rows(outbox)] == ["actions.changed"]


@pytest.mark.asyncio
async def test_applying_twice_writes_nothing_the_second_time(world: World) -> None:
    for written in (len(shipped()), 0):
        async with world.database.write() as tx:
            assert len(await apply_templates(tx, world.organisation, shipped())) == written


def test_exported_texts_come_back_unchanged_and_a_mistake_is_told_with_its_line(
    sqlite_url: str, tmp_path: Path
) -> None:
    run = CliRunner(env={"RELANCE_DATABASE_URL": sqlite_url}).invoke
    founded = run(app, ["init", *"--name A --sender a@a.example".split()], input="Z\nz@a.example\n")
    assert founded.exit_code == 0, founded.output
    folder = str(tmp_path / "texts")
    assert run(app, ["template", "export", folder]).exit_code == 0
    assert "0 templates changed" in run(app, ["template", "apply", folder]).output
    file = tmp_path / "texts" / "en" / "first-reminder.md"
    lines = len(file.read_text("utf-8").splitlines())
    with file.open("a", encoding="utf-8") as text:
        text.write("{{ custommer.name }}\n")
    refused = run(app, ["template", "apply", folder])
    assert refused.exit_code == 1
    assert f"first-reminder.md:{lines + 1}" in refused.output
    assert "customer.name" in refused.output
    assert run(app, ["template", "check", str(tmp_path / "nowhere")]).exit_code == 1
