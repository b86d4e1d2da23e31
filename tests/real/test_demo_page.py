"""The demo as a stranger meets it: the page in a real browser, the whole system behind it."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
import sqlalchemy as sa
from playwright.async_api import Locator, Page, expect

from relance.demo.stage import Stage
from relance.store.tables import actions, customers, history

pytestmark = [pytest.mark.asyncio, pytest.mark.browser]

CUSTOMER = "Marlow & Reed Hotels"
ADDRESS = "accounts@marlow-reed-hotels.example"
SLOWLY = 45_000  # milliseconds: a morning for forty customers on a busy machine


@pytest_asyncio.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    stage = Stage(tmp_path, running=True)
    timers = stage.sandbox.workspace.timers  # a busy machine is no bug of the demo's
    timers.acknowledge = timers.trigger = 20.0
    await stage.open()
    running = asyncio.create_task(stage.services.run())
    yield stage
    await stage.close()
    await running


@pytest_asyncio.fixture
async def morning(stage: Stage, page: Page) -> Page:
    """The page of Alice, a collector, after one press of "Next morning"."""
    await page.goto(stage.sandbox.url)
    await page.get_by_role("button", name="Next morning").click()
    await expect(decide(page, "Validate")).to_be_visible(timeout=SLOWLY)
    return page


def decide(page: Page, verb: str) -> Locator:
    return page.get_by_role("button", name=f"{verb} the reminder for {CUSTOMER}")


async def first_mail(page: Page, stage: Stage) -> str:
    """What the customer's mail says, as their mail program shows it."""
    for _ in range(100):
        if mails := [m for m in stage.sandbox.mailbox.mails if ADDRESS in m.envelope_to]:
            break
        await asyncio.sleep(0.1)
    else:
        raise AssertionError("no mail has come")
    assert len(mails) == 1
    await page.get_by_role("button", name="Customers’ mail").click()
    await page.get_by_role("main").get_by_text(ADDRESS).first.click()
    frame = page.frame_locator("iframe")
    await expect(frame.locator("body")).to_contain_text("Dear Ella Reed", timeout=SLOWLY)
    return await frame.locator("body").inner_text()


async def expect_history(stage: Stage, *events: str) -> None:
    """The customer's one action comes to have this history, within seconds."""
    found: list[str] = []
    for _ in range(100):
        async with stage.databases.scheduler.read() as tx:
            rows = await tx.execute(
                sa.select(history.c.event)
                .join_from(history, actions, history.c.action_id == actions.c.id)
                .join(customers, customers.c.id == actions.c.customer_id)
                .where(customers.c.name == CUSTOMER)
                .order_by(history.c.id)
            )
            found = list(rows.scalars())
        if found == [*events]:
            return
        await asyncio.sleep(0.1)
    raise AssertionError(f"the history says {found}")


async def test_validating_sends_the_mail_and_changes_the_card(stage: Stage, morning: Page) -> None:
    await decide(morning, "Validate").click()
    await expect(morning.get_by_text("Validated by Alice Martin").first).to_be_visible(
        timeout=SLOWLY
    )
    await expect(morning.get_by_text(f"Sent to {ADDRESS}").first).to_be_visible(timeout=SLOWLY)
    await expect(decide(morning, "Validate")).to_have_count(0)
    assert "£3,544.66" in await first_mail(morning, stage)
    await expect_history(stage, "made", "validated", "sent")


async def test_an_edited_text_is_what_the_customer_reads(stage: Stage, morning: Page) -> None:
    await decide(morning, "Edit").click()
    dialog = morning.get_by_role("dialog")
    text = dialog.get_by_role("textbox", name="Text")
    await expect(text).to_be_visible(timeout=SLOWLY)
    await text.fill("Dear Ella Reed,\n\na word of my own: £3,544.66 is still open.")
    await dialog.get_by_role("button", name="Save").click()
    await expect(morning.get_by_text("a word of my own").first).to_be_visible(timeout=SLOWLY)
    await decide(morning, "Validate").click()
    await expect(morning.get_by_text("Validated by Alice Martin").first).to_be_visible(
        timeout=SLOWLY
    )
    assert "a word of my own" in await first_mail(morning, stage)
    await expect_history(stage, "made", "edited", "validated", "sent")


async def test_an_empty_text_is_refused_at_its_field_and_nothing_typed_is_lost(
    morning: Page,
) -> None:
    await decide(morning, "Edit").click()
    dialog = morning.get_by_role("dialog")
    await expect(dialog.get_by_role("textbox", name="Text")).to_be_visible(timeout=SLOWLY)
    await dialog.get_by_role("textbox", name="Subject").fill("A subject of my own")
    await dialog.get_by_role("textbox", name="Text").fill("")
    await dialog.get_by_role("button", name="Save").click()
    await expect(dialog.get_by_text("text", exact=False).first).to_be_visible()
    await expect(dialog.get_by_role("textbox", name="Subject")).to_have_value("A subject of my own")


async def test_skipping_sends_nothing_and_says_who_and_why(stage: Stage, morning: Page) -> None:
    await decide(morning, "Skip").click()
    dialog = morning.get_by_role("dialog")
    await dialog.get_by_role("textbox").fill("They called this morning.")
    await dialog.get_by_role("button", name="Skip").click()
    await expect(morning.get_by_text("Skipped by Alice Martin").first).to_be_visible(timeout=SLOWLY)
    await expect(decide(morning, "Validate")).to_have_count(0)
    assert not [m for m in stage.sandbox.mailbox.mails if ADDRESS in m.envelope_to]
    await expect_history(stage, "made", "skipped")


async def test_a_week_of_mornings_passes_at_one_press(stage: Stage, page: Page) -> None:
    await page.goto(stage.sandbox.url)
    button = page.get_by_role("button", name="Next week")
    await button.click()
    await expect(page.get_by_text("Monday, 4 May 2026").first).to_be_visible(timeout=4 * SLOWLY)
    await expect(button).to_be_enabled(timeout=2 * SLOWLY)
    assert len(stage.sandbox.mailbox.mails) > 25
    assert stage.sandbox.workspace.failures == []
