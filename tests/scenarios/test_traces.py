"""A trace goes on from whoever posts to whoever takes, with the broker and without."""

import asyncio
from collections.abc import Iterator
from datetime import timedelta
from itertools import pairwise

import pytest
from opentelemetry import trace
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from relance.contracts.messages import ActionsQueued
from relance.contracts.wire import Envelope
from relance.messaging import topology, tracing
from relance.messaging.links import Patience
from relance.messaging.outbox import Relay, post
from relance.messaging.rabbit import RabbitCarrier
from relance.messaging.tracing import span
from relance.store.types import new_id
from relance_scheduler.overdue import PATIENCE
from tests.dispatching import a_desk
from tests.scenarios.office import an_office
from tests.scenarios.test_observing import until
from tests.world import a_world

pytestmark = pytest.mark.asyncio

QUICK = Patience(publish=5.0, reconnect=0.2, canary_every=0.2)
CUSTOMERS_NAME = "Nadia of Client SARL"


class Spans:
    """Those that have ended."""

    def __init__(self, exporter: InMemorySpanExporter) -> None:
        self._exporter = exporter

    def clear(self) -> None:
        self._exporter.clear()

    def named(self, name: str) -> list[ReadableSpan]:
        return [found for found in self._exporter.get_finished_spans() if found.name == name]

    def one(self, name: str) -> ReadableSpan:
        [found] = self.named(name)
        return found


@pytest.fixture
def spans(monkeypatch: pytest.MonkeyPatch) -> Iterator[Spans]:
    """As where an address is set; the process's own provider could be set only once."""
    exporter, provider = InMemorySpanExporter(), TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    monkeypatch.setattr(tracing, "_tracer", provider.get_tracer("relance"))
    monkeypatch.setattr(trace, "get_tracer_provider", lambda: provider)
    yield Spans(exporter)
    provider.shutdown()


def id_of(found: ReadableSpan) -> int:
    assert found.context is not None
    return int(found.context.span_id)


def parent_of(found: ReadableSpan) -> int | None:
    return found.parent and found.parent.span_id


@pytest.mark.rabbitmq
async def test_a_trace_goes_on_from_whoever_posted_across_outbox_and_queue_to_whoever_takes(
    sqlite_store_url: str, rabbitmq_url: str, spans: Spans
) -> None:
    await topology.declare(rabbitmq_url)
    taken = asyncio.Event()

    async def take(_body: bytes) -> None:
        with span("look at the rows"):
            taken.set()

    dispatcher = RabbitCarrier(rabbitmq_url, "dispatcher", patience=QUICK)
    dispatcher.subscribe(ActionsQueued, take)
    dispatcher.start()
    async with a_world(sqlite_store_url) as world:
        await until(lambda: dispatcher.is_ready)
        with span("plan"):
            async with world.database.write() as tx:
                await post(tx, "scheduler", ActionsQueued, [new_id()], world.clock.now())
        assert await Relay(world.database, dispatcher, world.clock).tick() == 1
        await asyncio.wait_for(taken.wait(), 20)
    await dispatcher.close()
    chain = ["plan", "carry actions.queued", "take actions.queued", "look at the rows"]
    for before, after in pairwise(map(spans.one, chain)):
        assert parent_of(after) == id_of(before)


async def test_what_several_rang_for_is_sent_with_a_link_to_each(
    sqlite_store_url: str, spans: Spans
) -> None:
    async with a_desk(sqlite_store_url, poll_every=timedelta(hours=1)) as desk:
        await desk.dispatcher.tick()  # the poll of the start
        spans.clear()
        for customer in ("Acme", "Boreal"):
            action, _ = await desk.reminded(customer)
            with span(f"swept {customer}"):
                message = ActionsQueued(ids=(action,))
                await desk.carrier.carry(Envelope(id=new_id(), message=message))
        await desk.settle()
        dispatch = spans.one("dispatch")
        swept = [spans.one(f"swept {customer}") for customer in ("Acme", "Boreal")]
        assert parent_of(dispatch) is None
        assert {link.context.span_id for link in dispatch.links} == {*map(id_of, swept)}
        assert [parent_of(send) for send in spans.named("send")] == [id_of(dispatch)] * 2


async def test_what_a_poll_finds_goes_on_from_whoever_posted_though_nothing_was_carried(
    sqlite_store_url: str, spans: Spans
) -> None:
    async with a_desk(sqlite_store_url, poll_every=timedelta(minutes=1)) as desk:
        await desk.dispatcher.tick()
        action, _ = await desk.reminded("Acme")
        with span("swept"):
            async with desk.world.database.write() as tx:
                await post(tx, "scheduler", ActionsQueued, [action], desk.world.clock.now())
        desk.pass_time(minutes=1)
        await desk.settle()
        dispatch = spans.one("dispatch")
        assert parent_of(dispatch) == id_of(spans.one("swept"))
        assert parent_of(spans.one("send")) == id_of(dispatch)
        assert parent_of(spans.one("carry attempts.recorded")) == id_of(dispatch)


async def test_a_click_s_trace_goes_on_to_its_card_though_nothing_was_carried(
    sqlite_store_url: str, spans: Spans
) -> None:
    async with an_office(sqlite_store_url) as office:
        await office.waiting()
        await office.press("validate")
        decide = spans.one("decide")
        office.world.clock.move_to(office.world.clock.now() + PATIENCE)
        assert await office.scheduler.overdue.tick() == 1
        await office.bots[0].tick()
        applied = spans.one("look for decisions.taken")
        assert parent_of(applied) == id_of(decide)
        assert id_of(applied) in map(parent_of, spans.named("draw"))


async def test_a_span_that_fails_says_the_error_s_kind_and_none_of_its_words(spans: Spans) -> None:
    with pytest.raises(ValueError, match=CUSTOMERS_NAME), span("send"):
        raise ValueError(CUSTOMERS_NAME)
    failed = spans.one("send")
    assert failed.status.status_code is trace.StatusCode.ERROR
    assert failed.status.description == "ValueError"
    assert CUSTOMERS_NAME not in failed.to_json()


async def test_where_nobody_traces_no_span_is_opened_for_a_mail(
    sqlite_store_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def opened(*_words: object) -> None:
        raise AssertionError("a span was opened")

    monkeypatch.setattr(trace, "get_tracer_provider", trace.ProxyTracerProvider)
    monkeypatch.setattr(tracing, "_open", opened)
    async with a_desk(sqlite_store_url) as desk:
        await desk.reminded("Acme")
        await desk.settle()
        assert desk.office.addresses == ["acme@client.test"]
