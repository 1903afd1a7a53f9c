"""Figures from the Prometheus text that a service answers: requests, errors, response times, and
the process's own.

Asking for health or metrics is a request too: such paths are left out, so that watching does not
polish what is watched. A figure that cannot be read is none, never a good one.
"""

import math
from collections import defaultdict
from string import ascii_letters
from typing import Callable, Collection, Final, Iterable, Mapping, NamedTuple

from devflow.craft.observe.dialects import COUNTED, DURATION
from devflow.craft.observe.exposition import Sample
from devflow.model.declared.project import Project


class Label(NamedTuple):
    """What a request is told apart by: what libraries call the label, the first as the bundled
    services do, and what its value begins with. Where ``is_each``, one without it hides what it
    is."""

    names: tuple[str, ...]
    begins: str
    is_each: bool


# a handler or an endpoint may be the name of a function: of those no one can tell the probes
PATH: Final = Label(
    ("path", "url", "uri", "route", "http_route", "http_target", "handler", "endpoint"), "/", False
)
STATUS: Final = Label(
    (
        "status",
        "status_code",
        "code",
        "http_status",
        "http_response_status_code",
        "http_status_code",
    ),
    "12345",
    True,
)
METHOD: Final = Label(("method", "http_request_method", "http_method"), ascii_letters, True)
STARTED: Final = "process_start_time_seconds"


def metrics_path(project: Project, service: str) -> str:
    """Where a service tells its figures; empty where the file names no path."""
    declared = project.services.get(service)
    return declared.metrics if declared else ""


def no_metrics(service: str) -> str:
    """Why a service's figures cannot be asked for."""
    return f"project.services.{service}.metrics names no path"


def metrics_remedy(service: str) -> str:
    """What gives a service the path that its figures are asked at."""
    return f"set it, as in: project: {{services: {{{service}: {{metrics: /metrics}}}}}}"


Where = Callable[[Mapping[str, str]], bool]


def together(scrapes: Iterable[tuple[Sample, ...]]) -> tuple[Sample, ...]:
    """What several replicas say, as if they were one: whatever is summed later is of all of them,
    and the newest start stands for all, since before it not all of them ran."""
    every: list[Sample] = []
    starts: list[Sample] = []
    for scrape in scrapes:
        for sample in scrape:
            (starts if sample.name == STARTED else every).append(sample)
    if starts:
        every.append(max(starts, key=lambda sample: sample.value))
    return tuple(every)


def asked_by_people(watching: Collection[str]) -> Where:
    """Requests for other paths than these."""
    return lambda labels: said(labels, PATH) not in watching


def page(path: str) -> Where:
    """Requests that fetched this path."""
    return lambda labels: said(labels, METHOD).upper() == "GET" and said(labels, PATH) == path


def server_errors(where: Where) -> Where:
    """Those among them that were answered with 5xx."""
    return lambda labels: where(labels) and said(labels, STATUS).startswith("5")


def lacks(samples: Iterable[Sample], name: str, label: Label) -> str:
    """The metric of which nobody can tell what it counts, for want of a label, as the service calls
    it; empty where that can be told."""
    counted = [one for one in samples if one.name == name and one.value]
    told = [bool(said(one.labels, label)) for one in counted]
    is_told = not told or (all(told) if label.is_each else any(told))
    return "" if is_told else counted[0].called


def said(labels: Mapping[str, str], label: Label) -> str:
    """What a label says, empty where it says nothing of its kind under any of its names."""
    values = (labels.get(name, "") for name in label.names)
    return next((value for value in values if value and value[0] in label.begins), "")


def _everything(labels: Mapping[str, str]) -> bool:
    return True


def total(samples: Iterable[Sample], name: str, where: Where = _everything) -> float | None:
    """The sum of a metric over the label sets that ``where`` takes, 0 where it has none of them.

    ``None`` where nobody told the metric, where the sum is no finite number, or is below 0, as
    nothing is that is counted here: leaving a NaN out would make errors fewer.
    """
    told = [sample for sample in samples if sample.name == name]
    amount = sum(sample.value for sample in told if where(sample.labels))
    return amount if told and math.isfinite(amount) and amount >= 0 else None


def average_ms(samples: Collection[Sample], where: Where) -> tuple[float | None, int]:
    """Mean response time in milliseconds, and over how many requests."""
    count = total(samples, COUNTED, where)
    sum_s = total(samples, f"{DURATION}_sum", where)
    if count is None:
        return None, 0
    requests = int(count)
    if sum_s is None or not requests:
        return None, requests
    return sum_s / requests * 1000, requests


def quantile_ms(samples: Iterable[Sample], share: float, where: Where) -> float | None:
    """A quantile of the response time in ms, interpolated within its bucket as Prometheus'
    histogram_quantile does; infinite where it lies beyond the last bound, since how far nobody
    counted."""
    buckets = _buckets(samples, where)
    rank = share * buckets.get(math.inf, 0.0)
    below_s = 0.0
    below = 0.0
    for bound_s, count in sorted(buckets.items()):
        if count >= rank > below:
            if math.isinf(bound_s):
                return math.inf
            inside_s = (bound_s - below_s) * (rank - below) / (count - below)
            return (below_s + inside_s) * 1000
        below_s = bound_s
        below = count
    return None


def _buckets(samples: Iterable[Sample], where: Where) -> Mapping[float, float]:
    """Requests up to each bound in seconds; none at all where one of them cannot be read."""
    buckets: dict[float, float] = defaultdict(float)
    for sample in samples:
        if sample.name != f"{DURATION}_bucket" or not where(sample.labels):
            continue
        bound_s = _bound_s(sample)
        if bound_s is None or not math.isfinite(sample.value) or sample.value < 0:
            return {}
        buckets[bound_s] += sample.value
    return buckets


def _bound_s(sample: Sample) -> float | None:
    try:
        bound_s = float(sample.labels["le"])
    except (KeyError, ValueError):
        return None
    return None if math.isnan(bound_s) else bound_s
