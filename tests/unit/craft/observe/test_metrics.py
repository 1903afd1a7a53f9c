"""The figures that are read from a service's own metrics, as the library writes and reads them."""

import math

import pytest
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from devflow.craft.observe import dialects, figures, metrics
from devflow.model.checks import Measure
from devflow.model.figures import Figure, Missing, Quantity
from devflow.testing import NOW

LABELS = ("method", "path", "status")
PEOPLE = metrics.asked_by_people(("/health", "/metrics"))
BUCKETS_S = (0.01, 0.1, 1.0)


def exposition() -> str:
    """90 quick answers and 10 slow ones to people, one 5xx among them, and 1,000 probes."""
    registry = CollectorRegistry()
    requests = Counter("http_requests", "Requests.", LABELS, registry=registry)
    seconds = Histogram(dialects.DURATION, "Time.", LABELS, buckets=BUCKETS_S, registry=registry)
    answers = [("/", "200", 0.005)] * 90
    answers += [("/price", "200", 0.5)] * 9
    answers += [("/price", "500", 0.5)]
    answers += [("/health", "200", 0.0)] * 1000
    for path, status, duration_s in answers:
        requests.labels("GET", path, status).inc()
        seconds.labels("GET", path, status).observe(duration_s)
    return generate_latest(registry).decode()


def test_probes_and_scrapes_do_not_count_as_requests() -> None:
    samples = dialects.read(exposition())
    assert metrics.total(samples, dialects.REQUESTS, PEOPLE) == 100
    assert metrics.total(samples, dialects.REQUESTS, metrics.server_errors(PEOPLE)) == 1
    mean, count = metrics.average_ms(samples, PEOPLE)
    assert count == 100
    assert mean == pytest.approx((90 * 5 + 10 * 500) / 100)


def test_a_quantile_is_interpolated_within_its_bucket() -> None:
    samples = dialects.read(exposition())
    assert metrics.quantile_ms(samples, 0.45, PEOPLE) == pytest.approx(5.0)
    assert metrics.quantile_ms(samples, 0.95, PEOPLE) == pytest.approx(550.0)


def test_a_quantile_above_the_last_bound_is_no_number() -> None:
    text = f'{dialects.DURATION}_bucket{{le="1"}} 1\n{dialects.DURATION}_bucket{{le="+Inf"}} 9\n'
    assert metrics.quantile_ms(dialects.read(text), 0.95, PEOPLE) == math.inf


def test_what_is_counted_is_never_below_nothing() -> None:
    text = f'{dialects.REQUESTS}{{status="200"}} -3\n{dialects.DURATION}_count 2\n'
    samples = dialects.read(f"{text}{dialects.DURATION}_sum -1\n")
    assert metrics.total(samples, dialects.REQUESTS) is None
    assert metrics.average_ms(samples, PEOPLE) == (None, 2)


def test_without_requests_there_is_no_figure() -> None:
    assert metrics.average_ms((), PEOPLE) == (None, 0)
    assert metrics.quantile_ms((), 0.95, PEOPLE) is None


def test_escaped_labels_times_and_exemplars_are_read() -> None:
    text = (
        'a{x="q\\"u\\\\o\\nte",y="}"} +Inf 1700000000000\n'
        "# a comment\n"
        'b_total{x="1"} 1.5e3 # {trace_id="z"} 0.5\n'
        "# EOF\n"
    )
    first, second = dialects.read(text)
    assert first.labels == {"x": 'q"u\\o\nte', "y": "}"}
    assert math.isinf(first.value)
    assert (second.name, second.value) == ("b_total", 1500)


def test_a_counter_is_the_same_with_and_without_total_in_its_name() -> None:
    short = "# TYPE http_requests counter\nhttp_requests 4\n"
    whole = "# TYPE http_requests_total counter\nhttp_requests_total 4\n"
    for text in (short, whole):
        assert metrics.total(dialects.read(text), dialects.REQUESTS) == 4


def test_when_a_counter_began_is_not_counted_with_it() -> None:
    text = "# TYPE http_requests counter\nhttp_requests_total 4\nhttp_requests_created 1.7e9\n"
    assert metrics.total(dialects.read(text), dialects.REQUESTS) == 4


@pytest.mark.parametrize(
    "broken",
    [
        "<html>all is well</html>",
        "nonsense line here",
        "b",
        "b one",
        "b 1 yesterday",
        'b{x="1" 1',
        'b{x="1",x="2"} 1',
        'b{x="1", ="2"} 1',
        'b_total 5 # {trace_id="z"}',
        "# TYPE b",
        "b " + "9" * 400,
        "a 1",
    ],
)
def test_a_text_of_which_a_part_cannot_be_read_holds_no_figure(broken: str) -> None:
    assert dialects.read("a 1\n") != ()
    assert dialects.read(f"a 1\n{broken}\n") == ()


