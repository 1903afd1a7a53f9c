"""What deployments may ask of a proxy: take this table, tell the figures, stop.

A table says everything: a proxy remembers nothing of the one before but what it has counted.
"""

from typing import Annotated, Final, Literal, Protocol

from pydantic import Field

from devflow.adapters.machine.processes import Process
from devflow.adapters.proxy.figures.tallies import FIRST_BUCKET_MS, GROWTH
from devflow.model.bounds.numbers import MOST_REPLICAS, Port
from devflow.model.values import Value

Kind = Literal["auto", "own", "haproxy"]
"""Which proxy: ``auto`` is haproxy where it is installed, else ours."""


class Backend(Value):
    """One replica of one version. ``weight_pct`` is its part of the new requests among those that
    are ready, relative to the sum of all; one in ``drain`` gets none, and ends what it has."""

    id: Annotated[str, Field(min_length=1, max_length=100)]
    port: Port
    version: Annotated[str, Field(max_length=200)]
    weight_pct: Annotated[float, Field(ge=0, le=100)]
    host: str = "127.0.0.1"
    state: Literal["ready", "drain"] = "ready"


MOST_BACKENDS: Final = 2 * MOST_REPLICAS
"""Of one route: those of two versions."""


class Route(Value):
    """What answers behind one public port. ``id`` is unique among its backends."""

    service: str
    backends: Annotated[tuple[Backend, ...], Field(max_length=MOST_BACKENDS)]


class Table(Value):
    """What a proxy serves: a route for each public port, on the loopback address."""

    ports: dict[Port, Route] = {}


class BackendFigures(Value):
    """What a proxy has counted of one backend behind one public port, since ``since_s`` (seconds
    since the epoch): the last time that it began to be given requests.

    ``requests`` have ended; the classes of errors are parts of them, but for ``connect_failed``,
    which counts attempts: the request itself went to another backend, or is among the route's
    ``unserved``. What a draining backend did wrong is ``while_draining`` and in no other class.
    A client that went away is no error of the backend. ``synthetic`` of the requests said that no
    user asks: ``X-Synthetic: 1``.
    """

    public_port: int
    id: str
    version: str
    since_s: float
    requests: int
    answered_5xx: int
    aborted: int
    while_draining: int
    connect_failed: int
    client_gone: int
    in_flight: int
    synthetic: int
    # of every request that was answered: from its arrival to the last byte handed to the client
    latency_buckets: tuple[int, ...]

    @property
    def errors(self) -> int:
        """The requests that this backend answered wrongly, or not to the end."""
        return self.answered_5xx + self.aborted

    def latency_ms(self, share: float) -> float | None:
        """The latency, in ms, that this share of the answers kept; up to 12 % too large. None where
        nothing was answered."""
        return percentile_ms(self.latency_buckets, share)


class RouteFigures(Value):
    """What the proxy answered by itself behind one public port: ``refused`` heads that it does not
    hand on, and requests ``unserved`` since no backend took them."""

    public_port: int
    refused: int
    unserved: int


class Figures(Value):
    """What was counted since ``began_s``, seconds since the epoch; another ``began_s`` than before
    says that all began anew. ``worker_starts`` above 1 says that the worker was restarted, which
    keeps the figures."""

    began_s: float
    worker_starts: int
    backends: tuple[BackendFigures, ...] = ()
    routes: tuple[RouteFigures, ...] = ()

    def of(self, public_port: int, backend: str) -> BackendFigures | None:
        """The figures of one backend, None where it was never given a request."""
        for one in self.backends:
            if (one.public_port, one.id) == (public_port, backend):
                return one
        return None


def bucket_end_ms(bucket: int) -> float:
    """Up to how many ms a bucket reaches."""
    return FIRST_BUCKET_MS * float(GROWTH ** (bucket + 1))


def percentile_ms(buckets: tuple[int, ...], share: float) -> float | None:
    """The end, in ms, of the bucket below which this share of what was counted lies; None where
    nothing was."""
    wanted = share * sum(buckets)
    if not wanted:
        return None
    below = 0
    for bucket, count in enumerate(buckets):
        below += count
        if below >= wanted:
            return bucket_end_ms(bucket)
    return bucket_end_ms(len(buckets) - 1)


class Proxy(Protocol):
    """Holds the public ports of one environment in processes that outlive this one."""

    def apply(self, table: Table) -> None:
        """Serves this table and no other, and returns once the worker has taken it: from then on no
        new request goes where it does not say. Said again it does nothing; a proxy that does not
        run is started.

        Raises ``StepFailed`` where a public port is taken, naming who holds it, or where the proxy
        cannot be started; then what served before serves on. Raises ``StorageFailed`` where the
        table cannot be kept.
        """

    def figures(self) -> Figures | None:
        """What was counted so far; None where no proxy was ever started here."""

    def process(self) -> Process | None:
        """What holds the public ports, None where it does not run: it or one of its children
        listens on them."""

    def is_there(self) -> bool:
        """Whether anything of it runs: what serves on where nothing holds its ports any more,
        too."""

    def stop(self) -> None:
        """Ends the proxy and frees the ports; requests that run are given a moment to end. Said
        again it does nothing."""
