"""What a service says of its requests, in the words of one library: devflow's figures know one name
for each metric, and services are instrumented by many.

A histogram counts its requests itself: where a library has no counter beside it, its count is one.
"""

from typing import Final, Iterable, Iterator, NamedTuple

from devflow.craft.observe.exposition import Sample, parse

REQUESTS: Final = "http_requests_total"
"""Counter by method, path and status."""
DURATION: Final = "http_request_duration_seconds"
"""Histogram by the same."""
COUNTED: Final = f"{DURATION}_count"


class _Histogram(NamedTuple):
    """What a histogram of response times is called, and its unit in seconds."""

    name: str
    unit_s: float


# the first that a service has: two of them count the same requests
_COUNTERS: Final = (
    REQUESTS,
    "http_requests_received_total",  # prometheus-net of ASP.NET Core
    "http_server_requests_total",  # prometheus-client of Rack
)
_HISTOGRAMS: Final = (
    _Histogram(DURATION, 1.0),
    # OpenTelemetry's semantic conventions since 1.23, and before, as Python's still has it; Rack
    _Histogram("http_server_request_duration_seconds", 1.0),
    _Histogram("http_server_duration_milliseconds", 0.001),
    # Micrometer: Spring Boot, Quarkus, Micronaut
    _Histogram("http_server_requests_seconds", 1.0),
)
_BOUND: Final = "le"


def read(text: str) -> tuple[Sample, ...]:
    """Every sample of a service's text exposition, those of its requests under devflow's names;
    none where a part of the text cannot be read."""
    samples = parse(text)
    names = {sample.name for sample in samples}
    counter = next((name for name in _COUNTERS if name in names), "")
    histogram = next((one for one in _HISTOGRAMS if f"{one.name}_count" in names), None)
    return tuple(_ours(samples, counter, histogram))


def _ours(
    samples: Iterable[Sample], counter: str, histogram: _Histogram | None
) -> Iterator[Sample]:
    for sample in samples:
        if sample.name == counter:
            yield sample.model_copy(update={"name": REQUESTS})
            continue
        part = sample.name.removeprefix(histogram.name) if histogram else sample.name
        if histogram is None or part == sample.name:
            yield sample
            continue
        yield _in_seconds(sample, part, histogram.unit_s)
        if part == "_count" and not counter:
            yield sample.model_copy(update={"name": REQUESTS})


def _in_seconds(sample: Sample, part: str, unit_s: float) -> Sample:
    """A part of a histogram, of which the sum and the bounds are times."""
    labels = sample.labels
    value = sample.value
    if part == "_sum":
        value *= unit_s
    if part == "_bucket" and unit_s != 1.0:
        labels = {**labels, _BOUND: _scaled(labels.get(_BOUND, ""), unit_s)}
    return Sample(name=f"{DURATION}{part}", labels=labels, value=value, called=sample.called)


def _scaled(bound: str, unit_s: float) -> str:
    try:
        return str(float(bound) * unit_s)
    except ValueError:
        # a bound that is no number makes a histogram that nobody reads
        return bound
