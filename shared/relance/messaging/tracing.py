"""Traces go on across outbox and queue: the context of whoever posts travels beside the message.

A context is W3C Trace Context's `traceparent` (55 characters), empty where nobody traces.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from opentelemetry import trace
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

HEADER = "traceparent"

_tracer = trace.get_tracer("relance")
_format = TraceContextTextMapPropagator()


def present() -> str:
    """The context of the span that is open here."""
    written: dict[str, str] = {}
    _format.inject(written)
    return written.get(HEADER, "")


@contextmanager
def span(name: str, after: str = "", **attributes: str | int) -> Iterator[None]:
    """A span of that name, under the one open here or, when given, under the context `after`."""
    context = _format.extract({HEADER: after}) if after else None
    with _tracer.start_as_current_span(name, context=context, attributes=attributes):
        yield
