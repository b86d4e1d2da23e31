"""An OpenTelemetry collector's door: takes OTLP over HTTP and keeps the spans."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aiohttp import web
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)

from tests.real.ports import free_port


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """`before` are the spans that it goes on from: its parent, those it is linked to."""

    id: bytes
    trace: bytes
    service: str
    name: str
    before: frozenset[bytes]
    attributes: dict[str, str]


@dataclass(kw_only=True)
class Collector:
    """Listens at `url`."""

    url: str
    spans: dict[bytes, Span] = field(default_factory=dict)

    def named(self, service: str, name: str, **attributes: str) -> list[Span]:
        return [
            span
            for span in self.spans.values()
            if (span.service, span.name) == (service, name)
            and attributes.items() <= span.attributes.items()
        ]

    def way_to(self, span: Span) -> list[str]:
        """The span and all that it goes on from, each as service and name, the latest first."""
        way, ahead = dict[bytes, Span](), [span]
        while ahead:
            one = ahead.pop(0)
            way[one.id] = one
            ahead += [self.spans[b] for b in one.before if b in self.spans and b not in way]
        return [f"{one.service}: {one.name}" for one in way.values()]

    async def take(self, request: web.Request) -> web.Response:
        sent = ExportTraceServiceRequest.FromString(await request.read())
        self.spans |= {span.id: span for span in _spans(sent)}
        answer = ExportTraceServiceResponse().SerializeToString()
        return web.Response(body=answer, content_type="application/x-protobuf")


def _spans(sent: ExportTraceServiceRequest) -> Iterator[Span]:
    for process in sent.resource_spans:
        [service] = [
            about.value.string_value
            for about in process.resource.attributes
            if about.key == "service.name"
        ]
        for scope in process.scope_spans:
            for span in scope.spans:
                links = {link.span_id for link in span.links}
                yield Span(
                    id=span.span_id,
                    trace=span.trace_id,
                    service=service.removeprefix("relance-"),
                    name=span.name,
                    before=frozenset({span.parent_span_id, *links} - {b""}),
                    attributes={a.key: a.value.string_value for a in span.attributes},
                )


@asynccontextmanager
async def a_collector() -> AsyncIterator[Collector]:
    port = free_port()
    collector = Collector(url=f"http://127.0.0.1:{port}")
    app = web.Application()
    app.router.add_post("/v1/traces", collector.take)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    try:
        yield collector
    finally:
        await runner.cleanup()
