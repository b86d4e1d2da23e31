"""Traces leave the process by OTLP where a collector's address is set; the extra `tracing`."""

from collections.abc import Callable


class NoExporterError(Exception):
    """An address is set, but the libraries that export are not installed."""


def export_traces(service: str, url: str) -> Callable[[], None]:
    """Sends spans to the collector; what it answers sends the last ones and ends that."""
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
    except ImportError:
        raise NoExporterError(
            "RELANCE_OTLP_URL is set, but nothing here exports traces: install relance[tracing]."
        ) from None
    from opentelemetry import trace

    provider = TracerProvider(resource=Resource.create({"service.name": f"relance-{service}"}))
    exporter = OTLPSpanExporter(endpoint=f"{url.rstrip('/')}/v1/traces", timeout=5)
    provider.add_span_processor(BatchSpanProcessor(exporter))
    trace.set_tracer_provider(provider)
    return provider.shutdown
