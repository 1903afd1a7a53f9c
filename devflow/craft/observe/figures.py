"""The figures of a running service, from the metrics that it answers: of its requests, of its
process, of its page.

Each stands for one service since its process started, but for the uptime, which is measured from
the switch.
"""

from datetime import datetime
from typing import Final

from devflow.craft.observe import metrics
from devflow.model.release import Measure

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

Samples = tuple[metrics.Sample, ...]


def of_requests(samples: Samples, people: metrics.Where) -> list[Measure]:
    """Response times and the share of 5xx among the requests of ``people``."""
    mean, count = metrics.average_ms(samples, people)
    failed = metrics.total(samples, metrics.REQUESTS, metrics.server_errors(people))
    asked = metrics.total(samples, metrics.REQUESTS, people)
    return [
        Measure(label=AVERAGE, value=mean, unit="ms", samples=count),
        Measure(
            label=P95, value=metrics.quantile_ms(samples, 0.95, people), unit="ms", samples=count
        ),
        Measure(
            label=ERRORS,
            value=failed / asked * 100 if asked else None,
            unit="%",
            samples=int(asked),
        ),
    ]


def of_process(
    samples: Samples, people: metrics.Where, since: datetime | None, now: datetime
) -> list[Measure]:
    """What the process says of itself; its uptime is the share of the time since the switch that it
    covers itself."""
    started = metrics.total(samples, "process_start_time_seconds")
    if not started:
        return []
    if since and started < since.timestamp() + _CLOCK_S:
        started = min(started, since.timestamp())
    up_s = max(now.timestamp() - started, 1.0)
    serving_s = max(now.timestamp() - since.timestamp(), 1.0) if since else up_s
    return [
        Measure(
            label=UP,
            value=min(up_s / serving_s, 1.0) * 100,
            unit="%",
            samples=1,
            note=f"of {serving_s / 60:.1f} min since the switch",
        ),
        Measure(
            label="throughput",
            value=metrics.total(samples, metrics.REQUESTS, people) / up_s * 60,
            unit="requests/min",
            samples=1,
        ),
        Measure(
            label="memory",
            value=metrics.total(samples, "process_resident_memory_bytes") / 1e6,
            unit="MB",
            samples=1,
        ),
        Measure(
            label="cpu",
            value=metrics.total(samples, "process_cpu_seconds_total") / up_s * 100,
            unit="% of a core",
            samples=1,
        ),
    ]


def of_page(samples: Samples, path: str) -> Measure:
    """How long the server takes to answer a page, without network and browser."""
    mean, count = metrics.average_ms(samples, metrics.page(path))
    return Measure(label=PAGE, value=mean, unit="ms", samples=count)
