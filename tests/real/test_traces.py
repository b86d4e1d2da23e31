"""One trace across processes: spans of the real services, on RabbitMQ, as a collector gets them."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from relance.store.tables import actions
from relance_sandbox import Acknowledged
from tests.real.collector import Collector, Span, a_collector
from tests.real.firm import OWNERS, SLOWLY, Firm, a_firm, until, user
from tests.real.ports import free_port
from tests.real.test_services_apart import ReadyAt

pytestmark = [pytest.mark.asyncio, pytest.mark.postgresql, pytest.mark.rabbitmq]

SWEPT = [
    "dispatcher: send",
    "dispatcher: dispatch",
    "dispatcher: take actions.queued",
    "scheduler: carry actions.queued",
    "scheduler: sweep",
]
CLICKED = [
    *SWEPT[:-1],
    "scheduler: take decisions.taken",
    "bot: carry decisions.taken",
    "bot: decide",
]


async def test_a_trace_leads_from_the_sweep_to_each_send_and_to_what_followed(
    postgres_url: str, rabbitmq_url: str, tmp_path: Path
) -> None:
    async with traced(postgres_url, rabbitmq_url, tmp_path) as (firm, collector):
        await firm.has(3)
        await firm.sandbox.mailbox.received(3, within=SLOWLY)
        sends = await found(collector, "dispatcher", "send", 3)
        assert [collector.way_to(send) for send in sends] == [SWEPT] * 3
        assert {send.trace for send in sends} <= {
            sweep.trace for sweep in collector.named("scheduler", "sweep")
        }
        [first, *_] = await found(collector, "scheduler", "take attempts.recorded", 1)
        assert collector.way_to(first)[1:3] == [
            "dispatcher: carry attempts.recorded",
            "dispatcher: dispatch",
        ]


async def test_a_trace_leads_from_a_click_to_its_mail_and_to_the_card_that_says_so(
    postgres_url: str, rabbitmq_url: str, tmp_path: Path
) -> None:
    async with traced(postgres_url, rabbitmq_url, tmp_path) as (firm, collector):
        await firm.reminds_by_hand(every=1)
        await firm.has(1)
        await until(firm, a_card_is_there)
        await validate(firm)
        await firm.sandbox.mailbox.received(1, within=SLOWLY)
        [send] = await found(collector, "dispatcher", "send", 1)
        assert collector.way_to(send) == CLICKED
        [action] = await firm.rows(actions)
        assert send.attributes["action"] == str(action.id)

        async def drawn_as_sent(_firm: Firm) -> bool:
            ways = [{*collector.way_to(draw)} for draw in collector.named("bot", "draw")]
            return any(way >= {*CLICKED[1:], "scheduler: take attempts.recorded"} for way in ways)

        await until(firm, drawn_as_sent)


@asynccontextmanager
async def traced(
    postgres_url: str, rabbitmq_url: str, folder: Path
) -> AsyncIterator[tuple[Firm, Collector]]:
    """A firm whose services are ready before there is anything to do, so that bells come first."""
    async with a_collector() as collector, a_firm(postgres_url, folder, rabbitmq_url) as firm:
        port = free_port()
        service = await firm.begin(
            "up",
            RELANCE_HTTP_PORT=str(port),
            RELANCE_OTLP_URL=collector.url,
            OTEL_BSP_SCHEDULE_DELAY="200",  # milliseconds
        )
        for number in range(3):
            await until(firm, ReadyAt(port=port + number), within=2 * SLOWLY)
        yield firm, collector
        assert await service.stop() == 0


async def found(collector: Collector, service: str, name: str, count: int) -> list[Span]:
    async with asyncio.timeout(SLOWLY):
        while len(spans := collector.named(service, name)) < count:  # noqa: ASYNC110
            await asyncio.sleep(0.1)
    return spans


async def a_card_is_there(firm: Firm) -> bool:
    return any(firm.sandbox.as_member(user(n)).messages() for n in range(OWNERS))


async def validate(firm: Firm) -> None:
    for owner in range(OWNERS):
        person = firm.sandbox.as_member(user(owner))
        for card in person.messages():
            pressed = await person.press(card["channel"], card["ts"], "validate")
            assert isinstance(pressed, Acknowledged)
