"""Traces go on across outbox and queue: the context of whoever posts travels beside the message.

A context is W3C Trace Context's `traceparent` (55 characters), empty where nobody traces.
"""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import TypeAlias
from uuid import UUID

from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

HEADER = "traceparent"
Attribute: TypeAlias = UUID | int | str

_tracer = trace.get_tracer("relance")
_format = TraceContextTextMapPropagator()
_NONE = nullcontext()


def is_tracing() -> bool:
    """Whether anything takes this process's spans."""
    return not isinstance(trace.get_tracer_provider(), trace.ProxyTracerProvider)


def present() -> str:
    """The context of the span that is open here."""
    written: dict[str, str] = {}
    _format.inject(written)
    return written.get(HEADER, "")


def span(name: str, *after: str, **attributes: Attribute) -> AbstractContextManager[None]:
    """A span of that name, under the context `after` or, where there is none, the one open here.

    After several that differ it begins a trace of its own, with a link to each. Attributes are
    identifiers and numbers.
    """
    if not any(after) and not is_tracing():
        return _NONE
    return _open(name, [*dict.fromkeys(after)], attributes)


@contextmanager
def _open(name: str, after: list[str], attributes: dict[str, Attribute]) -> Iterator[None]:
    before = [_format.extract({HEADER: one}, Context()) for one in after if one]
    if len(after) > 1:
        context: Context | None = Context()
        links = [trace.Link(trace.get_current_span(one).get_span_context()) for one in before]
    else:
        context, links = next(iter(before), None), []
    with _tracer.start_as_current_span(
        name,
        context=context,
        attributes={key: str(v) if isinstance(v, UUID) else v for key, v in attributes.items()},
        links=links,
        record_exception=False,  # its text may hold what customers own
        set_status_on_exception=False,
    ) as opened:
        try:
            yield
        except Exception as error:
            opened.set_status(trace.StatusCode.ERROR, type(error).__name__)
            raise
