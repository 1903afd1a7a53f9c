"""What a service counts about its requests, as Prometheus metrics: one cell for each method, path
template and status.

prometheus_client's own counters lock, look labels up and walk the buckets, 5 µs a request. Requests
are counted on the event loop alone, where none of that is needed; the library still writes the
text.
"""

from bisect import bisect_left
from typing import Dict, Iterator, List, Tuple

from prometheus_client import CollectorRegistry, Info, ProcessCollector, generate_latest
from prometheus_client.core import CounterMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector

# upper edges; 0.1 is the target of reference step 26
BUCKETS_S = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 5.0)
MEDIA_TYPE = "text/plain; version=0.0.4; charset=utf-8"
LABELS = ("method", "path", "status")
_EDGES = (*(str(edge) for edge in BUCKETS_S), "+Inf")

Key = Tuple[str, str, int]


class _Cell:
    """The requests of one method, path and status: a count for each bucket, and their seconds."""

    __slots__ = ("buckets", "seconds")

    def __init__(self) -> None:
        self.buckets = [0] * len(_EDGES)
        self.seconds = 0.0

    def cumulated(self) -> List[Tuple[str, float]]:
        """Return each edge with the requests up to it, as the text format asks for them."""
        total = 0
        pairs = []
        for edge, count in zip(_EDGES, self.buckets):
            total += count
            pairs.append((edge, float(total)))
        return pairs


class Metrics(Collector):
    """Request counts and durations, and the process's own figures."""

    def __init__(self, service: str, version: str) -> None:
        self._cells: Dict[Key, _Cell] = {}
        self._registry = CollectorRegistry()
        self._registry.register(self)
        Info("service", "What runs.", registry=self._registry).info(
            {"name": service, "version": version}
        )
        ProcessCollector(registry=self._registry)

    def record(self, key: Key, duration_s: float) -> None:
        """Count one answer; the path of `key` is a template, or clients could fill the memory."""
        cell = self._cells.get(key)
        if cell is None:
            cell = self._cells[key] = _Cell()
        cell.buckets[bisect_left(BUCKETS_S, duration_s)] += 1
        cell.seconds += duration_s

    def collect(self) -> Iterator[Metric]:
        """Give the two families of request metrics, as the library asks for them."""
        requests = CounterMetricFamily("http_requests", "Requests answered.", labels=LABELS)
        seconds = HistogramMetricFamily(
            "http_request_duration_seconds", "Time to answer.", labels=LABELS
        )
        for (method, path, status), cell in self._cells.items():
            labels = (method, path, str(status))
            buckets = cell.cumulated()
            _, total = buckets[-1]
            requests.add_metric(labels, total)
            seconds.add_metric(labels, buckets, cell.seconds)
        yield requests
        yield seconds

    def exposition(self) -> bytes:
        """Return everything in Prometheus' text format."""
        return generate_latest(self._registry)
