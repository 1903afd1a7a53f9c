"""One service as different libraries tell of it: the figures are the same."""

from typing import NamedTuple

import pytest
from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest

from devflow.craft.observe import dialects, figures, metrics
from devflow.model.figures import Missing, Quantity

PEOPLE = metrics.asked_by_people(("/health",))


class Library(NamedTuple):
    """What it calls its histogram, how many of its units a second has, what it calls its labels of
    method, path and status, and its counter, where it has one."""

    histogram: str
    in_a_second: float
    labels: tuple[str, str, str]
    counter: str = ""


OPENTELEMETRY = ("http_request_method", "http_route", "http_response_status_code")
LIBRARIES = {
    "the bundled services": Library(
        "http_request_duration_seconds", 1, ("method", "path", "status"), "http_requests"
    ),
    "express-prom-bundle": Library(
        "http_request_duration_seconds", 1, ("method", "path", "status_code")
    ),
    "OpenTelemetry": Library("http_server_request_duration_seconds", 1, OPENTELEMETRY),
    "OpenTelemetry before 1.23": Library(
        "http_server_duration_milliseconds",
        1000,
        ("http_method", "http_target", "http_status_code"),
    ),
    "Micrometer": Library("http_server_requests_seconds", 1, ("method", "uri", "status")),
    "prometheus-net": Library(
        "http_request_duration_seconds",
        1,
        ("method", "endpoint", "code"),
        "http_requests_received",
    ),
    "Rack": Library(
        "http_server_request_duration_seconds",
        1,
        ("method", "path", "code"),
        "http_server_requests",
    ),
}


def told_by(library: Library) -> str:
    """90 quick answers and 10 slow ones to people, one 5xx among them, and 1,000 probes."""
    registry = CollectorRegistry()
    buckets = [bound_s * library.in_a_second for bound_s in (0.01, 0.1, 1.0)]
    taken = Histogram(
        library.histogram, "Time.", library.labels, buckets=buckets, registry=registry
    )
    answers = [("/", "200", 0.005)] * 90
    answers += [("/price", "200", 0.5)] * 9
    answers += [("/price", "500", 0.5)]
    answers += [("/health", "200", 0.0)] * 1000
    for path, status, duration_s in answers:
        taken.labels("GET", path, status).observe(duration_s * library.in_a_second)
    if library.counter:
        counter = Counter(library.counter, "Requests.", library.labels, registry=registry)
        for path, status, _ in answers:
            counter.labels("GET", path, status).inc()
    return generate_latest(registry).decode()


@pytest.mark.parametrize("name", LIBRARIES)
def test_the_figures_are_the_same_whatever_a_library_calls_them(name: str) -> None:
    samples = dialects.read(told_by(LIBRARIES[name]))
    measures = [*figures.of_requests(samples, PEOPLE), figures.of_page(samples, PEOPLE, "/")]
    found = {one.id: one.figure for one in measures}
    values = {id_: one.value for id_, one in found.items() if isinstance(one, Quantity)}
    assert values == {
        figures.AVERAGE: pytest.approx(54.5),
        figures.P95: pytest.approx(550.0),
        figures.ERRORS: pytest.approx(1.0),
        figures.PAGE: pytest.approx(5.0),
    }


def test_of_two_histograms_of_the_same_requests_one_counts() -> None:
    both = told_by(LIBRARIES["OpenTelemetry"])
    both += told_by(LIBRARIES["OpenTelemetry before 1.23"])
    assert metrics.total(dialects.read(both), dialects.REQUESTS) == 1100


def test_what_is_not_told_is_named_as_the_service_calls_it() -> None:
    text = told_by(LIBRARIES["OpenTelemetry"]).replace("http_response_status_code", "answer")
    errors = figures.of_requests(dialects.read(text), PEOPLE)[2]
    assert isinstance(errors.figure, Missing)
    assert errors.figure.why == "http_server_request_duration_seconds_count has no label status"


def test_a_bound_that_is_no_number_is_no_figure() -> None:
    text = told_by(LIBRARIES["OpenTelemetry before 1.23"]).replace('le="10.0"', 'le="ten"')
    assert metrics.quantile_ms(dialects.read(text), 0.95, PEOPLE) is None
