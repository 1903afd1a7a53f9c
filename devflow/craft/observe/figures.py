"""The figures of a running service, from the metrics that it answers: of its requests, of its
process, of its page.

Each stands for one service since its process started, but for the uptime, which is measured from
the switch.
"""

import math
from datetime import datetime
from typing import Final

from devflow.craft.observe import metrics
from devflow.craft.observe.dialects import COUNTED, REQUESTS
from devflow.craft.observe.exposition import Sample
from devflow.craft.observe.watching import sampled
from devflow.model.canary import Canary
from devflow.model.checks import Measure
from devflow.model.figures import Figure, Missing, absent, count, quantity
from devflow.model.wording import duration

AVERAGE: Final = "response_avg"
P95: Final = "response_p95"
ERRORS: Final = "error_rate"
PAGE: Final = "page_load"
UP: Final = "uptime"
OWN: Final = "synthetic"
EVIDENCE: Final = {
    AVERAGE: "mean response time of a service, about it",
    P95: "95th percentile of its response times",
    ERRORS: "share of its requests that were answered with 5xx",
    UP: "share of the time since the switch that its process covers",
    "throughput": "requests a minute",
    "memory": "resident memory of its process",
    "cpu": "processor time of its process",
    OWN: "how many of the canary's requests nobody asked, which are among these",
    PAGE: "how long the server takes to answer the page, about its service",
}
# s; a process knows its start from the boot time in whole seconds, and was started just before the
# switch
_CLOCK_S: Final = 2.0
# s; what is said of a minute is measured for one, and a clock of whole seconds is off by 2 % of it
WHOLE_S: Final = 60.0
BEYOND: Final = "it lies beyond the last bound of the service's histogram"
_MEMORY: Final = "process_resident_memory_bytes"
_UNSAID: Final = "its metrics do not say it"
_CPU: Final = "process_cpu_seconds_total"

Samples = tuple[Sample, ...]


def of_requests(samples: Samples, people: metrics.Where) -> list[Measure]:
    """Response times and the share of 5xx among the requests of ``people``."""
    mean, requests = metrics.average_ms(samples, people)
    p95 = metrics.quantile_ms(samples, 0.95, people)
    is_beyond = p95 is not None and math.isinf(p95)
    p95_figure = absent(BEYOND) if is_beyond else sampled(p95, "ms", requests)
    untold = _untold(samples, COUNTED, metrics.PATH)
    mean_figure = untold or sampled(mean, "ms", requests)
    return [
        Measure(id=AVERAGE, label="response time avg", figure=mean_figure),
        Measure(id=P95, label="response time p95", figure=untold or p95_figure),
        _error_rate(samples, people),
    ]


def _error_rate(samples: Samples, people: metrics.Where) -> Measure:
    failed = metrics.total(samples, REQUESTS, metrics.server_errors(people))
    requests = metrics.total(samples, REQUESTS, people)
    rate_pct = None
    if requests and failed is not None:
        rate_pct = failed / requests * 100
    untold = _untold(samples, REQUESTS, metrics.PATH, metrics.STATUS)
    figure = untold or sampled(rate_pct, "%", int(requests or 0))
    return Measure(id=ERRORS, label="error rate", figure=figure)


def _untold(samples: Samples, name: str, *labels: metrics.Label) -> Missing | None:
    """Why requests cannot be told apart: a 5xx without a status would be no error, and a probe
    without a path somebody's request."""
    for label in labels:
        called = metrics.lacks(samples, name, label)
        if called:
            return absent(f"{called} has no label {label.names[0]}")
    return None


def of_process(
    samples: Samples, people: metrics.Where, since: datetime | None, now: datetime
) -> list[Measure]:
    """What the process says of itself; its uptime is the share of the time since the switch that it
    covers itself."""
    started = metrics.total(samples, metrics.STARTED)
    if not started:
        return []
    up_s = now.timestamp() - started
    is_told = not metrics.lacks(samples, REQUESTS, metrics.PATH)
    requests = metrics.total(samples, REQUESTS, people) if is_told else None
    memory = metrics.total(samples, _MEMORY)
    cpu_s = metrics.total(samples, _CPU)
    return [
        Measure(id=UP, label="uptime", figure=_uptime(started, since, now)),
        _rate("throughput", requests, 60, "requests/min", up_s),
        _of_one("memory", memory, 1e-6, "MB"),
        _rate("cpu", cpu_s, 100, "% of a core", up_s),
    ]


def _uptime(started: float, since: datetime | None, now: datetime) -> Figure:
    """The share of the time since the switch; of a short time only one that is not whole."""
    switched = since.timestamp() if since else started
    serving_s = now.timestamp() - switched
    if serving_s <= 0 or now.timestamp() < started:
        return absent("its clock is ahead of this machine's")
    covers_all = started < switched + _CLOCK_S
    if covers_all and serving_s < WHOLE_S:
        return _too_short(serving_s, "since the switch")
    up_pct = 100.0 if covers_all else (now.timestamp() - started) / serving_s * 100
    return quantity(up_pct, "%", note=f"of {duration(serving_s)} since the switch")


def _rate(name: str, amount: float | None, per: float, unit: str, over_s: float) -> Measure:
    """An amount over the time since the process started, which has to be long enough."""
    if amount is not None and over_s < WHOLE_S:
        return Measure(id=name, label=name, figure=_too_short(over_s, "since its start"))
    return _of_one(name, amount, per / over_s if over_s > 0 else 0.0, unit)


def _too_short(seconds: float, since: str) -> Missing:
    long = duration(max(seconds, 0.0))
    why = f"only {long} {since}; {duration(WHOLE_S)} are needed"
    return absent(why, "not enough data")


def _of_one(name: str, amount: float | None, scale: float, unit: str) -> Measure:
    """A figure that one scrape says whole."""
    figure = absent(_UNSAID) if amount is None else quantity(amount * scale, unit)
    return Measure(id=name, label=name, figure=figure)


def of_canary(canary: Canary) -> Measure:
    """How many of its requests nobody asked: they are among those that the figures are of."""
    every = sum(one.requests for one in canary.traffic)
    note = "asked by no user, and among the requests of these figures"
    figure = count(canary.synthetic, "request", of=every, note=note)
    return Measure(id=OWN, label="canary", figure=figure, source="X-Synthetic: 1")


def of_page(samples: Samples, people: metrics.Where, path: str) -> Measure:
    """How long the server takes to answer a page to ``people``, without network and browser."""
    is_page = metrics.page(path)
    mean, requests = metrics.average_ms(samples, lambda labels: is_page(labels) and people(labels))
    figure = sampled(mean, "ms", requests, of="mean")
    return Measure(id=PAGE, label="page load, server side", figure=figure)
