"""`relance up` and what it runs: real processes on PostgreSQL and RabbitMQ, as a firm has them."""

import asyncio
import urllib.request
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import pytest

from relance.store.tables import actions, attempts, dead_letters, decisions, inbox, outbox
from relance_sandbox import Acknowledged
from tests.real.firm import OWNERS, SLOWLY, Firm, a_firm, mailbox, says_no_data, until, user
from tests.real.ports import free_port

pytestmark = [pytest.mark.asyncio, pytest.mark.postgresql, pytest.mark.rabbitmq]

COUNT, EVERY = 36, 3
BY_HAND = COUNT // EVERY
TWO_OF_EACH = ("up", "--schedulers", "2", "--dispatchers", "2", "--bots", "2")
FIGURES = (
    "relance_due",
    "relance_queued",
    "relance_waiting",
    "relance_uncertain",
    "relance_dead_letters",
    "relance_data_age_seconds",
    "relance_messages_carried_total",
)


async def test_two_of_each_send_each_reminder_once_take_clicks_and_end_when_asked(
    postgres_url: str, rabbitmq_url: str, tmp_path: Path
) -> None:
    async with a_firm(postgres_url, tmp_path, rabbitmq_url) as firm:
        await firm.reminds_by_hand(every=EVERY)
        await firm.has(COUNT)
        port = free_port()
        service = await firm.begin(*TWO_OF_EACH, RELANCE_HTTP_PORT=str(port))
        await firm.sandbox.mailbox.received(COUNT - BY_HAND, within=SLOWLY)
        for number in range(6):
            await until(firm, ReadyAt(port=port + number))
        await until(firm, all_cards_are_there)
        await asyncio.gather(*(validate_all(firm, owner) for owner in range(OWNERS)))
        await firm.sandbox.mailbox.received(COUNT, within=SLOWLY)
        await until(firm, all_is_carried_out)
        shown = await asyncio.to_thread(read, f"http://127.0.0.1:{port}/metrics")
        assert [name for name in FIGURES if f"\n{name}" not in shown] == []
        assert await service.stop() == 0
        mails = Counter(to for mail in firm.sandbox.mailbox.mails for to in mail.envelope_to)
        assert mails == Counter(mailbox(n) for n in range(1, COUNT + 1))
        assert {row.outcome for row in await firm.rows(attempts)} == {"delivered"}
        assert len(await firm.rows(decisions)) == BY_HAND
        assert not await firm.rows(inbox, ~inbox.c.done)
        assert not await firm.rows(dead_letters)
        assert "Traceback" not in firm.logs()
        says_no_data(firm.logs())


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadyAt:
    """Whether the service on that port says so."""

    port: int

    async def __call__(self, _firm: Firm) -> bool:
        try:
            await asyncio.to_thread(read, f"http://127.0.0.1:{self.port}/readyz")
        except OSError:
            return False
        return True


def read(address: str) -> str:
    with urllib.request.urlopen(address, timeout=10) as answer:  # noqa: S310 - our own address
        said: bytes = answer.read()
    return said.decode()


async def all_cards_are_there(firm: Firm) -> bool:
    return sum(len(firm.sandbox.as_member(user(n)).messages()) for n in range(OWNERS)) == BY_HAND


async def validate_all(firm: Firm, owner: int) -> None:
    person = firm.sandbox.as_member(user(owner))
    for card in person.messages():
        pressed = await person.press(card["channel"], card["ts"], "validate")
        assert isinstance(pressed, Acknowledged)


async def all_is_carried_out(firm: Firm) -> bool:
    made = await firm.rows(actions)
    return {row.state for row in made} == {"executed"} and not await firm.rows(outbox)
