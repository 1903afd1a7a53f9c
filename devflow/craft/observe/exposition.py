"""Prometheus' text exposition as samples. A text that cannot be read whole is none."""

from importlib import import_module
from typing import Collection, Final

from devflow.model.values import Value

# By name, and first when something is scraped: the package brings an HTTP server and collectors of
# its own, 12 to 23 ms of the start of every command for the one step that needs it (measured with
# 0.25 on Python 3.11, with and without requests and httpx already there).
_PARSER: Final = "prometheus_client.parser"


class Sample(Value):
    """One value of one label set; ``called`` is its name where it was read."""

    name: str
    labels: dict[str, str]
    value: float
    called: str


def parse(text: str) -> tuple[Sample, ...]:
    """Every sample of a text exposition (format 0.0.4); none where a part of it cannot be read.

    Half of a text would be a wrong figure, and so would one label set that is counted twice.
    """
    library = import_module(_PARSER)
    samples: list[Sample] = []
    try:
        for family in library.text_string_to_metric_families(text):
            for one in family.samples:
                samples.append(
                    Sample(name=one.name, labels=one.labels, value=one.value, called=one.name)
                )
    except (ValueError, IndexError):
        # IndexError: the library's own slip over a label without a name
        return ()
    if _has_duplicates(samples):
        return ()
    return tuple(samples)


def _has_duplicates(samples: Collection[Sample]) -> bool:
    keys = set()
    for sample in samples:
        labels = frozenset(sample.labels.items())
        keys.add((sample.name, labels))
    return len(keys) < len(samples)
