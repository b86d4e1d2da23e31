"""What waits in the database, as gauges that are read anew when somebody looks."""

from collections.abc import Iterator
from datetime import datetime

from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from relance.store.figures import Figures, Heap

_HEAPS = {
    "due": "Cases that are awake and wait for a sweep",
    "queued": "Actions that may leave, or may soon",
    "waiting": "Actions that wait for a person",
    "uncertain": "Messages that may have left: a person is asked",
    "unanswered": "Decisions and requests whose answer nobody has been told",
    "retries": "Messages that are to be handled again",
    "dead_letters": "Messages that nobody could take",
}


class Gauges(Collector):
    """Shows the figures it was last given; they are the whole database's in every process."""

    def __init__(self) -> None:
        self.ready: bool | None = None  # nobody has looked yet
        self._shown: tuple[Figures, datetime] | None = None

    def show(self, figures: Figures, now: datetime) -> None:
        self._shown = (figures, now)

    def collect(self) -> Iterator[GaugeMetricFamily]:
        if self.ready is not None:
            yield GaugeMetricFamily("relance_ready", "1: /readyz says so; 0: not", self.ready)
        if self._shown is None:
            return
        figures, now = self._shown
        for name, says in _HEAPS.items():
            heap: Heap = getattr(figures, name)
            yield GaugeMetricFamily(f"relance_{name}", says, heap.count)
            age = f"Age of the oldest of relance_{name}"
            yield GaugeMetricFamily(f"relance_{name}_oldest_seconds", age, _age(heap, now))
        yield from _outboxes(figures, now)
        data = GaugeMetricFamily(
            "relance_data_age_seconds",
            "Time since the organisation's last successful import",
            labels=["organisation"],
        )
        for organisation, imported in figures.imported.items():
            data.add_metric([str(organisation)], (now - imported).total_seconds())
        yield data


def _outboxes(figures: Figures, now: datetime) -> Iterator[GaugeMetricFamily]:
    counts = GaugeMetricFamily("relance_outbox", "Messages not carried yet", labels=["service"])
    ages = GaugeMetricFamily(
        "relance_outbox_oldest_seconds", "Age of the oldest of relance_outbox", labels=["service"]
    )
    for service, heap in figures.outbox.items():
        counts.add_metric([service], heap.count)
        ages.add_metric([service], _age(heap, now))
    yield from (counts, ages)


def _age(heap: Heap, now: datetime) -> float:
    return (now - heap.since).total_seconds() if heap.since else 0.0