@pytest.mark.parametrize("word", ["NaN", "+Inf", "-Inf"])
def test_a_value_that_is_no_number_gives_no_figure(word: str) -> None:
    labels = 'method="GET",path="/",status="200"'
    text = "\n".join(
        (
            f"{dialects.REQUESTS}{{{labels}}} {word}",
            f"{dialects.DURATION}_sum{{{labels}}} {word}",
            f"{dialects.DURATION}_count{{{labels}}} 100",
            f'{dialects.DURATION}_bucket{{{labels},le="0.1"}} {word}',
            f'{dialects.DURATION}_bucket{{{labels},le="+Inf"}} 100',
            "process_start_time_seconds 1",
            f"process_resident_memory_bytes {word}",
            f"process_cpu_seconds_total {word}",
        )
    )
    samples = dialects.read(text)
    assert len(samples) == 8
    measures = [
        *figures.of_requests(samples, PEOPLE),
        *figures.of_process(samples, PEOPLE, None, NOW),
        figures.of_page(samples, PEOPLE, "/"),
    ]
    known = [one.id for one in measures if not isinstance(one.figure, Missing)]
    assert known == [figures.UP]


@pytest.mark.parametrize(("path", "status"), [("handler", "code"), ("route", "status_code")])
def test_labels_are_read_as_libraries_call_them(path: str, status: str) -> None:
    text = exposition().replace('path="', f'{path}="').replace('status="', f'{status}="')
    samples = dialects.read(text.replace('"GET"', '"get"'))
    assert figures.of_requests(samples, PEOPLE) == figures.of_requests(
        dialects.read(exposition()), PEOPLE
    )
    assert metrics.average_ms(samples, metrics.page("/"))[1] == 90


@pytest.mark.parametrize(
    ("labels", "known"),
    [
        ('method="GET",path="/",class="5"', [figures.AVERAGE, figures.P95]),
        # what moved there from another label
        ('method="500",path="/",status="GET"', [figures.AVERAGE, figures.P95]),
        # a word of it beside its number
        (
            'method="GET",path="/",status="error",code="500"',
            [figures.AVERAGE, figures.P95, figures.ERRORS],
        ),
        ('method="GET",code="500"', []),
        # a function's name: whether it is a probe's, nobody can tell
        ('method="GET",endpoint="health",status="200"', []),
    ],
)
def test_requests_that_are_not_told_apart_give_no_figure(labels: str, known: list[str]) -> None:
    text = "\n".join(
        (
            f"{dialects.REQUESTS}{{{labels}}} 100",
            f"{dialects.DURATION}_sum{{{labels}}} 1",
            f"{dialects.DURATION}_count{{{labels}}} 100",
            f'{dialects.DURATION}_bucket{{{labels},le="0.1"}} 100',
            f'{dialects.DURATION}_bucket{{{labels},le="+Inf"}} 100',
        )
    )
    found = figures.of_requests(dialects.read(text), PEOPLE)
    assert [one.id for one in found if isinstance(one.figure, Quantity)] == known


def test_a_request_without_a_route_takes_no_figure_away() -> None:
    text = exposition().replace('path="', 'endpoint="')
    text += f'{metrics.COUNTED}{{method="GET",endpoint="",status="404"}} 1\n'
    measured = {one.id: one.figure for one in figures.of_requests(dialects.read(text), PEOPLE)}
    assert isinstance(measured[figures.AVERAGE], Quantity)


@pytest.mark.parametrize("labels", ["", 'le="soon"', 'le="NaN"'])
def test_a_bucket_without_a_bound_gives_no_quantile(labels: str) -> None:
    text = f'{dialects.DURATION}_bucket{{{labels}}} 3\n{dialects.DURATION}_bucket{{le="+Inf"}} 9\n'
    assert metrics.quantile_ms(dialects.read(text), 0.5, PEOPLE) is None


def test_the_time_since_the_switch_reads_as_every_duration() -> None:
    registry = CollectorRegistry()
    started = Gauge("process_start_time_seconds", "Start.", registry=registry)
    started.set(NOW.timestamp() - 3725)
    samples = dialects.read(generate_latest(registry).decode())
    found = figures.of_process(samples, PEOPLE, None, NOW)
    uptime = _figure(found, figures.UP)
    assert isinstance(uptime, Quantity) and uptime.note == "of 1 h 02 min since the switch"


def _figure(measures: list[Measure], id_: str) -> Figure:
    return next(one.figure for one in measures if one.id == id_)


def test_what_nobody_told_is_not_measured() -> None:
    began = NOW.timestamp() - 700
    samples = dialects.read(f"process_start_time_seconds {began}\n")
    measured = {one.id: one.figure for one in figures.of_process(samples, PEOPLE, None, NOW)}
    known = {id_ for id_, figure in measured.items() if not isinstance(figure, Missing)}
    assert known == {figures.UP} and set(measured) == {figures.UP, "throughput", "memory", "cpu"}


def test_a_page_that_only_probes_ask_for_has_no_figure() -> None:
    page = figures.of_page(dialects.read(exposition()), PEOPLE, "/health")
    assert isinstance(page.figure, Missing)
