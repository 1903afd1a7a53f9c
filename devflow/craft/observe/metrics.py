"""Figures from the Prometheus text that a service answers: requests, errors, response times, and
the process's own.

Asking for health or metrics is a request too: such paths are left out, so that watching does not
polish what is watched.
"""

import math
import re
from typing import Callable, Collection, Final, Iterable, Mapping

from devflow.model.values import Value

REQUESTS: Final = "http_requests_total"
DURATION: Final = "http_request_duration_seconds"
"""Counter and histogram by the labels ``method``, ``path`` and ``status``, as the bundled services
have them."""
_SAMPLE: Final = re.compile(r"([a-zA-Z_:][\w:]*)(?:\{(.*)\})?\s+(\S+)(?:\s+-?\d+)?")
_LABEL: Final = re.compile(r'(\w+)="((?:[^"\\]|\\.)*)"')
_ESCAPED: Final = re.compile(r"\\(.)")


class Sample(Value):
    """One line of the text."""

    name: str
    labels: dict[str, str]
    value: float


Where = Callable[[Mapping[str, str]], bool]


def parse(text: str) -> tuple[Sample, ...]:
    """Every sample of a text exposition (format 0.0.4); comments, and lines that are no sample, are
    left out."""
    found = (
        _SAMPLE.fullmatch(line.strip()) for line in text.splitlines() if not line.startswith("#")
    )
    return tuple(
        Sample(name=match[1], labels=_labels(match[2] or ""), value=value)
        for match in found
        if match and (value := _number(match[3])) is not None
    )


def _labels(text: str) -> dict[str, str]:
    def plain(escaped: str) -> str:
        return _ESCAPED.sub(lambda match: "\n" if match[1] == "n" else match[1], escaped)

    return {name: plain(value) for name, value in _LABEL.findall(text)}


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def asked_by_people(watching: Collection[str]) -> Where:
    """Requests for other paths than these."""
    return lambda labels: labels.get("path") not in watching


def page(path: str) -> Where:
    """Requests that fetched this path."""
    return lambda labels: labels.get("method") == "GET" and labels.get("path") == path


def server_errors(where: Where) -> Where:
    """Those among them that were answered with 5xx."""
    return lambda labels: where(labels) and labels.get("status", "").startswith("5")


def total(samples: Iterable[Sample], name: str, where: Where = lambda labels: True) -> float:
    """The sum of a metric over the label sets that are meant; 0 where it has none."""
    return sum(sample.value for sample in samples if sample.name == name and where(sample.labels))


def average_ms(samples: Iterable[Sample], where: Where) -> tuple[float | None, int]:
    """Mean response time in milliseconds, and over how many requests."""
    kept = tuple(samples)
    count = int(total(kept, f"{DURATION}_count", where))
    return (total(kept, f"{DURATION}_sum", where) / count * 1000 if count else None), count


def quantile_ms(samples: Iterable[Sample], share: float, where: Where) -> float | None:
    """A quantile of the response time in ms, interpolated within its bucket as Prometheus'
    histogram_quantile does."""
    buckets: dict[float, float] = {}
    for sample in samples:
        if sample.name == f"{DURATION}_bucket" and where(sample.labels):
            bound = float(sample.labels["le"])
            buckets[bound] = buckets.get(bound, 0.0) + sample.value
    wanted = share * buckets.get(math.inf, 0.0)
    below_s, below = 0.0, 0.0
    for bound_s, count in sorted(buckets.items()):
        if count >= wanted > below:
            # the last bucket has no upper end: all that is known is its lower one
            inside_s = (
                0.0
                if math.isinf(bound_s)
                else (bound_s - below_s) * (wanted - below) / (count - below)
            )
            return (below_s + inside_s) * 1000
        below_s, below = bound_s, count
    return None
