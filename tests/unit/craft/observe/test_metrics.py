"""The figures that are read from a service's own metrics, held against the library that writes
them."""

import math
from typing import Any

import pytest
from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.parser import text_string_to_metric_families

from devflow.craft.observe import metrics

LABELS = ("method", "path", "status")
PEOPLE = metrics.asked_by_people(("/health", "/metrics"))


def exposition() -> str:
    """90 quick answers and 10 slow ones to people, one 5xx among them, and 1,000 probes."""
    registry = CollectorRegistry()
    requests = Counter("http_requests", "Requests.", LABELS, registry=registry)
    seconds = Histogram(
        metrics.DURATION, "Time.", LABELS, buckets=(0.01, 0.1, 1.0), registry=registry
    )
    told = (
        [("/", "200", 0.005)] * 90
        + [("/price", "200", 0.5)] * 9
        + [("/price", "500", 0.5)]
        + [("/health", "200", 0.0)] * 1000
    )
    for path, status, duration_s in told:
        requests.labels("GET", path, status).inc()
        seconds.labels("GET", path, status).observe(duration_s)
    return generate_latest(registry).decode()


def test_every_sample_of_a_real_exposition_is_read_as_the_library_reads_it() -> None:
    text = exposition()
    by_library = {
        _key(one): one.value
        for family in text_string_to_metric_families(text)
        for one in family.samples
    }
    assert {_key(one): one.value for one in metrics.parse(text)} == by_library and len(
        by_library
    ) > 20


def _key(sample: Any) -> tuple[str, tuple[tuple[str, str], ...]]:
    return sample.name, tuple(sorted(sample.labels.items()))


def test_probes_and_scrapes_do_not_count_as_requests() -> None:
    samples = metrics.parse(exposition())
    assert metrics.total(samples, metrics.REQUESTS, PEOPLE) == 100
    assert metrics.total(samples, metrics.REQUESTS, metrics.server_errors(PEOPLE)) == 1
    mean, count = metrics.average_ms(samples, PEOPLE)
    assert count == 100 and mean == pytest.approx((90 * 5 + 10 * 500) / 100)


def test_a_quantile_is_interpolated_within_its_bucket() -> None:
    samples = metrics.parse(exposition())
    assert metrics.quantile_ms(samples, 0.45, PEOPLE) == pytest.approx(5.0)
    assert metrics.quantile_ms(samples, 0.95, PEOPLE) == pytest.approx(550.0)


def test_without_requests_there_is_no_figure() -> None:
    assert metrics.average_ms((), PEOPLE) == (None, 0)
    assert metrics.quantile_ms((), 0.95, PEOPLE) is None


def test_escaped_labels_infinite_values_and_lines_that_are_no_sample() -> None:
    samples = metrics.parse(
        'a{x="q\\"u\\\\o\\nte",y="}"} +Inf 1700000000000\n# TYPE a counter\nnonsense line here\nb 1.5e3\n'
    )
    assert samples[0].labels == {"x": 'q"u\\o\nte', "y": "}"} and math.isinf(samples[0].value)
    assert [one.name for one in samples] == ["a", "b"] and samples[1].value == 1500
