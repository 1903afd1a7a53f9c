"""The figures of a running service, from the metrics that it answers: of its requests, of its
process, of its page.

Each stands for one service since its process started, but for the uptime, which is measured from
the switch.
"""

from datetime import datetime
from typing import Final

from devflow.craft.observe import metrics
from devflow.model.release import Measure
from devflow.model.wording import duration

AVERAGE: Final = "response time avg"
P95: Final = "response time p95"
ERRORS: Final = "error rate"
PAGE: Final = "page load, server side"
UP: Final = "uptime"
OF_REQUESTS: Final = (AVERAGE, P95, ERRORS, PAGE)
"""Those that rest on requests, and need enough of them to mean something."""
# s; a process knows its start from the boot time in whole seconds, and was started just before the
# switch
_CLOCK_S: Final = 2.0
_STARTED: Final = "process_start_time_seconds"
_MEMORY: Final = "process_resident_memory_bytes"
_CPU: Final = "process_cpu_seconds_total"

Samples = tuple[metrics.Sample, ...]


def of_requests(samples: Samples, people: metrics.Where) -> list[Measure]:
    """Response times and the share of 5xx among the requests of ``people``."""
    mean, count = metrics.average_ms(samples, people)
    p95 = metrics.quantile_ms(samples, 0.95, people)
    return [
        Measure(label=AVERAGE, value=mean, unit="ms", samples=count),
        Measure(label=P95, value=p95, unit="ms", samples=count),
        _error_rate(samples, people),
    ]


def _error_rate(samples: Samples, people: metrics.Where) -> Measure:
    failed = metrics.total(samples, metrics.REQUESTS, metrics.server_errors(people))
    requests = metrics.total(samples, metrics.REQUESTS, people)
    count = int(requests or 0)
    rate_pct = None
    if requests and failed is not None:
        rate_pct = failed / requests * 100
    return Measure(label=ERRORS, value=rate_pct, unit="%", samples=count)


def of_process(
    samples: Samples, people: metrics.Where, since: datetime | None, now: datetime
) -> list[Measure]:
    """What the process says of itself; its uptime is the share of the time since the switch that it
    covers itself."""
    started = metrics.total(samples, _STARTED)
    if not started:
        return []
    # of at least a second, so that a clock that stands a little back divides nothing by nothing
    up_s = max(now.timestamp() - started, 1.0)
    serving_s = up_s
    if since:
        switched = since.timestamp()
        serving_s = max(now.timestamp() - switched, 1.0)
        if switched < started < switched + _CLOCK_S:
            up_s = serving_s
    requests = metrics.total(samples, metrics.REQUESTS, people)
    memory = metrics.total(samples, _MEMORY)
    cpu_s = metrics.total(samples, _CPU)
    up = Measure(
        label=UP,
        value=min(up_s / serving_s, 1.0) * 100,
        unit="%",
        samples=1,
        note=f"of {duration(serving_s)} since the switch",
    )
    return [
        up,
        _of_one("throughput", requests, 60 / up_s, "requests/min"),
        _of_one("memory", memory, 1e-6, "MB"),
        _of_one("cpu", cpu_s, 100 / up_s, "% of a core"),
    ]


def _of_one(label: str, amount: float | None, scale: float, unit: str) -> Measure:
    """A figure that one scrape says whole."""
    value = None if amount is None else amount * scale
    return Measure(label=label, value=value, unit=unit, samples=1)


def of_page(samples: Samples, path: str) -> Measure:
    """How long the server takes to answer a page, without network and browser."""
    mean, count = metrics.average_ms(samples, metrics.page(path))
    return Measure(label=PAGE, value=mean, unit="ms", samples=count)
